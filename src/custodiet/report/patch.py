"""A repair as a unified diff."""

from collections.abc import Sequence
from typing import Final

from custodiet.domain.finding import Edit, Fix
from custodiet.domain.place import Place
from custodiet.report.plain import printable
from custodiet.report.view import Listing

LONGEST_EDIT: Final = 60
"""Lines that a combined edit may span."""


def diff(fix: Fix, listing: Listing, context: int = 3) -> list[str]:
    """Lines of the unified diff that the fix makes, with `---` and `+++` lines; empty if a file cannot be had.

    The lines have no line ends. `git apply` takes them joined by line feeds, but for files with carriage returns.
    """
    from difflib import unified_diff  # late: most findings have no repair

    lines: list[str] = []
    for path in sorted({edit.place.path for edit in fix.edits}):
        before = listing.lines(path)
        if before is None or printable(path) != path:
            # A line feed in a path would forge lines of the diff.
            return []
        after = _applied(before, [edit for edit in fix.edits if edit.place.path == path])
        for line in unified_diff(_ended(before), _ended(after), f"a/{path}", f"b/{path}", n=context):
            lines += [line.rstrip("\n")] if line.endswith("\n") else [line, "\\ No newline at end of file"]
    return lines


def _ended(lines: Sequence[str]) -> list[str]:
    """The lines with their line feeds; the last has none where the file has none."""
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def combined(fix: Fix, listing: Listing) -> Edit | None:
    """One edit that does the same, for readers that apply edits one by one.

    None if the fix touches several files, or its edits are too far apart.
    """
    if len(fix.edits) == 1:
        return fix.edits[0]
    first, *rest = sorted(fix.edits, key=lambda edit: edit.place)
    last = max(rest, key=lambda edit: (edit.place.end_line, edit.place.end_column)).place
    if any(edit.place.path != first.place.path for edit in rest) or last.end_line - first.place.line > LONGEST_EDIT:
        return None
    text, at = first.text, first.place
    for edit in rest:
        path, place = at.path, edit.place
        between = listing.excerpt(Place(path, at.end_line, at.end_column, place.line, place.column))
        if between is None:
            return None
        text, at = text + between + edit.text, place
    return Edit(Place(last.path, first.place.line, first.place.column, last.end_line, last.end_column), text)


def _applied(lines: tuple[str, ...], edits: list[Edit]) -> list[str]:
    """The lines after the edits, which do not overlap; those past the end of the file are left out."""
    changed = list(lines)
    for edit in sorted(edits, key=lambda edit: edit.place, reverse=True):
        place = edit.place
        if place.end_line > len(lines):
            continue
        head = changed[place.line - 1][: place.column - 1]
        tail = changed[place.end_line - 1][place.end_column - 1 :]
        changed[place.line - 1 : place.end_line] = (head + edit.text + tail).replace("\r\n", "\n").split("\n")
    return changed
