"""What a rule's Markdown file says, by heading, for formats that carry the explanation with the finding."""

import re
from typing import Final

from custodiet.domain.rule import Rule
from custodiet.errors import CustodietError
from custodiet.frameworks import cwe_address
from custodiet.rules import rule_text

KEPT: Final = ("What it finds", "Why it matters", "How to fix it", "References")
_HEADING: Final = re.compile(r"^## +(.+?) *$", re.MULTILINE)


def sections(rule: Rule) -> dict[str, str]:
    """Heading to Markdown text, without the examples; only the summary for a rule that has no file."""
    try:
        text = rule_text(rule.id)
    except CustodietError:
        return {"What it finds": rule.summary or rule.title}
    parts = _HEADING.split(text)
    found = {title: body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}
    return {title: found[title] for title in KEPT if found.get(title)}


def help_markdown(rule: Rule) -> str:
    """The whole explanation as Markdown."""
    return "\n\n".join(f"## {title}\n\n{body}" for title, body in sections(rule).items())


def remedy(rule: Rule) -> str:
    """How to fix it, as Markdown; empty if the rule does not say."""
    return sections(rule).get("How to fix it", "")


def address(rule: Rule) -> str:
    """The public page that explains the weakness: that of its most specific CWE; empty without one."""
    return cwe_address(rule.cwe[0]) if rule.cwe else ""
