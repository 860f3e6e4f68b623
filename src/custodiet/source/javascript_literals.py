"""What the literals of JavaScript mean: numbers, strings with escapes, and regular expressions as Python writes them."""

import re
from typing import Final

from custodiet.pattern import pattern

_ESCAPE: Final = pattern(
    r"\\(?:(\r\n|[\n\r\u2028\u2029])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([0-7]{1,3})|(.))",
    re.DOTALL,
)
_PLAIN: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_BASES: Final = {b"0x": 16, b"0o": 8, b"0b": 2}


def number_value(text: bytes) -> int | float:
    """The value of a number as written; a bigint is an integer, what cannot be read is 0."""
    word = text.replace(b"_", b"").lower()
    try:
        if word[:2] in _BASES:
            return int(word[2:].rstrip(b"n"), _BASES[word[:2]])
        if word.endswith(b"n"):
            word = word[:-1]
        if word.isdigit():
            if len(word) > 1 and word[:1] == b"0" and not word.strip(b"01234567"):
                return int(word, 8)
            return int(word)
        return float(word)
    except ValueError:
        return 0


def text_value(content: str) -> str:
    """The text between the quotes, escapes resolved."""
    return _ESCAPE.sub(_escaped, content) if "\\" in content else content


def _escaped(match: re.Match[str]) -> str:
    newline, short, long, braced, octal, other = match.groups()
    if other is not None:
        return _PLAIN.get(other, other)
    if newline is not None:
        return ""
    if octal is not None:
        return chr(int(octal, 8))
    point = int(short or long or braced, 16)
    return chr(point) if point <= 0x10FFFF else "\ufffd"


_TOKEN: Final = pattern(r"\\u\{([0-9a-fA-F]+)\}|\\/|\\(.)|\[\^\]|\[\]|(\[)|(\])|\(\?<(?=[A-Za-z_])|(\$)", re.DOTALL)


def python_pattern(source: str, flags: str) -> str:
    r"""The regular expression as Python writes it: `$` is the very end (unless with `m`), `\d` and `\w` are ASCII."""
    inside = False

    def translated(match: re.Match[str]) -> str:
        nonlocal inside
        whole = match[0]
        if match[1] is not None:
            point = int(match[1], 16)
            return re.escape(chr(point)) if point <= 0x10FFFF else whole
        if whole == r"\/":
            return "/"
        if match[2] is not None:
            return whole
        if whole in ("[^]", "[]"):
            if inside:
                inside = False
                return f"\\{whole}"
            return r"[\s\S]" if whole == "[^]" else "(?!)"
        if match[3] is not None:
            opened = not inside
            inside = True
            return "[" if opened else r"\["
        if match[4] is not None:
            inside = False
            return "]"
        if match[5] is not None:
            return "$" if inside or "m" in flags else r"\Z"
        return "(?P<" if not inside else whole

    body = _TOKEN.sub(translated, source)
    letters = "a" + "".join(letter for letter in "ims" if letter in flags)
    return f"(?{letters}){body}"
