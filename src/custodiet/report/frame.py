"""A code frame: the lines of a place with the place underlined, cut to a width.

       |
    14 |     cursor.execute("SELECT … '" + name + "'")
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

A place over several lines has a bar at its left from its first to its last line. Tabs are spread to every fourth cell,
wide characters take two cells, control characters are shown as pictures, and a long line is cut around the place.
"""

from typing import Final, NamedTuple

from custodiet.domain.place import Place
from custodiet.report.plain import character_width, printable
from custodiet.report.view import Listing

TAB: Final = 4
MOST_LINES: Final = 6
"""A longer place is shown by its first lines and its last."""

ELLIPSIS: Final = "…"


class FrameLine(NamedTuple):
    """One line of a frame: source text (`is_code`), a line of marks below it, or lines left out (`number` 0)."""

    number: int
    text: str
    is_code: bool


class Cut(NamedTuple):
    """A source line as it is shown, and the cells of it that are marked (end exclusive)."""

    text: str
    start: int
    end: int


def frame(listing: Listing, place: Place, width: int) -> list[FrameLine]:
    """The lines to print for a place, without gutter; empty if the file cannot be had.

    `width` is the number of cells for the text beside the gutter.
    """
    if listing.line(place.path, place.line) is None:
        return []
    if place.end_line <= place.line:
        return _one_line(listing, place, width)
    return _many_lines(listing, place, width)


def cut(line: str, start: int, end: int, width: int) -> Cut:
    """The part of a line that fits `width` cells and shows its characters from `start` to `end` (0-based)."""
    width = max(width, 16)
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    # A minified line may have megabytes: only what could be shown is looked at.
    left = max(0, start - 2 * width)
    right = min(len(line), max(end, start + width) + width, start + 4 * width)
    cells = _cells(line[left:right])
    first = sum(size for _, size in cells[: start - left])
    last = first + sum(size for _, size in cells[start - left : min(end, right) - left])
    total = sum(size for _, size in cells)
    if left == 0 and right == len(line) and total <= width:
        return Cut("".join(text for text, _ in cells), first, last)
    skip = 0 if left == 0 and last < width else max(0, first - max(width // 4, width - 2 - (last - first)) // 2)
    shown, used, dropped = [], 0, 0
    at = 0
    for text, size in cells:
        if at < skip:
            dropped += size
        elif used + size <= width - 2:
            shown.append(text)
            used += size
        else:
            break
        at += size
    before = ELLIPSIS if left or dropped else ""
    after = ELLIPSIS if right < len(line) or at < total else ""
    move = len(before) - dropped
    edge = len(before) + used
    return Cut(before + "".join(shown) + after, min(first + move, edge), min(last + move, edge))


def _cells(text: str) -> list[tuple[str, int]]:
    """What is printed for each character, and the cells it takes."""
    cells, at = [], 0
    for char, shown in zip(text, printable(text), strict=True):
        size = TAB - at % TAB if char == "\t" else character_width(shown)
        cells.append((" " * size if char == "\t" else shown, size))
        at += size
    return cells


def _one_line(listing: Listing, place: Place, width: int) -> list[FrameLine]:
    line = listing.line(place.path, place.line) or ""
    part = cut(line, place.column - 1, place.end_column - 1, width)
    marks = " " * part.start + "^" * max(1, part.end - part.start)
    return [FrameLine(place.line, part.text.rstrip(), is_code=True), FrameLine(place.line, marks, is_code=False)]


def _many_lines(listing: Listing, place: Place, width: int) -> list[FrameLine]:
    numbers = list(range(place.line, place.end_line + 1))
    if len(numbers) > MOST_LINES:
        numbers = [*numbers[: MOST_LINES - 2], 0, numbers[-1]]
    shown = []
    for number in numbers:
        if number == 0:
            shown.append(FrameLine(0, f"| {ELLIPSIS}", is_code=True))
            continue
        line = listing.line(place.path, number)
        if line is None:
            break
        start = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column - 1 if number == place.end_line else len(line)
        part = cut(line, start, end, width - 2)
        bar = "/" if number == place.line else "|"
        shown.append(FrameLine(number, f"{bar} {part.text}".rstrip(), is_code=True))
        if number == place.end_line:
            shown.append(FrameLine(number, "|" + "_" * max(1, part.end) + "^", is_code=False))
    return shown
