"""Abstract values: what the analysis knows of a value, and how untrusted it is.

A value is a tuple `(taint, kind, payload)`; tuples are the cheapest thing that Python makes, and identity (`is`) tells
aliases, which guards rely on.

**Taint** is one integer: `WIDTH` bits for each origin of the activation (`Frame.origins`), origin `i` at bits
`WIDTH*i ..`. Inside, a bit for each way in which the data is still dangerous (a sink kind, or one aspect of it), and
`WHOLE`: the data has not been built into a larger constant text; `START`: nothing stands before it; `DIRECT`: it did
not go into a call whose code is not in sight. Union is `|`; a sanitiser is `& ~`.

**Kinds** of payload:

    UNKNOWN   None
    CONST     a constant of the source language
    TEXT      tuple of pieces of a text that was built here: str, or None for an unknown piece
    SYMBOL    dotted name of a library's thing: `flask.request.args`; results of calls end with `()`
    INSTANCE  dotted name of a library's class
    OBJECT    key of the heap (containers and instances of the project's classes)
    FUNCTION  (module, function, bound value or None, captured ((name, value), ...))
    CLASS     (module, class)
    MODULE    module index of the project
    DERIVED   (how, value): another form of `value`; testing it tells about `value`. A third item, where there is one, is the
              library class that it is an instance of
    ARGUMENT  (parameter key, path, type): a thing that the caller handed in
    CONDITION (clears if true, clears if false), each ((value, mask), ...)
    PARTIAL   (callable, args, kw)
    SUPER     (class key, self value)
    CHOICE    one of these constants, or one of these library names: ((type name or "symbol", constant or name), ...)
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from custodiet.knowledge.schema import SINK_KINDS

Value = tuple[int, int, Any]
ClassKey = tuple[int, int]

(
    UNKNOWN,
    CONST,
    TEXT,
    SYMBOL,
    INSTANCE,
    OBJECT,
    FUNCTION,
    CLASS,
    MODULE,
    DERIVED,
    ARGUMENT,
    CONDITION,
    PARTIAL,
    SUPER,
    CHOICE,
) = range(15)

WIDTH: Final = 64
WHOLE: Final = 1 << (WIDTH - 1)
DIRECT: Final = 1 << (WIDTH - 2)
START: Final = 1 << (WIDTH - 3)

_ASPECTS: Final = {
    "redirect": ("redirect", "redirect:double-slash"),
    "path": ("path", "path:absolute"),
    "code": ("code", "code:unquoted"),
    "command": ("command", "command:words"),
}
"""Kinds that need two defences: a redirect target may be absolute or start with two slashes; a path may climb with
`..` or be absolute; an expression is a plain text literal if it starts with a quote and has none inside; a command names
a program and has other words. Each test or construction ends one aspect."""

_ALIASES: Final = {"path-probe": "path", "program": "command", "upload-write": "upload"}
"""Kinds that what is safe for the other is safe for, and nothing else."""

BIT_NAMES: Final = tuple(
    aspect for kind in SINK_KINDS if kind not in _ALIASES for aspect in _ASPECTS.get(kind, (kind,))
)
BIT: Final = {name: 1 << index for index, name in enumerate(BIT_NAMES)}
MASK: Final = {
    **BIT,
    **{
        kind: sum(BIT[aspect] for aspect in _ASPECTS.get(_ALIASES.get(kind, kind), (_ALIASES.get(kind, kind),)))
        for kind in SINK_KINDS
    },
    "program": BIT["command"],
    "all": sum(BIT.values()),
    "path:climb": BIT["path"],
    "redirect:absolute": BIT["redirect"],
    "code:inner-quote": BIT["code"],
}
ALL: Final = MASK["all"]
FULL: Final = ALL | WHOLE | DIRECT | START
ORIGIN_CAP: Final = 1000
"""Origins of one activation; a function with more is reported as not analysed as a whole."""
PATH_ORIGIN_CAP: Final = 60
"""Origins from which on what a caller handed in is no longer told apart by its parts."""

_EACH: Final = (1 << WIDTH) - 1
_EVERY: Final = int.from_bytes((1).to_bytes(WIDTH // 8, "little") * ORIGIN_CAP, "little")
_SPREAD: dict[int, int] = {}

NOTHING: Final[Value] = (0, UNKNOWN, None)
NONE: Final[Value] = (0, CONST, None)


def spread(mask: int) -> int:
    """`mask` repeated for every origin."""
    found = _SPREAD.get(mask)
    if found is None:
        found = _SPREAD[mask] = mask * _EVERY
    return found


def mask_of(names: Iterable[str]) -> int:
    """The bits of sink kinds (or `all`, or an aspect such as `path:climb`)."""
    result = 0
    for name in names:
        result |= MASK[name]
    return result


def cleared(taint: int, mask: int) -> int:
    """`taint` without the dangers of `mask`, for every origin; 0 when no danger is left."""
    if not taint:
        return 0
    taint &= spread(_EACH & ~mask)
    return taint if taint & spread(ALL) else 0


def built(taint: int) -> int:
    """`taint` of data that became a piece of a larger text."""
    return taint & spread(_EACH & ~WHOLE) if taint else 0


def follows(taint: int) -> int:
    """`taint` of data before which something stands in its text or path."""
    return taint & spread(_EACH & ~START) if taint else 0


def unseen(taint: int) -> int:
    """`taint` of what comes back from a call whose code is not in sight, of the data that went in."""
    return taint & spread(_EACH & ~DIRECT) if taint else 0


def seen(taint: int) -> int:
    """`taint` without the origins that went into calls whose code is not in sight."""
    if not taint:
        return 0
    kept = taint & spread(DIRECT)
    return taint & ((kept >> (WIDTH - 2)) * _EACH)


def origins_of(taint: int) -> list[tuple[int, int]]:
    """(origin index, its bits) for each origin present, in order."""
    found = []
    index = 0
    while taint:
        bits = taint & _EACH
        if bits:
            found.append((index, bits))
            step = 1
        else:
            step = ((taint & -taint).bit_length() - 1) // WIDTH
        taint >>= WIDTH * step
        index += step
    return found


def constant(value: Any) -> Value:
    """A clean constant."""
    return (0, CONST, value)


def symbol(name: str) -> Value:
    """A clean library name."""
    return (0, SYMBOL, name)


def unknown(taint: int) -> Value:
    """A value of which nothing is known but its taint; NOTHING if it has none."""
    return (taint, UNKNOWN, None) if taint else NOTHING


def forms(value: Value) -> Iterator[Value]:
    """The value, and what it was derived from, nearest first."""
    yield value
    while value[1] == DERIVED:
        value = value[2][1]
        yield value


def is_text(value: Value) -> bool | None:
    """True for a text, False for what is known to be none, None if unknown."""
    kind = value[1]
    if kind == TEXT:
        return True
    if kind == CONST:
        return isinstance(value[2], str | bytes)
    return None if kind in (UNKNOWN, ARGUMENT, DERIVED, SYMBOL) else False


def pieces_of(value: Value) -> tuple[str | None, ...]:
    """The text pieces of a value: constants as they are, everything else one unknown piece."""
    if value[1] == TEXT:
        pieces: tuple[str | None, ...] = value[2]
        return pieces
    if value[1] == CONST:
        content = value[2]
        if isinstance(content, str):
            return (content,)
        if isinstance(content, bytes):
            return (content.decode("latin-1"),)
        if isinstance(content, int | float):
            return (str(content),)
    return (None,)


def text_of(pieces: Iterable[str | None]) -> tuple[str | None, ...] | str:
    """Pieces with neighbours merged and size capped; one string if nothing is unknown."""
    merged: list[str | None] = []
    size = 0
    for piece in pieces:
        if piece is None:
            if not merged or merged[-1] is not None:
                merged.append(None)
        elif piece:
            size += len(piece)
            if size > _TEXT_CAP:
                merged.append(None)
                break
            if merged and merged[-1] is not None:
                merged[-1] += piece
            else:
                merged.append(piece)
        if len(merged) > _PIECES_CAP:
            break
    if not merged:
        return ""
    if len(merged) == 1 and merged[0] is not None:
        return merged[0]
    return tuple(merged)


_TEXT_CAP: Final = 4096
_PIECES_CAP: Final = 40
