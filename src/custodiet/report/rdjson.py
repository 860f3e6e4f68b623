"""Reviewdog diagnostics (`-f=rdjson`), with the repairs as suggested changes and the flow as related places.

Reviewdog counts columns in bytes of UTF-8, so ours are converted where the line can be had.
Format: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from typing import Any, Final

from custodiet.domain.finding import Finding
from custodiet.domain.place import Place
from custodiet.domain.severity import Severity
from custodiet.report.document import pretty
from custodiet.report.patch import combined
from custodiet.report.plain import sentence
from custodiet.report.prose import address
from custodiet.report.tool import NAME
from custodiet.report.view import Listing, View, by_severity

_LEVELS: Final = {
    Severity.CRITICAL: "ERROR",
    Severity.HIGH: "ERROR",
    Severity.MEDIUM: "WARNING",
    Severity.LOW: "INFO",
}


def render(view: View) -> str:
    """One result with every finding."""
    findings = view.report.findings
    worst = by_severity(findings)[:1]
    return pretty(
        {
            "source": {"name": NAME},
            "severity": _LEVELS[worst[0].severity] if worst else "INFO",
            "diagnostics": [_diagnostic(finding, view) for finding in findings],
        }
    )


def _diagnostic(finding: Finding, view: View) -> dict[str, Any]:
    rule = view.rule(finding)
    code = {"value": finding.rule, "url": address(rule)} if rule and rule.cwe else {"value": finding.rule}
    value: dict[str, Any] = {
        "message": sentence(finding.message) or finding.rule,
        "location": _location(finding.place, view.listing),
        "severity": _LEVELS[finding.severity],
        "code": code,
    }
    if finding.fix is not None and (edit := combined(finding.fix, view.listing)) is not None:
        value["suggestions"] = [{"range": _range(edit.place, view.listing), "text": edit.text}]
    if len(finding.steps) > 1:
        value["related_locations"] = [
            {"message": sentence(step.message), "location": _location(step.place, view.listing)}
            for step in finding.steps
        ]
    return value


def _location(place: Place, listing: Listing) -> dict[str, Any]:
    return {"path": place.path, "range": _range(place, listing)}


def _range(place: Place, listing: Listing) -> dict[str, Any]:
    return {
        "start": {"line": place.line, "column": _byte_column(listing.line(place.path, place.line), place.column)},
        "end": {
            "line": place.end_line,
            "column": _byte_column(listing.line(place.path, place.end_line), place.end_column),
        },
    }


def _byte_column(line: str | None, column: int) -> int:
    """The 1-based column in bytes of UTF-8; the column as it is without the line."""
    return column if line is None else len(line[: column - 1].encode()) + 1
