"""The abstract interpreter: blocks by structured recursion, branches on copies of the state.

A block's status says how it ended (see `status`). Branches run on copies of the state and are joined; a branch that left is
not. Loops run twice, which is enough for what a second round can bring into the first; once where it can bring nothing.
"""

from collections.abc import Callable
from typing import Any, Final

from custodiet.flow import guards, loops
from custodiet.flow.containers import is_container
from custodiet.flow.definitions import Definitions
from custodiet.flow.frame import Frame
from custodiet.flow.liveness import Reads, reads_of
from custodiet.flow.names import is_builtin_kind
from custodiet.flow.operators import truth_of
from custodiet.flow.program import Program
from custodiet.flow.state import Heap
from custodiet.flow.status import BROKE, CONTINUED, NORMAL, RAISED, RETURNED
from custodiet.flow.values import (
    CLASS,
    CONDITION,
    CONST,
    DERIVED,
    FULL,
    FUNCTION,
    INSTANCE,
    MASK,
    NONE,
    NOTHING,
    OBJECT,
    SYMBOL,
    UNKNOWN,
    Value,
)
from custodiet.source import ir

_ROOTS: Final = frozenset(("builtins.Exception", "builtins.BaseException"))
_TESTED: Final = 32
"""Values that one condition may speak of; what a longer one says of further values is not used."""
DEEP: Final = 7
"""Loops inside each other from which on each runs one round: two of each would be two to the power of their number."""
BUDGET: Final = 60_000
"""Instructions of one activation; past it the rest of the function is not looked at and is reported."""


