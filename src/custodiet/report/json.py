"""`json-v1`: everything a report holds, under a contract.

Lines and columns are 1-based, columns count characters, ends are exclusive. Within `json-v1` keys are only added,
never renamed, removed or given another meaning; a change that breaks readers becomes `json-v2`, and `json` may follow
it two releases later, while `json-v1` stays. `json-v1.schema.json` beside this file is the JSON schema.

    {"format": "json-v1", "tool": {"name": "custodiet", "version": "0.1.0"}, "persona": "default",
     "findings": [{"rule": "sql-injection", "severity": "critical", "path": "a.py", "line": 3, …, "steps": […]}],
     "suppressed": [], "incomplete": [], "statistics": {"files": 1, …}, "rules": [{"id": "sql-injection", …}]}
"""

from typing import Any, Final

import msgspec

from custodiet.domain.finding import Finding, Fix, Incomplete, Step, Suppression
from custodiet.domain.place import Place
from custodiet.domain.rule import Rule
from custodiet.report.document import pretty
from custodiet.report.tool import NAME, version
from custodiet.report.view import Listing, View

CONTRACT: Final = "json-v1"
LONGEST_CODE: Final = 2_000
"""A longer line is minified or generated: `code` is None."""


def render(view: View) -> str:
    """One JSON object."""
    report = view.report
    return pretty(
        {
            **header(view),
            "findings": [finding_object(finding, view) for finding in report.findings],
            "suppressed": [finding_object(finding, view) for finding in report.suppressed],
            "incomplete": [incomplete_object(note) for note in report.incomplete],
            "statistics": msgspec.to_builtins(report.statistics),
            "rules": [rule_object(rule) for rule in report.rules],
        }
    )


def header(view: View) -> dict[str, Any]:
    """What says how to read the rest."""
    return {"format": CONTRACT, "tool": {"name": NAME, "version": version()}, "persona": str(view.persona)}


def finding_object(finding: Finding, view: View) -> dict[str, Any]:
    """A finding, with its rule's weaknesses so that it can be read on its own."""
    rule = view.rule(finding)
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "message": finding.message,
        "fingerprint": finding.fingerprint,
        **place_object(finding.place, view.listing),
        "function": finding.function,
        "label": None if finding.label is None else str(finding.label),
        "source": finding.source_text,
        "sink": finding.sink_text,
        "cwe": [] if rule is None else list(rule.cwe),
        "owasp": [] if rule is None else list(rule.owasp),
        "owasp_llm": [] if rule is None else list(rule.owasp_llm),
        "steps": [_step(step, view.listing) for step in finding.steps],
        "fix": None if finding.fix is None else _fix(finding.fix),
        "suppression": None if finding.suppression is None else _suppression(finding.suppression),
    }


def incomplete_object(note: Incomplete) -> dict[str, Any]:
    """A note on what was not analysed."""
    return {"path": note.path, "line": note.line, "reason": note.reason, "detail": note.detail}


def rule_object(rule: Rule) -> dict[str, Any]:
    """What a rule says of itself."""
    return {
        "id": rule.id,
        "title": rule.title,
        "summary": rule.summary,
        "severity": str(rule.severity),
        "confidence": str(rule.confidence),
        "cwe": list(rule.cwe),
        "owasp": list(rule.owasp),
        "owasp_llm": list(rule.owasp_llm),
        "tags": list(rule.tags),
        "since": rule.since,
    }


def place_object(place: Place, listing: Listing | None = None) -> dict[str, Any]:
    """A place; with a listing also `code`, the line it starts on, or None if that cannot be had."""
    value: dict[str, Any] = {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }
    if listing is not None:
        line = listing.line(place.path, place.line)
        value["code"] = line if line is None or len(line) <= LONGEST_CODE else None
    return value


def _step(step: Step, listing: Listing) -> dict[str, Any]:
    return {"kind": str(step.kind), "message": step.message, **place_object(step.place, listing)}


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**place_object(edit.place), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "is_safe": fix.is_safe, "edits": edits}


def _suppression(suppression: Suppression) -> dict[str, Any]:
    place = None if suppression.place is None else place_object(suppression.place)
    return {"kind": suppression.kind, "justification": suppression.justification, "place": place}
