"""Single-file components of Vue: the scripts of one as JavaScript at the same offsets, and its `v-html` places."""

from typing import Final

from custodiet.pattern import pattern

_SCRIPT: Final = pattern(rb"(?is)<script\b([^>]*)>(.*?)</script\s*>")
_TYPED: Final = pattern(rb"(?i)\blang\s*=\s*[\"']?tsx?")
_MARKUP: Final = pattern(rb"\bv-html=\"([^\"]*)\"")
_OTHER: Final = pattern(rb"[^\r\n]")


def script_of(source: bytes) -> tuple[list[bytes], bool]:
    """([script, markup places if there are any], whether it is TypeScript); everything else is blank.

    A place `v-html="text"` reads `;_vhtml(text)`: as long, so that the expression keeps its offset.
    """
    pieces: list[tuple[int, int]] = []
    is_typed = False
    for found in _SCRIPT.finditer(source):
        pieces.append(found.span(2))
        is_typed = is_typed or _TYPED.search(found[1]) is not None
    blank = _OTHER.sub(b" ", source)
    script = bytearray(blank)
    for start, end in pieces:
        script[start:end] = source[start:end]
    places = bytearray(blank)
    has_places = False
    for found in _MARKUP.finditer(source):
        start, end = found.span()
        if any(first <= start < last for first, last in pieces):
            continue
        has_places = True
        places[start:end] = b";_vhtml(" + found[1] + b")"
    return [bytes(script), bytes(places)] if has_places else [bytes(script)], is_typed
