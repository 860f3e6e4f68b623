"""Conditions: builtins whose result is a test of their argument."""

from typing import Final

from custodiet.flow import guards
from custodiet.flow.frame import Frame
from custodiet.flow.machine import Machine
from custodiet.flow.native.texts import folded
from custodiet.flow.site import Site, derived
from custodiet.flow.values import ALL, ARGUMENT, CONDITION, DERIVED, INSTANCE, MASK, NOTHING, OBJECT, SYMBOL, Value

NUMBERS: Final = frozenset(
    ("builtins.int", "builtins.float", "builtins.bool", "builtins.complex", "uuid.UUID", "ipaddress.ip_address")
)


def truth(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`bool(x)`: a test stays a test."""
    if site.args and site.args[0][1] == CONDITION:
        return site.args[0]
    return folded(machine, frame, site)


def every(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`all(test of c for c in text)`: what is true of every character is true of the text; `all([a, b])`: both are."""
    tests = _tests(frame, site)
    if not tests:
        return None
    result = tests[0]
    for other in tests[1:]:
        result = guards.combine("and", result, other)
    found: list[tuple[Value, int]] = list(result[2][0])
    per_character: dict[int, tuple[Value, int]] = {}
    for index, test in enumerate(tests):
        masks: dict[int, tuple[Value, int]] = {}
        for tested, mask in test[2][0]:
            text = _text_of_character(frame, tested)
            if text is not None:
                masks[id(text)] = (text, masks.get(id(text), (text, 0))[1] | mask)
        if index == 0:
            per_character = masks
        else:
            per_character = {
                key: (text, mask & masks[key][1]) for key, (text, mask) in per_character.items() if key in masks
            }
    found.extend(item for item in per_character.values() if item[1])
    return (0, CONDITION, (tuple(found), ()))


def some(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`any(x == name for name in ALLOWED)`: one of the tests was true."""
    tests = _tests(frame, site)
    if not tests:
        return None
    result = tests[0]
    for other in tests[1:]:
        result = guards.combine("or", result, other)
    return (0, CONDITION, (result[2][0], ()))


def _tests(frame: Frame, site: Site) -> list[Value]:
    """The CONDITIONs in a container, none if something else is in it."""
    record = frame.heap.get(site.args[0][2]) if site.args and site.args[0][1] == OBJECT else None
    if record is None:
        return []
    items = [*record[2].values(), *([record[3]] if record[3] is not None else [])]
    return items if all(item[1] == CONDITION for item in items) else []


def _text_of_character(frame: Frame, value: Value) -> Value | None:
    """The text that a character was taken from."""
    if not guards.is_character(value):
        return None
    if value[1] == DERIVED:
        text: Value = value[2][1]
        return text
    parameter, path, _ = value[2]
    for other in frame.registers:
        if other[1] == ARGUMENT and other[2][0] == parameter and other[2][1] == path[:-1]:
            return other
    return None


def is_instance(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`isinstance(x, int)`: a number is harmless, a text is no operator of a query."""
    if len(site.args) != 2:
        return NOTHING
    tested, kind = site.args
    kinds = [kind]
    if kind[1] == OBJECT:
        kinds = list(frame.heap[kind[2]][2].values()) if kind[2] in frame.heap else []
    names = [each[2] for each in kinds if each[1] in (SYMBOL, INSTANCE)]
    if not tested[0] or not names or len(names) != len(kinds):
        return NOTHING
    if all(name in NUMBERS for name in names):
        return (0, CONDITION, (((tested, ALL),), ()))
    if all(name in ("builtins.str", "builtins.bytes") or name in NUMBERS for name in names):
        return (0, CONDITION, (((tested, MASK["nosql"]),), ()))
    return NOTHING


def same_digest(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`hmac.compare_digest(a, b)`: a message whose code is right comes from who has the key."""
    del machine, frame
    for value in site.args:
        if derived(value, "mac") is not None:
            return (0, CONDITION, (((value, ALL),), ()))
    return NOTHING


def starts_with(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`text.startswith(prefix)`, `text.endswith(suffix)`: a test."""
    if site.owner is None or not site.args:
        return None
    test = guards.starts_with if site.name.endswith("startswith") else guards.ends_with
    found = test(frame, site.owner, site.args[0])
    return NOTHING if found is None else found


def is_absolute(_machine: Machine, _frame: Frame, site: Site) -> Value | None:
    """`os.path.isabs(path)`: a test."""
    tested = site.args[0] if site.args else site.owner
    if tested is None or not tested[0]:
        return NOTHING
    return (0, CONDITION, ((), ((tested, MASK["path:absolute"]),)))
