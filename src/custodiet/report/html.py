"""One self-contained page: no remote resource, nothing executed but the script whose digest the page itself names.

The content security policy allows the one inline style and the one inline script by SHA-256, and nothing else: should
a name or a line of code ever slip through the escaping, the browser does not run it. Without script everything can be
read; with it findings can be filtered by severity, rule and text. `page.css` and `page.js` beside this file are put in.
"""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

from custodiet.domain.finding import Finding, Fix, Step
from custodiet.domain.place import Place
from custodiet.domain.report import Report
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Severity
from custodiet.frameworks import cwe, owasp, owasp_address
from custodiet.report import prose
from custodiet.report.identity import identities
from custodiet.report.patch import diff
from custodiet.report.plain import counted, printable, sentence, spans
from custodiet.report.tally import advice, extent, hidden, verdict, where
from custodiet.report.tool import TITLE, version
from custodiet.report.view import View, by_severity, severity_counts

MOST_FINDINGS: Final = 2_000
MOST_LINES: Final = 12
LONGEST_LINE: Final = 400
MOST_RULES: Final = 12
_CHANGES: Final = {"+": " add", "-": " remove"}
OPEN_UP_TO: Final = 3
"""A page of no more findings than this opens with all of them unfolded."""


def render(view: View) -> str:
    """The page, findings with the worst first."""
    report = view.report
    findings = by_severity(report.findings)
    style, script = _resource("page.css"), _resource("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"{TITLE}: {verdict(report)}"
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<div class="wrap">',
        '<a class="skip" href="#findings">To the findings</a>',
        *_header(report),
        "<main>",
        *(_summary(findings) if findings else []),
        '<h2 id="findings">Findings</h2>',
        *(_filter(report, findings) if findings else []),
        *_findings(findings, view),
        *_incomplete(report),
        *_suppressed(report),
        "</main>",
        (
            f"<footer>{_text(TITLE)} {_text(version())}, persona {_text(str(view.persona))}. "
            "Nothing on this page leaves your browser.</footer>"
        ),
        "</div>",
        f"<script>{script}</script>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


@cache
def _resource(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").strip()


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")


def _text(text: str) -> str:
    """The text on one line, safe as content and as a quoted attribute."""
    return escape(sentence(text))


def _sentence(text: str) -> str:
    """The sentence with what stands between backticks as code."""
    return "".join(f"<code>{escape(part)}</code>" if is_code else escape(part) for is_code, part in spans(text))


def _header(report: Report) -> list[str]:
    head = verdict(report)
    extra = hidden(report)
    hit = len({finding.place.path for finding in report.findings})
    below = f"in {extent(report)}{f' ({extra})' if extra else ''}"
    if hit:
        below += f", {counted(hit, 'file')} with findings"
    return [
        "<header>",
        f'<p class="brand">{TITLE}</p>',
        f"<h1>{_text(head[:1].upper() + head[1:])}</h1>",
        f"<p>{_text(below)}</p>",
        "</header>",
    ]


def _summary(findings: tuple[Finding, ...]) -> list[str]:
    """Bars by severity and by rule."""
    severities = severity_counts(findings)
    rules: dict[str, list[Finding]] = {}
    for finding in findings:
        rules.setdefault(finding.rule, []).append(finding)
    ranked = sorted(rules.items(), key=lambda item: (-len(item[1]), item[0]))
    most = max(severities.values())
    by_rule = [_bar(name, len(group), len(ranked[0][1]), group[0].severity) for name, group in ranked[:MOST_RULES]]
    if len(ranked) > MOST_RULES:
        rest = sum(len(group) for _, group in ranked[MOST_RULES:])
        by_rule.append(
            f'<tr><th scope="row">{len(ranked) - MOST_RULES} more rules</th><td></td><td class="count">{rest}</td></tr>'
        )
    return [
        '<h2 class="quiet">Summary</h2>',
        '<section class="panels" aria-label="Summary">',
        '<div class="panel"><h3>By severity</h3>',
        "<table>",
        *(_bar(str(severity), number, most, severity) for severity, number in severities.items()),
        "</table>",
        "</div>",
        f'<div class="panel"><h3>By rule</h3><table>{"".join(by_rule)}</table></div>',
        "</section>",
    ]


def _bar(name: str, number: int, most: int, severity: Severity) -> str:
    width = round(100 * number / most, 2)
    return (
        f'<tr><th scope="row">{_text(name)}</th><td><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none"'
        f' aria-hidden="true"><rect class="ground" width="100" height="10"/><rect class="{severity}" width="{width:g}"'
        f' height="10"/></svg></td><td class="count">{number:,}</td></tr>'
    )


def _filter(report: Report, findings: tuple[Finding, ...]) -> list[str]:
    """The form, hidden until the script that serves it runs."""
    boxes = [
        f'<label><input type="checkbox" name="severity" value="{severity}" checked> {severity}</label>'
        for severity in severity_counts(report.findings)
    ]
    names = sorted({finding.rule for finding in findings})
    options = [f'<option value="{_text(name)}">{_text(name)}</option>' for name in names]
    return [
        '<form id="filter" class="filter" hidden>',
        f"<fieldset><legend>Severity</legend>{''.join(boxes)}</fieldset>",
        (
            '<label class="wide"><span class="name">Rule</span><select name="rule"><option value="">all rules</option>'
            f"{''.join(options)}</select></label>"
        ),
        (
            '<label class="wide"><span class="name">Path or text</span>'
            '<input type="search" name="text" autocomplete="off" spellcheck="false"></label>'
        ),
        (
            '<span><button type="button" id="open">Unfold</button> <button type="button" id="close">Fold</button> '
            '<button type="reset">Reset</button></span>'
        ),
        '<output id="count" aria-live="polite"></output>',
        "</form>",
    ]


def _findings(findings: tuple[Finding, ...], view: View) -> list[str]:
    if not findings:
        return ['<p class="empty">Nothing was found.</p>']
    lines: list[str] = []
    names = identities(findings)
    is_open = len(findings) <= OPEN_UP_TO
    for finding, name in zip(findings[:MOST_FINDINGS], names, strict=False):
        lines += _finding(finding, name, view, is_open=is_open)
    if len(findings) > MOST_FINDINGS:
        left = counted(len(findings) - MOST_FINDINGS, "further finding")
        lines.append(f'<p class="empty">{left} of lower severity are left out. Every one is in the JSON report.</p>')
    return lines


def _finding(finding: Finding, name: str, view: View, *, is_open: bool) -> list[str]:
    rule = view.rule(finding)
    searched = " ".join((finding.rule, finding.message, *(str(step.place) for step in finding.steps))).lower()
    lines = [
        (
            f'<article class="finding {finding.severity}" id="finding-{_text(name)}" data-severity="{finding.severity}" '
            f'data-rule="{_text(finding.rule)}" data-text="{_text(searched)}">'
        ),
        f"<details{' open' if is_open else ''}><summary>",
        f'<span class="badge {finding.severity}">{finding.severity}</span>',
        f'<span class="message"><b>{_text(finding.rule)}</b>{_sentence(finding.message)}</span>',
        f'<span class="place">{_text(str(finding.place))}</span>',
        "</summary>",
        '<div class="body">',
    ]
    if rule is not None and rule.summary:
        lines.append(f"<p>{_sentence(rule.summary)}</p>")
    if len(finding.steps) > 1:
        lines.append('<ol class="flow">')
        for number, step in enumerate(finding.steps, 1):
            lines += _step(number, step, view)
        lines.append("</ol>")
    else:
        lines += _code(finding.place, view)
    if finding.fix is not None:
        lines += _fix(finding.fix, view)
    elif rule is not None and (how := prose.remedy(rule)):
        lines.append(f'<p class="fix"><b>How to fix it:</b> {_sentence(how.partition(chr(10) * 2)[0])}</p>')
    lines += _facts(finding, rule)
    return [*lines, "</div></details>", "</article>"]


def _step(number: int, step: Step, view: View) -> list[str]:
    return [
        f'<li class="{step.kind}"><span class="step" aria-hidden="true">{number}</span>',
        (
            f'<div class="head"><span class="kind">{step.kind}</span>{_sentence(step.message)}'
            f'<span class="place">{_text(str(step.place))}</span></div>'
        ),
        *_code(step.place, view),
        "</li>",
    ]


def _code(place: Place, view: View) -> list[str]:
    """The lines of a place with one before and after, its characters marked."""
    lines = view.listing.lines(place.path)
    if lines is None or place.line > len(lines):
        return []
    last = min(place.end_line, len(lines))
    after = last + 1 if last < len(lines) and lines[last].strip() else last
    before = place.line - 1 if place.line > 1 and lines[place.line - 2].strip() else place.line
    numbers = list(range(before, after + 1))
    if len(numbers) > MOST_LINES:
        numbers = [*numbers[: MOST_LINES - 3], 0, *numbers[-2:]]
    rows = []
    for number in numbers:
        if number == 0:
            rows.append('<span class="row"><span class="no"></span>…</span>')
            continue
        line = lines[number - 1]
        if not place.line <= number <= place.end_line:
            rows.append(_row(number, _shown(line[:LONGEST_LINE]) + ("…" if len(line) > LONGEST_LINE else ""), ""))
            continue
        start = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column - 1 if number == place.end_line else len(line)
        rows.append(_row(number, _marked(line, start, max(start, end)), " hit"))
    return [f'<pre tabindex="0"><code>{"".join(rows)}</code></pre>']


def _row(number: int, content: str, style: str) -> str:
    return f'<span class="row{style}"><span class="no">{number}</span>{content}\n</span>'


def _marked(line: str, start: int, end: int) -> str:
    """The line with its characters from `start` to `end` marked, cut around them when it is overlong."""
    left = max(0, start - LONGEST_LINE // 4) if len(line) > LONGEST_LINE else 0
    right = min(len(line), left + LONGEST_LINE)
    end = min(end, right)
    before, after = "…" if left else "", "…" if right < len(line) else ""
    return f"{before}{_shown(line[left:start])}<mark>{_shown(line[start:end])}</mark>{_shown(line[end:right])}{after}"


def _shown(text: str) -> str:
    """The code with tabs kept and every other control character visible."""
    return escape("\t".join(map(printable, text.split("\t"))))


def _fix(fix: Fix, view: View) -> list[str]:
    option = "--fix" if fix.is_safe else "--fix=all"
    lines = [
        (
            f'<p class="fix"><b>Fix</b> ({"safe" if fix.is_safe else "unsafe"}, <code>custodiet scan {option}</code>): '
            f"{_sentence(fix.title)}</p>"
        )
    ]
    rows = []
    for line in diff(fix, view.listing, 1):
        style = " file" if line.startswith(("+++", "---", "@@")) else _CHANGES.get(line[:1], "")
        rows.append(f'<span class="row{style}">{_shown(line[:LONGEST_LINE])}\n</span>')
    return [*lines, f'<pre class="diff" tabindex="0"><code>{"".join(rows)}</code></pre>'] if rows else lines


def _facts(finding: Finding, rule: Rule | None) -> list[str]:
    facts = [f"confidence {finding.confidence}"]
    if finding.function:
        facts.append(f"in <code>{_text(finding.function)}</code>")
    if rule is not None and rule.cwe:
        name = cwe().name_of(str(rule.cwe[0]))
        facts.append(_link(prose.address(rule), f"CWE-{rule.cwe[0]}", name))
    if rule is not None and rule.owasp:
        facts.append(_link(owasp_address(rule.owasp[0]), f"OWASP {rule.owasp[0]}", owasp().name_of(rule.owasp[0])))
    facts.append(f"<code>custodiet explain {_text(finding.rule)}</code>")
    return ['<ul class="facts">', *(f"<li>{fact}</li>" for fact in facts), "</ul>"]


def _link(address: str, text: str, title: str) -> str:
    return f'<a href="{_text(address)}" title="{_text(title)}" rel="noreferrer">{_text(text)}</a>'


def _incomplete(report: Report) -> list[str]:
    rows = [(where(note), note.reason, note.detail, advice(note)) for note in report.incomplete]
    return _table("Not analysed", ("Place", "Reason", "What happened", "What to do"), rows)


def _suppressed(report: Report) -> list[str]:
    rows = [
        (
            str(finding.place),
            finding.rule,
            "comment" if finding.suppression and finding.suppression.kind == "inSource" else "baseline",
            finding.suppression.justification if finding.suppression else "",
        )
        for finding in report.suppressed[:MOST_FINDINGS]
    ]
    return _table("Hidden", ("Place", "Rule", "By", "Because"), rows)


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{_sentence(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return [
        f"<h2>{title}</h2>",
        f'<div class="rest" tabindex="0"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>',
    ]
