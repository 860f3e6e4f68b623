"""The values of Java's literals."""

import re
from typing import Final

from custodiet.pattern import pattern

_ESCAPE: Final = pattern(r"\\(?:u+([0-9a-fA-F]{4})|([0-7]{1,3})|(\r?\n)|(.))")
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "0": "\0"}
_LONGEST_NUMBER: Final = 100


def unescaped(text: str) -> str:
    """The text with its escapes replaced."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_character, text)


def _character(match: "re.Match[str]") -> str:
    hexadecimal, octal, newline, other = match.groups()
    if hexadecimal:
        character = chr(int(hexadecimal, 16))
        return character if not "\ud800" <= character <= "\udfff" else "\ufffd"
    if octal:
        return chr(int(octal, 8))
    if newline:
        return ""
    return _SIMPLE.get(other, str(other))


def text_block(raw: str) -> str:
    """The text between the quotes of a text block: without the indentation that all lines share."""
    lines = raw.replace("\r\n", "\n").split("\n")
    body = lines[1:] if lines and not lines[0].strip() else lines
    counted = [line for index, line in enumerate(body) if line.strip() or index == len(body) - 1]
    indent = min((len(line) - len(line.lstrip()) for line in counted), default=0)
    stripped = [line[indent:].rstrip() if line.strip() else "" for line in body]
    return unescaped("\n".join(stripped))


def integer(raw: str) -> int | None:
    """The value of an integer literal; None if it is too long to be one."""
    word = raw.replace("_", "").rstrip("lL")
    if len(word) > _LONGEST_NUMBER:
        return None
    try:
        if word[:2] in ("0x", "0X"):
            return int(word, 16)
        if word[:2] in ("0b", "0B"):
            return int(word, 2)
        if len(word) > 1 and word[0] == "0":
            return int(word, 8)
        return int(word)
    except ValueError:
        return None


def floating(raw: str) -> float | None:
    """The value of a floating point literal."""
    word = raw.replace("_", "").rstrip("fFdD") if raw[:2] not in ("0x", "0X") else raw.rstrip("fFdD")
    if len(word) > _LONGEST_NUMBER:
        return None
    try:
        return float.fromhex(word) if word[:2] in ("0x", "0X") else float(word)
    except (ValueError, OverflowError):
        return None
