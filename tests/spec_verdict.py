"""Whether a scan of an example finds what the example says, and a comparison that a person can read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from custodiet.domain.finding import Finding
from custodiet.domain.report import Report
from custodiet.fix import apply, fix_of
from custodiet.rules.examples import Example, ExampleFile, ExpectedFinding, without_expectations
from custodiet.scan import scan_texts


@dataclass(frozen=True)
class Verdict:
    """`text` says side by side what was expected and what was found."""

    holds: bool
    text: str


def scan_example(example: Example) -> Report:
    """The report of a scan of the example's files."""
    files = {file.path: file.text.encode() for file in example.files}
    return scan_texts(files, persona=example.persona)


def judge(example: Example, scan: Callable[[Example], Report] = scan_example) -> Verdict:
    """The verdict on one example: findings first, then its trace, then its fixed files."""
    report = scan(example)
    sections = [compare_findings(example, report.findings), compare_incomplete(example, report)]
    if example.trace:
        sections.append(compare_trace(example, report.findings))
    sections.extend(compare_fixed(example, file, report.findings) for file in example.fixed)
    holds = all(section.holds for section in sections)
    texts = [section.text for section in sections if not section.holds]
    return Verdict(holds, "\n\n".join([*texts, *map(numbered, example.files)]))


def compare_findings(example: Example, findings: Sequence[Finding]) -> Verdict:
    """Each expectation takes one finding that it fits; what is left over on either side is wrong."""
    left = sorted(findings, key=lambda finding: (finding.place, finding.rule))
    rows = []
    for expected in example.findings:
        fitting = next((finding for finding in left if fits(expected, finding)), None)
        if fitting is not None:
            left.remove(fitting)
        else:
            near = next((finding for finding in left if _is_near(expected, finding)), None)
            if near is not None:
                left.remove(near)
            rows.append(("≠" if near else "-", _expected_line(expected), _found_line(near) if near else "nothing"))
    rows += [("+", "nothing", _found_line(finding)) for finding in left]
    unexpected = "\n".join(_trace_lines(finding) for finding in left)
    return Verdict(not rows, "\n".join(filter(None, [_table("finding", rows), unexpected])))


def fits(expected: ExpectedFinding, finding: Finding) -> bool:
    """Whether the finding is what the comment says."""
    place = finding.place
    return (
        (expected.path, expected.line, expected.rule) == (place.path, place.line, finding.rule)
        and expected.column in (None, place.column)
        and expected.text in finding.message
    )


def compare_incomplete(example: Example, report: Report) -> Verdict:
    """What could not be analysed is exactly what the example announces."""
    got = sorted({note.reason for note in report.incomplete})
    expected = sorted(set(example.incomplete))
    details = "\n".join(f"  {note.path}:{note.line or 1} {note.detail}" for note in report.incomplete)
    rows = [("≠", ", ".join(expected) or "nothing", ", ".join(got) or "nothing")]
    return Verdict(got == expected, f"{_table('not analysed', rows)}\n{details}")


def compare_trace(example: Example, findings: Sequence[Finding]) -> Verdict:
    """The steps of the first finding of the traced file, or of the project if that file has none."""
    in_order = sorted(findings, key=lambda finding: (finding.place, finding.rule))
    there = [finding for finding in in_order if finding.place.path == example.trace_path] or in_order
    got = there[0].steps if there else ()
    rows = []
    for index in range(max(len(got), len(example.trace))):
        step = got[index] if index < len(got) else None
        expected = example.trace[index] if index < len(example.trace) else None
        equal = (
            step is not None
            and expected is not None
            and (step.kind, step.place.path, step.place.line, step.place.column)
            == (expected.kind, expected.path, expected.line, expected.column)
            and expected.text in step.message
        )
        mark = "=" if equal else "≠" if step and expected else "-" if expected else "+"
        found = f"{step.kind} {step.place} {step.message}" if step else "nothing"
        rows.append((mark, str(expected) if expected else "nothing", found))
    return Verdict(all(mark == "=" for mark, _, _ in rows), _table("step", rows))


def compare_fixed(example: Example, fixed: ExampleFile, findings: Sequence[Finding]) -> Verdict:
    """The file after all safe repairs, without its `error:` comments, is the `fixed` block."""
    before = next(file.text for file in example.files if file.path == fixed.path).encode()
    here = [finding for finding in findings if finding.place.path == fixed.path]
    repairs = [finding.fix or fix_of(finding, before) for finding in here]
    after = apply(before, [repair for repair in repairs if repair is not None and repair.is_safe])
    got = without_expectations(after.decode()).rstrip("\n").split("\n")
    expected = fixed.text.rstrip("\n").split("\n")
    rows = []
    for index in range(max(len(got), len(expected))):
        left = expected[index] if index < len(expected) else ""
        right = got[index] if index < len(got) else ""
        rows.append(("=" if left == right else "≠", left, right))
    holds = got == expected
    return Verdict(holds, _table(f"{fixed.path} after --fix", rows) if not holds else "")


def numbered(file: ExampleFile) -> str:
    """The file with line numbers, its first line being the Markdown's `file.line`."""
    lines = file.text.rstrip("\n").split("\n")
    return "\n".join([f"  {file.path}", *(f"  {number:>4} | {line}" for number, line in enumerate(lines, 1))])


def _is_near(expected: ExpectedFinding, finding: Finding) -> bool:
    """Whether the finding looks like the expected one gone wrong: same line, or same rule in the same file."""
    same_file = expected.path == finding.place.path
    return same_file and (expected.line == finding.place.line or expected.rule == finding.rule)


def _expected_line(expected: ExpectedFinding) -> str:
    column = "" if expected.column is None else f":{expected.column}"
    text = f' "{expected.text}"' if expected.text else ""
    return f"{expected.path}:{expected.line}{column} [{expected.rule}]{text}"


def _found_line(finding: Finding) -> str:
    return f'{finding.place} [{finding.rule}] "{finding.message}"'


def _trace_lines(finding: Finding) -> str:
    """How an unexpected finding came about."""
    steps = "\n".join(f"    {step.kind:<11} {step.place} {step.message}" for step in finding.steps)
    return f"  {_found_line(finding)}\n{steps}"


def _table(what: str, rows: Sequence[tuple[str, str, str]]) -> str:
    """Three columns: mark, expected, found."""
    width = max((len(left) for _, left, _ in rows), default=0)
    width = min(max(width, len(f"expected {what}")), 70)
    lines = [f"    {f'expected {what}':<{width}}  found"]
    lines += [f"  {mark} {left:<{width}}  {right}".rstrip() for mark, left, right in rows]
    return "\n".join(lines)
