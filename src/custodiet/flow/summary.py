"""What a function does to its callers: summaries, in values that travel between activations.

A portable value is `(origins, kind, payload)`: `origins` is a tuple of `(origin key, bits)` instead of an activation's
integer, and an object is copied structurally. Origin keys are

    ("P", parameter key, path)                  handed in by the caller
    ("S", module, span, label, text, function)  a source at a place

A parameter key is the index of a parameter or, for a variable that a nested function captured, `"~name"`. A path item
is an attribute name, `("k", constant)` for an item with a known key, or `"[]"` for any item.
"""

from typing import Any, Final, NamedTuple

import msgspec

from custodiet.flow.values import CONST, DERIVED, OBJECT, UNKNOWN

Origin = tuple[Any, ...]
Path = tuple[Any, ...]
ParameterKey = int | str
Origins = tuple[tuple[Origin, int], ...]
Portable = tuple[Origins, int, Any]

PATH_CAP: Final = 2

REBOUND: Final = "<rebound>"
"""Key of the effect of a nested function that assigns to a captured variable."""
CLEAN: Final[Portable] = ((), UNKNOWN, None)


class SinkUse(msgspec.Struct, frozen=True):
    """Data of an origin reaches a sink: `kind` at `span` of `module`, inside `function` (module, index).

    `text` is the short name of the sink; `condition` says what the text built there looked like.
    """

    kind: str
    module: int
    span: int
    function: tuple[int, int]
    text: str


class Exit(msgspec.Struct):
    """One way to leave a function: the `return` at `span` with its value."""

    span: int
    value: Portable


class Leaving(NamedTuple):
    """One way out of an activation, before the ways are joined. `passed` are the dangers that ended for each parameter;
    `if_true` and `if_false` those that end for who tests the result.
    """

    span: int
    value: Portable
    effects: dict[tuple[Any, ...], Portable]
    passed: dict[ParameterKey, int]
    truth: bool | None
    """The result, if it is known as a truth."""
    if_true: dict[ParameterKey, int]
    if_false: dict[ParameterKey, int]


class Effect(msgspec.Struct):
    """A write to something the caller handed in: attribute or item `key` of `path` below `parameter`.

    A `parameter` of `("class", key)` is a class that keeps the value. `item` tells an item from an attribute; a key of None is "some item". `certain`: on every way out.
    """

    parameter: ParameterKey | tuple[Any, ...]
    path: Path
    item: bool
    key: Any
    value: Portable
    certain: bool


class Summary(msgspec.Struct):
    """What a call does: its result, writes to its arguments, sinks its arguments reach, tests of its arguments."""

    result: Portable = CLEAN
    exits: list[Exit] = []
    effects: list[Effect] = []
    sinks: dict[tuple[SinkUse, Origin], int] = {}
    thrown: list[Portable] = []
    """Exceptions that leave with untrusted data in them."""
    clears: dict[ParameterKey, int] = {}
    clears_if_true: dict[ParameterKey, int] = {}
    clears_if_false: dict[ParameterKey, int] = {}
    returns: bool = True
    """False: no way leads back to the caller."""

    def same_as(self, other: "Summary") -> bool:
        """Whether both say the same to a caller."""
        return (
            self.result == other.result
            and self.sinks == other.sinks
            and self.effects == other.effects
            and self.thrown == other.thrown
            and self.clears == other.clears
            and self.clears_if_true == other.clears_if_true
            and self.clears_if_false == other.clears_if_false
            and self.returns == other.returns
        )


BOTTOM: Final = Summary(returns=False)
"""The summary of a function whose analysis has just begun (recursion): nothing comes back yet."""


def join_portable(a: Portable, b: Portable) -> Portable:
    """The portable value that is `a` or `b`."""
    if a == b:
        return a
    origins = dict(a[0])
    for key, bits in b[0]:
        origins[key] = origins.get(key, 0) | bits
    merged = tuple(origins.items())
    if a[1] == b[1] and a[2] == b[2]:
        return (merged, a[1], a[2])
    if a[1] == OBJECT and b[1] == OBJECT and a[2][0] == b[2][0]:
        return (merged, OBJECT, _join_object(a[2], b[2]))
    if a[1] == CONST and a[2] is None and b[1] != CONST:
        return (merged, b[1], b[2])
    if b[1] == CONST and b[2] is None and a[1] != CONST:
        return (merged, a[1], a[2])
    deep: dict[Origin, int] = dict(merged)
    for side in (a, b):
        for key, bits in deep_origins(side):
            deep[key] = deep.get(key, 0) | bits
    return (tuple(deep.items()), UNKNOWN, None)


def _join_object(a: Any, b: Any) -> Any:
    attributes = _join_fields(a[1], b[1])
    items = _join_fields(a[2], b[2])
    rest = a[3] if b[3] is None else b[3] if a[3] is None else join_portable(a[3], b[3])
    return (a[0], attributes, items, rest, a[4] if a[4] == b[4] else -1)


def _join_fields(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    fields = dict(a)
    for key, value in b:
        fields[key] = join_portable(fields[key], value) if key in fields else value
    return tuple(fields.items())


def deep_origins(value: Portable) -> list[tuple[Origin, int]]:
    """All origins of the value and of what it contains."""
    found = list(value[0])
    if value[1] == OBJECT:
        for _, field in (*value[2][1], *value[2][2]):
            found.extend(deep_origins(field))
        if value[2][3] is not None:
            found.extend(deep_origins(value[2][3]))
    elif value[1] == DERIVED:
        found.extend(deep_origins(value[2][1]))
    return found
