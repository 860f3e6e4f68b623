from pathlib import Path

import pytest

import pairs
from custodiet.rules import load_rules

FOLDER = Path(__file__).resolve().parents[1] / "pairs"
PAIRS = [pair for file in sorted(FOLDER.rglob("*.md")) for pair in pairs.read_pairs(file)]


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{pair.language} {pair.rule}: {pair.title}" for pair in PAIRS])
def test_an_unsafe_and_a_safe_program_are_told_apart(pair):
    assert pairs.failures(pair, quick=True) == []


def test_there_are_many_pairs_and_every_rule_has_some():
    in_python = [pair for pair in PAIRS if pair.language == "python"]
    assert len(in_python) >= 150
    assert {rule.id for rule in load_rules()} == {pair.rule for pair in in_python}


def test_no_two_pairs_have_one_heading():
    headings = [(pair.language, pair.rule, pair.title) for pair in PAIRS]
    assert len(headings) == len(set(headings))


def test_a_section_without_a_safe_program_is_refused(tmp_path):
    path = tmp_path / "half.md"
    path.write_text("## sql-injection: half\n\nUnsafe:\n\n```python\nx = 1\n```\n")
    with pytest.raises(SystemExit, match=r"half\.md:1"):
        pairs.read_pairs(path)


def test_a_miss_and_a_false_alarm_are_told_in_words():
    safe, unsafe = "x = 1\n", "def f(x):\n    return eval(x)\n"
    assert pairs.failures(pairs.Pair("code-injection", "right", unsafe, safe, "a")) == []
    (missed, alarm) = pairs.failures(pairs.Pair("code-injection", "swapped", safe, unsafe, "a"))
    assert missed == "missed as app.py (reported: nothing)"
    assert alarm == "safe program has code-injection in line 2 as app.py"
