"""GitHub workflow commands: each finding becomes an annotation of the change it stands in.

    ::error title=sql-injection (critical),file=shop/views.py,line=14,endLine=14,col=5,endColumn=72::message

GitHub shows ten errors and ten warnings of a step, so the worst come first. Paths must be relative to the root of the
repository.
"""

from typing import Final

from custodiet.domain.finding import Finding, Incomplete
from custodiet.domain.severity import Severity
from custodiet.report.plain import sentence
from custodiet.report.tally import advice
from custodiet.report.view import View, by_severity

_COMMANDS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def render(view: View) -> str:
    """One command on each line; nothing for a report without findings and notes."""
    lines = [_finding(finding) for finding in by_severity(view.report.findings)]
    lines += [_incomplete(note) for note in view.report.incomplete]
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding) -> str:
    place = finding.place
    properties = {
        "title": f"{finding.rule} ({finding.severity})",
        "file": sentence(place.path),
        "line": str(place.line),
        "endLine": str(place.end_line),
    }
    if place.line == place.end_line:
        # GitHub ignores columns of an annotation that spans lines.
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    text = sentence(finding.message)
    if len(finding.steps) > 1:
        steps = (
            f"{n}. {sentence(str(step.place))} {sentence(step.message)}" for n, step in enumerate(finding.steps, 1)
        )
        text = "\n".join((text, *steps))
    return _command(_COMMANDS[finding.severity], properties, text)


def _incomplete(note: Incomplete) -> str:
    properties = {"title": f"not analysed ({note.reason})", "file": sentence(note.path)}
    if note.line is not None:
        properties["line"] = str(note.line)
    return _command("warning", properties, f"{sentence(note.detail)}\n{advice(note)}")


def _command(command: str, properties: dict[str, str], text: str) -> str:
    values = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    return f"::{command} {values}::{_escape(text)}"


def _escape(text: str) -> str:
    """The data of a command: no line of it can open a command of its own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
