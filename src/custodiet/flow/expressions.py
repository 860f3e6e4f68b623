"""Regular expressions under the names of other languages: `text.matches(p)`, `pattern.matcher(text).find()`.

What a pattern lets through is judged as for `re`; here the calls are put into that form.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from custodiet.flow.frame import Frame
from custodiet.flow.values import NOTHING, OBJECT, UNKNOWN, Value, unknown

if TYPE_CHECKING:
    from custodiet.flow.core import Core

MATCHER: Final = "builtins.matcher"
"""The class of a pattern together with the text it is held against."""
_TEXT: Final = "text"
_PATTERN: Final = "pattern"

Operation = Callable[["Core", Frame, Value, Sequence[Value], int], Value]


def _fits(core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`text.matches(pattern)`: the whole text."""
    return (
        core.call_symbol(frame, "re.fullmatch", [args[0], receiver], [], span, None, "") if len(args) == 1 else NOTHING
    )


def _replaced(core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`text.replaceAll(pattern, replacement)`."""
    if len(args) < 2:
        return unknown(receiver[0])
    return core.call_symbol(frame, "re.sub", [args[0], args[1], receiver], [], span, None, "")


def _matcher(_core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], _span: int) -> Value:
    """`pattern.matcher(text)`."""
    result = frame.allocate(MATCHER)
    frame.set_attribute(result, _PATTERN, receiver)
    frame.set_attribute(result, _TEXT, args[0] if args else NOTHING)
    return result


def _part(frame: Frame, receiver: Value, name: str) -> Value:
    record = frame.heap.get(receiver[2]) if receiver[1] == OBJECT else None
    return record[1].get(name, NOTHING) if record is not None else NOTHING


def _tested(mode: str) -> Operation:
    def test(core: "Core", frame: Frame, receiver: Value, _args: Sequence[Value], span: int) -> Value:
        pattern, text = _part(frame, receiver, _PATTERN), _part(frame, receiver, _TEXT)
        found = core.call_symbol(frame, f"re.Pattern.{mode}", [text], [], span, pattern, "")
        return found if found[1] != UNKNOWN else NOTHING

    return test


def _group(_core: "Core", frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    """What the pattern found: some of the text."""
    return unknown(frame.deep(_part(frame, receiver, _TEXT)))


def _replaced_in(core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    """`pattern.matcher(text).replaceAll(replacement)`."""
    text = _part(frame, receiver, _TEXT)
    pattern = _part(frame, _part(frame, receiver, _PATTERN), _PATTERN)
    return _replaced(core, frame, text, [pattern, *args], span)


OF_TEXTS: Final[dict[str, Operation]] = {"fits": _fits, "replace_pattern": _replaced, "matcher": _matcher}
"""Operations of texts and patterns."""

OF_MATCHERS: Final[dict[str, Operation]] = {
    "fullmatch": _tested("fullmatch"),
    "match": _tested("match"),
    "search": _tested("search"),
    "group": _group,
    "replace": _replaced_in,
}
"""Operations of a pattern with its text."""