class Interpreter(Definitions):
    """Runs the instructions of a function."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]]) -> None:
        super().__init__(program, accepted)
        self._loop_reads: dict[int, Reads] = {}
        """What a round of each LOOP depends on, by the identity of the instruction."""
        self.bind_handlers()

    handlers: list[Callable[[Frame, ir.Ins], int | None]]

    def bind_handlers(self) -> None:
        """Build the table of instruction methods."""
        self.handlers = [getattr(self, f"op_{name.lower()}") for name in ir.OP_NAMES]

    def block(self, frame: Frame, block: ir.Block) -> int:
        """Run a block; how it ended."""
        handlers = self.handlers
        frame.instructions += len(block)
        if frame.instructions > BUDGET:
            frame.is_complete = False
            return RETURNED
        for ins in block:
            status = handlers[ins[0]](frame, ins)
            if status:
                return status
        return NORMAL

    # -- leaving ------------------------------------------------------------------------------------------------------

    def op_ret(self, frame: Frame, ins: ir.Ins) -> int:
        """RET: a way out of the function."""
        value = NONE if ins[1] == ir.NOREG else frame.registers[ins[1]]
        self.leave(frame, value, ins[2])
        return RETURNED

    def op_yield(self, frame: Frame, ins: ir.Ins) -> None:
        """YIELD: a generator hands out a value."""
        value = NONE if ins[2] == ir.NOREG else frame.registers[ins[2]]
        frame.yielded = value if frame.yielded is None else frame.join(frame.yielded, value)
        frame.registers[ins[1]] = NOTHING

    def op_yieldall(self, frame: Frame, ins: ir.Ins) -> None:
        """YIELDALL: a generator hands out what another gives."""
        element = frame.elements(frame.registers[ins[2]])
        frame.yielded = element if frame.yielded is None else frame.join(frame.yielded, element)
        frame.registers[ins[1]] = NOTHING

    def op_raise(self, frame: Frame, ins: ir.Ins) -> int:
        """RAISE: the handlers around see the state of this moment, and what the exception holds."""
        if ins[1] != ir.NOREG:
            frame.throw(frame.registers[ins[1]])
        if frame.raised is not None:
            frame.raised.append((list(frame.registers), dict(frame.heap)))
        return RAISED

    def op_break(self, frame: Frame, _ins: ir.Ins) -> int:
        """BREAK: the state goes behind the loop."""
        frame.breaks.append((list(frame.registers), dict(frame.heap)))
        return BROKE

    def op_cont(self, frame: Frame, _ins: ir.Ins) -> int:
        """CONT: the state goes to the next round."""
        frame.continues.append((list(frame.registers), dict(frame.heap)))
        return CONTINUED

    def op_assert(self, frame: Frame, ins: ir.Ins) -> int | None:
        """ASSERT: it proves nothing, since optimised code runs without it."""
        value = frame.registers[ins[1]]
        if truth_of(value) is False:
            return RAISED
        return None

    # -- branches -----------------------------------------------------------------------------------------------------

    def op_if(self, frame: Frame, ins: ir.Ins) -> int:
        """IF: both branches on copies of the state, joined where both go on."""
        condition = frame.registers[ins[1]]
        truth = truth_of(condition)
        if truth is not None:
            return self.block(frame, ins[2] if truth else ins[3])
        registers, heap = list(frame.registers), dict(frame.heap)
        guards.apply(frame, condition, True)
        first = self.block(frame, ins[2])
        after_registers, after_heap = frame.registers, frame.heap
        frame.registers, frame.heap = registers, heap
        guards.apply(frame, condition, False)
        second = self.block(frame, ins[3]) if ins[3] else NORMAL
        if first:
            return second if not second or first == second else RETURNED if second else NORMAL
        if second:
            frame.registers, frame.heap = after_registers, after_heap
            return NORMAL
        frame.join_state(after_registers, after_heap)
        return NORMAL

    def op_short(self, frame: Frame, ins: ir.Ins) -> None:
        """SHORT: `a and b`, `a or b`; what `a` proves holds while `b` is computed."""
        op = ins[2]
        first = frame.registers[ins[3]]
        truth = truth_of(first)
        if truth is not None:
            if truth == (op == "and"):
                self.block(frame, ins[4])
                frame.registers[ins[1]] = frame.registers[ins[5]]
            else:
                frame.registers[ins[1]] = first
            return
        registers, heap = list(frame.registers), dict(frame.heap)
        guards.apply(frame, first, op == "and")
        self.block(frame, ins[4])
        second = frame.registers[ins[5]]
        # what the test proved holds only inside: the tested values go on as they were, but for what was assigned
        frame.join_state(registers, heap)
        if CONDITION in (first[1], second[1]) or guards.is_host(first) or guards.is_host(second):
            frame.registers[ins[1]] = self._combined(frame, op, first, second, registers)
        elif op == "or" and first[1] == CONST and not first[2]:
            frame.registers[ins[1]] = second
        else:
            frame.registers[ins[1]] = frame.join(first, second)

    def _combined(self, frame: Frame, op: str, first: Value, second: Value, registers: list[Value]) -> Value:
        """The CONDITION of `first op second`; tested values of the second are those narrowed by the first, so their
        clears are carried over to the values from before.
        """
        if_true, if_false = guards.combine(op, guards.tested(first), guards.tested(second))[2]
        before = {id(value) for value in registers}

        def rebased(clears: Any) -> Any:
            found = []
            for value, mask in clears[:_TESTED]:
                found.append((value, mask))
                form = value
                while True:
                    old = form
                    while id(old) not in before and id(old) in frame.narrowed:
                        old = frame.narrowed[id(old)][1]
                    if old is not form:
                        found.append((old, mask))
                    if old[1] != DERIVED:
                        break
                    form = old[2][1]
            return tuple({(id(value), mask): (value, mask) for value, mask in found}.values())

        taint = (first[0] | second[0]) if CONDITION not in (first[1], second[1]) else 0
        return (taint, CONDITION, (rebased(if_true), rebased(if_false)))

    # -- loops --------------------------------------------------------------------------------------------------------

    def op_loop(self, frame: Frame, ins: ir.Ins) -> int:
        """LOOP: two rounds, or one if the second would do the same, and none."""
        iterable = frame.registers[ins[1]]
        element = self.iterate(frame, iterable, ins[-1])
        outer_breaks, outer_continues = frame.breaks, frame.continues
        frame.breaks, frame.continues = [], []
        frame.loops += 1
        for round_number in range(2 if frame.loops < DEEP else 1):
            before_registers, before_heap = list(frame.registers), dict(frame.heap)
            if round_number:
                element = self.iterate(frame, frame.registers[ins[1]], ins[-1])
            frame.registers[ins[2]] = element
            status = self.block(frame, ins[3])
            if status in (RETURNED, RAISED, BROKE, CONTINUED):
                if frame.continues:
                    frame.registers, frame.heap = frame.continues.pop()
                else:
                    frame.registers, frame.heap = before_registers, before_heap
                    break
            for registers, heap in frame.continues:
                frame.join_state(registers, heap)
            frame.continues = []
            frame.join_state(before_registers, before_heap)
            if not round_number and self._settles(frame, ins, before_registers, before_heap):
                break
        frame.loops -= 1
        status = self.block(frame, ins[4]) if ins[4] else NORMAL
        breaks = frame.breaks
        frame.breaks, frame.continues = outer_breaks, outer_continues
        return self._after_loop(frame, status, breaks)

    def _settles(self, frame: Frame, ins: ir.Ins, registers: list[Value], heap: Heap) -> bool:
        """Whether a second round of a LOOP would change nothing."""
        reads = self._loop_reads.get(id(ins))
        if reads is None:
            reads = self._loop_reads[id(ins)] = reads_of(ins[3], (ins[2],), (ins[1],))
        return loops.settle(frame, reads, registers, heap)

    def op_while(self, frame: Frame, ins: ir.Ins) -> int:
        """WHILE: two rounds; the condition is false behind it."""
        outer_breaks, outer_continues = frame.breaks, frame.continues
        frame.breaks, frame.continues = [], []
        status = NORMAL
        is_endless = False
        frame.loops += 1
        for round_number in range(2 if frame.loops < DEEP else 1):
            self.block(frame, ins[1])
            condition = frame.registers[ins[2]]
            truth = truth_of(condition)
            if truth is False and not round_number:
                status = NORMAL
                break
            is_endless = truth is True
            exit_registers, exit_heap = list(frame.registers), dict(frame.heap)
            guards.apply(frame, condition, True)
            status = self.block(frame, ins[3])
            if status and frame.continues:
                frame.registers, frame.heap = frame.continues.pop()
                status = NORMAL
            for registers, heap in frame.continues:
                frame.join_state(registers, heap)
            frame.continues = []
            if status:
                frame.registers, frame.heap = exit_registers, exit_heap
                break
            frame.join_state(exit_registers, exit_heap)
        frame.loops -= 1
        guards.apply(frame, frame.registers[ins[2]], False)
        breaks = frame.breaks
        frame.breaks, frame.continues = outer_breaks, outer_continues
        ended = self.block(frame, ins[4]) if ins[4] else NORMAL
        if is_endless and not breaks:
            return status or RETURNED
        if is_endless:
            frame.registers, frame.heap = breaks[0]
            breaks = breaks[1:]
        return self._after_loop(frame, ended, breaks)

    def _after_loop(self, frame: Frame, status: int, breaks: list[Any]) -> int:
        if status:
            if not breaks:
                return status
            frame.registers, frame.heap = breaks[0]
            breaks = breaks[1:]
        for registers, heap in breaks:
            frame.join_state(registers, heap)
        return NORMAL

    def iterate(self, frame: Frame, iterable: Value, span: int) -> Value:
        """One element of what a loop runs over."""
        owner = self.class_of_value(frame, iterable)
        if owner is not None:
            for name in ("__iter__", "__aiter__", "__next__", "__getitem__"):
                method = self.program.method(owner, name)
                if method is not None:
                    result = self.call_function(frame, (0, FUNCTION, (*method, iterable, ())), [], [], span)
                    return frame.elements(result) if name in ("__iter__", "__aiter__") else result
        library = self.library_type(iterable)
        if library is not None:
            canonical = self.tables.member(library, "__iter__") or self.tables.member(library, "__aiter__")
            if canonical:
                return self.call_symbol(frame, canonical, [], [], span, iterable, "")
        elif iterable[1] == SYMBOL:
            library = iterable[2]
        if library is not None:
            kind = self.type_of_items(library)
            if kind:
                return (iterable[0], INSTANCE, kind)
        if self.tables.language.maps_give_pairs and iterable[1] == OBJECT:
            record = frame.heap.get(iterable[2])
            if record is not None and record[0] == "builtins.dict":
                iterable = self.own_method(frame, iterable, "items", [], [], span, "")
        return frame.elements(iterable)

    # -- exceptions ---------------------------------------------------------------------------------------------------

    def op_try(self, frame: Frame, ins: ir.Ins) -> int:
        """TRY: a handler starts from every state in which something may have been raised."""
        outer_raised, outer_thrown = frame.raised, frame.thrown
        frame.raised, frame.thrown = [], []
        before_registers, before_heap = list(frame.registers), dict(frame.heap)
        body = self.block(frame, ins[1])
        raised = frame.raised
        thrown = frame.thrown
        frame.raised, frame.thrown = outer_raised, outer_thrown
        ends: list[tuple[int, list[Value], Any]] = []
        handler_registers, handler_heap = list(frame.registers), dict(frame.heap)
        if not body:
            if ins[3]:
                body = self.block(frame, ins[3])
            ends.append((body, frame.registers, frame.heap))
        else:
            ends.append((body, frame.registers, frame.heap))
        for reg, types, block in ins[2]:
            frame.registers, frame.heap = list(handler_registers), dict(handler_heap)
            frame.join_state(before_registers, before_heap)
            for registers, heap in raised:
                frame.join_state(registers, heap)
            kinds = [frame.registers[each] for each in types]
            taken = [value for value in thrown if self._is_caught(frame, value, kinds)] if thrown else []
            thrown = [value for value in thrown if value not in taken]
            if reg != ir.NOREG:
                frame.registers[reg] = self.caught(frame, kinds, taken, ins[-1])
            status = self.block(frame, block)
            ends.append((status, frame.registers, frame.heap))
        for value in thrown:
            frame.throw(value)
        going = [(registers, heap) for status, registers, heap in ends if not status]
        if going:
            frame.registers, frame.heap = list(going[0][0]), dict(going[0][1])
            for registers, heap in going[1:]:
                frame.join_state(registers, heap)
        else:
            frame.registers, frame.heap = list(handler_registers), dict(handler_heap)
        if ins[4]:
            final = self.block(frame, ins[4])
            if final:
                return final
        if going:
            return NORMAL
        statuses = {status for status, _, _ in ends}
        return statuses.pop() if len(statuses) == 1 else RETURNED

    def _is_caught(self, frame: Frame, value: Value, kinds: list[Value]) -> bool:
        """Whether a handler of these classes takes the exception."""
        owner = self.class_of_value(frame, value)
        own, libraries = self.program.lineage(owner) if owner is not None else ((), ())
        names = [*libraries, value[2]] if value[1] == INSTANCE else libraries
        for kind in kinds:
            if kind[1] == CLASS:
                if kind[2] in own:
                    return True
            elif (
                kind[1] not in (SYMBOL, INSTANCE)
                or kind[2] in names
                or kind[2] in _ROOTS
                or any(self._is_kind_of(str(name), str(kind[2])) for name in names)
            ):
                return True
        return not kinds

    def _is_kind_of(self, name: str, base: str) -> bool:
        """Whether one library's exception is a kind of another."""
        return base in self.tables.lineage(name) or is_builtin_kind(name, base)

    def caught(self, frame: Frame, types: list[Value], taken: list[Value], span: int) -> Value:
        """The exception that a handler names: its text is error detail, and what those that it takes hold."""
        result = self._detail(frame, types, span)
        if not taken:
            return result
        held = taken[0]
        for other in taken[1:]:
            held = frame.join(held, other)
        return held if result is NOTHING else (result[0] | frame.deep(held), result[1], result[2])

    def _detail(self, frame: Frame, types: list[Value], span: int) -> Value:
        key = ("S", frame.module, span, "exception", "the exception", frame.index)
        taint = frame.taint(key, (FULL & MASK["error"]) | (FULL & ~MASK["all"]))
        if types and all(kind[1] == CLASS for kind in types):
            return NOTHING  # an exception of the project's own says what the project wants to be said
        for kind in types:
            if kind[1] == CLASS:
                return (taint, UNKNOWN, None)
        name = types[0][2] if types and types[0][1] == SYMBOL else "builtins.Exception"
        return (taint, INSTANCE, name)

    def op_enter(self, frame: Frame, ins: ir.Ins) -> None:
        """ENTER: what a context manager hands to `as`."""
        source = frame.registers[ins[2]]
        owner = self.class_of_value(frame, source)
        result = source
        if owner is not None:
            for name in ("__enter__", "__aenter__"):
                method = self.program.method(owner, name)
                if method is not None:
                    result = self.call_function(frame, (0, FUNCTION, (*method, source, ())), [], [], ins[3])
        elif source[1] == INSTANCE and isinstance(source[2], str):
            for name in ("__enter__", "__aenter__"):
                kind = self.tables.returns.get(self.tables.member(source[2], name))
                if kind is not None:
                    result = (source[0], INSTANCE, kind)
        elif source[1] == OBJECT and is_container(frame, source):
            result = frame.elements(source)
        frame.registers[ins[1]] = result
