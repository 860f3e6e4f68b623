"""Pages of rules: the words of the test suite become sentences that a reader understands."""

import pytest

from custodiet.rules import read_rule
from pages.markdown import table
from pages.rules import rule_page, rules_index

pytestmark = pytest.mark.house

FRONT = """\
+++
id = "sql-injection"
title = "SQL injection"
severity = "critical"
confidence = "high"
cwe = [89, 564]
owasp = ["A03:2021"]
sinks = ["sql"]
labels = ["remote"]
parameter = "never"
since = "0.1.0"
+++
"""
BODY = """
# SQL injection

## What it finds

Text.

```python persona=strict
run(q)  # error: [sql-injection]
```

```trace
sink example.py:1:1 run
```

```fixed
run("?", q)
```
"""
RULE = read_rule(FRONT + BODY, "sql-injection.md")


def test_blocks_have_languages_that_a_highlighter_knows():
    page = rule_page(RULE, BODY)
    assert "With `--persona strict`:\n\n```python\nrun(q)" in page
    assert "The flow:\n\n```text\nsink example.py" in page
    assert '`--fix` writes:\n\n```python\nrun("?", q)' in page


def test_the_declaration_stands_below_the_title():
    page = rule_page(RULE, BODY)
    title, declared, prose = (page.index(text) for text in ("# SQL injection", "| Severity | critical |", "## What it"))
    assert title < declared < prose
    assert "[CWE-89](https://cwe.mitre.org/data/definitions/89.html)" in page
    assert "reported only under `--persona strict`" in page
    assert "Repair" in page


def test_the_index_lists_the_most_severe_first():
    low = read_rule(FRONT.replace("critical", "low").replace('"sql-', '"log-') + BODY, "log-injection.md")
    index = rules_index((low, RULE))
    assert index.index("[sql-injection](sql-injection.md)") < index.index("[log-injection](log-injection.md)")


def test_a_cell_may_hold_a_bar():
    assert table(["a"], [["x|y"]]) == "| a |\n| --- |\n| x\\|y |\n"
