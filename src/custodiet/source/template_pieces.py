"""The pieces of a template: text, outputs, statements and comments, in source order.

The source is read as Latin-1, so that an index into the text is an offset into the bytes; `decoded` gives the
characters of a part. The pieces cover the text from end to end: nothing is lost, whatever the source holds.
"""

import re
from typing import Final, NamedTuple


class Piece(NamedTuple):
    """A part of the template. The inner range leaves out delimiters and whitespace control."""

    kind: str
    """`text`, `output`, `statement` or `comment`."""
    start: int
    end: int
    inner_start: int
    inner_end: int


class Pieces(NamedTuple):
    """The pieces, and `(offset, what)` of what was opened and never closed."""

    pieces: tuple[Piece, ...]
    errors: tuple[tuple[int, str], ...]


def decoded(text: str) -> str:
    """The characters of a part of a Latin-1 text whose bytes are UTF-8."""
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")


def pieces_of(text: str, engine: str) -> Pieces:
    """The pieces of a Jinja2 or Django template."""
    return _Cutter(text, engine).cut()


_KINDS: Final = {"{{": "output", "{%": "statement", "{#": "comment"}
_CLOSERS: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPEN: Final = re.compile(r"\{[{%#]")
_STEP: Final = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\}\}|%\}|[(\[{]|[)\]}]",
    re.DOTALL,
)
_JINJA_RAW: Final = re.compile(r"\s*raw\s*\Z")
_JINJA_END_RAW: Final = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_DJANGO_RAW: Final = re.compile(r"\s*(verbatim)\b\s*([^%]*?)\s*\Z")
_DJANGO_COMMENT: Final = re.compile(r"\s*comment\b")
_DJANGO_END_COMMENT: Final = re.compile(r"\{%\s*endcomment\s*%\}")
_REACH: Final = 20_000
"""An expression longer than this is cut at the nearest closer: keeps the search linear."""


class _Cutter:
    """Cuts one text. `position` is where the next piece starts."""

    def __init__(self, text: str, engine: str) -> None:
        self.text = text
        self.jinja = engine == "jinja"
        self.pieces: list[Piece] = []
        self.errors: list[tuple[int, str]] = []
        self.position = 0
        self.patience = 10 * _REACH
        """Characters that may still be looked through in vain."""
        self.barren: dict[str, int] = {}
        """Up to which offset there is no such closer."""

    def cut(self) -> Pieces:
        text = self.text
        while match := _OPEN.search(text, self.position):
            start = match.start()
            opener = match.group()
            end = self._end_of(opener, start)
            if end < 0:
                if self.jinja:
                    self.errors.append((start, f"`{opener}` is not closed"))
                    break
                self._text_to(start + 2)
                continue
            self._text_to(start)
            self.position = end
            self._add(_KINDS[opener], start, end)
        self._text_to(len(text))
        return Pieces(tuple(self.pieces), tuple(self.errors))

    def _text_to(self, end: int) -> None:
        if end > self.position:
            self.pieces.append(Piece("text", self.position, end, self.position, end))
        self.position = max(self.position, end)

    def _end_of(self, opener: str, start: int) -> int:
        """Offset after the closer of what opens at `start`, or -1."""
        text, closer = self.text, _CLOSERS[opener]
        if not self.jinja:  # a tag of Django stands on one line
            if start < self.barren.get(closer, 0):
                return -1
            newline = text.find("\n", start)
            end = newline if newline >= 0 else len(text)
            nearest = text.find(closer, start + 2, end)
            if nearest < 0:
                self.barren[closer] = end
                return -1
            return nearest + 2
        nearest = text.find(closer, start + 2)
        if nearest < 0:
            return -1
        if opener == "{#":
            return nearest + 2
        depth, at, limit = 0, start + 2, min(len(text), start + max(0, min(_REACH, self.patience)))
        while match := _STEP.search(text, at, limit):
            at, mark = match.end(), match.group()
            if mark in "([{":
                depth += 1
            elif depth and mark in (")", "]", "}", "}}"):
                depth -= 1
                at = match.start() + 1
            elif mark == closer:
                return at
        self.patience -= max(0, limit - start)  # an unbalanced expression
        return nearest + 2

    def _add(self, kind: str, start: int, end: int) -> None:
        inner_start, inner_end = start + 2, end - 2
        text = self.text
        if self.jinja and kind != "comment":
            if inner_start < inner_end and text[inner_start] in "-+":
                inner_start += 1
            if inner_start < inner_end and text[inner_end - 1] in "-+":
                inner_end -= 1
        piece = Piece(kind, start, end, inner_start, inner_end)
        if kind != "statement":
            self.pieces.append(piece)
            return
        inner = text[inner_start:inner_end]
        closing = self._closing(inner)
        if closing is None:
            self.pieces.append(piece)
            return
        match = closing.search(text, end)
        stop, after = (match.start(), match.end()) if match else (len(text), len(text))
        if not match:
            self.errors.append((start, f"`{inner.split()[0]}` is not closed"))
        if _DJANGO_COMMENT.match(inner) and not self.jinja:
            self.pieces.append(Piece("comment", start, after, end, stop))
        elif stop > end:
            self.pieces.append(Piece("text", end, stop, end, stop))
        self.position = after

    def _closing(self, inner: str) -> re.Pattern[str] | None:
        """What ends the raw part that the statement opens; None if it opens none."""
        if self.jinja:
            return _JINJA_END_RAW if _JINJA_RAW.match(inner) else None
        if _DJANGO_COMMENT.match(inner):
            return _DJANGO_END_COMMENT
        if match := _DJANGO_RAW.match(inner):
            return re.compile(r"\{%\s*endverbatim\s*" + re.escape(match.group(2)) + r"\s*%\}")
        return None
