"""Loops inside loops cost no more than their number allows."""

import pytest

from custodiet.scan import scan_texts

DEPTH = 40


def nested(last: str) -> str:
    lines = ["import os", "", "", "def run(xs, y):"]
    for level in range(DEPTH):
        lines.append(f"{' ' * 4 * (level + 1)}for a{level} in xs:")
        lines.append(f"{' ' * 4 * (level + 2)}y = y + str(a{level})")
    lines.append(f"{' ' * 4 * (DEPTH + 1)}{last}")
    return "\n".join(lines) + "\n\n\nrun([], input())\n"


@pytest.mark.parametrize(("last", "findings"), [("os.system(y)", 1), ("os.system('ls')", 0)])
def test_forty_loops_in_each_other_are_analysed_as_a_whole(last, findings):
    report = scan_texts({"a.py": nested(last).encode()})
    assert not report.incomplete
    assert len([finding for finding in report.findings if finding.rule == "command-injection"]) == findings


def test_a_comprehension_of_many_loops_is_analysed_as_a_whole():
    loops = " ".join(f"for a{level} in xs" for level in range(DEPTH))
    report = scan_texts({"a.py": f"def f(xs):\n    return eval(input()), [a0 {loops}]\n".encode()})
    assert not report.incomplete
    assert [finding.rule for finding in report.findings] == ["code-injection"]


def test_a_condition_of_hundreds_of_tests_is_read():
    tests = " or ".join('x.scheme == "https" and x.hostname in NAMES' for _ in range(200))
    text = f"import os\n\nNAMES = ['a']\n\n\ndef f(x):\n    if {tests}:\n        return os.system(input())\n    return None\n"
    report = scan_texts({"a.py": text.encode()})
    assert [finding.rule for finding in report.findings] == ["command-injection"]
