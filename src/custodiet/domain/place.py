"""Where something stands in a file."""

import msgspec


class Place(msgspec.Struct, frozen=True, order=True):
    """A range of characters in one file of the scanned tree.

    Lines and columns are 1-based; columns count characters, not bytes; the end is exclusive
    (`end_column` is the column after the last character), as in SARIF.
    `path` is relative to the scan root, with `/` on every system.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """`path:line:column`, which editors and terminals link."""
        return f"{self.path}:{self.line}:{self.column}"
