"""From raw findings to the parts of a report."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet import baseline
from custodiet.conclusion import concluded, selected_rules
from custodiet.config import Config, RuleOptions
from custodiet.domain.finding import Finding, Step, StepKind
from custodiet.domain.place import Place
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Confidence, Severity
from custodiet.errors import ConfigError, UsageError
from custodiet.suppress import Directive, Directives

TODAY = date(2026, 11, 23)
RULES = (
    Rule(
        "sql-injection",
        "t",
        Severity.CRITICAL,
        Confidence.HIGH,
        (89, 564),
        "0.1.0",
        owasp=("A03:2021",),
        aliases=("sqli",),
    ),
    Rule("weak-hash", "t", Severity.MEDIUM, Confidence.HIGH, (328,), "0.1.0", owasp=("A02:2021",)),
    Rule("model-tool", "t", Severity.HIGH, Confidence.LOW, (94,), "0.1.0", owasp_llm=("LLM05",)),
)


def finding(rule="sql-injection", path="a.py", line=1, severity=Severity.HIGH, confidence=Confidence.HIGH):
    place = Place(path, line, 1, line, 2)
    return Finding(rule, "message", place, severity, confidence, (Step(StepKind.SINK, place, "here"),), sink_text="x")


def ids(**config):
    return [rule.id for rule in selected_rules(RULES, Config(**config))]


def conclude(findings, *, config=None, directives=(), accepted=baseline.EMPTY):
    return concluded(
        findings,
        config=config or Config(),
        rules=RULES,
        directives=[Directives(tuple(directives), ())],
        baseline=accepted,
        today=TODAY,
    )


def test_without_options_every_rule_takes_part_in_the_order_of_ids():
    assert ids() == ["model-tool", "sql-injection", "weak-hash"]


@pytest.mark.parametrize(
    "selector, chosen",
    [
        ("sql-injection", ["sql-injection"]),
        ("sqli", ["sql-injection"]),
        ("cwe:564", ["sql-injection"]),
        ("CWE-564", ["sql-injection"]),
        ("owasp:A02:2021", ["weak-hash"]),
        ("owasp:a02", ["weak-hash"]),
        ("owasp-llm:LLM05", ["model-tool"]),
        ("all", ["model-tool", "sql-injection", "weak-hash"]),
    ],
)
def test_rules_are_selected_by_name_alias_and_tag(selector, chosen):
    assert ids(select=(selector,)) == chosen
    assert ids(ignore=(selector,)) == [name for name in ids() if name not in chosen]


def test_ignore_wins_over_select():
    assert ids(select=("all",), ignore=("cwe:89",)) == ["model-tool", "weak-hash"]


def test_a_rule_can_be_switched_off():
    assert ids(rules={"weak-hash": RuleOptions(enabled=False)}) == ["model-tool", "sql-injection"]


def test_unknown_names_are_refused_with_a_suggestion():
    with pytest.raises(UsageError) as refused:
        ids(select=("sql-injektion",))
    assert (refused.value.where, refused.value.hint) == ("--select", "did you mean `sql-injection`?")
    with pytest.raises(UsageError):
        ids(ignore=("cwe:1",))
    with pytest.raises(ConfigError) as wrong:
        ids(rules={"weak-hsah": RuleOptions()})
    assert wrong.value.hint == "did you mean `weak-hash`?"


def test_a_rule_can_have_another_severity_and_leave_out_files():
    config = Config(rules={"sqli": RuleOptions(severity=Severity.LOW, exclude=("tests/",))})
    conclusion = conclude([finding(), finding(path="tests/a.py"), finding("weak-hash", "tests/a.py")], config=config)
    assert [(item.rule, item.place.path, item.severity) for item in conclusion.findings] == [
        ("sql-injection", "a.py", "low"),
        ("weak-hash", "tests/a.py", "high"),
    ]


def test_findings_below_a_threshold_are_dropped():
    config = Config(severity=Severity.MEDIUM, confidence=Confidence.MEDIUM)
    kept = conclude(
        [finding(severity=Severity.LOW), finding(line=2, confidence=Confidence.LOW), finding(line=3)], config=config
    ).findings
    assert [item.place.line for item in kept] == [3]


def test_no_option_changes_the_name_of_a_finding():
    everything = {item.place: item.fingerprint for item in conclude([finding(line=1), finding(line=2)]).findings}
    directive = Directive(Place("a.py", 1, 1, 1, 2), ("sql-injection",), "why", 1, 1)
    hidden = conclude([finding(line=1), finding(line=2)], directives=[directive])
    assert {item.place: item.fingerprint for item in hidden.findings} == {
        place: name for place, name in everything.items() if place.line == 2
    }
    low = conclude([finding(line=1, severity=Severity.LOW), finding(line=2)], config=Config(severity=Severity.HIGH))
    assert low.findings[0].fingerprint == everything[low.findings[0].place]


def test_a_comment_hides_before_the_baseline_does():
    (item,) = conclude([finding()]).findings
    accepted = baseline.created([item], reason="accepted")
    directive = Directive(item.place, ("sql-injection",), "commented", 1, 1)
    conclusion = conclude([finding()], directives=[directive], accepted=accepted)
    assert [hidden.suppression.justification for hidden in conclusion.suppressed] == ["commented"]
    assert [note.kind for note in conclusion.notes] == ["unused-baseline"]


@given(
    st.lists(
        st.builds(finding, st.sampled_from(["sql-injection", "weak-hash"]), st.sampled_from("ab"), st.integers(1, 5))
    ),
    st.randoms(),
)
def test_the_order_of_analysis_does_not_matter(findings, random):
    shuffled = list(findings)
    random.shuffle(shuffled)
    assert conclude(shuffled) == conclude(findings)
