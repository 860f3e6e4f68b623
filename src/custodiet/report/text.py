"""Code frames with the flow step by step, for people, as readable without colour as with it.

    critical[sql-injection] flask.request.args reaches the SQL text of sqlite3.Cursor.execute
      --> shop/views.py:14:5
       |
    14 |     cursor.execute("SELECT * FROM users WHERE name = '" + name + "'")
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

       1 source       shop/views.py:12:12  the query string of the request
            12 |     name = request.args["name"]
               |            ^^^^^^^^^^^^
       2 sink         shop/views.py:14:5  becomes part of the SQL text

The frame of the last step is the one on top. Findings stand in the order of the report; the closing lines count them
and say what was not analysed.
"""

from textwrap import wrap
from typing import Final

from custodiet.domain.finding import Finding, Fix, Incomplete, Step
from custodiet.domain.place import Place
from custodiet.frameworks import cwe_address
from custodiet.report.frame import cut, frame
from custodiet.report.paint import Paint
from custodiet.report.patch import diff
from custodiet.report.plain import printable, sentence, text_width
from custodiet.report.tally import advice, extent, hidden, verdict, where
from custodiet.report.view import View

NARROWEST: Final = 40
MOST_DIFF_LINES: Final = 24
_KIND_WIDTH: Final = len("propagation")


def render(view: View) -> str:
    """The blocks of the findings with empty lines between, then the closing lines."""
    paint = Paint(view.colour, view.links, view.root)
    width = max(view.width, NARROWEST)
    blocks = [_finding(finding, view, paint, width) for finding in view.report.findings]
    blocks.append(_closing(view, paint, width))
    return "\n".join("\n".join(line.rstrip(" ") for line in block) + "\n" for block in blocks)


def _finding(finding: Finding, view: View, paint: Paint, width: int) -> list[str]:
    gutter = len(str(max(place.end_line for place in (finding.place, *(step.place for step in finding.steps)))))
    lines = _header(finding, paint, width)
    lines.append(f"{' ' * gutter}{paint('gutter', '-->')} {_place(finding.place, paint)}")
    lines += _frame(finding.place, view, paint, width, gutter, str(finding.severity), spaced=True)
    if len(finding.steps) > 1:
        digits = len(str(len(finding.steps)))
        for number, step in enumerate(finding.steps, 1):
            lines += _step(number, digits, step, finding, view, paint, width, gutter)
    if finding.fix is not None:
        lines += _fix(finding.fix, view, paint, width, gutter)
    lines += _notes(finding, view, paint, gutter)
    return lines


def _header(finding: Finding, paint: Paint, width: int) -> list[str]:
    tag = f"{finding.severity}[{finding.rule}]"
    painted = paint(finding.severity, str(finding.severity)) + paint("bold", f"[{finding.rule}]")
    first, *rest = _wrapped(sentence(finding.message), width, len(tag) + 1) or [""]
    return [f"{painted} {paint('bold', first)}", *(f"    {paint('bold', line)}" for line in rest)]


def _place(place: Place, paint: Paint) -> str:
    text = sentence(f"{place.path}:{place.line}:{place.column}")
    return paint("path", paint.file(text, place.path))


def _frame(
    place: Place, view: View, paint: Paint, width: int, gutter: int, style: str, *, spaced: bool, indent: int = 0
) -> list[str]:
    """The frame with its gutter; `spaced` puts an empty gutter line before it."""
    left = " " * indent
    rows = frame(view.listing, place, width - gutter - indent - 3)
    lines = [f"{left}{' ' * gutter} {paint('gutter', '|')}"] if spaced and rows else []
    for row in rows:
        number = str(row.number).rjust(gutter) if row.is_code and row.number else " " * gutter
        text = row.text if row.is_code else _marks(row.text, paint, style)
        lines.append(f"{left}{paint('gutter', number)} {paint('gutter', '|')} {text}")
    return lines


def _marks(text: str, paint: Paint, style: str) -> str:
    bare = text.lstrip(" ")
    return " " * (len(text) - len(bare)) + paint("step" if style == "step" else f"mark-{style}", bare)


