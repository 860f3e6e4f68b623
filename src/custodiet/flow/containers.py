"""Lists, dictionaries, sets and tuples: what their methods do to the heap.

Containers are objects whose class is `builtins.list`, `builtins.dict`, `builtins.set` or `builtins.tuple`; other
languages' containers are lowered to the same four.
"""

from collections.abc import Sequence

from custodiet.flow.frame import Frame
from custodiet.flow.state import ITEMS_CAP, Record, is_key
from custodiet.flow.values import ARGUMENT, CONST, NONE, NOTHING, OBJECT, UNKNOWN, Value

BUILDER = "builtins.builder"
"""The class of a text that grows."""
GROWN = "text"
"""The attribute of a builder that holds what was built."""
AS_MADE = "~made"
"""An attribute of a container in a field of what a caller handed in: it is the caller's, looked at as the constructor
made it."""
CONTAINERS = frozenset(("builtins.list", "builtins.dict", "builtins.set", "builtins.tuple"))


def grown_text(frame: Frame, value: Value) -> Value:
    """What a builder holds; any other value as it is."""
    if value[1] == OBJECT:
        record = frame.heap.get(value[2])
        if record is not None and record[0] == BUILDER:
            return record[1].get(GROWN, (0, CONST, ""))
    elif value[1] == ARGUMENT and value[2][2] == BUILDER:
        return frame.item_of_argument(value, GROWN)
    return value


def known_member(frame: Frame, key: Value, container: Value) -> bool | None:
    """Whether a constant is in a container of constants; None if that is not known."""
    record = frame.heap.get(container[2])
    if record is None or record[3] is not None or not is_container(frame, container):
        return None
    if record[0] == "builtins.dict":
        return True if key[2] in record[2] else None
    if all(item[1] == CONST for item in record[2].values()) and record[4] >= 0:
        return any(item[2] == key[2] and type(item[2]) is type(key[2]) for item in record[2].values())
    return None


def merged(frame: Frame, known: Value, seen: Value) -> Value:
    """The caller's container after a callee that saw it as it was made has put something into it."""
    old = frame.heap.get(known[2]) if known[1] == OBJECT else None
    new = frame.heap.get(seen[2]) if seen[1] == OBJECT else None
    if new is None or AS_MADE not in new[1]:
        return seen
    owner, attributes, items, rest, length = new
    attributes = {name: value for name, value in attributes.items() if name != AS_MADE}
    if old is None or old[0] != owner:
        frame.heap[seen[2]] = (owner, attributes, items, rest, length)
        return seen
    joined = old[3] if rest is None else rest if old[3] is None else frame.join(old[3], rest)
    kept = dict(old[2])
    if owner == "builtins.dict":
        for key, value in items.items():
            before = kept.get(key)
            kept[key] = value if before is None else frame.join(before, value)
    elif items != old[2]:
        for value in items.values():
            joined = value if joined is None else frame.join(joined, value)
        length = -1
    frame.heap[known[2]] = (owner, {**attributes, **old[1]}, kept, joined, length if items != old[2] else old[4])
    return (known[0] | seen[0], OBJECT, known[2])


def is_container(frame: Frame, value: Value) -> bool:
    """Whether the value is a container that was made here."""
    if value[1] != OBJECT:
        return False
    record = frame.heap.get(value[2])
    return record is not None and record[0] in CONTAINERS


