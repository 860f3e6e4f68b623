"""Each rule file says all that a rule must say, and proves it by examples."""

import re
from pathlib import Path

import pytest

from custodiet.domain.rule import Rule
from custodiet.rules import FOLDER, load_rules, rule_text
from custodiet.rules.examples import examples

pytestmark = pytest.mark.house

HEADINGS = ["What it finds", "Why it matters", "How to fix it", "Examples", "References"]


def each_rule(function):
    return pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.id)(function)


@each_rule
def test_a_rule_has_a_vulnerable_and_a_clean_example(rule: Rule):
    found = examples(rule_text(rule.id), f"{rule.id}.md")
    assert any(finding.rule == rule.id for example in found for finding in example.findings), "no vulnerable example"
    assert any(not example.findings for example in found), "no clean example"


@each_rule
def test_an_example_expects_only_rules_that_exist(rule: Rule):
    known = {each.id for each in load_rules()}
    expected = {finding.rule for example in examples(rule_text(rule.id), rule.id) for finding in example.findings}
    assert expected <= known


@each_rule
def test_a_rule_has_the_headings_in_order(rule: Rule):
    present = re.findall(r"^## (.+)$", rule_text(rule.id), re.MULTILINE)
    assert [heading for heading in present if heading in HEADINGS] == HEADINGS


@each_rule
def test_a_rule_has_a_summary_a_message_and_a_reference(rule: Rule):
    assert rule.summary
    assert rule.message
    assert "https://" in rule_text(rule.id).partition("## References")[2]


@each_rule
def test_a_check_has_a_module_or_is_found_by_knowledge(rule: Rule):
    from custodiet.knowledge import load

    if not rule.check:
        return
    by_knowledge = any(entry.rule == rule.id for knowledge in load("python") for entry in knowledge.check)
    assert by_knowledge or (Path(FOLDER) / "checks" / f"{rule.id.replace('-', '_')}.py").exists()


def test_no_check_module_is_without_a_rule():
    modules = {path.stem.replace("_", "-") for path in (Path(FOLDER) / "checks").glob("[!_]*.py")}
    shared = {name for name in modules if _is_shared(name)}
    assert modules - shared <= {rule.id for rule in load_rules() if rule.check}


def _is_shared(name: str) -> bool:
    """Whether another check imports the module: then it is a part, not a check."""
    module = name.replace("-", "_")
    others = (path for path in (Path(FOLDER) / "checks").glob("*.py") if path.stem != module)
    return any(f"checks.{module} import" in path.read_text("utf-8") for path in others)
