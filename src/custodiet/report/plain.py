r"""Text that is safe to show: what a scanned file holds is hostile, and a terminal or a browser obeys it.

printable("a\x1b[31mb")      "a␛[31mb": nothing that moves a cursor, rings a bell or reverses the reading order
sentence("two\nlines")       "two lines": printable, on one line
well_formed("\ud800")        "�": can be encoded as UTF-8
"""

import unicodedata
from typing import Final

from custodiet.pattern import pattern

_SURROGATE: Final = pattern("[\ud800-\udfff]")
_SHOWN_AS: Final = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """The text with every control, format and bidirectional character replaced by one visible character.

    As many characters as before, so columns stay; a line feed or tab is replaced as well.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def sentence(text: str) -> str:
    """The text on one line: white space collapsed, the rest printable."""
    return printable(" ".join(text.split()))


def well_formed(text: str) -> str:
    """The text without lone surrogates, which no encoder takes."""
    return _SURROGATE.sub(REPLACEMENT, text)


def character_width(char: str) -> int:
    """Terminal cells that a printable character takes: 2 for wide East Asian ones, 0 for combining marks."""
    if char.isascii():
        return 1
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def text_width(text: str) -> int:
    """Terminal cells of a printable text."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def spans(text: str) -> list[tuple[bool, str]]:
    """The parts of a sentence, each with whether it stood between backticks; an odd backtick stays as it is."""
    parts = sentence(text).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    return [(index % 2 == 1, part) for index, part in enumerate(parts) if part]


def counted(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`, with the thousands set apart."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _HIDDEN:
        return char
    return _SHOWN_AS.get(ord(char), REPLACEMENT)
