"""JUnit XML, as Jenkins, GitLab, Azure DevOps and test dashboards read it.

One test suite for each file with findings or notes; a finding is a failed test case, a note on what was not analysed
is one in error, a finding that a comment or a baseline hides is skipped. A clean scan is one test that passed. There
are no times: they would differ from run to run.
"""

from xml.sax.saxutils import escape, quoteattr

from custodiet.domain.finding import Finding, Incomplete
from custodiet.report.plain import REPLACEMENT, sentence
from custodiet.report.tally import advice
from custodiet.report.tool import NAME
from custodiet.report.view import View


def render(view: View) -> str:
    """The XML document."""
    report = view.report
    suites: dict[str, list[str]] = {}
    for finding in report.findings:
        suites.setdefault(finding.place.path, []).append(_case(finding, "failure", view))
    for finding in report.suppressed:
        suites.setdefault(finding.place.path, []).append(_case(finding, "skipped", view))
    for note in report.incomplete:
        suites.setdefault(note.path, []).append(_note(note))
    if not suites:
        suites[NAME] = [f'    <testcase name="scan" classname="{NAME}" time="0"/>']
    body = [line for path in sorted(suites) for line in _suite(path, suites[path])]
    total = sum(map(len, suites.values()))
    totals = _totals(total, len(report.findings), len(report.incomplete), len(report.suppressed))
    return "\n".join(
        ('<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="{NAME}" {totals}>', *body, "</testsuites>", "")
    )


def _suite(path: str, cases: list[str]) -> list[str]:
    failures = sum("<failure " in case for case in cases)
    errors = sum("<error " in case for case in cases)
    skipped = sum("<skipped " in case for case in cases)
    totals = _totals(len(cases), failures, errors, skipped)
    return [f"  <testsuite name={_attribute(path)} {totals}>", *cases, "  </testsuite>"]


def _totals(tests: int, failures: int, errors: int, skipped: int) -> str:
    return f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}" time="0"'


def _case(finding: Finding, outcome: str, view: View) -> str:
    place = finding.place
    name = f"{finding.rule} at {place.line}:{place.column}"
    head = f"    <testcase name={_attribute(name)} classname={_attribute(place.path)} file={_attribute(place.path)}"
    head += f' line="{place.line}" time="0">'
    if outcome == "skipped":
        reason = finding.suppression.justification if finding.suppression else ""
        return f"{head}\n      <skipped message={_attribute(reason)}/>\n    </testcase>"
    rule = view.rule(finding)
    text = [f"{finding.severity}[{finding.rule}] {sentence(finding.message)}", f"at {sentence(str(place))}"]
    if len(finding.steps) > 1:
        text += [
            f"{n}. {step.kind}: {sentence(str(step.place))}: {sentence(step.message)}"
            for n, step in enumerate(finding.steps, 1)
        ]
    if rule is not None and rule.cwe:
        text.append(" ".join(f"CWE-{number}" for number in rule.cwe))
    content = escape(_allowed("\n".join(text)))
    return (
        f"{head}\n      <failure type={_attribute(finding.rule)} message={_attribute(finding.message)}>"
        f"{content}</failure>\n    </testcase>"
    )


def _note(note: Incomplete) -> str:
    at = "" if note.line is None else f' line="{note.line}"'
    head = f"    <testcase name={_attribute(f'analysis ({note.reason})')} classname={_attribute(note.path)}"
    return (
        f'{head} file={_attribute(note.path)}{at} time="0">\n'
        f"      <error type={_attribute(note.reason)} message={_attribute(note.detail)}>{escape(advice(note))}</error>\n"
        "    </testcase>"
    )


def _attribute(text: str) -> str:
    """The text as a quoted attribute; characters that XML 1.0 forbids are shown as pictures."""
    return quoteattr(_allowed(sentence(text)))


def _allowed(text: str) -> str:
    return "".join(char if ord(char) not in (0xFFFE, 0xFFFF) else REPLACEMENT for char in text)
