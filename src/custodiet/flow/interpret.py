"""The abstract interpreter: one method for each instruction, blocks by structured recursion.

A block's status says how it ended: NORMAL, or that control left it (RETURNED, RAISED, BROKE, CONTINUED). Branches run on
copies of the state and are joined; a branch that left is not.
"""

from collections.abc import Callable
from typing import Any, Final

from custodiet.flow import guards, native, texts
from custodiet.flow.calls import Caller
from custodiet.flow.constants import UNFOLDED, fold_binary, fold_index, fold_slice, fold_unary
from custodiet.flow.containers import is_container
from custodiet.flow.frame import Frame
from custodiet.flow.library import NEVER
from custodiet.flow.reading import SHARED
from custodiet.flow.site import Site, holds
from custodiet.flow.summary import SinkUse
from custodiet.flow.values import (
    ARGUMENT,
    CHOICE,
    CLASS,
    CONDITION,
    CONST,
    DERIVED,
    FULL,
    FUNCTION,
    INSTANCE,
    MASK,
    MODULE,
    NONE,
    NOTHING,
    OBJECT,
    PARTIAL,
    SYMBOL,
    TEXT,
    UNKNOWN,
    Value,
    built,
    cleared,
    follows,
)
from custodiet.knowledge.tables import Tables
from custodiet.source import ir

NORMAL: Final = 0
RETURNED: Final = 1
RAISED: Final = 2
BROKE: Final = 3
CONTINUED: Final = 4

BUDGET: Final = 60_000
"""Instructions of one activation; past it the rest of the function is not looked at and is reported."""

_COMPARISONS: Final = frozenset(("==", "!=", "in", "notin", "is", "isnot", "<", "<=", ">", ">="))
_SPECIAL: Final = {"%": "__mod__", "+": "__add__", "*": "__mul__", "/": "__truediv__", "|": "__or__", "&": "__and__"}
_ARITHMETIC: Final = frozenset(("-", "*", "//", "**", "@", "&", "|", "^", "<<", ">>"))


