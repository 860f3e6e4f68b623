"""What Python's literals mean, decoded without evaluating anything.

Law: for a literal that CPython accepts, `string_value` and `number_value` equal `ast.literal_eval`, except that an
imaginary number gives its magnitude (the IR has no complex constant) and an integer beyond 4,300 decimal digits,
which CPython refuses, gives infinity.
"""

import re
from typing import Final

from custodiet.pattern import pattern

_ESCAPE: Final = pattern(
    r"\\(?:(\r\n|[\n\r])|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^{}]+)\}|(.))",
    re.DOTALL,
)
_BYTES_ESCAPE: Final = pattern(r"\\(?:(\r\n|[\n\r])|([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)

_PLAIN: Final = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


def number_value(text: bytes) -> int | float:
    """The value of an integer or float literal as written; an imaginary one gives its magnitude."""
    word = text.replace(b"_", b"").lower()
    try:
        if word[:2] in {b"0x", b"0o", b"0b"}:
            return int(word.rstrip(b"l"), 0)
        if word.endswith((b"j", b"l")):
            word = word[:-1]
            return float(word) if text[-1:] in b"jJ" else int(word)
        if word.isdigit():
            return int(word)
        return float(word)
    except ValueError:
        return _odd_number(word)


def _odd_number(word: bytes) -> int | float:
    """What CPython 3 refuses: `0777` of Python 2, numbers of absurd length, and what error recovery made up."""
    if word.isdigit():
        return float(word)
    digits = re.match(rb"\d+", word)
    return float(digits[0]) if digits else 0


def split_string(text: bytes) -> tuple[bytes, int, int]:
    """(prefix in lower case, offset of the content, end of the content) of a string literal as written.

    An unterminated literal, which only error recovery yields, reaches to its end.
    """
    first = 0
    size = len(text)
    while first < size and text[first] not in b"'\"`":
        first += 1
    prefix = text[:first].lower()
    quote = text[first : first + 3]
    if quote in {b"'''", b'"""'} and size - first >= 6 and text.endswith(quote):
        return prefix, first + 3, size - 3
    if quote in {b"'''", b'"""'} and size - first != 2:
        return prefix, min(first + 3, size), size
    quote = text[first : first + 1]
    if size - first >= 2 and text.endswith(quote):
        return prefix, first + 1, size - 1
    return prefix, min(first + 1, size), size


def string_value(text: bytes, encoding: str = "utf-8") -> str | bytes:
    """The value of a string literal as written, with prefix and quotes; of an f-string, that of its text."""
    prefix, start, end = split_string(text)
    content = text[start:end]
    if b"b" in prefix:
        return _bytes_content(content, raw=b"r" in prefix)
    return text_content(content, encoding, raw=b"r" in prefix)


def text_content(content: bytes, encoding: str = "utf-8", *, raw: bool = False) -> str:
    """The text that stands between the quotes, escapes resolved unless `raw`."""
    text = content.decode(encoding, "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if raw or "\\" not in text:
        return text
    return _ESCAPE.sub(_escaped, text)


def _bytes_content(content: bytes, *, raw: bool) -> bytes:
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if raw or b"\\" not in content:
        return content
    return _BYTES_ESCAPE.sub(_bytes_escaped, content.decode("latin-1")).encode("latin-1")


def _escaped(match: re.Match[str]) -> str:
    newline, octal, hexadecimal, short, long, name, other = match.groups()
    if other is not None:
        return _PLAIN.get(other, match[0])
    if newline is not None:
        return ""
    if octal is not None:
        return chr(int(octal, 8))
    if name is not None:
        return _named(name, match[0])
    point = int(hexadecimal or short or long, 16)
    return chr(point) if point <= 0x10FFFF else match[0]


def _bytes_escaped(match: re.Match[str]) -> str:
    newline, octal, hexadecimal, other = match.groups()
    if other is not None:
        return _PLAIN.get(other, match[0])
    if newline is not None:
        return ""
    return chr((int(octal, 8) if octal is not None else int(hexadecimal, 16)) & 0xFF)


def _named(name: str, otherwise: str) -> str:
    import unicodedata  # late: few files name a character

    try:
        return unicodedata.lookup(name)
    except KeyError:
        return otherwise
