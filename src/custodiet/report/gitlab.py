"""The two reports that GitLab reads: SAST (schema 15.1) and Code Quality.

SAST feeds the vulnerability report and the merge request's security widget; the flow goes into `details.code_flows`,
which GitLab draws step by step, and repairs into `remediations` as diffs. Its schema demands times; ours are fixed
unless the caller gives an instant, so that two runs give equal bytes. Findings that a comment or a baseline hides are
left out of both.

Fields: https://docs.gitlab.com/development/integrations/secure/ and
https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from base64 import b64encode
from typing import Any, Final

from custodiet.domain.finding import Finding, Incomplete, Step, StepKind
from custodiet.domain.place import Place
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Severity
from custodiet.frameworks import cwe_address, owasp, owasp_address
from custodiet.report.document import pretty
from custodiet.report.identity import identities, uuid_of
from custodiet.report.markdown import code, escaped
from custodiet.report.patch import diff
from custodiet.report.plain import sentence
from custodiet.report.prose import address, remedy
from custodiet.report.tally import advice, where
from custodiet.report.tool import NAME, TITLE, VENDOR, version
from custodiet.report.view import View

SCHEMA_VERSION: Final = "15.1.4"
SCHEMA: Final = (
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/"
    f"v{SCHEMA_VERSION}/dist/sast-report-format.json"
)
LONGEST_NAME: Final = 255
LONGEST_SOLUTION: Final = 7_000
LONGEST_EXTRACT: Final = 2_000

_QUALITY: Final = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}
_NODES: Final = {StepKind.SOURCE: "source", StepKind.SINK: "sink"}


def render(view: View) -> str:
    """The SAST report."""
    report = view.report
    names = [uuid_of(name) for name in identities(report.findings)]
    value: dict[str, Any] = {
        "version": SCHEMA_VERSION,
        "schema": SCHEMA,
        "scan": _scan(view),
        "vulnerabilities": [
            _vulnerability(finding, name, view) for finding, name in zip(report.findings, names, strict=True)
        ],
    }
    remediations = [
        _remediation(finding, name, patch)
        for finding, name in zip(report.findings, names, strict=True)
        if finding.fix is not None and (patch := diff(finding.fix, view.listing))
    ]
    return pretty({**value, "remediations": remediations})


def render_codequality(view: View) -> str:
    """The Code Quality report: a bare list."""
    findings = view.report.findings
    return pretty(
        [
            {
                "description": sentence(finding.message),
                "check_name": finding.rule,
                "fingerprint": name,
                "severity": _QUALITY[finding.severity],
                "categories": ["Security"],
                "location": {
                    "path": finding.place.path,
                    "positions": {
                        "begin": {"line": finding.place.line, "column": finding.place.column},
                        "end": {"line": finding.place.end_line, "column": finding.place.end_column},
                    },
                    "lines": {"begin": finding.place.line, "end": finding.place.end_line},
                },
            }
            for finding, name in zip(findings, identities(findings), strict=True)
        ]
    )


def _scan(view: View) -> dict[str, Any]:
    tool = {"id": NAME, "name": TITLE, "version": version(), "vendor": {"name": VENDOR}}
    return {
        "analyzer": tool,
        "scanner": tool,
        "type": "sast",
        "status": "success",
        "start_time": view.instant,
        "end_time": view.instant,
        "messages": [{"level": "warn", "value": _warning(note)} for note in view.report.incomplete],
        "primary_identifiers": [_rule_identifier(rule.id) for rule in view.report.rules],
    }


def _warning(note: Incomplete) -> str:
    return f"{sentence(where(note))}: {note.reason}: {sentence(note.detail)} ({advice(note)})"


def _vulnerability(finding: Finding, name: str, view: View) -> dict[str, Any]:
    rule = view.rule(finding)
    value: dict[str, Any] = {
        "id": name,
        "name": (rule.title if rule else finding.rule)[:LONGEST_NAME],
        "description": _description(finding, rule),
        "severity": str(finding.severity).capitalize(),
    }
    if rule and (solution := remedy(rule)):
        value["solution"] = solution[:LONGEST_SOLUTION]
    value["identifiers"] = _identifiers(finding, rule)
    if rule and address(rule):
        value["links"] = [{"name": f"CWE-{rule.cwe[0]}", "url": address(rule)}]
    value["location"] = _location(finding)
    extract = view.listing.excerpt(finding.place)
    if extract and len(extract) <= LONGEST_EXTRACT:
        value["raw_source_code_extract"] = extract
    if len(finding.steps) > 1:
        value["details"] = {"code_flows": _code_flows(finding.steps)}
    return value


def _description(finding: Finding, rule: Rule | None) -> str:
    """The message, what the rule finds, and the flow in words, as Markdown in which nothing of the code is markup."""
    lines = [escaped(finding.message)]
    if rule and rule.summary:
        lines += ["", rule.summary]
    if len(finding.steps) > 1:
        lines.append("")
        lines += [f"{n}. {code(str(step.place))}: {escaped(step.message)}" for n, step in enumerate(finding.steps, 1)]
    return "\n".join(lines)


def _identifiers(finding: Finding, rule: Rule | None) -> list[dict[str, str]]:
    """The rule first (GitLab's primary identifier), then the weaknesses, the most specific first."""
    values = [_rule_identifier(finding.rule)]
    for number in rule.cwe if rule else ():
        values.append({"type": "cwe", "name": f"CWE-{number}", "value": str(number), "url": cwe_address(number)})
    for entry in rule.owasp if rule else ():
        title = f"{entry} - {owasp().name_of(entry)}".removesuffix(" - ")
        values.append({"type": "owasp", "name": title, "value": entry, "url": owasp_address(entry)})
    return values


def _rule_identifier(rule_id: str) -> dict[str, str]:
    return {"type": "custodiet_rule", "name": f"{NAME}/{rule_id}", "value": rule_id}


def _location(finding: Finding) -> dict[str, Any]:
    place = finding.place
    value: dict[str, Any] = {"file": place.path, "start_line": place.line, "end_line": place.end_line}
    return {**value, "method": finding.function} if finding.function else value


def _code_flows(steps: tuple[Step, ...]) -> dict[str, Any]:
    nodes = [
        {
            "type": "code-flow-node",
            "node_type": _NODES.get(step.kind, "propagation"),
            "file_location": _file_location(step.place),
        }
        for step in steps
    ]
    return {"name": "Flow", "type": "code-flows", "items": [nodes]}


def _file_location(place: Place) -> dict[str, Any]:
    return {"type": "file-location", "file_name": place.path, "line_start": place.line, "line_end": place.end_line}


def _remediation(finding: Finding, name: str, patch: list[str]) -> dict[str, Any]:
    assert finding.fix is not None
    text = "\n".join(patch) + "\n"
    return {
        "fixes": [{"id": name}],
        "summary": sentence(finding.fix.title),
        "diff": b64encode(text.encode("utf-8", "replace")).decode("ascii"),
    }
