"""Pieces of Markdown."""

from collections.abc import Iterable, Sequence
from typing import Final

NOTICE: Final = "<!-- Written by tools/generate.py; change the source that it names. Source: {source} -->\n\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; `|` in a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def code(text: str) -> str:
    """Inline code, or nothing for an empty text."""
    return f"`{text}`" if text else ""


def codes(texts: Iterable[str]) -> str:
    """Inline codes with commas between."""
    return ", ".join(map(code, texts))
