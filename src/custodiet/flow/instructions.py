"""Instructions that move values: attributes, items, slices and calls."""

from typing import Any

from custodiet.flow import native, texts
from custodiet.flow.attributes import SHARED, FieldOwner
from custodiet.flow.constants import UNFOLDED, fold_index, fold_slice
from custodiet.flow.containers import is_container
from custodiet.flow.frame import Frame
from custodiet.flow.library import NEVER
from custodiet.flow.methods import Methods
from custodiet.flow.program import FunctionKey, Program
from custodiet.flow.site import Site, conditional, holds
from custodiet.flow.status import RAISED
from custodiet.flow.summary import Origin
from custodiet.flow.values import (
    ARGUMENT,
    CLASS,
    CONST,
    DERIVED,
    FUNCTION,
    INSTANCE,
    NONE,
    NOTHING,
    OBJECT,
    SYMBOL,
    TEXT,
    UNKNOWN,
    Value,
)
from custodiet.knowledge.tables import Tables
from custodiet.source import ir


class Instructions(Methods):
    """One method for each instruction that reads, writes or calls."""

    def __init__(self, program: Program, accepted: frozenset[tuple[str, str]]) -> None:
        super().__init__(program, accepted)
        self.field_taint_next: dict[tuple[FieldOwner, str], dict[Origin, int]] = {}
        """What the next round knows of `field_taint`."""
        tables = self.tables
        self._worded = frozenset(tables.wild_calls) | tables.entry_anchors | _named_by_receiver(tables)
        self._receiver_texts: dict[FunctionKey, dict[int, str]] = {}

    def op_move(self, frame: Frame, ins: ir.Ins) -> None:
        """MOVE: a copy that keeps its identity."""
        frame.registers[ins[1]] = frame.registers[ins[2]]

    def op_await(self, frame: Frame, ins: ir.Ins) -> None:
        """AWAIT: what is awaited is its result."""
        frame.registers[ins[1]] = frame.registers[ins[2]]

    # -- attributes ---------------------------------------------------------------------------------------------------

    def op_attr(self, frame: Frame, ins: ir.Ins) -> None:
        """ATTR: `dst = obj.name`."""
        value = self.attribute(frame, frame.registers[ins[2]], ins[3], ins[4])
        frame.registers[ins[1]] = self.known_constant(value) if value[1] == SYMBOL else value

    def known_constant(self, value: Value) -> Value:
        """The constant that a library's name stands for; any other value as it is."""
        if value[1] == SYMBOL and not value[0]:
            if value[2] in native.CONSTANTS:
                return (0, CONST, native.CONSTANTS[value[2]])
            if value[2] in self.tables.constants:
                return (0, CONST, self.tables.constants[value[2]])
        return value

    def op_setattr(self, frame: Frame, ins: ir.Ins) -> None:
        """SETATTR: `obj.name = src`."""
        self.store(frame, frame.registers[ins[1]], ins[2], frame.registers[ins[3]], ins[4])

    def store(self, frame: Frame, target: Value, name: str, value: Value, span: int) -> None:
        """`target.name = value`, with the sinks and checks of library attributes."""
        kind, payload = target[1], target[2]
        if self.members_are_items and is_container(frame, target):
            frame.set_item(target, (0, CONST, name), value)
            return
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
            if frame.index == 0 and payload[0] == frame.module:
                # static members that the module's body fills are those of the class
                self.program.class_members.setdefault(payload, {})[name] = frame.export(value)
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
            elif kind == OBJECT:
                library = (frame.heap.get(payload) or (None,))[0]
                full = self.tables.member(library, name, "stores") if isinstance(library, str) else ""
        if full:
            self.store_entry(frame, self.tables.stores[full], full, [value], target, span)
        elif self.members_are_items and kind in (SYMBOL, INSTANCE) and (stored := self._item_stores(payload)):
            args = [(0, CONST, name), value]
            self.store_entry(frame, self.tables.item_stores[stored], f"{stored}[]", args, target, span)
        elif name in self.tables.wild_stores and not isinstance(payload, tuple):
            self.store_entry(frame, self.tables.wild_stores[name], name, [value], target, span)
        frame.set_attribute(target, name, value)

    def _item_stores(self, owner: Any) -> str:
        """The name of the library's class whose items are stored when a member of `owner` is, `""` if none."""
        if not isinstance(owner, str):
            return ""
        return owner if owner in self.tables.item_stores else self.tables.member(owner, "", "item_stores")

    def store_entry(self, frame: Frame, spec: Any, name: str, args: list[Value], owner: Value, span: int) -> None:
        """Sinks and checks of a store."""
        site = Site(frame, self.tables, name, args, (), span, owner)
        for check in spec.checks:
            if holds(site, check.when, check.unless):
                self.wrong.setdefault(
                    (check.rule, frame.module, span), (frame.index, check.message, check.confidence, name)
                )
        for sink in spec.sinks:
            if holds(site, sink.when, sink.unless):
                self.sink(frame, site, sink)

    def keep_field(self, frame: Frame, owner: Any, name: str, value: Value) -> None:
        """Remember that a source was stored in a field, for the other methods of the class."""
        taint = frame.deep(value)
        if not taint:
            return
        for origin, bits in frame.export((taint, UNKNOWN, None))[0]:
            source = origin if origin[0] == "S" else self._handed_in(frame, origin)
            if source is not None:
                kept = self.field_taint_next.setdefault((owner, name), {})
                kept[source] = kept.get(source, 0) | bits

    def _handed_in(self, frame: Frame, origin: Origin) -> Origin | None:
        """The source that an untrusted parameter of an entry point is; None for what a caller hands in."""
        entry = self.entries.found.get((frame.module, frame.index))
        if entry is None or not isinstance(origin[1], int):
            return None
        param = frame.function.params[origin[1]]
        if not entry.is_untrusted(origin[1], param.name):
            return None
        return ("S", frame.module, param.span, "remote", f"parameter `{param.name}`", frame.index)

    # -- items --------------------------------------------------------------------------------------------------------

    def op_index(self, frame: Frame, ins: ir.Ins) -> None:
        """INDEX: `dst = obj[index]`."""
        registers = frame.registers
        target, index = registers[ins[2]], registers[ins[3]]
        if self.members_are_items and index[1] == CONST and isinstance(index[2], str) and target[1] != CONST:
            registers[ins[1]] = self.attribute(frame, target, index[2], ins[4])
            return
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
        """SETINDEX: `obj[index] = src`."""
        registers = frame.registers
        self.put_item(frame, registers[ins[1]], registers[ins[2]], registers[ins[3]], ins[4])

    def put_item(self, frame: Frame, target: Value, index: Value, value: Value, span: int) -> None:
        """`target[index] = value`, with the sinks and checks of a library's items."""
        kind, payload = target[1], target[2]
        if (
            self.members_are_items
            and index[1] == CONST
            and isinstance(index[2], str)
            and not is_container(frame, target)
        ):
            self.store(frame, target, index[2], value, span)
            return
        if kind in (SYMBOL, INSTANCE) and isinstance(payload, str):
            full = payload if payload in self.tables.item_stores else self.tables.member(payload, "", "item_stores")
            if full:
                self.store_entry(frame, self.tables.item_stores[full], f"{full}[]", [index, value], target, span)
            elif kind == INSTANCE or value[0]:
                self.pollute(frame, target, frame.deep(value))
            return
        if kind == ARGUMENT and isinstance(payload[2], str):
            full = self.tables.member(payload[2], "", "item_stores")
            if full:
                self.store_entry(frame, self.tables.item_stores[full], f"{full}[]", [index, value], target, span)
        owner = self.class_of_value(frame, target)
        if owner is not None:
            method = self.program.method(owner, "__setitem__")
            if method is not None:
                self.call_function(frame, (0, FUNCTION, (*method, target, ())), [index, value], [], span)
                return
        frame.set_item(target, index, value)

    def op_slice(self, frame: Frame, ins: ir.Ins) -> None:
        """SLICE: `dst = obj[low:high]`."""
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
        """DEL: `del obj[index]`; a name goes on as it was."""
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

    # -- calls --------------------------------------------------------------------------------------------------------

    def op_call(self, frame: Frame, ins: ir.Ins) -> int | None:
        """CALL: `dst = fn(*args, **kw)`."""
        registers = frame.registers
        kw = [(name, registers[reg]) for name, reg in ins[4]]
        result = self.call(frame, registers[ins[2]], [registers[reg] for reg in ins[3]], kw, ins[5])
        if result is NEVER:
            return RAISED
        frame.registers[ins[1]] = result
        return None

    def op_callm(self, frame: Frame, ins: ir.Ins) -> int | None:
        """CALLM: `dst = recv.name(*args, **kw)`."""
        registers = frame.registers
        receiver = registers[ins[2]]
        kw = [(name, registers[reg]) for name, reg in ins[5]]
        text = self.receiver_text(frame, ins) if ins[3] in self._worded else ""
        result = self.call_method(frame, receiver, ins[3], [registers[reg] for reg in ins[4]], kw, ins[6], text)
        if result is NEVER:
            return RAISED
        frame.registers[ins[1]] = result
        return None

    def op_new(self, frame: Frame, ins: ir.Ins) -> int | None:
        """NEW: `dst = new T(*args)`."""
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
        found = self._receiver_texts.get(key)
        if found is None:
            found = self._receiver_texts[key] = {}
            _collect_receivers(frame.function.body, frame.function.names, {}, found)
        return found.get(id(ins), "")


def _named_by_receiver(tables: Tables) -> set[str]:
    """Methods whose entries ask for the receiver as written."""
    return {
        name.rpartition(".")[2]
        for name, spec in tables.calls.items()
        for entry in conditional(spec)
        if any(condition.receiver is not None for condition in (*entry.when, *entry.unless))
    }


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
