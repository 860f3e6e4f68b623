"""Loops: whether a second round could do anything that the first did not.

It could if the first changed something that the body reads. Filling a list that the body does not look at is no such
change: what the second round would add to it is known.
"""

from typing import Any, Final

from custodiet.flow.frame import Frame
from custodiet.flow.liveness import Reads
from custodiet.flow.state import Heap, Record, is_handed_in
from custodiet.flow.values import CONDITION, DERIVED, FUNCTION, OBJECT, PARTIAL, SUPER, Value

_HOLDING: Final = frozenset((OBJECT, FUNCTION, DERIVED, CONDITION, PARTIAL, SUPER))
"""Kinds of values that hold other values."""
_EMPTY: Final[Record] = (None, {}, {}, None, -1)


def settle(frame: Frame, reads: Reads, registers: list[Value], heap: Heap) -> bool:
    """Whether the state after the first round of a loop, which began with these registers and this heap, is also the
    state after the second; it is made so where lists were filled. `reads` is what a round depends on.
    """
    function = frame.function
    if frame.has_closures or not frame.index or function.globals or function.nonlocals:
        return False  # others read its variables by name
    mine = frame.registers
    for register in reads.plain:
        value = mine[register]
        if value is not registers[register] and value != registers[register]:
            return False
    for register in reads.filled:
        if mine[register] != registers[register]:
            return False
    first, last = frame.slots, frame.slots + len(function.params)
    if mine[first:last] != registers[first:last]:
        return False
    changed: dict[Any, Record] = {}
    for key, record in frame.heap.items():
        before = heap.get(key)
        if before is record:
            continue
        if before is None:
            if not isinstance(key, tuple) or key[0] not in ("P", "class"):
                continue  # a new object, or a library's item that was read
            before = _EMPTY
        if not _is_only_read(key, before, record):
            if not isinstance(key, int) or not _is_filled(before, record):
                return False
            changed[key] = before
    if changed:
        if not _are_hidden(frame, changed, reads):
            return False
        for key, before in changed.items():
            frame.heap[key] = _filled_again(frame, before, frame.heap[key])
    return True


def _is_only_read(key: Any, before: Record, record: Record) -> bool:
    """Whether a record says what it said before, and of an argument what its parts are."""
    if before[0] != record[0] or before[3] != record[3] or before[4] != record[4]:
        return False
    for old, new in ((before[1], record[1]), (before[2], record[2])):
        for name, value in new.items():
            known = old.get(name)
            if known is None:
                if not isinstance(key, tuple) or key[0] != "P":
                    return False
                if not is_handed_in(value, key[1], (*key[2], name), (*key[2], ("k", name))):
                    return False
            elif known is not value and known != value:
                return False
    return True


def _is_filled(before: Record, record: Record) -> bool:
    """Whether a container differs by what was put into it, and it is known what a second time would add."""
    if before[0] != record[0] or record[4] >= 0:
        return False
    return before[4] < 0 or before[2] == record[2] or record[0] == "builtins.list"


def _filled_again(frame: Frame, before: Record, record: Record) -> Record:
    """The record of a container once the same things are put into it again."""
    owner, attributes, items, rest, length = record
    if before[4] >= 0:  # behind items of a known number: the second time the number is not known
        for position, item in items.items():
            if position >= before[4]:
                rest = item if rest is None else frame.join(rest, item)
    return (owner, attributes, items, rest, length)


def _are_hidden(frame: Frame, changed: dict[Any, Record], reads: Reads) -> bool:
    """Whether the body has no way to look at these containers."""
    if any(_may_hold(frame.registers[register], changed) for register in reads.plain):
        return False
    for _, attributes, items, rest, _ in frame.heap.values():
        for fields in (attributes, items):
            for value in fields.values():
                if value[1] in _HOLDING and _may_hold(value, changed):
                    return False
        if rest is not None and _may_hold(rest, changed):
            return False
    return True


def _may_hold(value: Value, containers: dict[Any, Record]) -> bool:
    """Whether the value is one of the containers, or may have one inside."""
    _, kind, payload = value
    while kind == DERIVED:
        _, kind, payload = payload[1]
    if kind == OBJECT:
        return payload in containers
    if kind == FUNCTION:
        return payload[2] is not None or bool(payload[3])
    return kind in _HOLDING
