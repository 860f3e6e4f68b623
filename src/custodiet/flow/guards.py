"""Tests that prove something of the tested value: the clears of a condition.

A test gives a value of kind CONDITION: which values lose which dangers if it is true, and if it is false. Never a
proof: a deny-list of words, a prefix without separator or resolution, a test of another variable.
"""

import re
from typing import Final

from custodiet.flow.containers import CONTAINERS, constants_of
from custodiet.flow.frame import PARTS, Frame
from custodiet.flow.patterns import characters_safe_for
from custodiet.flow.site import derived
from custodiet.flow.state import EACH, SYMBOLIC
from custodiet.flow.values import (
    ALL,
    ARGUMENT,
    CHOICE,
    CONDITION,
    CONST,
    DERIVED,
    INSTANCE,
    MASK,
    OBJECT,
    SYMBOL,
    TEXT,
    UNKNOWN,
    Value,
    origins_of,
    pieces_of,
)

Clears = tuple[tuple[Value, int], ...]

_URL: Final = MASK["url"] | MASK["redirect"]
_FILES: Final = MASK["path"] | MASK["archive"]
_CONTAINS: Final[dict[str, int]] = {
    "..": MASK["path:climb"],
    "../": MASK["path:climb"],
    "/": MASK["path"] | MASK["archive"],
    "\n": MASK["log"] | MASK["header"] | MASK["email"],
    "\r": MASK["header"],
    "\r\n": MASK["header"] | MASK["email"],
    "'": MASK["xpath"],
    "://": MASK["redirect:absolute"],
    "//": MASK["redirect"],
}
"""What cannot happen in a text that does not contain this."""
_ORIGIN: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#@]+/")


def condition(if_true: Clears, if_false: Clears) -> Value:
    """The result of a test."""
    return (0, CONDITION, (if_true, if_false))


def negate(value: Value) -> Value:
    """`not value` for a CONDITION."""
    if_true, if_false = value[2]
    return (0, CONDITION, (if_false, if_true))


def is_character(value: Value) -> bool:
    """Whether the value is one character (or element) of another."""
    if value[1] == DERIVED:
        return bool(value[2][0] == "character")
    return value[1] == ARGUMENT and bool(value[2][1]) and value[2][1][-1] == EACH


def is_host(value: Value) -> bool:
    """Whether the value is the host of an address: if it is empty, the address is relative."""
    return value[1] == DERIVED and value[2][0] == "host"


def tested(value: Value) -> Value:
    """The CONDITION of using a value as a truth."""
    if is_host(value):
        return condition((), ((value, _URL),))
    return value


def combine(op: str, a: Value, b: Value) -> Value:
    """`a and b`, `a or b` where at least one is a CONDITION."""
    a_true, a_false = a[2] if a[1] == CONDITION else ((), ())
    b_true, b_false = b[2] if b[1] == CONDITION else ((), ())
    if op == "and":
        return condition((*a_true, *b_true), _both(a_false, b_false))
    return condition(_both(a_true, b_true), (*a_false, *b_false))


def _both(a: Clears, b: Clears) -> Clears:
    """What is cleared whichever of the two was decisive."""
    found = []
    first, second = _with_bases(a), _with_bases(b)
    for value, mask in first:
        for other, other_mask in second:
            if other is value and mask & other_mask:
                found.append((value, mask & other_mask))
    return tuple(found)


def _with_bases(clears: Clears) -> list[tuple[Value, int]]:
    """The clears, and what they mean for what the values were derived from."""
    found = []
    for value, mask in clears:
        form, left = value, mask
        found.append((form, left))
        while form[1] == DERIVED:
            left &= PARTS.get(form[2][0], ALL)
            form = form[2][1]
            if not left:
                break
            found.append((form, left))
    return found


def apply(frame: Frame, value: Value, truth: bool) -> None:
    """Let the state know that a test came out this way."""
    if value[1] == CONDITION:
        for tested, mask in value[2][0 if truth else 1]:
            if tested[0]:
                frame.clear(tested, mask)
    elif not truth and is_host(value):
        frame.clear(value, _URL)