class Interpreter(Caller):
    """Runs the instructions of a function."""

    handlers: list[Callable[[Frame, ir.Ins], int | None]]

    def prepare(self) -> None:
        """Build what is looked up for every instruction."""
        self.bind_handlers()
        tables = self.tables
        self.worded = frozenset(tables.wild_calls) | tables.entry_anchors | _named_by_receiver(tables)
        self.receiver_texts: dict[tuple[int, int], dict[int, str]] = {}

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

    # -- simple instructions ----------------------------------------------------------------------------------------

    def op_move(self, frame: Frame, ins: ir.Ins) -> None:
        frame.registers[ins[1]] = frame.registers[ins[2]]

    def op_await(self, frame: Frame, ins: ir.Ins) -> None:
        frame.registers[ins[1]] = frame.registers[ins[2]]

    def op_attr(self, frame: Frame, ins: ir.Ins) -> None:
        value = self.attribute(frame, frame.registers[ins[2]], ins[3], ins[4])
        if value[1] == SYMBOL and value[2] in native.CONSTANTS:
            value = (0, CONST, native.CONSTANTS[value[2]])
        frame.registers[ins[1]] = value

    def op_setattr(self, frame: Frame, ins: ir.Ins) -> None:
        self.store(frame, frame.registers[ins[1]], ins[2], frame.registers[ins[3]], ins[4])

    def store(self, frame: Frame, target: Value, name: str, value: Value, span: int) -> None:
        """`target.name = value`, with the sinks and checks of library attributes."""
        kind, payload = target[1], target[2]
        full = ""
        if kind in (SYMBOL, INSTANCE) and isinstance(payload, str):
            if payload == SHARED:
                self.keep_field(frame, payload, name, value)
            full = self.tables.member(payload, name, "stores") or (
                f"{payload}.{name}" if f"{payload}.{name}" in self.tables.stores else ""
            )
        elif kind == CLASS:
            owner, attributes, items, rest, length = frame.heap.get(("class", payload)) or (None, {}, {}, None, -1)
            frame.heap[("class", payload)] = (owner, {**attributes, name: value}, items, rest, length)
            self.keep_field(frame, payload, name, value)
        else:
            owner = self.class_of_value(frame, target)
            if owner is not None:
                setter = self.program.method(owner, f"{name}.setter")
                if setter is not None:
                    self.call_function(frame, (0, FUNCTION, (*setter, target, ())), [value], [], span)
                    return
                for base in self.program.lineage(owner)[1]:
                    full = self.tables.member(base, name, "stores")
                    if full:
                        break
                self.keep_field(frame, owner, name, value)
            elif kind == ARGUMENT and isinstance(payload[2], str):
                full = self.tables.member(payload[2], name, "stores")
        if full:
            self.store_entry(frame, self.tables.stores[full], full, [value], target, span)
        frame.set_attribute(target, name, value)

    def store_entry(self, frame: Frame, spec: Any, name: str, args: list[Value], owner: Value, span: int) -> None:
        """Sinks and checks of a store."""
        site = Site(frame, self.tables, name, args, (), span, owner)
        for check in spec.checks:
            if holds(site, check.when, check.unless):
                self.wrong.setdefault((check.rule, frame.module, span), (frame.index, check.message, check.confidence, name))
        for sink in spec.sinks:
            if holds(site, sink.when, sink.unless):
                self.sink(frame, site, sink)
        for propagator in spec.propagators:
            del propagator

    def keep_field(self, frame: Frame, owner: Any, name: str, value: Value) -> None:
        """Remember that a source was stored in a field, for the other methods of the class."""
        taint = frame.deep(value)
        if not taint:
            return
        for origin, bits in frame.export((taint, UNKNOWN, None))[0]:
            if origin[0] == "S":
                kept = self.field_taint_next.setdefault((owner, name), {})
                kept[origin] = kept.get(origin, 0) | bits

    field_taint_next: dict[Any, dict[Any, int]]

    def op_index(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        target, index = registers[ins[2]], registers[ins[3]]
        if target[1] == CONST and index[1] == CONST:
            folded = fold_index(target[2], index[2])
            if folded is not UNFOLDED:
                registers[ins[1]] = (0, CONST, folded)
                return
        if target[1] in (CONST, TEXT):
            registers[ins[1]] = (target[0], UNKNOWN, None) if target[0] else NOTHING
            return
        registers[ins[1]] = self.item(frame, target, index, ins[4])

    def op_setindex(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        target, index, value = registers[ins[1]], registers[ins[2]], registers[ins[3]]
        kind, payload = target[1], target[2]
        if kind in (SYMBOL, INSTANCE) and isinstance(payload, str):
            full = payload if payload in self.tables.item_stores else self.tables.member(payload, "", "item_stores")
            if full:
                self.store_entry(frame, self.tables.item_stores[full], f"{full}[]", [index, value], target, ins[4])
            elif kind == INSTANCE or value[0]:
                self.pollute(frame, target, frame.deep(value))
            return
        if kind == ARGUMENT and isinstance(payload[2], str):
            full = self.tables.member(payload[2], "", "item_stores")
            if full:
                self.store_entry(frame, self.tables.item_stores[full], f"{full}[]", [index, value], target, ins[4])
        owner = self.class_of_value(frame, target)
        if owner is not None:
            method = self.program.method(owner, "__setitem__")
            if method is not None:
                self.call_function(frame, (0, FUNCTION, (*method, target, ())), [index, value], [], ins[4])
                return
        frame.set_item(target, index, value)

    def op_slice(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        target = registers[ins[2]]
        low = NONE if ins[3] == ir.NOREG else registers[ins[3]]
        high = NONE if ins[4] == ir.NOREG else registers[ins[4]]
        known = low[1] == CONST and high[1] == CONST
        if target[1] == CONST and known:
            folded = fold_slice(target[2], low[2], high[2])
            if folded is not UNFOLDED:
                registers[ins[1]] = (0, CONST, folded)
                return
        if target[1] == OBJECT:
            record = frame.heap.get(target[2])
            if record is not None and record[0] in ("builtins.list", "builtins.tuple"):
                if known and record[4] >= 0 and record[3] is None:
                    try:
                        window = range(record[4])[low[2] : high[2]]
                    except TypeError:
                        window = range(record[4])
                    items = {place: record[2][index] for place, index in enumerate(window) if index in record[2]}
                    registers[ins[1]] = frame.allocate(record[0], items, len(window))
                    return
                element = frame.elements(target)
                result = frame.allocate(record[0])
                frame.heap[result[2]] = (record[0], {}, {}, element, -1)
                registers[ins[1]] = result
                return
        taint = frame.deep(target)
        if not taint:
            registers[ins[1]] = NOTHING
        elif target[1] == TEXT:
            registers[ins[1]] = texts.cut(frame, target, low[2] if low[1] == CONST else 1)
        elif known and low[2] == 1 and high[2] == -1:
            registers[ins[1]] = (taint, DERIVED, ("inner", target))
        else:
            registers[ins[1]] = (taint, UNKNOWN, None)

    def op_del(self, frame: Frame, ins: ir.Ins) -> None:
        if ins[2] == ir.NOREG:
            return
        target, index = frame.registers[ins[1]], frame.registers[ins[2]]
        if is_container(frame, target) and index[1] == CONST:
            key = target[2]
            owner, attributes, items, rest, length = frame.heap[key]
            if owner == "builtins.dict":
                kept = {name: item for name, item in items.items() if name != index[2]}
                frame.heap[key] = (owner, attributes, kept, rest, length)
            elif owner == "builtins.list":
                self.call_method(frame, target, "pop", [index], [], ins[3], "")

    # -- calls ------------------------------------------------------------------------------------------------------

    def op_call(self, frame: Frame, ins: ir.Ins) -> int | None:
        registers = frame.registers
        kw = [(name, registers[reg]) for name, reg in ins[4]]
        result = self.call(frame, registers[ins[2]], [registers[reg] for reg in ins[3]], kw, ins[5])
        if result is NEVER:
            return RAISED
        frame.registers[ins[1]] = result
        return None

    def op_callm(self, frame: Frame, ins: ir.Ins) -> int | None:
        registers = frame.registers
        receiver = registers[ins[2]]
        kw = [(name, registers[reg]) for name, reg in ins[5]]
        text = self.receiver_text(frame, ins) if ins[3] in self.worded else ""
        result = self.call_method(frame, receiver, ins[3], [registers[reg] for reg in ins[4]], kw, ins[6], text)
        if result is NEVER:
            return RAISED
        frame.registers[ins[1]] = result
        return None

    def op_new(self, frame: Frame, ins: ir.Ins) -> int | None:
        registers = frame.registers
        target = self.global_value(frame, frame.module, ins[2])
        kw = [(name, registers[reg]) for name, reg in ins[4]]
        result = self.call(frame, target, [registers[reg] for reg in ins[3]], kw, ins[5])
        if result is NEVER:
            return RAISED
        frame.registers[ins[1]] = result
        return None

    def receiver_text(self, frame: Frame, ins: ir.Ins) -> str:
        """The receiver of a method call as written (`self.db`), `""` for what has no name."""
        register = ins[2]
        if register >= 0:
            return frame.function.names[register] or ""
        key = (frame.module, frame.index)
        found = self.receiver_texts.get(key)
        if found is None:
            found = self.receiver_texts[key] = {}
            _collect_receivers(frame.function.body, frame.function.names, {}, found)
        return found.get(id(ins), "")

    # -- operators --------------------------------------------------------------------------------------------------

    def op_bin(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        op = ins[2]
        a, b = registers[ins[3]], registers[ins[4]]
        if a[1] == CONST and b[1] == CONST and not a[0] and not b[0]:
            folded = fold_binary(op, a[2], b[2])
            if folded is not UNFOLDED:
                registers[ins[1]] = (0, CONST, folded)
                return
        special = _SPECIAL.get(op)
        if special is not None and a[1] == INSTANCE and isinstance(a[2], str):
            canonical = self.tables.member(a[2], special)
            if canonical:
                registers[ins[1]] = self.call_symbol(frame, canonical, [b], [], ins[5], a, "")
                return
        if special is not None and a[1] in (OBJECT, ARGUMENT, INSTANCE):
            owner = self.class_of_value(frame, a)
            method = self.program.method(owner, special) if owner is not None else None
            if method is not None:
                registers[ins[1]] = self.call_function(frame, (0, FUNCTION, (*method, a, ())), [b], [], ins[5])
                return
        if op in _COMPARISONS:
            if op in ("is", "isnot") and b[1] == CONST and b[2] is None and a[1] in (OBJECT, FUNCTION, CLASS, MODULE):
                registers[ins[1]] = (0, CONST, op == "isnot")
                return
            if op in ("in", "notin") and b[1] == OBJECT and a[1] == CONST:
                known = self._known_member(frame, a, b)
                if known is not None:
                    registers[ins[1]] = (0, CONST, known == (op == "in"))
                    return
            found = guards.compare(frame, op, a, b)
            registers[ins[1]] = NOTHING if found is None else found
        elif op == "+":
            if self._is_number(a) or self._is_number(b):
                registers[ins[1]] = NOTHING
            else:
                registers[ins[1]] = texts.add(frame, a, b)
                if ins[1] == ins[3] and a[1] == OBJECT and is_container(frame, a) and registers[ins[1]][1] == OBJECT:
                    frame.heap[a[2]] = frame.heap[registers[ins[1]][2]]
                    registers[ins[1]] = a
        elif op == "%":
            if a[1] in (TEXT, CONST, UNKNOWN, ARGUMENT, DERIVED, SYMBOL):
                if a[1] == CONST and not isinstance(a[2], str | bytes):
                    registers[ins[1]] = NOTHING
                else:
                    registers[ins[1]] = texts.percent(frame, a, b)
            else:
                registers[ins[1]] = self._united(frame, a, b)
        elif op == "/":
            registers[ins[1]] = self._divide(frame, a, b)
        elif op == "*" and a[1] == CONST and isinstance(a[2], str | bytes) and not frame.deep(b):
            registers[ins[1]] = a  # a constant repeated an unknown number of times
        elif op in _ARITHMETIC:
            if (op == "*" and (a[1] in (TEXT, OBJECT) or b[1] in (TEXT, OBJECT))) or op in ("|", "&"):
                registers[ins[1]] = self._united_objects(frame, op, a, b)
            else:
                registers[ins[1]] = self._united(frame, a, b)
        else:
            registers[ins[1]] = self._united(frame, a, b)

    def _is_number(self, value: Value) -> bool:
        return value[1] == CONST and isinstance(value[2], int | float)

    def _known_member(self, frame: Frame, key: Value, container: Value) -> bool | None:
        record = frame.heap.get(container[2])
        if record is None or record[3] is not None or not is_container(frame, container):
            return None
        if record[0] == "builtins.dict":
            return True if key[2] in record[2] else None
        if all(item[1] == CONST for item in record[2].values()) and record[4] >= 0:
            return any(item[2] == key[2] and type(item[2]) is type(key[2]) for item in record[2].values())
        return None

    def _united(self, frame: Frame, a: Value, b: Value) -> Value:
        taint = frame.deep(a) | frame.deep(b)
        if (a[1] == CONST and isinstance(a[2], int | float)) or (b[1] == CONST and isinstance(b[2], int | float)):
            text = a if b[1] == CONST else b
            if text[1] not in (TEXT, OBJECT):
                return (taint, UNKNOWN, None) if taint else NOTHING
        return (taint, UNKNOWN, None) if taint else NOTHING

    def _united_objects(self, frame: Frame, op: str, a: Value, b: Value) -> Value:
        if op == "|" and is_container(frame, a):
            result = self.call_method(frame, a, "copy", [], [], 0, "")
            if result[1] == OBJECT:
                self.call_method(frame, result, "update", [b], [], 0, "")
                return result
        return self._united(frame, a, b)

    def _divide(self, frame: Frame, a: Value, b: Value) -> Value:
        """`a / b`: a path when one side is not a number."""
        if self._is_number(a) or self._is_number(b):
            return NOTHING
        taint = frame.deep(a) | follows(frame.deep(b))
        kind = self.library_type(a) or self.library_type(b)
        if taint and a is not NOTHING:
            taint = frame.deep(a) | built(cleared(frame.deep(b), MASK["argument"]))
        if kind is not None:
            return (taint, INSTANCE, kind)
        return (taint, UNKNOWN, None) if taint else NOTHING

    def op_un(self, frame: Frame, ins: ir.Ins) -> None:
        value = frame.registers[ins[3]]
        if ins[2] == "not":
            if value[1] == CONDITION:
                frame.registers[ins[1]] = guards.negate(value)
                return
            truth = truth_of(frame, value)
            if truth is not None:
                frame.registers[ins[1]] = (0, CONST, not truth)
                return
            if value[1] == DERIVED and value[2][0] == "host":
                frame.registers[ins[1]] = guards.condition(((value, MASK["redirect"] | MASK["url"]),), ())
                return
            frame.registers[ins[1]] = NOTHING
            return
        folded = fold_unary(ins[2], value[2]) if value[1] == CONST else UNFOLDED
        frame.registers[ins[1]] = NOTHING if folded is UNFOLDED else (0, CONST, folded)

    def op_cat(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        registers[ins[1]] = texts.concatenate(frame, [self.as_text(frame, registers[reg], ins[3]) for reg in ins[2]])

    def as_text(self, frame: Frame, value: Value, span: int) -> Value:
        """A value as it stands in a text: an object of the project by its own method."""
        owner = self.class_of_value(frame, value)
        if owner is not None:
            for name in ("__format__", "__str__", "__repr__"):
                method = self.program.method(owner, name)
                if method is not None:
                    return self.call_function(frame, (0, FUNCTION, (*method, value, ())), [], [], span)
        return value

    def op_make(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        kind = ins[2]
        items = {index: registers[reg] for index, reg in enumerate(ins[3])}
        owner = "builtins.list" if kind == "l" else "builtins.tuple" if kind == "t" else "builtins.set"
        registers[ins[1]] = frame.allocate(owner, items, len(items))

    def op_dict(self, frame: Frame, ins: ir.Ins) -> None:
        result = frame.allocate("builtins.dict", {})
        registers = frame.registers
        for key, value in ins[2]:
            if key == ir.NOREG:
                self.call_method(frame, result, "update", [registers[value]], [], ins[3], "")
            else:
                frame.set_item(result, registers[key], registers[value])
        registers[ins[1]] = result

    def op_cast(self, frame: Frame, ins: ir.Ins) -> None:
        value = frame.registers[ins[2]]
        declared = self.annotated(frame, frame.module, ins[3])
        if declared is not None:
            if declared[1] == CONST:
                if value[1] == UNKNOWN and value[0]:
                    value = NOTHING
            elif value[1] in (UNKNOWN, SYMBOL) or (value[1] == ARGUMENT and value[2][2] is None):
                if value[1] == ARGUMENT:
                    value = (value[0], ARGUMENT, (value[2][0], value[2][1], declared[2]))
                else:
                    value = (value[0], INSTANCE, declared[2])
        frame.registers[ins[1]] = value

    def op_markup(self, frame: Frame, ins: ir.Ins) -> None:
        taint = 0
        for reg in ins[4]:
            taint |= frame.deep(frame.registers[reg])
        frame.registers[ins[1]] = (cleared(taint, MASK["html"]), UNKNOWN, None) if taint else NOTHING

    # -- definitions ------------------------------------------------------------------------------------------------

    def op_import(self, frame: Frame, ins: ir.Ins) -> None:
        value = self.imported(frame, ins[2], ins[3], ins[4])
        if value[1] == SYMBOL and value[2] in native.CONSTANTS:
            value = (0, CONST, native.CONSTANTS[value[2]])
        frame.registers[ins[1]] = value

    def op_importall(self, frame: Frame, ins: ir.Ins) -> None:
        found = self.program.find_module(frame.module, ins[1])
        if found is None:
            self.star_libraries.setdefault(frame.module, []).append(ins[1])
            names = frame.function.names
            for register, (kind, name) in enumerate(frame.function.inits):
                if kind == "n" and frame.registers[register] == (0, SYMBOL, name):
                    frame.registers[register] = self.unbound(frame.module, name)
            return
        if found == frame.module:
            return
        environment = self.environment(found)
        names = frame.function.names
        for register in range(len(names)):
            name = names[register]
            if name is not None and name in environment and frame.function.inits[register][0] == "n":
                frame.registers[register] = self.bring(frame, environment[name])
        self.star_imports.setdefault(frame.module, []).append(found)

    star_imports: dict[int, list[int]]

    def op_func(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        index = ins[2]
        key = (frame.module, index)
        function = self.program.modules[frame.module].functions[index]
        if ins[4]:
            self.defaults[key] = tuple((position, frame.export(registers[reg])) for position, reg in ins[4])
        captured = self.capture(frame, function)
        value: Value = (0, FUNCTION, (frame.module, index, None, captured))
        if captured:
            self.program.captured[key] = tuple((name, frame.export(kept)) for name, kept in captured)
        if frame.index == 0:
            self.entries.add_named(key)
        for reg in reversed(ins[3]):
            decorator = registers[reg]
            self.decorated(frame, decorator, key, ins[-1])
            value = self.decorate(frame, decorator, value, ins[-1])
        registers[ins[1]] = value

    def capture(self, frame: Frame, function: Any) -> tuple[tuple[str, Value], ...]:
        """The variables of this activation that a nested function (or one nested in it) reads."""
        if frame.index == 0 or frame.function.name == "<class>":
            return tuple(frame.captured.items())
        names = frame.function.names
        inits = frame.function.inits
        wanted = set(function.called)
        wanted.update(init[1] for init in function.inits if init[0] == "n")
        module = self.program.modules[frame.module]
        position = module.functions.index(function)
        for nested in module.functions:
            if nested.parent == position:
                wanted.update(init[1] for init in nested.inits if init[0] == "n")
        found = {name: value for name, value in frame.captured.items() if name in wanted}
        for register in range(len(names)):
            name = names[register]
            if name is not None and name in wanted and inits[register][0] in ("p", "l"):
                found[name] = frame.registers[register]
        return tuple(found.items())

    def decorate(self, frame: Frame, decorator: Value, value: Value, span: int) -> Value:
        """What a decorated function is: what a decorator of the project returns, else the function itself."""
        kind = decorator[1]
        if kind in (FUNCTION, PARTIAL) or kind == CLASS:
            result = self.call(frame, decorator, [value], [], span)
            if result[1] in (FUNCTION, PARTIAL, CLASS):
                return result
            owner = self.class_of_value(frame, result)
            return result if owner is not None and self.program.method(owner, "__call__") is not None else value
        return value

    def decorated(self, frame: Frame, decorator: Value, key: Any, span: int) -> None:
        """Hook: a function is decorated."""

    def op_class(self, frame: Frame, ins: ir.Ins) -> None:
        registers = frame.registers
        index = ins[2]
        key = (frame.module, index)
        declared = self.program.modules[frame.module].classes[index]
        self.program.class_bases[key] = tuple(registers[reg] for reg in ins[3])
        self.program.forget_lineage(key)
        self.run_class_body(frame, key, declared)
        value: Value = (0, CLASS, key)
        for reg in reversed(ins[5]):
            result = self.decorate(frame, registers[reg], value, ins[-1]) if registers[reg][1] == FUNCTION else value
            value = result if result[1] == CLASS else value
        registers[ins[1]] = value
        self.class_defined(frame, key)

    def run_class_body(self, frame: Frame, key: Any, declared: Any) -> None:
        """Run a class body; provided by the layer above."""
        raise AssertionError(frame, key, declared)

    def class_defined(self, frame: Frame, key: Any) -> None:
        """Hook: a class with its bases is known."""

    # -- leaving ----------------------------------------------------------------------------------------------------

    def op_ret(self, frame: Frame, ins: ir.Ins) -> int:
        value = NONE if ins[1] == ir.NOREG else frame.registers[ins[1]]
        self.leave(frame, value, ins[2])
        return RETURNED

    def leave(self, frame: Frame, value: Value, span: int) -> None:
        """Record one way out of the function."""
        raise AssertionError(frame, value, span)

    def op_yield(self, frame: Frame, ins: ir.Ins) -> None:
        value = NONE if ins[2] == ir.NOREG else frame.registers[ins[2]]
        frame.yielded = value if frame.yielded is None else frame.join(frame.yielded, value)
        self.yielded_at(frame, value, ins[3])
        frame.registers[ins[1]] = NOTHING

    def yielded_at(self, frame: Frame, value: Value, span: int) -> None:
        """Hook: a generator hands out a value."""

    def op_yieldall(self, frame: Frame, ins: ir.Ins) -> None:
        element = frame.elements(frame.registers[ins[2]])
        frame.yielded = element if frame.yielded is None else frame.join(frame.yielded, element)
        frame.registers[ins[1]] = NOTHING

    def op_raise(self, frame: Frame, ins: ir.Ins) -> int:
        del ins
        if frame.raised is not None:
            frame.raised.append((list(frame.registers), dict(frame.heap)))
        return RAISED

    def op_break(self, frame: Frame, ins: ir.Ins) -> int:
        del ins
        frame.breaks.append((list(frame.registers), dict(frame.heap)))
        return BROKE

    def op_cont(self, frame: Frame, ins: ir.Ins) -> int:
        del ins
        frame.continues.append((list(frame.registers), dict(frame.heap)))
        return CONTINUED

    def op_assert(self, frame: Frame, ins: ir.Ins) -> int | None:
        value = frame.registers[ins[1]]
        if truth_of(frame, value) is False:
            return RAISED
        return None  # it proves nothing: optimised code runs without it

    # -- branches ---------------------------------------------------------------------------------------------------

    def op_if(self, frame: Frame, ins: ir.Ins) -> int:
        condition = frame.registers[ins[1]]
        truth = truth_of(frame, condition)
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
        op = ins[2]
        first = frame.registers[ins[3]]
        truth = truth_of(frame, first)
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
            for value, mask in clears:
                found.append((value, mask))
                while True:
                    old = value
                    while id(old) not in before and id(old) in frame.narrowed:
                        old = frame.narrowed[id(old)][1]
                    if old is not value:
                        found.append((old, mask))
                    if old[1] != DERIVED:
                        break
                    value = old[2][1]  # noqa: PLW2901 - walks to what the value was derived from
            return tuple(found)

        taint = (first[0] | second[0]) if CONDITION not in (first[1], second[1]) else 0
        return (taint, CONDITION, (rebased(if_true), rebased(if_false)))

    # -- loops ------------------------------------------------------------------------------------------------------

    def op_loop(self, frame: Frame, ins: ir.Ins) -> int:
        iterable = frame.registers[ins[1]]
        element = self.iterate(frame, iterable, ins[-1])
        outer_breaks, outer_continues = frame.breaks, frame.continues
        frame.breaks, frame.continues = [], []
        ended = NORMAL
        start_registers, start_heap = list(frame.registers), dict(frame.heap)
        for _ in range(2):
            before_registers, before_heap = list(frame.registers), dict(frame.heap)
            if _:
                element = self.iterate(frame, frame.registers[ins[1]], ins[-1])
            frame.registers[ins[2]] = element
            status = self.block(frame, ins[3])
            if status in (RETURNED, RAISED, BROKE, CONTINUED):
                if frame.continues:
                    frame.registers, frame.heap = frame.continues.pop()
                else:
                    frame.registers, frame.heap = before_registers, before_heap
                    ended = status
                    break
            for registers, heap in frame.continues:
                frame.join_state(registers, heap)
            frame.continues = []
            frame.join_state(before_registers, before_heap)
        del start_registers, start_heap
        status = self.block(frame, ins[4]) if ins[4] else NORMAL
        breaks = frame.breaks
        frame.breaks, frame.continues = outer_breaks, outer_continues
        del ended
        return self._after_loop(frame, status, breaks)

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
        return frame.elements(iterable)

    def op_while(self, frame: Frame, ins: ir.Ins) -> int:
        outer_breaks, outer_continues = frame.breaks, frame.continues
        frame.breaks, frame.continues = [], []
        status = NORMAL
        is_endless = False
        for _ in range(2):
            before_registers, before_heap = list(frame.registers), dict(frame.heap)
            self.block(frame, ins[1])
            condition = frame.registers[ins[2]]
            truth = truth_of(frame, condition)
            if truth is False and not _:
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
            del before_registers, before_heap
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

    # -- exceptions -------------------------------------------------------------------------------------------------

    def op_try(self, frame: Frame, ins: ir.Ins) -> int:
        outer_raised = frame.raised
        frame.raised = []
        before_registers, before_heap = list(frame.registers), dict(frame.heap)
        body = self.block(frame, ins[1])
        raised = frame.raised
        frame.raised = outer_raised
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
            if reg != ir.NOREG:
                frame.registers[reg] = self.caught(frame, [frame.registers[each] for each in types], ins[-1])
            status = self.block(frame, block)
            ends.append((status, frame.registers, frame.heap))
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

    def caught(self, frame: Frame, types: list[Value], span: int) -> Value:
        """The exception that a handler names: its text is error detail."""
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


def _named_by_receiver(tables: Tables) -> set[str]:
    """Methods whose entries ask for the receiver as written."""
    return {
        name.rpartition(".")[2]
        for name, spec in tables.calls.items()
        for entry in (*spec.sinks, *spec.checks, *spec.guards, *spec.sanitisers)
        if any(condition.receiver is not None for condition in (*entry.when, *entry.unless))
    }


def truth_of(frame: Frame, value: Value) -> bool | None:
    """Whether a condition is known to be true or false."""
    kind = value[1]
    if kind == CONST:
        return bool(value[2]) if not value[0] else None
    if kind in (FUNCTION, CLASS, MODULE):
        return True
    if kind == TEXT:
        return True if any(value[2]) else None
    if kind == CHOICE:
        truths = {bool(option) for _, option in value[2]}
        return truths.pop() if len(truths) == 1 else None
    del frame
    return None


def _collect_receivers(block: ir.Block, names: Any, written: dict[int, str], found: dict[int, str]) -> None:
    """For each method call on a temporary, the receiver as written."""

    def text(register: int) -> str:
        if register >= 0:
            return names[register] or ""
        return written.get(register, "")

    for ins in block:
        op = ins[0]
        if op == ir.CALLM:
            found[id(ins)] = text(ins[2])
            written[ins[1]] = f"{text(ins[2])}.{ins[3]}()"
        elif op == ir.ATTR:
            written[ins[1]] = f"{text(ins[2])}.{ins[3]}"
        elif op == ir.CALL:
            written[ins[1]] = f"{text(ins[2])}()"
        elif op == ir.INDEX:
            written[ins[1]] = f"{text(ins[2])}[]"
        elif op in (ir.MOVE, ir.AWAIT):
            written[ins[1]] = text(ins[2])
        else:
            destination = ir.destination(ins)
            if destination < 0:
                written.pop(destination, None)
        for inner in ir.blocks(ins):
            _collect_receivers(inner, names, written, found)


__all__ = ["NORMAL", "Interpreter", "SinkUse", "truth_of"]
