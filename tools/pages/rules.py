"""Pages of the rules: an index, and one page per rule made from its file."""

import re
from collections.abc import Sequence
from typing import Final

from custodiet.domain.rule import Rule
from custodiet.frameworks import Catalogue, cwe, owasp, owasp_llm
from custodiet.rules.examples import Example, examples
from pages.markdown import NOTICE, code, codes, table

_PARAMETER: Final = {
    "built": "reported when it was built into a larger text; whole only under `--persona strict`",
    "whole": "always reported",
    "never": "reported only under `--persona strict`",
}
_FENCE: Final = re.compile(r"^(?P<fence>`{3,}|~{3,})(?P<kind>fixed|trace|python|html)(?P<words>[^\n`]*)$", re.MULTILINE)


def rules_index(rules: Sequence[Rule]) -> str:
    """Every rule in a table, most severe first."""
    ordered = sorted(rules, key=lambda rule: (-rule.severity.rank, rule.id))
    rows = [
        (f"[{rule.id}]({rule.id}.md)", rule.severity, rule.confidence, ", ".join(map(_cwe, rule.cwe[:1])), rule.title)
        for rule in ordered
    ]
    count = len(rules)
    return (
        NOTICE.format(source="src/custodiet/rules/*.md")
        + "# Rules\n\n"
        + f"{count} rules. `custodiet explain <rule>` prints the page of a rule without a network; `--select` and\n"
        "`--ignore` take the name of a rule or one of its tags (`cwe:89`, `owasp:A03:2021`, `owasp-llm:LLM05`).\n\n"
        + table(("Rule", "Severity", "Confidence", "CWE", "What"), rows)
    )


def rule_page(rule: Rule, text: str) -> str:
    """The rule's own text below a table of its declaration."""
    title, _, body = text.lstrip("\n").partition("\n")
    if not title.startswith("# "):
        title, body = f"# {rule.title}", text
    return (
        NOTICE.format(source=f"src/custodiet/rules/{rule.id}.md")
        + f"{title}\n\n{declaration(rule, examples(text, f'{rule.id}.md'))}\n{_readable_fences(body).strip()}\n"
    )


def declaration(rule: Rule, shown: Sequence[Example]) -> str:
    """What the front matter says, as a table."""
    rows = [
        ("Name", code(rule.id)),
        ("Severity", rule.severity),
        ("Confidence", rule.confidence),
        ("CWE", ", ".join(f"{_cwe(number)} {cwe().name_of(str(number))}".strip() for number in rule.cwe)),
    ]
    if rule.owasp:
        rows.append(("OWASP Top 10", _listed(owasp(), rule.owasp)))
    if rule.owasp_llm:
        rows.append(("OWASP Top 10 for LLM applications", _listed(owasp_llm(), rule.owasp_llm)))
    if rule.sinks:
        rows.append(("Kind", f"flow into {codes(rule.sinks)}"))
        rows.append(("Labels", codes(rule.labels)))
        if rule.strict_labels:
            rows.append(("Labels under `--persona strict`", codes(rule.strict_labels)))
        rows.append(("Parameter of an unseen caller", _PARAMETER[rule.parameter]))
    else:
        rows.append(("Kind", "check"))
    if any(example.fixed for example in shown):
        rows.append(("Repair", "`--fix` writes it for some forms, see the examples"))
    if rule.aliases:
        rows.append(("Earlier names", codes(rule.aliases)))
    rows.append(("Since", rule.since))
    return table(("", ""), rows)


def _listed(catalogue: Catalogue, entries: Sequence[str]) -> str:
    """The entries with their published names, linked to the list."""
    return ", ".join(f"[{entry}]({catalogue.source}) {catalogue.name_of(entry)}".strip() for entry in entries)


def _cwe(number: int) -> str:
    return f"[CWE-{number}](https://cwe.mitre.org/data/definitions/{number}.html)"


def _readable_fences(body: str) -> str:
    """The body with fences that a highlighter knows: the words of the test suite become sentences."""

    def readable(match: re.Match[str]) -> str:
        fence, kind, words = match["fence"], match["kind"], match["words"].split()
        if kind == "fixed":
            return f"`--fix` writes:\n\n{fence}python"
        if kind == "trace":
            return f"The flow:\n\n{fence}text"
        prefix = "With `--persona strict`:\n\n" if "persona=strict" in words else ""
        return f"{prefix}{fence}{kind}"

    return _FENCE.sub(readable, body)
