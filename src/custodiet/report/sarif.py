"""SARIF 2.1.0 (OASIS, with errata 01), as GitHub code scanning, GitLab, Azure DevOps and editors read it.

One run. Rules are `custodiet/<rule>`; results point into the rule list, carry the flow as one code flow and the
fingerprint as `partialFingerprints["custodietFlow/v1"]`. Columns count characters (`columnKind`
`unicodeCodePoints`). Paths are relative to `SRCROOT`, whose address is left to the reader, so that a log says nothing
of the machine that wrote it. Nothing depends on the time: two runs give equal bytes.

GitHub's limits are kept: 25,000 results, 10,000 places in the flows of a result, 20 tags a rule. What is left out is the least
severe, and a notification says so.
"""

from typing import Any, Final
from urllib.parse import quote

from custodiet.domain.finding import Finding, Fix, Incomplete, Step, StepKind
from custodiet.domain.place import Place
from custodiet.report.document import pretty
from custodiet.report.plain import counted, sentence
from custodiet.report.sarif_tool import LEVELS, SECURITY_SEVERITY, driver, taxonomies_of
from custodiet.report.tally import advice
from custodiet.report.view import Listing, View, by_severity

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "custodietFlow/v1"
MOST_RESULTS: Final = 25_000
MOST_STEPS: Final = 10_000
LONGEST_SNIPPET: Final = 2_000

_KINDS: Final = {
    StepKind.SOURCE: ["taint", "source"],
    StepKind.PROPAGATION: ["taint"],
    StepKind.CALL: ["taint", "call"],
    StepKind.RETURN: ["taint", "return"],
    StepKind.SINK: ["taint", "sink"],
}
_IMPORTANCE: Final = {StepKind.SOURCE: "essential", StepKind.SINK: "essential"}


def render(view: View) -> str:
    """The whole log."""
    report = view.report
    taxonomies = taxonomies_of(report.rules)
    kept, notes = _within_limits(report.findings, report.suppressed)
    artifacts = _artifacts(kept)
    writer = _Writer(view.listing, {path: index for index, path in enumerate(artifacts)}, view)
    notifications = [*notes, *map(_notification, report.incomplete)]
    run = {
        "tool": {"driver": driver(report.rules, taxonomies)},
        "taxonomies": [taxonomy.component for taxonomy in taxonomies],
        "automationDetails": {"id": "custodiet/"},
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the scanned tree."}}},
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "invocations": [
            {
                "executionSuccessful": not any(note.reason == "internal" for note in report.incomplete),
                "toolExecutionNotifications": notifications,
            }
        ],
        "artifacts": [
            {"location": {"uri": quote(path), "uriBaseId": "SRCROOT"}, "roles": ["analysisTarget"]}
            for path in artifacts
        ],
        "results": [writer.result(finding) for finding in kept],
        "properties": {"persona": str(view.persona)},
    }
    return pretty({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _within_limits(
    findings: tuple[Finding, ...], suppressed: tuple[Finding, ...]
) -> tuple[tuple[Finding, ...], list[dict[str, Any]]]:
    """The results to write, in the order of the report, and notifications on what is left out."""
    everything = (*findings, *suppressed)
    notes = []
    kept = everything
    if len(everything) > MOST_RESULTS:
        chosen = (*by_severity(findings), *by_severity(suppressed))[:MOST_RESULTS]
        marks = set(map(id, chosen))
        kept = tuple(finding for finding in everything if id(finding) in marks)
        text = f"{len(everything) - MOST_RESULTS} of {len(everything)} results are left out, the least severe: the limit is {MOST_RESULTS}."
        notes.append(_note("limit", "warning", text))
    if long := sum(1 for finding in kept if len(finding.steps) > MOST_STEPS):
        notes.append(
            _note(
                "limit",
                "note",
                f"{counted(long, 'flow')} {'is' if long == 1 else 'are'} shortened in the middle to {MOST_STEPS} steps.",
            )
        )
    return kept, notes


def _artifacts(findings: tuple[Finding, ...]) -> list[str]:
    """Every file that a result names, sorted."""
    return sorted({place.path for finding in findings for place in _places(finding)})


def _places(finding: Finding) -> list[Place]:
    places = [finding.place, *(step.place for step in finding.steps)]
    return places + ([edit.place for edit in finding.fix.edits] if finding.fix else [])


def _notification(note: Incomplete) -> dict[str, Any]:
    """What was not analysed."""
    level = "error" if note.reason in {"internal", "unreadable"} else "warning"
    value = _note(note.reason, level, f"{sentence(note.detail)} ({advice(note)})")
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(note.path), "uriBaseId": "SRCROOT"}}
    if note.line is not None:
        physical["region"] = {"startLine": note.line}
    return {**value, "locations": [{"physicalLocation": physical}]}