def method(
    frame: Frame, target: Value, name: str, args: Sequence[Value], kw: Sequence[tuple[str, Value]]
) -> Value | None:
    """The result of `target.name(...)` after its effect on the heap; None if the method is not one of a container's."""
    key = target[2]
    record: Record = frame.heap[key]
    owner, attributes, items, rest, length = record
    first = args[0] if args else NOTHING
    if owner == "builtins.dict":
        return _dict_method(frame, target, name, args, kw)
    if name in ("append", "add", "appendleft"):
        if length >= 0 and length < ITEMS_CAP and name == "append":
            frame.heap[key] = (owner, attributes, {**items, length: first}, rest, length + 1)
        else:
            joined = first if rest is None else frame.join(rest, first)
            frame.heap[key] = (owner, attributes, items, joined, -1)
        return NONE
    if name in ("extend", "update", "__iadd__", "extendleft"):
        other = frame.heap.get(first[2]) if first[1] == OBJECT else None
        if other is not None and other[4] >= 0 and length >= 0 and length + other[4] <= ITEMS_CAP:
            moved = {length + index: item for index, item in other[2].items()}
            frame.heap[key] = (owner, attributes, {**items, **moved}, rest, length + other[4])
        else:
            element = frame.elements(first)
            joined = element if rest is None else frame.join(rest, element)
            frame.heap[key] = (owner, attributes, items, joined, -1)
        return NONE
    if name == "insert" and len(args) > 1:
        position = first[2] if first[1] == CONST else None
        if length >= 0 and isinstance(position, int) and 0 <= position <= length < ITEMS_CAP:
            shifted = {(index + 1 if index >= position else index): item for index, item in items.items()}
            frame.heap[key] = (owner, attributes, {**shifted, position: args[1]}, rest, length + 1)
        else:
            joined = _all(frame, items, rest, args[1])
            frame.heap[key] = (owner, attributes, {}, joined, -1)
        return NONE
    if name in ("pop", "popleft"):
        if length > 0:
            position = 0 if name == "popleft" else length - 1
            if args:
                position = first[2] if first[1] == CONST and isinstance(first[2], int) else -length - 1
                if position < 0:
                    position += length
            if 0 <= position < length:
                taken = items.get(position, rest if rest is not None else NOTHING)
                kept = {
                    (index - 1 if index > position else index): item
                    for index, item in items.items()
                    if index != position
                }
                frame.heap[key] = (owner, attributes, kept, rest, length - 1)
                return taken
        return _all(frame, items, rest, None)
    if name == "remove":
        if length >= 0 and first[1] == CONST:
            for position in range(length):
                item = items.get(position)
                if item is None or item[1] != CONST:
                    break
                if item[2] == first[2]:
                    kept = {
                        (index - 1 if index > position else index): value
                        for index, value in items.items()
                        if index != position
                    }
                    frame.heap[key] = (owner, attributes, kept, rest, length - 1)
                    return NONE
        if length >= 0:
            frame.heap[key] = (owner, attributes, {}, _all(frame, items, rest, None), -1)
        return NONE
    if name == "clear":
        frame.heap[key] = (owner, attributes, {}, None, 0)
        return NONE
    if name == "reverse":
        if length >= 0:
            frame.heap[key] = (
                owner,
                attributes,
                {length - 1 - index: item for index, item in items.items()},
                rest,
                length,
            )
        return NONE
    if name == "sort":
        if length >= 0:
            frame.heap[key] = (owner, attributes, {}, _all(frame, items, rest, None), -1)
        return NONE
    if name == "copy":
        return copy(frame, target)
    if name in ("index", "count", "isdisjoint"):
        return NOTHING
    if name in ("union", "intersection", "difference", "symmetric_difference"):
        result = copy(frame, target)
        for added in args:
            method(frame, result, "update", [added], [])
        return result
    if name in ("discard", "intersection_update", "difference_update"):
        return NONE
    return None


