"""One line for each finding, as editors and `grep` like it, and one line at the end.

shop/views.py:14:5: critical[sql-injection] flask.request.args reaches the SQL text of sqlite3.Cursor.execute
1 finding: 1 critical (12 files, 340 lines)
"""

from custodiet.report.paint import Paint
from custodiet.report.plain import sentence
from custodiet.report.tally import extent, hidden, verdict, where
from custodiet.report.view import View


def render(view: View) -> str:
    """The lines, findings in the order of the report."""
    paint = Paint(view.colour, view.links, view.root)
    lines = []
    for finding in view.report.findings:
        path = sentence(finding.place.path)
        at = f"{path}:{finding.place.line}:{finding.place.column}"
        tag = paint(finding.severity, finding.severity) + paint("bold", f"[{finding.rule}]")
        lines.append(f"{paint('path', paint.file(at, finding.place.path))}: {tag} {sentence(finding.message)}")
    lines.extend(
        f"{sentence(where(note))}: incomplete[{note.reason}] {sentence(note.detail)}" for note in view.report.incomplete
    )
    extra = hidden(view.report)
    lines.append(f"{verdict(view.report)} ({extent(view.report)}{f'; {extra}' if extra else ''})")
    return "\n".join(lines) + "\n"