def _note(reason: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": f"custodiet/{reason}"}, "level": level, "message": {"text": text}}


class _Writer:
    """Results of one log: places as locations, with the indices of their files."""

    def __init__(self, listing: Listing, indices: dict[str, int], view: View) -> None:
        self._listing = listing
        self._indices = indices
        self._view = view
        self._rules = {rule.id: index for index, rule in enumerate(view.report.rules)}

    def result(self, finding: Finding) -> dict[str, Any]:
        """One finding."""
        value: dict[str, Any] = {"ruleId": f"custodiet/{finding.rule}"}
        if finding.rule in self._rules:
            value["ruleIndex"] = self._rules[finding.rule]
        value["kind"] = "fail"
        value["level"] = LEVELS[finding.severity]
        value["message"] = {"text": _message(finding.message)}
        value["locations"] = [self._location(finding.place, function=finding.function, context=True)]
        value["partialFingerprints"] = {FINGERPRINT: finding.fingerprint}
        if len(finding.steps) > 1:
            value["codeFlows"] = [{"threadFlows": [{"locations": self._flow(finding.steps)}]}]
            value["relatedLocations"] = [
                {"id": number, **self._location(step.place, _message(step.message))}
                for number, step in enumerate(finding.steps[:1], 1)
            ]
        if finding.suppression is not None:
            value["suppressions"] = [self._suppression(finding)]
        elif self._view.report.suppressed:
            # Either every result says whether it is suppressed, or none does (SARIF 3.27.23).
            value["suppressions"] = []
        if finding.fix is not None:
            value["fixes"] = [self._fix(finding.fix)]
        value["rank"] = _rank(finding)
        value["properties"] = _properties(finding)
        return value

    def _flow(self, steps: tuple[Step, ...]) -> list[dict[str, Any]]:
        """The steps as thread flow locations; a call goes one level down, a return one up."""
        numbered = list(enumerate(steps))
        if len(steps) > MOST_STEPS:
            numbered = numbered[: MOST_STEPS // 2] + numbered[-(MOST_STEPS // 2) :]
        level, values = 0, []
        for number, step in numbered:
            if step.kind is StepKind.RETURN:
                level = max(0, level - 1)
            values.append(
                {
                    "executionOrder": number + 1,
                    "importance": _IMPORTANCE.get(step.kind, "important"),
                    "kinds": _KINDS[step.kind],
                    "nestingLevel": level,
                    "location": self._location(step.place, _message(step.message)),
                }
            )
            if step.kind is StepKind.CALL:
                level += 1
        return values

    def _location(self, place: Place, text: str = "", *, function: str = "", context: bool = False) -> dict[str, Any]:
        physical: dict[str, Any] = {"artifactLocation": self._artifact(place.path), "region": self._region(place)}
        if context and (lines := self._context(place)) is not None:
            physical["contextRegion"] = lines
        value: dict[str, Any] = {"physicalLocation": physical}
        if text:
            value["message"] = {"text": text}
        if function:
            value["logicalLocations"] = [{"fullyQualifiedName": function, "kind": "function"}]
        return value

    def _artifact(self, path: str) -> dict[str, Any]:
        value: dict[str, Any] = {"uri": quote(path), "uriBaseId": "SRCROOT"}
        return {**value, "index": self._indices[path]} if path in self._indices else value

    def _region(self, place: Place) -> dict[str, Any]:
        value = _region(place)
        snippet = self._listing.excerpt(place)
        if snippet and len(snippet) <= LONGEST_SNIPPET:
            value["snippet"] = {"text": snippet}
        return value

    def _context(self, place: Place) -> dict[str, Any] | None:
        """The lines of the place with two before and after, if they are not overlong."""
        lines = self._listing.lines(place.path)
        if lines is None or place.end_line > len(lines):
            return None
        first, last = max(1, place.line - 2), min(len(lines), place.end_line + 2)
        text = "\n".join(lines[first - 1 : last])
        if len(text) > LONGEST_SNIPPET:
            return None
        return {"startLine": first, "endLine": last, "snippet": {"text": text}}

    def _suppression(self, finding: Finding) -> dict[str, Any]:
        suppression = finding.suppression
        assert suppression is not None
        value: dict[str, Any] = {
            "kind": suppression.kind,
            "status": "accepted",
            "justification": suppression.justification,
        }
        if suppression.place is not None:
            value["location"] = self._location(suppression.place)
        return value

    def _fix(self, fix: Fix) -> dict[str, Any]:
        paths = sorted({edit.place.path for edit in fix.edits})
        changes = [
            {
                "artifactLocation": self._artifact(path),
                "replacements": [
                    {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}}
                    for edit in fix.edits
                    if edit.place.path == path
                ],
            }
            for path in paths
        ]
        return {
            "description": {"text": fix.title},
            "artifactChanges": changes,
            "properties": {"applicability": "safe" if fix.is_safe else "unsafe"},
        }


def _region(place: Place) -> dict[str, Any]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _message(text: str) -> str:
    """One line in which nothing reads as an embedded link (SARIF 3.11.6)."""
    return sentence(text).replace("](", "] (") or "(no message)"


def _rank(finding: Finding) -> float:
    """0 to 100 from severity and, within it, confidence."""
    return 25.0 * finding.severity.rank + 8.0 * (finding.confidence.rank + 1)


def _properties(finding: Finding) -> dict[str, Any]:
    value: dict[str, Any] = {
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "security-severity": SECURITY_SEVERITY[finding.severity],
    }
    if finding.label is not None:
        value["label"] = str(finding.label)
    if finding.source_text:
        value["source"] = finding.source_text
    if finding.sink_text:
        value["sink"] = finding.sink_text
    return value