def compare(frame: Frame, op: str, a: Value, b: Value) -> Value | None:
    """The CONDITION of `a == b`, `a in b` and their negations; None if it proves nothing."""
    negated = op in ("!=", "notin", "isnot")
    if a[1] == CONDITION and b[1] == CONST and (b[2] is None or isinstance(b[2], bool)) and op not in ("in", "notin"):
        return a if bool(b[2]) != negated else negate(a)
    if op == "<=" and a[1] == OBJECT and b[1] == OBJECT:
        return characters_within(frame, a, b)
    if op in ("==", "!=", "is", "isnot"):
        clears = _equality(frame, a, b) or _equality(frame, b, a)
        if clears:
            return condition((), clears) if negated else condition(clears, ())
        return None
    if op in ("in", "notin"):
        if b[1] == DERIVED and b[2][0] == "parents" and derived(b, "resolved") is not None:
            clears = ((b, _FILES | MASK["upload"]),)
            return condition((), clears) if negated else condition(clears, ())
        if a[0]:
            clears = _membership(frame, a, b)
            if clears:
                return condition((), clears) if negated else condition(clears, ())
        if a[1] == CONST and b[0] and isinstance(a[2], str | bytes):
            text = a[2] if isinstance(a[2], str) else a[2].decode("latin-1")
            mask = _CONTAINS.get(text, 0)
            if b[1] == DERIVED and b[2][0] == "inner":
                mask = MASK["code:inner-quote"] if text in ("'", '"') else 0
            if mask:
                return condition(((b, mask),), ()) if negated else condition((), ((b, mask),))
    return None


def characters_within(frame: Frame, tested: Value, allowed: Value) -> Value | None:
    """`set(text) <= set("abc")`: every character is one of these; None if it proves nothing."""
    known = constants_of(frame, allowed)
    if allowed[1] == CONST and isinstance(allowed[2], str):
        known = list(allowed[2])
    if not known or not all(isinstance(item, str) and len(item) == 1 for item in known):
        return None
    text = tested
    if tested[1] == OBJECT:
        record = frame.heap.get(tested[2])
        each = record[3] if record is not None else None
        if each is None or not is_character(each) or each[1] != DERIVED:
            return None
        text = each[2][1]
    if not text[0]:
        return None
    return condition(((text, characters_safe_for("".join(map(str, known)))),), ())


def _equality(frame: Frame, tested: Value, other: Value) -> Clears:
    if not tested[0]:
        return ()
    if tested[1] == DERIVED and (
        not frame.deep(other) or (tested[2][0] == "commonpath" and is_other(frame, tested, other))
    ):
        return _of_derived(tested)
    if other[1] == CHOICE or (other[1] == CONST and other[2] is not None and not isinstance(other[2], bool)):
        return ((tested, ALL),)
    return ()


def _membership(frame: Frame, tested: Value, allowed: Value) -> Clears:
    if frame.deep(allowed) and constants_of(frame, allowed) is None:
        if allowed[1] == OBJECT:
            record = frame.heap.get(allowed[2])
            # the keys of a dictionary made here are constants even if its values are not
            if record is None or record[0] != "builtins.dict" or record[3] is not None:
                return ((tested, ALL),) if _of_another(frame, allowed, tested) else ()
        elif allowed[1] != ARGUMENT:
            return ((tested, ALL),) if allowed[1] == UNKNOWN and _of_another(frame, allowed, tested) else ()
    kind = allowed[1]
    if kind == CONST:
        if isinstance(allowed[2], str) and is_character(tested):
            return ((tested, characters_safe_for(allowed[2])),)
        if isinstance(allowed[2], str | bytes):
            return ()
    elif kind == TEXT:
        return ()
    elif kind == OBJECT:
        record = frame.heap.get(allowed[2])
        if record is None or (record[0] in CONTAINERS and constants_of(frame, allowed) is None and frame.deep(allowed)):
            return ()
    elif kind not in (UNKNOWN, SYMBOL, INSTANCE, ARGUMENT) and not (kind == CHOICE and allowed[2][0][0] == SYMBOLIC):
        return ()
    if tested[1] == DERIVED:
        return _of_derived(tested)
    if kind == ARGUMENT and frame.deep(allowed) and tested[1] == ARGUMENT and tested[2][0] == allowed[2][0]:
        return ()
    return ((tested, ALL),)