def _dict_method(
    frame: Frame, target: Value, name: str, args: Sequence[Value], kw: Sequence[tuple[str, Value]]
) -> Value | None:
    key = target[2]
    owner, attributes, items, rest, length = frame.heap[key]
    first = args[0] if args else NOTHING
    default = args[1] if len(args) > 1 else NONE
    if name in ("get", "pop", "setdefault"):
        if first[1] == CONST and is_key(first[2]):
            found = items.get(first[2])
            if found is not None:
                if name == "pop":
                    kept = {other: item for other, item in items.items() if other != first[2]}
                    frame.heap[key] = (owner, attributes, kept, rest, length)
                return found
            if name == "setdefault":
                frame.set_item(target, first, default)
                return default if rest is None else frame.join(rest, default)
            return frame.join(rest, default) if rest is not None else default
        result = _all(frame, items, rest, default)
        if name == "setdefault":
            frame.set_item(target, first, default)
        return result
    if name == "update":
        for other in args:
            source = frame.heap.get(other[2]) if other[1] == OBJECT else None
            if source is not None and source[0] == "builtins.dict":
                owner, attributes, items, rest, length = frame.heap[key]
                merged = rest if source[3] is None else source[3] if rest is None else frame.join(rest, source[3])
                frame.heap[key] = (owner, attributes, {**items, **source[2]}, merged, -1)
            else:
                frame.set_item(target, NOTHING, (frame.deep(other), UNKNOWN, None))
        for given, value in kw:
            if given != "**":
                frame.set_item(target, (0, CONST, given), value)
            else:
                frame.set_item(target, NOTHING, (frame.deep(value), UNKNOWN, None))
        return NONE
    if name == "items":
        pair = frame.allocate("builtins.tuple", {0: frame.elements(target), 1: _all(frame, items, rest, None)}, 2)
        return frame.filled("builtins.list", pair)
    if name == "values":
        return frame.filled("builtins.list", _all(frame, items, rest, None))
    if name == "keys":
        result = frame.allocate("builtins.list")
        if rest is None:
            known = {index: (0, CONST, each) for index, each in enumerate(items)}
            frame.heap[result[2]] = ("builtins.list", {}, known, None, len(known))
        else:
            frame.heap[result[2]] = ("builtins.list", {}, {}, frame.elements(target), -1)
        return result
    if name == "copy":
        return copy(frame, target)
    if name == "clear":
        frame.heap[key] = (owner, attributes, {}, None, -1)
        return NONE
    if name == "popitem":
        return frame.allocate("builtins.tuple", {0: frame.elements(target), 1: _all(frame, items, rest, None)}, 2)
    return None


def copy(frame: Frame, target: Value, owner: str | None = None) -> Value:
    """A shallow copy of a container, of another class if `owner` is given."""
    record = frame.heap[target[2]]
    result = frame.allocate(owner or record[0])
    length = -1 if owner == "builtins.set" else record[4]
    frame.heap[result[2]] = (owner or record[0], {}, record[2], record[3], length)
    return (target[0], OBJECT, result[2])


def container_of(frame: Frame, owner: str, source: Value) -> Value:
    """`list(source)` and the like."""
    if source[1] == OBJECT:
        record = frame.heap.get(source[2])
        if (
            record is not None
            and record[0] in CONTAINERS
            and (record[0] == "builtins.dict") == (owner == "builtins.dict")
        ):
            return copy(frame, source, owner)
    element = frame.elements(source)
    result = frame.allocate(owner)
    rest = element if element[0] or element[1] != UNKNOWN else None
    frame.heap[result[2]] = (owner, {}, {}, rest, -1)
    return (source[0] if source[1] != ARGUMENT else 0, OBJECT, result[2])


def constants_of(frame: Frame, value: Value) -> list[object] | None:
    """The constants that a container holds (the keys of a dictionary), or None if something in it is not constant."""
    if value[1] != OBJECT:
        return None
    record = frame.heap.get(value[2])
    if record is None or record[0] not in CONTAINERS:
        return None
    if record[3] is not None and (record[3][1] != CONST):
        return None
    if record[0] == "builtins.dict":
        return list(record[2])
    found: list[object] = []
    for item in record[2].values():
        if item[1] != CONST:
            return None
        found.append(item[2])
    if record[3] is not None:
        found.append(record[3][2])
    return found


def _all(frame: Frame, items: dict[object, Value], rest: Value | None, extra: Value | None) -> Value:
    result = rest
    for item in items.values():
        result = item if result is None else frame.join(result, item)
    if extra is not None:
        result = extra if result is None else frame.join(result, extra)
    return NOTHING if result is None else result
