"""The state of an activation: registers, heap and origins, and how values are read, written and joined.

**Heap.** `heap[key]` is an immutable record `(class, attributes, items, rest, length)`; a write replaces it, so that
copying the state at a branch copies one dictionary. `class` is a library name (`builtins.list`) or the key of a
project's class; `items` maps constant keys (list indices too), `rest` is what stands under unknown keys, `length` the
known length of a list, -1 unknown. Keys are integers for what was made here, `("P", parameter, path)` for what a caller
handed in, and a name for items read from a library's object (`flask.request.args`), so that two reads of the same item
give the same value and a test of one speaks of the other.
"""

from collections.abc import Mapping
from typing import Any

from custodiet.flow.summary import PATH_CAP, Origin
from custodiet.flow.values import (
    ARGUMENT,
    CHOICE,
    CONST,
    DERIVED,
    FULL,
    NOTHING,
    OBJECT,
    ORIGIN_CAP,
    PARTIAL,
    PATH_ORIGIN_CAP,
    SYMBOL,
    TEXT,
    UNKNOWN,
    WIDTH,
    Value,
    pieces_of,
    unknown,
)

Record = tuple[Any, dict[Any, Value], dict[Any, Value], Value | None, int]
Heap = dict[Any, Record]

EACH = "[*]"
"""Path item: what a loop over the thing gives."""
KEYS = "<keys>"
"""Attribute of a dictionary's record: its keys, where they are not constants."""
FACTORY = "<factory>"
"""Attribute of a dictionary's record: what makes a missing item."""

_LOW = (1 << WIDTH) - 1
ITEMS_CAP = 64
"""Items of one object that are kept apart."""
_CHOICES_CAP = 8
SYMBOLIC = "symbol"
"""Type name of the options of a CHOICE that are library names."""


class State:
    """What branches copy and join, and the origins of its taints."""

    __slots__ = (
        "heap",
        "is_complete",
        "joined",
        "next_key",
        "origin_keys",
        "origins",
        "registers",
    )

    def __init__(self, registers: list[Value]) -> None:
        self.registers = registers
        self.heap: Heap = {}
        self.is_complete = True
        """False once something was left out."""
        self.origins: dict[Origin, int] = {}
        self.origin_keys: list[Origin] = []
        self.next_key = 0
        self.joined: dict[tuple[Any, Any], int] = {}
        """Pairs of objects that are being joined, and what becomes of them."""

    # -- origins -----------------------------------------------------------------------------------------------------

    def taint(self, key: Origin, bits: int = FULL) -> int:
        """The taint of one origin with these bits. Past a first cap a path is folded into its parameter; past the last
        one a source is dropped, and the activation is not complete.
        """
        index = self.origins.get(key)
        if index is None:
            index = len(self.origin_keys)
            if index >= PATH_ORIGIN_CAP:
                if key[0] == "P" and key[2] and ("P", key[1], ()) in self.origins:
                    return self.taint(("P", key[1], ()), bits)
                if index >= ORIGIN_CAP:
                    self.is_complete = False
                    return 0
            self.origins[key] = index
            self.origin_keys.append(key)
        return bits << (WIDTH * index)

    def taint_of(self, origins: Mapping[Origin, int]) -> int:
        """The taint of several origins with their bits."""
        taint = 0
        for key, bits in origins.items():
            taint |= self.taint(key, bits)
        return taint

    def bits(self, taint: int, key: Origin) -> int:
        """The bits of one origin in a taint."""
        index = self.origins.get(key)
        return 0 if index is None else (taint >> (WIDTH * index)) & _LOW

    # -- heap ---------------------------------------------------------------------------------------------------------

    def allocate(self, owner: Any, items: dict[Any, Value] | None = None, length: int = -1) -> Value:
        """A new object of a class."""
        self.next_key += 1
        self.heap[self.next_key] = (owner, {}, items or {}, None, length)
        return (0, OBJECT, self.next_key)

    def filled(self, owner: str, element: Value | None) -> Value:
        """A new container of an unknown number of such elements."""
        result = self.allocate(owner)
        self.heap[result[2]] = (owner, {}, {}, element, -1)
        return result

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
        if index[1] == CONST and is_key(index[2]) and len(items) < ITEMS_CAP:
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
                return attributes.get(KEYS, unknown(taint))
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
        if kind == DERIVED and payload[0] == "address":
            return value  # one of the addresses of a host
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

    # -- joining ------------------------------------------------------------------------------------------------------

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
        if a[1] in (SYMBOL, CHOICE) and b[1] in (SYMBOL, CHOICE) and _are_names(a) and _are_names(b):
            names = {**dict.fromkeys(_options(a)), **dict.fromkeys(_options(b))}
            if len(names) <= _CHOICES_CAP:
                return (0, CHOICE, tuple(names))
        if a[1] == OBJECT and b[1] == OBJECT:
            merged = self._join_objects(a, b)
            if merged is not None:
                return merged
        if a[1] == ARGUMENT and self._is_fresh(b):
            return a  # `if context is None: context = {}` adds nothing to what the caller handed in
        if b[1] == ARGUMENT and self._is_fresh(a):
            return b
        if (
            a[1] in (CONST, CHOICE)
            and b[1] in (CONST, CHOICE)
            and not a[0] | b[0]
            and SYMBOLIC not in (_options(a)[0][0], _options(b)[0][0])
        ):
            options = {**dict.fromkeys(_options(a)), **dict.fromkeys(_options(b))}
            if len(options) <= _CHOICES_CAP:
                return (0, CHOICE, tuple(options))
        if a[1] in (CONST, TEXT) and b[1] in (CONST, TEXT):
            prefix = common_prefix(a, b)
            if prefix:
                return (a[0] | b[0], TEXT, (prefix, None))
        return (self.deep(a) | self.deep(b), UNKNOWN, None)

    def _is_fresh(self, value: Value) -> bool:
        """Whether a value is a container that was made empty and still is."""
        if value[1] != OBJECT or value[0]:
            return False
        record = self.heap.get(value[2])
        return (
            record is not None
            and record[0] in ("builtins.dict", "builtins.list")
            and not (record[1] or record[2] or record[3])
        )

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


def is_handed_in(value: Value, parameter: Any, *paths: Any) -> bool:
    """Whether the value is what the caller handed in at one of these paths."""
    return value[1] == ARGUMENT and value[2][0] == parameter and value[2][1] in paths


def name_of_item(item: Any) -> Any:
    """The heap's name of a path item: the constant of `("k", constant)`, or the item itself."""
    return item[1] if isinstance(item, tuple) else item


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


def _options(value: Value) -> tuple[Any, ...]:
    """What a CONST, SYMBOL or CHOICE may be; typed, so that 1 and True stay apart."""
    if value[1] == CHOICE:
        options: tuple[Any, ...] = value[2]
        return options
    return ((SYMBOLIC if value[1] == SYMBOL else type(value[2]).__name__, value[2]),)


def _are_names(value: Value) -> bool:
    """Whether the value is a library name, or a choice of some, and no data."""
    if value[0]:
        return False
    return not value[2].endswith(")") if value[1] == SYMBOL else value[2][0][0] == SYMBOLIC


def is_key(value: Any) -> bool:
    """Whether a constant may be the key of an item."""
    return value is None or isinstance(value, str | bytes | int | float | bool)
