"""One activation of a function: registers, heap, origins, and how values are read, written and joined.

**Heap.** `heap[key]` is an immutable record `(class, attributes, items, rest, length)`; a write replaces it, so that
copying the state at a branch copies one dictionary. `class` is a library name (`builtins.list`) or the key of a
project's class; `items` maps constant keys (list indices too), `rest` is what stands under unknown keys, `length` the
known length of a list, -1 unknown. Keys are integers for what was made here, `("P", parameter, path)` for what a caller
handed in, and a name for items read from a library's object (`flask.request.args`), so that two reads of the same item
give the same value and a test of one speaks of the other.
"""

from typing import Any

from custodiet.flow.summary import PATH_CAP, Origin, ParameterKey, Path, Portable
from custodiet.flow.values import (
    ALL,
    ARGUMENT,
    CHOICE,
    CLASS,
    CONDITION,
    CONST,
    DERIVED,
    FULL,
    FUNCTION,
    MASK,
    NOTHING,
    OBJECT,
    ORIGIN_CAP,
    PARTIAL,
    SUPER,
    SYMBOL,
    TEXT,
    UNKNOWN,
    WIDTH,
    Value,
    cleared,
    origins_of,
    pieces_of,
    spread,
)

Record = tuple[Any, dict[Any, Value], dict[Any, Value], Value | None, int]
Heap = dict[Any, Record]

PARTS = {
    "character": 0,
    "extension": MASK["upload"],
    "split": MASK["upload"],
    "host": MASK["url"] | MASK["redirect"],
}
"""What a test of a part tells about the whole: these dangers only; of other forms it tells all."""
EACH = "[*]"
"""Path item: what a loop over the thing gives."""
KEYS = "<keys>"
"""Attribute of a dictionary's record: its keys, where they are not constants."""
FACTORY = "<factory>"
"""Attribute of a dictionary's record: what makes a missing item."""

_LOW = (1 << WIDTH) - 1
_EXPORT_DEPTH = 3
_ITEMS_CAP = 64
_CHOICES_CAP = 8


