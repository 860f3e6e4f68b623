"""One activation of a function: its state, what it was called with, what it found, and how its values travel."""

from typing import Any

from custodiet.flow.state import Heap, State
from custodiet.flow.summary import Leaving, Origins, ParameterKey, Path, Portable
from custodiet.flow.values import (
    ALL,
    ARGUMENT,
    CHOICE,
    CONDITION,
    DERIVED,
    FUNCTION,
    MASK,
    OBJECT,
    PARTIAL,
    SUPER,
    UNKNOWN,
    Value,
    cleared,
    origins_of,
)

PARTS = {
    "character": 0,
    "extension": MASK["upload"],
    "split": MASK["upload"],
    "host": MASK["url"] | MASK["redirect"],
    "address": MASK["url"],
    "mac": MASK["deserialise"] | MASK["code"],
    "program": MASK["program"],
}
"""What a test of a part tells about the whole: these dangers only; of other forms it tells all."""
_EXPORT_DEPTH = 3
_THROWN_CAP = 8


class Frame(State):
    """The mutable state of one activation."""

    __slots__ = (
        "arguments",
        "breaks",
        "captured",
        "context",
        "continues",
        "defaults",
        "exits",
        "function",
        "has_closures",
        "identifiers",
        "index",
        "instructions",
        "loops",
        "module",
        "narrowed",
        "raised",
        "reads",
        "sinks",
        "slots",
        "thrown",
        "travelling",
        "yielded",
    )

    def __init__(self, module: int, index: int, function: Any, registers: list[Value]) -> None:
        super().__init__(registers)
        self.module = module
        self.index = index
        self.function = function
        self.identifiers: frozenset[str] = frozenset()
        """Every name that the file mentions."""
        self.arguments: dict[ParameterKey, Value] = {}
        self.captured: dict[str, Value] = {}
        self.defaults: dict[tuple[ParameterKey, Path], Value] = {}
        """Default values of parameters, and of fields below them, that no caller is known to give: what checks look at."""
        self.has_closures = False
        """Whether a nested function was made that reads variables of this activation by name."""
        self.slots = 0
        self.exits: list[Leaving] = []
        self.sinks: dict[Any, int] = {}
        self.breaks: list[tuple[list[Value], Heap]] = []
        self.continues: list[tuple[list[Value], Heap]] = []
        self.raised: list[tuple[list[Value], Heap]] | None = None
        self.thrown: list[Value] = []
        """Exceptions that hold untrusted data and that no handler has taken yet."""
        self.yielded: Value | None = None
        self.instructions = 0
        self.loops = 0
        self.narrowed: dict[int, tuple[Value, Value]] = {}
        """Values that a test cleared: id -> (the cleared value, the value before)."""
        self.reads: dict[str, int] = {}
        """Taint of each library name that was read: read twice, it is the same source."""
        self.context: Any = None
        self.travelling: dict[int, Origins] = {}
        """The origins of each taint that was exported."""

    def may_raise(self) -> None:
        """Let the handlers around know the state before something proves a value by not raising."""
        if self.raised is not None:
            self.raised.append((list(self.registers), dict(self.heap)))

    def throw(self, value: Value) -> None:
        """Keep an exception that holds untrusted data for the handlers around."""
        if len(self.thrown) < _THROWN_CAP and self.deep(value) and value not in self.thrown:
            self.thrown.append(value)

    # -- guards -------------------------------------------------------------------------------------------------------

    def clear(self, value: Value, mask: int) -> None:
        """End the dangers of `mask` for this very value, wherever it is kept, and for what it was derived from."""
        while True:
            if value[0]:
                self._clear(value, mask)
            if value[1] != DERIVED:
                return
            mask &= PARTS.get(value[2][0], ALL)
            if not mask:
                return
            value = value[2][1]

    def _clear(self, target: Value, mask: int) -> None:
        changed: dict[int, Value] = {}

        def after(value: Value) -> Value:
            """The value after the test if it is the tested one (perhaps narrowed since), else itself."""
            if not value[0]:
                return value
            found = changed.get(id(value))
            if found is not None:
                return found
            earlier = value
            while earlier is not target:
                step = self.narrowed.get(id(earlier))
                if step is None:
                    return value
                earlier = step[1]
            new = (cleared(value[0], mask), value[1], value[2])
            changed[id(value)] = new
            self.narrowed[id(new)] = (new, value)
            return new

        self.registers[:] = [after(value) if value[0] else value for value in self.registers]
        heap = self.heap
        for key, record in heap.items():
            owner, attributes, items, rest, length = record
            for value in attributes.values():
                if value[0] and after(value) is not value:
                    attributes = {name: after(value) for name, value in attributes.items()}
                    break
            for value in items.values():
                if value[0] and after(value) is not value:
                    items = {name: after(value) for name, value in items.items()}
                    break
            kept = rest if rest is None else after(rest)
            if attributes is not record[1] or items is not record[2] or kept is not rest:
                heap[key] = (owner, attributes, items, kept, length)

    # -- travelling ---------------------------------------------------------------------------------------------------

    def origins_in(self, taint: int) -> Origins:
        """The origins of a taint as they travel; equal taints give one tuple, which is brought over once."""
        found = self.travelling.get(taint)
        if found is None:
            keys = self.origin_keys
            found = self.travelling[taint] = tuple((keys[index], bits) for index, bits in origins_of(taint))
        return found

    def export(self, value: Value, depth: int = _EXPORT_DEPTH) -> Portable:
        """The value as it travels to another activation."""
        taint, kind, payload = value
        origins = self.origins_in(taint) if taint else ()
        if kind < OBJECT:
            return (origins, kind, payload)
        if kind == OBJECT:
            record = self.heap.get(payload)
            if record is None or depth == 0:
                return (self.origins_in(self.deep(value)), UNKNOWN, None)
            export = self.export
            return (
                origins,
                OBJECT,
                (
                    record[0],
                    tuple((name, export(field, depth - 1)) for name, field in record[1].items()),
                    tuple((name, export(field, depth - 1)) for name, field in record[2].items()),
                    None if record[3] is None else export(record[3], depth - 1),
                    record[4],
                ),
            )
        if kind == FUNCTION:
            bound, captured = payload[2], payload[3]
            return (
                origins,
                FUNCTION,
                (
                    payload[0],
                    payload[1],
                    None if bound is None else self.export(bound, depth - 1 if depth else 0),
                    tuple((name, self.export(kept, depth - 1)) for name, kept in captured) if depth else (),
                ),
            )
        if kind == DERIVED:
            return (origins, DERIVED, (payload[0], self.export(payload[1], depth), *payload[2:]))
        if kind == PARTIAL:
            if depth == 0:
                return (origins, UNKNOWN, None)
            return (
                origins,
                PARTIAL,
                (
                    self.export(payload[0], depth - 1),
                    tuple(self.export(item, depth - 1) for item in payload[1]),
                    tuple((name, self.export(item, depth - 1)) for name, item in payload[2]),
                ),
            )
        if kind == CHOICE:
            return (origins, kind, payload)
        if kind == CONDITION or kind == SUPER:
            return (origins, UNKNOWN, None)
        if kind == ARGUMENT:
            record = self.heap.get(("P", payload[0], payload[1]))
            if record is not None:
                extra = self.deep(value)
                if extra != taint:
                    origins = self.origins_in(extra | taint)
            return (origins, ARGUMENT, payload)
        return (origins, kind, payload)
