"""The comparison of an example with what a scan found: it fails when it must, and says why."""

import pytest

from custodiet.domain.finding import Edit, Finding, Fix, Incomplete, Step, StepKind
from custodiet.domain.place import Place
from custodiet.domain.report import Report, Statistics
from custodiet.domain.severity import Confidence, Severity
from custodiet.rules.examples import examples
from spec_verdict import judge

pytestmark = pytest.mark.house

TEXT = """\
## A query
```python
q = input()
run(q)  # error: 1 [sql-injection] "reaches"
```
```trace
source example.py:1:5 input
sink example.py:2:1 run
```
```fixed
q = input()
run("?", q)
```
"""


def place(line: int, column: int, end: int) -> Place:
    return Place("example.py", line, column, line, end)


FINDING = Finding(
    rule="sql-injection",
    message="input reaches run",
    place=place(2, 1, 7),
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    steps=(
        Step(StepKind.SOURCE, place(1, 5, 12), "input() is untrusted"),
        Step(StepKind.SINK, place(2, 1, 7), "run executes it"),
    ),
    fix=Fix("use a parameter", (Edit(place(2, 5, 6), '"?", q'),), is_safe=True),
)


def verdict(*findings: Finding, incomplete: tuple[Incomplete, ...] = ()):
    (example,) = examples(TEXT, "rule.md")
    return judge(example, lambda _: Report(findings, (), incomplete, Statistics(), ()))


def changed(**fields: object) -> Finding:
    import msgspec

    return msgspec.structs.replace(FINDING, **fields)


def test_it_holds_when_everything_is_as_announced():
    assert verdict(FINDING).holds, verdict(FINDING).text


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "- example.py:2:1 [sql-injection]"),
        ([FINDING, FINDING], "+ nothing"),
        ([changed(rule="log-injection")], "[log-injection]"),
        ([changed(place=place(2, 5, 6))], "example.py:2:5"),
        ([changed(place=place(1, 1, 7))], "example.py:1:1"),
        ([changed(message="something else")], "something else"),
        ([changed(steps=FINDING.steps[1:])], "≠ source example.py:1:5"),
        ([changed(steps=(*FINDING.steps, FINDING.steps[1]))], "+ nothing"),
        ([changed(fix=None)], "after --fix"),
        ([changed(fix=Fix("unsafe", FINDING.fix.edits, is_safe=False))], "after --fix"),
    ],
)
def test_it_fails_and_says_what_differs(findings, said):
    result = verdict(*findings)
    assert not result.holds
    assert said in result.text
    assert "2 | run(q)" in result.text, "the file is shown with line numbers"


def test_what_was_not_analysed_fails_unless_announced():
    result = verdict(FINDING, incomplete=(Incomplete("example.py", "syntax", "cannot read line 2", 2),))
    assert not result.holds
    assert "cannot read line 2" in result.text
