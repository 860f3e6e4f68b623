"""Markdown for job summaries and comments on merge requests: a table on top, the flow of each finding folded.

Nothing of the code can become markup: text is escaped, code stands between fences longer than any it holds. What a
service would cut off is left out by severity, and the report says so.
"""

import re
from html import escape
from typing import Final

from custodiet.domain.finding import Finding, Step
from custodiet.domain.place import Place
from custodiet.domain.severity import Severity
from custodiet.report import prose
from custodiet.report.frame import frame
from custodiet.report.patch import diff
from custodiet.report.plain import counted, printable, sentence, spans
from custodiet.report.tally import advice, extent, hidden, verdict, where
from custodiet.report.view import View, by_severity, severity_counts

MOST_ROWS: Final = 200
MOST_CHARACTERS: Final = 60_000
"""GitHub takes 65,536 characters in a comment."""

WIDTH: Final = 110
_SIGNS: Final = {
    Severity.CRITICAL: "🔴",
    Severity.HIGH: "🟠",
    Severity.MEDIUM: "🟡",
    Severity.LOW: "🔵",
}
_LEXERS: Final = {".py": "python", ".html": "html", ".jinja": "html", ".jinja2": "html", ".js": "js", ".java": "java"}
_FENCE: Final = re.compile("`+")


def render(view: View) -> str:
    """The page. Findings stand with the worst first."""
    report = view.report
    findings = by_severity(report.findings)
    head = ["## Custodiet", "", *_summary(view)]
    if findings:
        head += ["", *_table(findings)]
    tail = _incomplete(view)
    size = sum(map(len, head)) + sum(map(len, tail))
    blocks: list[str] = []
    for number, finding in enumerate(findings):
        block = _finding(finding, view)
        size += sum(map(len, block)) + len(block)
        if size > MOST_CHARACTERS:
            blocks += [
                "",
                f"_The flows of {counted(len(findings) - number, 'further finding')} are left out for length._",
            ]
            break
        blocks += ["", *block]
    return "\n".join([*head, *blocks, *tail]) + "\n"


def escaped(text: str) -> str:
    """The sentence with what stands between backticks as code, and nothing else of it as markup."""
    return "".join(code(part) if is_code else _escaped(part) for is_code, part in spans(text))


def _escaped(text: str) -> str:
    """The text with every character escaped that Markdown or HTML takes for markup."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = re.sub(r"([\\`*_{}\[\]()#!|~$^])", r"\\\1", shown)
    # An empty comment after the sign: no person or issue is mentioned, no address is linked.
    return re.sub(r"@(?=\w)|(?<=http):|(?<=https):|(?<=www)\.", lambda match: f"{match[0]}<!-- -->", shown)


def code(text: str) -> str:
    """The text as a code span."""
    shown = sentence(text)
    ticks = "`" * (1 + max((len(run) for run in _FENCE.findall(shown)), default=0))
    space = " " if shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def _summary(view: View) -> list[str]:
    report = view.report
    extra = hidden(report)
    if not report.findings:
        sign = "⚠️" if report.incomplete else "✅"
        return [f"{sign} **{verdict(report).capitalize()}** in {extent(report)}{f' ({extra})' if extra else ''}."]
    counts = " · ".join(
        f"{_SIGNS[severity]} {number} {severity}" for severity, number in severity_counts(report.findings).items()
    )
    total = counted(len(report.findings), "finding")
    return [f"**{total}** in {extent(report)}: {counts}{f' ({extra})' if extra else ''}."]


def _table(findings: tuple[Finding, ...]) -> list[str]:
    lines = ["| Severity | Rule | Place | What |", "| --- | --- | --- | --- |"]
    for finding in findings[:MOST_ROWS]:
        at = f"{finding.place.path}:{finding.place.line}"
        sign = f"{_SIGNS[finding.severity]} {finding.severity}"
        lines.append(f"| {sign} | {code(finding.rule)} | {_cell(code(at))} | {_cell(escaped(finding.message))} |")
    if len(findings) > MOST_ROWS:
        lines += ["", f"_{counted(len(findings) - MOST_ROWS, 'further finding')} of lower severity are left out._"]
    return lines


def _cell(markdown: str) -> str:
    """The Markdown with every bar escaped, which would end the cell even in a code span."""
    return re.sub(r"(?<!\\)\|", r"\\|", markdown)


def _finding(finding: Finding, view: View) -> list[str]:
    rule = view.rule(finding)
    place = finding.place
    title = (
        f"{_SIGNS[finding.severity]} <b>{_html(finding.rule)}</b> <code>{_html(f'{place.path}:{place.line}')}</code>"
    )
    lines = [f"<details><summary>{title}</summary>", "", escaped(finding.message), ""]
    if len(finding.steps) > 1:
        for number, step in enumerate(finding.steps, 1):
            lines += _step(number, step, view)
    else:
        lines += _code(place, view, "")
    if finding.fix is not None and (patch := diff(finding.fix, view.listing, 1)):
        lines += [f"**Fix** ({'safe' if finding.fix.is_safe else 'unsafe'}): {escaped(finding.fix.title)}", ""]
        lines += [*_fenced("\n".join(patch), "diff"), ""]
    facts = [f"confidence {finding.confidence}"]
    if rule is not None and rule.cwe:
        facts.append(f"[CWE-{rule.cwe[0]}]({prose.address(rule)})")
    facts.append(f"`custodiet explain {finding.rule}`")
    lines += [" · ".join(facts), "", "</details>"]
    return lines


def _step(number: int, step: Step, view: View) -> list[str]:
    at = code(f"{step.place.path}:{step.place.line}:{step.place.column}")
    indent = " " * (len(str(number)) + 2)
    return [f"{number}. **{step.kind}** {at} {escaped(step.message)}", "", *_code(step.place, view, indent)]


def _code(place: Place, view: View, indent: str) -> list[str]:
    rows = frame(view.listing, place, WIDTH)
    if not rows:
        return []
    gutter = len(str(place.end_line))
    text = "\n".join(
        f"{str(row.number).rjust(gutter) if row.is_code and row.number else ' ' * gutter} | {row.text}".rstrip()
        for row in rows
    )
    lexer = next((name for suffix, name in _LEXERS.items() if place.path.endswith(suffix)), "")
    return [*(indent + line for line in _fenced(text, lexer)), ""]


def _fenced(text: str, lexer: str) -> list[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in _FENCE.findall(text)), default=0))
    return [f"{fence}{lexer}", *map(printable, text.split("\n")), fence]


def _incomplete(view: View) -> list[str]:
    notes = view.report.incomplete
    if not notes:
        return []
    lines = ["", f"<details><summary>{counted(len(notes), 'note')} on what was not analysed</summary>", ""]
    lines += [
        f"- {code(where(note))} {note.reason}: {escaped(note.detail)} ({escaped(advice(note))})" for note in notes
    ]
    return [*lines, "", "</details>"]


def _html(text: str) -> str:
    return escape(sentence(text))
