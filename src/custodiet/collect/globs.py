"""The patterns of `.gitignore` files, read without git.

`Patterns` answers what git would: the last pattern that matches a path decides, `!` takes back, a pattern with a
slash inside is anchored, one with a slash at its end means folders only. The laws are tested against
`git check-ignore`.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

MOST_LINES = 10_000
"""Lines of one ignore file that are read; a larger one is no list that people keep."""
_LONGEST_LINE = 1000


class Pattern(NamedTuple):
    """One line of an ignore file."""

    expression: re.Pattern[str]
    is_negated: bool
    folders_only: bool


class Patterns:
    """Patterns in order; later ones win. Paths are relative to the folder of the patterns, with `/`."""

    __slots__ = ("_patterns",)

    def __init__(self, lines: Iterable[str]) -> None:
        patterns = (_pattern(line) for line in islice(lines, MOST_LINES))
        self._patterns = [pattern for pattern in patterns if pattern is not None]

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
    if not text or text.startswith("#") or len(text) > _LONGEST_LINE:
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
    """The regular expression that matches what the glob `text` matches.

    It never backtracks more than linearly, whatever the pattern: a hostile tree brings its own. Between two stars (or
    two `**`) stands text of a fixed number of characters (of folders), so the first place where it fits is as good as
    any, and an atomic group may keep it.
    """
    groups: list[list[str]] = [[]]
    for segment in _segments(text):
        if not segment:
            return r"(?!)"  # no path has an empty part
        if segment == "**":
            groups.append([])
        else:
            groups[-1].append(_segment(segment))
    first, *others = ("/".join(group) for group in groups)
    if not others:
        return first
    parts = [f"{first}/"] if first else []
    for piece in others[:-1]:
        parts.append(f"(?>(?:[^/]+/)*?{piece}/)" if piece else "")
    last = others[-1]
    if last:
        parts.append(f"(?:[^/]+/)*{last}")
    else:
        parts.append(".+")
    return "".join(parts)


def _segments(text: str) -> list[str]:
    """The parts of the glob between slashes; a slash inside brackets or behind a backslash is none of those."""
    parts = [""]
    index = 0
    while index < len(text):
        start = index
        if text[index] == "[":
            index = _bracket(text, index)[1]
        elif text[index] == "\\":
            index += 2
        elif text[index] == "/":
            parts.append("")
            index += 1
            continue
        else:
            index += 1
        parts[-1] += text[start:index]
    return parts


def _segment(text: str) -> str:
    """The regular expression for one part of a path, between slashes."""
    pieces = [""]
    index = 0
    while index < len(text):
        character = text[index]
        if character == "*":
            while text.startswith("*", index):
                index += 1
            pieces.append("")
            continue
        if character == "?":
            pieces[-1] += "[^/]"
        elif character == "[":
            part, index = _bracket(text, index)
            pieces[-1] += part
            continue
        elif character == "\\":
            index += 1
            pieces[-1] += re.escape(text[index]) if index < len(text) else r"(?!)"
        else:
            pieces[-1] += re.escape(character)
        index += 1
    first, *others = pieces
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others[:-1]) + f"[^/]*{others[-1]}"


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
