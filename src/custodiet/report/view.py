"""What every format is given: the report with secrets masked, the lines it points at, and how to show them."""

from typing import Protocol

import msgspec

from custodiet.domain.finding import Finding
from custodiet.domain.place import Place
from custodiet.domain.report import Report
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Persona, Severity
from custodiet.report.plain import well_formed


class Sources(Protocol):
    """The texts of the scanned files."""

    def text(self, path: str) -> str | None:
        """The whole text of a file that the report names, or None if it cannot be had."""


class Listing:
    """The lines of the scanned files as they may be shown, each file split once.

    A line ends at a line feed, as the front end counts; a carriage return before it and a byte order mark are left out.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._lines: dict[str, tuple[str, ...] | None] = {}

    def lines(self, path: str) -> tuple[str, ...] | None:
        """Every line of a file, or None if its text cannot be had."""
        if path not in self._lines:
            text = self._sources.text(path)
            self._lines[path] = None if text is None else _split(well_formed(text))
        return self._lines[path]

    def line(self, path: str, number: int) -> str | None:
        """The 1-based line, or None past the end of the file."""
        lines = self.lines(path)
        return lines[number - 1] if lines is not None and 0 < number <= len(lines) else None

    def text(self, path: str) -> str | None:
        """The whole text with line feeds, or None."""
        lines = self.lines(path)
        return None if lines is None else "\n".join(lines)

    def excerpt(self, place: Place) -> str | None:
        """The characters of a place, or None if the file is shorter than that."""
        first, last = self.line(place.path, place.line), self.line(place.path, place.end_line)
        lines = self.lines(place.path)
        if first is None or last is None or lines is None:
            return None
        if place.line == place.end_line:
            return first[place.column - 1 : place.end_column - 1]
        between = lines[place.line : place.end_line - 1]
        return "\n".join((first[place.column - 1 :], *between, last[: place.end_column - 1]))


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One report on its way into one format. Secrets are masked already, in `report` and in `listing`."""

    report: Report
    listing: Listing
    colour: bool = False
    links: bool = False
    """Whether the reader is a terminal that opens OSC 8 links; counts only with `colour`."""
    width: int = 100
    root: str = "."
    """The folder that paths are relative to; only an absolute one can be linked."""
    persona: Persona = Persona.DEFAULT
    instant: str = "1970-01-01T00:00:00"
    """The time of the scan for the one format that demands one: fixed, so that two runs give equal bytes."""

    def rule(self, finding: Finding) -> Rule | None:
        """The rule of a finding, if it is among the rules that took part."""
        return next((rule for rule in self.report.rules if rule.id == finding.rule), None)


def by_severity(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with the worst first, otherwise in the order of the report."""
    return tuple(sorted(findings, key=lambda finding: (-finding.severity.rank, -finding.confidence.rank)))


def severity_counts(findings: tuple[Finding, ...]) -> dict[Severity, int]:
    """How many findings there are of each severity that occurs, worst first."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return {severity: number for severity, number in counts.items() if number}


def _split(text: str) -> tuple[str, ...]:
    return tuple(line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n"))
