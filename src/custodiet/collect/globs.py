"""The patterns of `.gitignore` files, read without git.

`Patterns` answers what git would: the last pattern that matches a path decides, `!` takes back, a pattern with a
slash inside is anchored, one with a slash at its end means folders only. The laws are tested against
`git check-ignore`.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Pattern(NamedTuple):
    """One line of an ignore file."""

    expression: re.Pattern[str]
    is_negated: bool
    folders_only: bool


class Patterns:
    """Patterns in order; later ones win. Paths are relative to the folder of the patterns, with `/`."""

    __slots__ = ("_patterns",)

    def __init__(self, lines: Iterable[str]) -> None:
        self._patterns = [pattern for line in lines if (pattern := _pattern(line)) is not None]

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self._patterns)

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True if `path` itself is ignored, False if it is taken back, None if no pattern speaks of it."""
        for pattern in reversed(self._patterns):
            if (is_folder or not pattern.folders_only) and pattern.expression.fullmatch(path):
                return not pattern.is_negated
        return None

    def covers(self, path: str) -> bool:
        """Whether the file `path` is ignored by itself or through a folder above it."""
        for index, character in enumerate(path):
            if character == "/" and self.verdict(path[:index], is_folder=True):
                return True
        return bool(self.verdict(path, is_folder=False))


def _pattern(line: str) -> Pattern | None:
    """The pattern that `line` holds, None for a comment or an empty line."""
    text = line.rstrip("\r\n")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#"):
        return None
    is_negated = text.startswith("!")
    if is_negated:
        text = text[1:]
    folders_only = text.endswith("/")
    if folders_only:
        text = text[:-1]
    if not text:
        return None
    is_anchored = "/" in text
    text = text.removeprefix("/")
    if not is_anchored:
        text = "**/" + text
    try:
        expression = re.compile(_expression(text), re.DOTALL)
    except re.error:
        return None
    return Pattern(expression, is_negated, folders_only)


def _expression(text: str) -> str:
    """The regular expression that matches what the glob `text` matches."""
    parts: list[str] = []
    index = 0
    while index < len(text):
        character = text[index]
        if text.startswith("**", index) and (index == 0 or text[index - 1] == "/"):
            end = index + 2
            if end == len(text):
                parts.append(".+" if index else ".*")
                index = end
                continue
            if text[end] == "/":
                parts.append("(?:.+/)?")
                index = end + 1
                continue
        if character == "*":
            while text.startswith("*", index):
                index += 1
            parts.append("[^/]*")
            continue
        if character == "?":
            parts.append("[^/]")
        elif character == "[":
            part, index = _bracket(text, index)
            parts.append(part)
            continue
        elif character == "\\" and index + 1 < len(text):
            index += 1
            parts.append(re.escape(text[index]))
        elif character == "\\":
            return r"(?!)"
        else:
            parts.append(re.escape(character))
        index += 1
    return "".join(parts)


def _bracket(text: str, start: int) -> tuple[str, int]:
    """(expression, index behind it) of the bracket that opens at `start`; one without an end matches nothing."""
    index = start + 1
    is_negated = text[index : index + 1] in {"!", "^"}
    index += is_negated
    first = index
    items: list[str] = []
    low = ""
    """The character that a `-` would make the beginning of a range."""
    while index < len(text) and (text[index] != "]" or index == first):
        if text.startswith("[:", index) and (end := text.find(":]", index + 2)) > 0:
            if text[index + 2 : end] not in _CLASSES:
                return r"(?!)", len(text)
            items.append(_CLASSES[text[index + 2 : end]])
            index, low = end + 2, ""
            continue
        is_range = text[index] == "-" and low != "" and text[index + 1 : index + 2] not in {"]", ""}
        index += is_range
        if text[index] == "\\":
            index += 1
        if index >= len(text):
            break
        high = text[index]
        index += 1
        if not is_range:
            items.append(_escaped(high))
            low = high
        else:
            if low <= high:
                items.append(f"{_escaped(low)}-{_escaped(high)}")
            low = ""
    if index >= len(text):
        return r"(?!)", len(text)
    return f"(?!/)[{'^' if is_negated else ''}{''.join(items)}]", index + 1


def _escaped(character: str) -> str:
    """The character as it may stand inside brackets of a regular expression."""
    return character if character.isalnum() else f"\\{character}"


_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
