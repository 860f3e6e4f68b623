"""Items: what `target[index]` is, and what stands at a path below an argument.

Two reads of one constant key give the same value, so that a test of the one speaks of the other.
"""

from typing import Any

from custodiet.flow.attributes import Attributes
from custodiet.flow.frame import Frame
from custodiet.flow.state import EACH, FACTORY, ITEMS_CAP
from custodiet.flow.values import (
    ARGUMENT,
    CONST,
    DERIVED,
    FUNCTION,
    INSTANCE,
    NOTHING,
    OBJECT,
    SYMBOL,
    UNKNOWN,
    Value,
    constant,
    seen,
    unknown,
)


class Items(Attributes):
    """Reading items."""

    def item(self, frame: Frame, target: Value, index: Value, span: int) -> Value:
        """`target[index]`."""
        taint, kind, payload = target
        key = index[2] if index[1] == CONST else None
        known = index[1] == CONST and isinstance(key, str | int | bytes | bool | float)
        if kind == OBJECT:
            record = frame.heap.get(payload)
            if record is None:
                return NOTHING
            owner, _, items, rest, length = record
            if isinstance(owner, tuple):
                method = self.program.method(owner, "__getitem__")
                if method is not None:
                    return self.call(frame, (0, FUNCTION, (*method, target, ())), [index], [], span)
            if known:
                if length >= 0 and isinstance(key, int) and key < 0:
                    key += length
                found = items.get(key)
                if found is not None:
                    return (found[0] | taint, found[1], found[2]) if taint else found
                if rest is not None:
                    # a value of its own, kept: a test of one item tells nothing of its neighbours
                    own: Value = (rest[0] | taint, rest[1], rest[2])
                    if len(items) < ITEMS_CAP:
                        frame.heap[payload] = (owner, record[1], {**items, key: own}, rest, length)
                    return own
                factory = record[1].get(FACTORY)
                if factory is not None:
                    made = self.call(frame, factory, [], [], span)
                    frame.set_item(target, index, made)
                    return made
                return unknown(taint)
            return self.any_item(frame, target)
        if kind == ARGUMENT:
            if known:
                return frame.item_of_argument(target, ("k", key))
            return frame.item_of_argument(target, "[]")
        if kind in (SYMBOL, INSTANCE) and isinstance(payload, str):
            spec = self.tables.item_reads.get(payload)
            if spec is None:
                canonical = self.tables.member(payload, "", "item_reads")
                spec = self.tables.item_reads.get(canonical) if canonical else None
            if spec is not None and spec.source is not None:
                taint |= self.source_taint(frame, spec, span)
            if spec is not None and spec.sinks:
                self.read_at(frame, spec, target, index, span)
            return self.kept_item(frame, (payload, taint), key if known else None, self.type_of_items(payload))
        if kind == DERIVED and payload[0] == "split" and known:
            return (taint, DERIVED, ("extension", target)) if key in (-1, 1) else (taint, UNKNOWN, None)
        if known and isinstance(key, str):
            taint = seen(taint)  # a field of a record that was found by the data
        if not taint:
            return NOTHING
        if kind == DERIVED and payload[0] == "address":
            return target
        if known and kind in (UNKNOWN, DERIVED):
            place = ("item of", id(target))
            record = frame.heap.get(place)
            if record is not None and key in record[2]:
                return record[2][key]
            items = record[2] if record is not None else {}
            value: Value = (taint, UNKNOWN, None)
            frame.heap[place] = (None, {"": target}, {**items, key: value}, None, -1)  # keeps the target, and so its id
            return value
        return (taint, UNKNOWN, None)

    def any_item(self, frame: Frame, target: Value) -> Value:
        """The value under an unknown key or index."""
        record = frame.heap.get(target[2])
        if record is None:
            return NOTHING
        result = record[3]
        for item in record[2].values():
            result = item if result is None else frame.join(result, item)
        if result is None:
            return (target[0], UNKNOWN, None) if target[0] else NOTHING
        return (result[0] | target[0], result[1], result[2]) if target[0] else result

    # -- of libraries -------------------------------------------------------------------------------------------------

    def type_of_items(self, owner: str) -> str:
        """The library class of what stands under the keys of a library's object, `""` if unknown."""
        for base in self.tables.lineage(owner):
            kind = self.tables.attributes.get(f"{base}[]")
            if kind is not None:
                return kind
        return ""

    def kept_item(self, frame: Frame, owner: tuple[str, int], key: Any, kind: str = "") -> Value:
        """An item of a library's object (its name and taint): read twice under one constant key it is the same value,
        so that a test of the one speaks of the other.
        """
        taint = owner[1]
        if not taint and not kind:
            return NOTHING
        value: Value = (taint, INSTANCE, kind) if kind else (taint, UNKNOWN, None)
        if key is None:
            return value
        record = frame.heap.get(owner)
        if record is not None and key in record[2]:
            return record[2][key]
        items = record[2] if record is not None else {}
        frame.heap[owner] = (owner[0], {}, {**items, key: value}, None, -1)
        return value

    # -- paths --------------------------------------------------------------------------------------------------------

    def at_path(self, frame: Frame, value: Value, path: tuple[Any, ...]) -> Value:
        """What stands at a path below an argument of a call, in the caller's activation."""
        for step in path:
            if isinstance(step, tuple):
                value = self.item(frame, value, constant(step[1]), 0)
            elif step == "[]":
                value = self.item(frame, value, NOTHING, 0) if value[1] != OBJECT else self.any_item(frame, value)
            elif step == EACH:
                value = frame.elements(value)
            elif step == "<bound>":
                value = value[2][2] if value[1] == FUNCTION and value[2][2] is not None else NOTHING
            elif step.startswith("~"):
                value = dict(value[2][3]).get(step[1:], NOTHING) if value[1] == FUNCTION else NOTHING
            elif value[1] == OBJECT and value[2] in frame.heap and step in frame.heap[value[2]][2]:
                value = frame.heap[value[2]][2][step]  # a template reads an item as an attribute
            else:
                value = self.attribute(frame, value, step, 0)
        return value
