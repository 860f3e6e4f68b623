"""Colours of a terminal, written by hand: ANSI SGR codes and OSC 8 links, or nothing at all."""

from typing import Final, NamedTuple

from custodiet.domain.severity import Severity
from custodiet.report.plain import printable

_CODES: Final = {
    "bold": "1",
    "dim": "2",
    "path": "1;94",
    "gutter": "94",
    "good": "1;32",
    "add": "32",
    "remove": "31",
    Severity.CRITICAL: "1;97;41",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
    "mark-critical": "1;31",
    "mark-high": "1;31",
    "mark-medium": "1;33",
    "mark-low": "1;36",
    "step": "1;35",
}


class Paint(NamedTuple):
    """How to write for one reader; without colour each method returns its text as it came."""

    colour: bool
    links: bool
    root: str

    def __call__(self, style: str, text: str) -> str:
        """The text in a style of the table above."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and text else text

    def file(self, text: str, path: str) -> str:
        """The text as a link to a file below an absolute root."""
        if not (self.colour and self.links and self.root.startswith("/")):
            return text
        from urllib.parse import quote  # late: only terminals open links

        return self.link(text, f"file://{quote(self.root.rstrip('/'))}/{quote(path)}")

    def link(self, text: str, address: str) -> str:
        """The text as a link that the terminal opens."""
        if not (self.colour and self.links and address):
            return text
        return f"\x1b]8;;{printable(address)}\x1b\\{text}\x1b]8;;\x1b\\"
