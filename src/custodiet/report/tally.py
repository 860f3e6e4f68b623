"""What a scan came to, in sentences."""

from typing import Final

from custodiet.domain.finding import Incomplete
from custodiet.domain.report import Report
from custodiet.report.plain import counted
from custodiet.report.view import severity_counts

ADVICE: Final = {
    "too-large": "split the file, or leave it out with `--exclude`",
    "not-text": "save it as UTF-8, or leave it out with `--exclude`",
    "unreadable": "let the user that scans read it",
    "syntax": "repair the syntax; what could be read was analysed",
    "too-deep": "simplify the nesting; the rest of the file was analysed",
    "too-complex": "split the function; the rest of the file was analysed",
    "template": "check that the template exists and that its name is constant",
    "internal": "please report this with the file that shows it",
}
"""What to do about each reason of an `Incomplete` note."""


def verdict(report: Report) -> str:
    """`3 findings: 1 critical, 2 low` or `no findings`."""
    if not report.findings:
        return "no findings"
    parts = [f"{number} {severity}" for severity, number in severity_counts(report.findings).items()]
    return f"{counted(len(report.findings), 'finding')}: {', '.join(parts)}"


def extent(report: Report) -> str:
    """`12 files, 3,400 lines`, with the number of templates among them."""
    numbers = report.statistics
    templates = f", {counted(numbers.templates, 'template')}" if numbers.templates else ""
    return f"{counted(numbers.files, 'file')}{templates}, {counted(numbers.lines, 'line')}"


def hidden(report: Report) -> str:
    """How many findings a comment and how many a baseline hides; empty if none."""
    comments = sum(1 for finding in report.suppressed if finding.suppression and finding.suppression.kind == "inSource")
    rest = len(report.suppressed) - comments
    parts = []
    if comments:
        parts.append(f"{comments} hidden by comments")
    if rest:
        parts.append(f"{rest} hidden by the baseline")
    return ", ".join(parts)


def advice(note: Incomplete) -> str:
    """What to do about a note."""
    return ADVICE.get(note.reason, ADVICE["internal"])


def where(note: Incomplete) -> str:
    """`path` or `path:line` of a note."""
    return note.path if note.line is None else f"{note.path}:{note.line}"
