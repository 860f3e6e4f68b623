"""The part of a SARIF log that does not depend on findings: the tool, its rules, and the taxonomies they refer to."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from custodiet.domain.rule import Rule
from custodiet.domain.severity import Severity
from custodiet.frameworks import Catalogue, cwe, cwe_address, owasp, owasp_address, owasp_llm
from custodiet.report.prose import address, help_markdown, sections
from custodiet.report.tool import NAME, TITLE, VENDOR, version

LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SECURITY_SEVERITY: Final = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}
"""GitHub reads over 9.0 as critical, from 7.0 as high, from 4.0 as medium, below as low."""

MOST_TAGS: Final = 20


class Taxonomy(NamedTuple):
    """One taxonomy of the log: its component, and the index of each entry that a rule refers to."""

    component: dict[str, Any]
    indices: dict[str, int]
    entries: Callable[[Rule], list[str]]


def taxonomies_of(rules: tuple[Rule, ...]) -> list[Taxonomy]:
    """CWE, OWASP Top 10 and OWASP LLM Top 10, each with the entries that the rules name; empty ones are left out."""
    found = [
        _taxonomy(cwe(), rules, lambda rule: list(map(str, rule.cwe)), lambda entry: cwe_address(int(entry))),
        _taxonomy(owasp(), rules, lambda rule: list(rule.owasp), owasp_address),
        _taxonomy(owasp_llm(), rules, lambda rule: list(rule.owasp_llm), lambda _: owasp_llm().source),
    ]
    return [taxonomy for taxonomy in found if taxonomy.indices]


def driver(rules: tuple[Rule, ...], taxonomies: list[Taxonomy]) -> dict[str, Any]:
    """The tool with its rules in the order of the report."""
    return {
        "name": TITLE,
        "organization": VENDOR,
        "version": version(),
        "semanticVersion": version(),
        "shortDescription": {"text": "Finds the vulnerabilities that AI assistants write, from source to sink."},
        "language": "en",
        "supportedTaxonomies": [
            {"name": taxonomy.component["name"], "index": index} for index, taxonomy in enumerate(taxonomies)
        ],
        "rules": [_rule(rule, taxonomies) for rule in rules],
    }


def tags(rule: Rule) -> list[str]:
    """The most specific CWE first, in both spellings that services read; at most `MOST_TAGS`."""
    names = [name for number in rule.cwe for name in (f"external/cwe/cwe-{number:03d}", f"CWE-{number}")]
    names[2:2] = ["security"]
    names += [f"OWASP-{name}" for name in (*rule.owasp, *rule.owasp_llm)]
    return names[:MOST_TAGS]


def _rule(rule: Rule, taxonomies: list[Taxonomy]) -> dict[str, Any]:
    markdown = help_markdown(rule)
    value: dict[str, Any] = {
        "id": f"{NAME}/{rule.id}",
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.summary or rule.title},
        "help": {"text": sections(rule).get("How to fix it") or rule.summary or rule.title, "markdown": markdown},
    }
    if page := address(rule):
        value["helpUri"] = page
    value["defaultConfiguration"] = {"level": LEVELS[rule.severity]}
    if relationships := _relationships(rule, taxonomies):
        value["relationships"] = relationships
    value["properties"] = {
        "tags": tags(rule),
        "security-severity": SECURITY_SEVERITY[rule.severity],
        "precision": str(rule.confidence),
        "problem.severity": "error" if rule.severity.rank >= Severity.HIGH.rank else "warning",
    }
    return value


def _relationships(rule: Rule, taxonomies: list[Taxonomy]) -> list[dict[str, Any]]:
    """The rule finds some of what each entry describes, and the entry describes more: `superset`."""
    return [
        {
            "target": {
                "id": entry,
                "index": taxonomy.indices[entry],
                "toolComponent": {"name": taxonomy.component["name"], "index": position},
            },
            "kinds": ["superset"],
        }
        for position, taxonomy in enumerate(taxonomies)
        for entry in taxonomy.entries(rule)
    ]


def _taxonomy(
    catalogue: Catalogue,
    rules: tuple[Rule, ...],
    entries: Callable[[Rule], list[str]],
    page: Callable[[str], str],
) -> Taxonomy:
    named = sorted({entry for rule in rules for entry in entries(rule)}, key=lambda entry: (len(entry), entry))
    component = {
        "name": catalogue.name,
        "fullName": f"{catalogue.title} {catalogue.version}",
        "organization": catalogue.organization,
        "version": catalogue.version,
        "informationUri": catalogue.source,
        "shortDescription": {"text": catalogue.title},
        "isComprehensive": False,
        "taxa": [
            {
                "id": entry,
                **({"name": catalogue.name_of(entry)} if catalogue.name_of(entry) else {}),
                "shortDescription": {"text": catalogue.name_of(entry) or f"{catalogue.name} {entry}"},
                "helpUri": page(entry),
            }
            for entry in named
        ],
    }
    return Taxonomy(component, {entry: index for index, entry in enumerate(named)}, entries)
