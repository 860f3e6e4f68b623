"""Operations of a text that grows: what the core's builders do, under whatever names a language has for it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from custodiet.flow import texts
from custodiet.flow.containers import GROWN, grown_text
from custodiet.flow.frame import Frame
from custodiet.flow.values import CONST, NOTHING, OBJECT, UNKNOWN, Value, unknown

if TYPE_CHECKING:
    from custodiet.flow.core import Core

_EMPTY: Final[Value] = (0, CONST, "")
Operation = Callable[["Core", Frame, Value, Sequence[Value], int], Value]


def _set_text(frame: Frame, builder: Value, text: Value) -> Value:
    frame.set_attribute(builder, GROWN, text)
    return builder


def _append(core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    if frame.key_of(receiver) is None:
        return unknown(receiver[0] | (frame.deep(args[0]) if args else 0))
    parts = [grown_text(frame, receiver)]
    parts += [core.as_text(frame, grown_text(frame, value), span) for value in args[:1]]
    return _set_text(frame, receiver, texts.concatenate(frame, parts))


def _append_line(core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    return _append(core, frame, _append(core, frame, receiver, args, span), [(0, CONST, "\n")], span)


def _append_format(core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    return _append(
        core,
        frame,
        receiver,
        [texts.format_text(frame, args[0], [grown_text(frame, value) for value in args[1:]], [])] if args else [],
        span,
    )


def _insert(core: "Core", frame: Frame, receiver: Value, args: Sequence[Value], span: int) -> Value:
    if frame.key_of(receiver) is None or len(args) < 2:
        return receiver
    before = [core.as_text(frame, grown_text(frame, args[1]), span)]
    known = args[0][1] == CONST and args[0][2] == 0
    old = grown_text(frame, receiver)
    return _set_text(frame, receiver, texts.concatenate(frame, [*before, old] if known else [old, *before]))


def _text(_core: "Core", frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    found = grown_text(frame, receiver)
    return found if found[1] != OBJECT else unknown(frame.deep(found))


def _clear(_core: "Core", frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    return _set_text(frame, receiver, _EMPTY) if frame.key_of(receiver) is not None else receiver


def _changed(_core: "Core", frame: Frame, receiver: Value, _args: Sequence[Value], _span: int) -> Value:
    """`reverse`, `setCharAt`, `replace`: the text in some other order."""
    if frame.key_of(receiver) is None:
        return receiver
    text = grown_text(frame, receiver)
    return _set_text(frame, receiver, (text[0], UNKNOWN, None) if text[0] else NOTHING)


OF_BUILDERS: Final[dict[str, Operation]] = {
    "append": _append,
    "append_line": _append_line,
    "append_format": _append_format,
    "insert": _insert,
    "text": _text,
    "clear": _clear,
    "changed": _changed,
}
"""Operations of a text that grows."""
