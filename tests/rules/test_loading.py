"""Reading rule files: what is wrong is told with file, line and hint."""

import time

import pytest

from custodiet.domain.label import Label
from custodiet.errors import ConfigError, UsageError
from custodiet.rules import load_rules, read_rule, rule_text

FRONT = """\
+++
id = "sql-injection"
title = "SQL injection"
severity = "critical"
confidence = "high"
cwe = [89]
sinks = ["sql"]
labels = ["remote"]
since = "0.1.0"
+++

# SQL injection

## What it finds

Untrusted data that becomes
part of a statement.

More.
"""


def test_a_rule_is_its_front_matter_and_the_first_paragraph():
    rule = read_rule(FRONT, "sql-injection.md")
    assert rule.labels == (Label.REMOTE,)
    assert rule.tags == ("cwe:89",)
    assert rule.summary == "Untrusted data that becomes part of a statement."


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "hint"),
    [
        ("severity", "severty", ":4", "unknown field `severty`", "did you mean `severity`?"),
        ('"critical"', '"terrible"', ":4", "terrible", "docs/writing-rules.md"),
        ("cwe = [89]", "cwe = 89", ":6", "expected `array`", "docs/writing-rules.md"),
        ("cwe = [89]", "cwe = [", ":7", "no TOML", "docs/writing-rules.md"),
        ('sinks = ["sql"]', 'sinks = ["sequel"]', ":7", "`sequel`", "docs/writing-rules.md"),
        ('labels = ["remote"]', "", ":7", "`labels`", "docs/writing-rules.md"),
        ('id = "sql-injection"', 'id = "sql"', ":2", "not the name of the file", "docs/writing-rules.md"),
        ('since = "0.1.0"', 'since = "0.1.0"\nparameter = "maybe"', ":10", "`maybe`", "docs/writing-rules.md"),
        ("+++\n\n#", "\n\n#", ":1", "does not end", "docs/writing-rules.md"),
        ("+++\nid", "id", ":1", "opens with", "docs/writing-rules.md"),
    ],
)
def test_a_wrong_front_matter_is_told_with_its_line(old, new, where, what, hint):
    with pytest.raises(ConfigError) as raised:
        read_rule(FRONT.replace(old, new, 1), "sql-injection.md")
    assert raised.value.where == f"sql-injection.md{where}"
    assert what in raised.value.what
    assert hint in raised.value.hint


def test_the_text_of_a_rule_has_no_front_matter():
    assert "+++" not in rule_text("sql-injection")
    assert "## What it finds" in rule_text("sql-injection")


def test_an_unknown_rule_gets_a_suggestion():
    with pytest.raises(UsageError) as raised:
        rule_text("sql-injecton")
    assert raised.value.hint == "did you mean `sql-injection`?"


def test_rules_are_sorted_and_load_in_no_time():
    load_rules.cache_clear()
    start = time.process_time()
    rules = load_rules()
    milliseconds_per_rule = (time.process_time() - start) * 1000 / len(rules)
    assert [rule.id for rule in rules] == sorted(rule.id for rule in rules)
    assert milliseconds_per_rule < 2, "measured 0.2; the bound leaves room for a slow, shared machine"