class Frame:
    """The mutable state of one activation."""

    __slots__ = (
        "arguments",
        "breaks",
        "captured",
        "context",
        "continues",
        "defaults",
        "effects",
        "exits",
        "function",
        "heap",
        "index",
        "instructions",
        "is_complete",
        "joined",
        "module",
        "narrowed",
        "next_key",
        "origin_keys",
        "origins",
        "raised",
        "reads",
        "registers",
        "sinks",
        "slots",
        "yielded",
    )

    def __init__(self, module: int, index: int, function: Any, registers: list[Value]) -> None:
        self.module = module
        self.index = index
        self.function = function
        self.registers = registers
        self.heap: Heap = {}
        self.origins: dict[Origin, int] = {}
        self.origin_keys: list[Origin] = []
        self.arguments: dict[ParameterKey, Value] = {}
        self.captured: dict[str, Value] = {}
        self.defaults: dict[ParameterKey, Value] = {}
        """Default values of parameters that no caller is known to give: what checks look at."""
        self.slots = 0
        self.exits: list[Any] = []
        self.effects: list[Any] = []
        self.sinks: dict[Any, int] = {}
        self.breaks: list[tuple[list[Value], Heap]] = []
        self.continues: list[tuple[list[Value], Heap]] = []
        self.raised: list[tuple[list[Value], Heap]] | None = None
        self.yielded: Value | None = None
        self.instructions = 0
        self.is_complete = True
        self.next_key = 0
        self.joined: dict[tuple[Any, Any], int] = {}
        """Pairs of objects that are being joined, and what becomes of them."""
        self.narrowed: dict[int, tuple[Value, Value]] = {}
        """Values that a test cleared: id -> (the cleared value, the value before)."""
        self.reads: dict[str, int] = {}
        """Taint of each library name that was read: read twice, it is the same source."""
        self.context: Any = None

    # -- origins ----------------------------------------------------------------------------------------------------

    def taint(self, key: Origin, bits: int = FULL) -> int:
        """The taint of one origin with these bits. Past the cap a path is folded into its parameter, a further
        source is dropped (it was found in this function already through others)."""
        index = self.origins.get(key)
        if index is None:
            if len(self.origin_keys) >= ORIGIN_CAP:
                if key[0] == "P" and key[2]:
                    return self.taint(("P", key[1], ()), bits) if ("P", key[1], ()) in self.origins else 0
                return 0
            index = len(self.origin_keys)
            self.origins[key] = index
            self.origin_keys.append(key)
        return bits << (WIDTH * index)

    def bits(self, taint: int, key: Origin) -> int:
        """The bits of one origin in a taint."""
        index = self.origins.get(key)
        return 0 if index is None else (taint >> (WIDTH * index)) & _LOW

    # -- heap -------------------------------------------------------------------------------------------------------

    def allocate(self, owner: Any, items: dict[Any, Value] | None = None, length: int = -1) -> Value:
        """A new object of a class."""
        self.next_key += 1
        self.heap[self.next_key] = (owner, {}, items or {}, None, length)
        return (0, OBJECT, self.next_key)

    def key_of(self, value: Value) -> Any:
        """The heap key of a value that has fields, or None."""
        kind = value[1]
        if kind == OBJECT:
            return value[2]
        if kind == ARGUMENT:
            return ("P", value[2][0], value[2][1])
        return None

    def set_attribute(self, target: Value, name: str, value: Value) -> None:
        """Strong update of an attribute."""
        key = self.key_of(target)
        if key is None:
            return
        owner, attributes, items, rest, length = self.heap.get(key) or (None, {}, {}, None, -1)
        self.heap[key] = (owner, {**attributes, name: value}, items, rest, length)

    def set_item(self, target: Value, index: Value, value: Value) -> None:
        """Strong update under a constant key, weak update otherwise."""
        key = self.key_of(target)
        if key is None:
            return
        owner, attributes, items, rest, length = self.heap.get(key) or (None, {}, {}, None, -1)
        if index[1] == CONST and _hashable(index[2]) and len(items) < _ITEMS_CAP:
            position = index[2]
            if length >= 0 and isinstance(position, int) and position < 0:
                position += length
            items = {**items, position: value}
        else:
            rest = value if rest is None else self.join(rest, value)
            if owner == "builtins.dict" and index[0]:
                known = attributes.get(KEYS)
                attributes = {**attributes, KEYS: index if known is None else self.join(known, index)}
        self.heap[key] = (owner, attributes, items, rest, length)

    def deep(self, value: Value, depth: int = 3) -> int:
        """The taint of a value used as a whole: its own and that of what it contains."""
        taint, kind, payload = value
        if kind < OBJECT or depth == 0:
            return taint
        if kind == OBJECT or kind == ARGUMENT:
            record = self.heap.get(payload if kind == OBJECT else ("P", payload[0], payload[1]))
            if record is not None:
                for field in record[1].values():
                    taint |= self.deep(field, depth - 1)
                for field in record[2].values():
                    taint |= self.deep(field, depth - 1)
                if record[3] is not None:
                    taint |= self.deep(record[3], depth - 1)
        elif kind == PARTIAL:
            for field in payload[1]:
                taint |= self.deep(field, depth - 1)
        return taint

    def elements(self, value: Value) -> Value:
        """Any one item of a container."""
        taint, kind, payload = value
        if kind == OBJECT:
            owner, attributes, items, rest, _ = self.heap.get(payload) or (None, {}, {}, None, -1)
            if owner == "builtins.dict":
                return attributes.get(KEYS, (taint, UNKNOWN, None) if taint else NOTHING)
            result: Value | None = rest
            for item in items.values():
                result = item if result is None else self.join(result, item)
            if result is None:
                result = NOTHING
            return (result[0] | taint, result[1], result[2]) if taint else result
        if kind == ARGUMENT:
            return self.item_of_argument(value, EACH)
        if kind == CONST:
            return NOTHING
        return (taint, DERIVED, ("character", value)) if taint else NOTHING

    def item_of_argument(self, value: Value, item: Any) -> Value:
        """The item (or attribute) `item` of something the caller handed in; read twice it is the same value."""
        parameter, path, _ = value[2]
        key = ("P", parameter, path)
        record = self.heap.get(key)
        is_item = item in ("[]", EACH) or isinstance(item, tuple)
        if record is not None:
            fields = record[2] if is_item else record[1]
            name = item[1] if isinstance(item, tuple) else item
            found = fields.get(name)
            if found is not None:
                return found
            if is_item and record[3] is not None:
                return record[3]
        if not value[0]:
            return NOTHING
        if len(path) >= PATH_CAP:
            return (value[0], ARGUMENT, (parameter, path, None))
        # what was cleared from the whole is clear in its parts
        own = self.bits(value[0], ("P", parameter, path))
        extended = (*path, item)
        taint = self.taint(("P", parameter, extended), own or FULL) | (
            value[0] & ~(_LOW << (WIDTH * self.origins[key])) if key in self.origins else 0
        )
        result = (taint, ARGUMENT, (parameter, extended, None))
        owner, attributes, items, rest, length = record or (None, {}, {}, None, -1)
        if is_item:
            self.heap[key] = (owner, attributes, {**items, name_of_item(item): result}, rest, length)
        else:
            self.heap[key] = (owner, {**attributes, item: result}, items, rest, length)
        return result

    def may_raise(self) -> None:
        """Let the handlers around know the state before something proves a value by not raising."""
        if self.raised is not None:
            self.raised.append((list(self.registers), dict(self.heap)))

    # -- guards -----------------------------------------------------------------------------------------------------

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
            found = changed.get(id(value))
            if found is not None:
                return found
            if not value[0]:
                return value
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

        self.registers[:] = [after(value) for value in self.registers]
        heap = self.heap
        for key, record in heap.items():
            owner, attributes, items, rest, length = record
            if any(after(value) is not value for value in attributes.values()):
                attributes = {name: after(value) for name, value in attributes.items()}
            if any(after(value) is not value for value in items.values()):
                items = {name: after(value) for name, value in items.items()}
            kept = rest if rest is None else after(rest)
            if attributes is not record[1] or items is not record[2] or kept is not rest:
                heap[key] = (owner, attributes, items, kept, length)

    # -- joining ----------------------------------------------------------------------------------------------------

    def join(self, a: Value, b: Value) -> Value:
        """The value that is `a` or `b`."""
        if a is b:
            return a
        if a[1] == b[1] and a[2] == b[2]:
            taint = a[0] | b[0]
            return a if taint == a[0] else b if taint == b[0] else (taint, a[1], a[2])
        if a[1] == CONST and a[2] is None and b[1] != CONST:
            return (a[0] | b[0], b[1], b[2])
        if b[1] == CONST and b[2] is None and a[1] != CONST:
            return (a[0] | b[0], a[1], a[2])
        if a[1] == SYMBOL and b[1] == SYMBOL and a[2].rpartition(".")[2] == b[2].rpartition(".")[2]:
            return (a[0] | b[0], SYMBOL, a[2])  # `try: from a import f` / `except ImportError: from b import f`
        if a[1] == OBJECT and b[1] == OBJECT:
            merged = self._join_objects(a, b)
            if merged is not None:
                return merged
        if a[1] in (CONST, CHOICE) and b[1] in (CONST, CHOICE) and not a[0] | b[0]:
            options = {**dict.fromkeys(_options(a)), **dict.fromkeys(_options(b))}
            if len(options) <= _CHOICES_CAP:
                return (0, CHOICE, tuple(options))
        if a[1] in (CONST, TEXT) and b[1] in (CONST, TEXT):
            prefix = common_prefix(a, b)
            if prefix:
                return (a[0] | b[0], TEXT, (prefix, None))
        return (self.deep(a) | self.deep(b), UNKNOWN, None)

    def _join_objects(self, a: Value, b: Value) -> Value | None:
        first, second = self.heap.get(a[2]), self.heap.get(b[2])
        if first is None or second is None or first[0] != second[0]:
            return None
        pair = (a[2], b[2])
        joined = self.joined.get(pair)
        if joined is None:
            self.next_key += 1
            joined = self.next_key
            is_outermost = not self.joined
            self.joined[pair] = joined  # an object may hold itself
            self.heap[joined] = self._join_records(first, second)
            if is_outermost:
                self.joined.clear()
        return (a[0] | b[0], OBJECT, joined)

    def _join_records(self, a: Record, b: Record) -> Record:
        if a is b:
            return a
        rest = a[3] if b[3] is None else b[3] if a[3] is None else self.join(a[3], b[3])
        return (
            a[0],
            self._join_fields(a[1], b[1]),
            self._join_fields(a[2], b[2]),
            rest,
            a[4] if a[4] == b[4] else -1,
        )

    def _join_fields(self, a: dict[Any, Value], b: dict[Any, Value]) -> dict[Any, Value]:
        if a is b:
            return a
        fields = dict(a)
        for key, value in b.items():
            other = fields.get(key)
            fields[key] = value if other is None else self.join(other, value)
        return fields

    def join_state(self, registers: list[Value], heap: Heap) -> None:
        """Join another state into the current one."""
        mine = self.heap
        if mine is not heap:
            for key, record in heap.items():
                other = mine.get(key)
                if other is None:
                    mine[key] = record
                elif other is not record:
                    mine[key] = self._join_records(other, record)
        join = self.join
        self.registers = [x if x is y else join(x, y) for x, y in zip(self.registers, registers, strict=True)]

    # -- travelling -------------------------------------------------------------------------------------------------

    def export(self, value: Value, depth: int = _EXPORT_DEPTH) -> Portable:
        """The value as it travels to another activation."""
        taint, kind, payload = value
        keys = self.origin_keys
        origins = tuple((keys[index], bits) for index, bits in origins_of(taint)) if taint else ()
        if kind < OBJECT:
            return (origins, kind, payload)
        if kind == OBJECT:
            record = self.heap.get(payload)
            if record is None or depth == 0:
                deep = self.deep(value)
                return (tuple((keys[index], bits) for index, bits in origins_of(deep)), UNKNOWN, None)
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
            return (origins, DERIVED, (payload[0], self.export(payload[1], depth)))
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
            extra = self.deep(value)
            if record is not None and extra != taint:
                origins = tuple((keys[index], bits) for index, bits in origins_of(extra | taint))
            return (origins, ARGUMENT, payload)
        return (origins, kind, payload)


def name_of_item(item: Any) -> Any:
    """The heap's name of a path item: the constant of `("k", constant)`, or the item itself."""
    return item[1] if isinstance(item, tuple) else item


def _options(value: Value) -> tuple[Any, ...]:
    """The constants that a CONST or CHOICE may be; typed, so that 1 and True stay apart."""
    options: tuple[Any, ...] = value[2] if value[1] == CHOICE else ((type(value[2]).__name__, value[2]),)
    return options


def common_prefix(a: Value, b: Value) -> str:
    """The constant text that both texts begin with."""
    first, second = pieces_of(a)[0], pieces_of(b)[0]
    if not first or not second:
        return ""
    length = 0
    for x, y in zip(first, second, strict=False):
        if x != y:
            break
        length += 1
    return first[:length]


def restrict(taint: int, bits: int) -> int:
    """`taint` with only the dangers of `bits` left."""
    return taint & spread(bits) if taint else 0


def _hashable(value: Any) -> bool:
    return value is None or isinstance(value, str | bytes | int | float | bool)


__all__ = ["CLASS", "Frame", "Heap", "Path", "Record", "name_of_item", "restrict"]