def _of_another(frame: Frame, allowed: Value, tested: Value) -> bool:
    """Whether all that is allowed is what another argument keeps: `x in list(self.known)` is as good as `x in self.known`."""
    if tested[1] != ARGUMENT:
        return False
    origins = [origin for origin, _ in frame.export((frame.deep(allowed), UNKNOWN, None))[0]]
    return all(origin[0] == "P" and origin[1] != tested[2][0] and bool(origin[2]) for origin in origins)


def _of_derived(tested: Value) -> Clears:
    """A part or form of a value was compared with something trusted."""
    how = tested[2][0]
    form = tested
    while how == "same" and form[2][1][1] == DERIVED:
        form = form[2][1]
        how = form[2][0]
    if how in ("host", "extension", "program"):
        return ((tested, ALL),)
    if how in ("commonpath", "parents"):
        return ((tested, _FILES | MASK["upload"]),) if derived(tested, "resolved") is not None else ()
    if how in ("same", "character"):
        return ((tested, ALL),)
    if how == "resolved":
        return ((tested, ALL),)
    return ()


def starts_with(frame: Frame, text: Value, prefix: Value) -> Value | None:
    """The CONDITION of `text.startswith(prefix)`."""
    if not text[0]:
        return None
    if prefix[1] == OBJECT:
        record = frame.heap.get(prefix[2])
        options = list(record[2].values()) if record is not None and record[3] is None else []
        found = [starts_with(frame, text, option) for option in options]
        if not found or any(item is None for item in found):
            return None
        result = found[0]
        for item in found[1:]:
            if result is not None and item is not None:
                result = combine("or", result, item)
        return result
    pieces = pieces_of(prefix)
    last = pieces[-1]
    if prefix[1] == CONST and isinstance(prefix[2], str):
        whole = prefix[2]
        if _ORIGIN.match(whole):
            return condition(((text, _URL),), ())
        if whole == "/":
            return condition(
                ((text, MASK["redirect:absolute"]),),
                ((text, MASK["path:absolute"]),) if derived(text, "resolved") is None else (),
            )
        if whole in ("//", "/\\"):
            return condition((), ((text, MASK["redirect:double-slash"] if whole == "//" else 0),))
        if whole in ("'", '"'):
            return condition(((text, MASK["code:unquoted"]),), ())
        if whole in ("..", "../", "..\\") and derived(text, "relative") is not None:
            return condition((), ((text, MASK["path:climb"] | MASK["archive"] | MASK["upload"]),))
        if whole == "-":
            return condition((), ((text, MASK["argument"]),))
    if derived(text, "resolved") is not None and is_other(frame, text, prefix):
        if last is not None and last.endswith(("/", "\\")):
            return condition(((text, _FILES | MASK["upload"]),), ())
        if prefix[1] != CONST:
            # the name of a directory that was itself computed (`str(base)`, `os.path.abspath(base)`)
            return condition(((text, _FILES | MASK["upload"]),), ())
    return None


def is_other(frame: Frame, text: Value, base: Value) -> bool:
    """Whether the text holds data that its base does not: a base of the caller is no part of the question."""
    own = {index for index, _ in origins_of(frame.deep(base))}
    return any(index not in own for index, _ in origins_of(text[0]))


def ends_with(frame: Frame, text: Value, suffix: Value) -> Value | None:
    """The CONDITION of `text.endswith(suffix)`: it fixes the extension."""
    if not text[0] or frame.deep(suffix):
        return None
    if is_host(text):
        ours = suffix[1] == CONST and isinstance(suffix[2], str) and suffix[2].startswith(".")
        return condition(((text, _URL),), ()) if ours else None
    return condition(((text, MASK["upload"]),), ())