def _step(
    number: int, digits: int, step: Step, finding: Finding, view: View, paint: Paint, width: int, gutter: int
) -> list[str]:
    """The head of a step and, unless it stands where the finding stands, its one-line frame."""
    kind = str(step.kind).ljust(_KIND_WIDTH)
    head = f"  {str(number).rjust(digits)} {kind} "
    at = sentence(f"{step.place.path}:{step.place.line}:{step.place.column}")
    start = len(head) + text_width(at) + 2
    message = sentence(step.message)
    painted = f"  {paint('step', f'{number:>{digits}} {kind}')} {_place(step.place, paint)}"
    if start + text_width(message) <= width:
        lines = [f"{painted}  {message}"]
    else:
        left = " " * (digits + 3)
        lines = [painted, *(left + line for line in _wrapped(message, width - len(left)))]
    if step.place != finding.place:
        indent = digits + 3
        one_line = step.place
        if step.place.end_line != step.place.line:
            one_line = Place(step.place.path, step.place.line, step.place.column, step.place.line, 1 << 30)
        lines += _frame(one_line, view, paint, width, gutter, "step", spaced=False, indent=indent)
    return ["", *lines] if number == 1 else lines


def _fix(fix: Fix, view: View, paint: Paint, width: int, gutter: int) -> list[str]:
    """The title of the repair and its lines, removed and added."""
    option = "--fix" if fix.is_safe else "--fix=all"
    lines = ["", f"{' ' * gutter} {paint('good', '=')} fix: {sentence(fix.title)} ({option})"]
    changes = [line for line in diff(fix, view.listing, 0) if not line.startswith(("---", "+++", "@@"))]
    for line in changes[:MOST_DIFF_LINES]:
        shown = cut(line[1:], 0, 0, width - gutter - 5).text
        lines.append(f"{' ' * gutter}   {paint('add' if line[0] == '+' else 'remove', f'{line[0]} {shown}')}")
    if len(changes) > MOST_DIFF_LINES:
        lines.append(f"{' ' * gutter}   … and {len(changes) - MOST_DIFF_LINES} more lines")
    return lines


def _notes(finding: Finding, view: View, paint: Paint, gutter: int) -> list[str]:
    """What is known of the finding beside its place, and where to read on."""
    rule = view.rule(finding)
    facts = [f"confidence {finding.confidence}"]
    if rule is not None:
        facts += [paint.link(f"CWE-{rule.cwe[0]}", cwe_address(rule.cwe[0]))] if rule.cwe else []
        facts += [f"OWASP {name}" for name in (*rule.owasp[:1], *rule.owasp_llm[:1])]
    if finding.function:
        facts.append(f"in {sentence(finding.function)}")
    left = f"{' ' * gutter} {paint('gutter', '=')}"
    return [
        "" if len(finding.steps) > 1 and finding.fix is None else f"{' ' * gutter} {paint('gutter', '|')}",
        f"{left} {', '.join(facts)}",
        f"{left} help: {paint('bold', f'custodiet explain {finding.rule}')}",
    ]


def _closing(view: View, paint: Paint, width: int) -> list[str]:
    report = view.report
    head = verdict(report)
    style = "bold" if report.findings else "good"
    extra = hidden(report)
    lines = [f"{paint(style, head)} in {extent(report)}{f' ({extra})' if extra else ''}"]
    if report.incomplete:
        count = len(report.incomplete)
        lines.append(
            f"{paint('bold', 'incomplete')}: {count} {'note' if count == 1 else 'notes'} on what was not analysed"
        )
        for note in report.incomplete:
            lines += _incomplete(note, paint, width)
    return lines


def _incomplete(note: Incomplete, paint: Paint, width: int) -> list[str]:
    at = paint("path", paint.file(sentence(where(note)), note.path))
    detail = [f"    {line}" for line in _wrapped(f"{note.reason}: {sentence(note.detail)}", width - 4)]
    return [f"  {at}", *detail, f"    hint: {advice(note)}"]


def _wrapped(text: str, width: int, first: int = 0) -> list[str]:
    """The lines of a sentence; the first one has `first` cells less. Words are never broken."""
    if text_width(text) + first <= width:
        return [text]
    wide = text_width(text) > len(text)
    lines = wrap(
        " " * min(first, width // 2) + printable(text),
        max((width - 4) // (2 if wide else 1), 16),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return [line.strip() for line in lines]
