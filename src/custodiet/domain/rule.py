"""What is wrong: a rule as its Markdown file declares it."""

import msgspec

from custodiet.domain.label import Label
from custodiet.domain.severity import Confidence, Severity


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The declaration of a rule (TOML front matter of `rules/<id>.md`) plus its title and summary.

    A rule is a flow rule when it names sink kinds, else its `check` finds it (a `[[check]]` entry of the
    knowledge, or a module `rules/checks/<id with underscores>.py`).
    """

    id: str
    """kebab-case, for ever."""
    title: str
    severity: Severity
    confidence: Confidence
    cwe: tuple[int, ...]
    """Most specific first."""
    since: str
    owasp: tuple[str, ...] = ()
    """OWASP Top 10 2021 ids such as `A03:2021`."""
    owasp_llm: tuple[str, ...] = ()
    sinks: tuple[str, ...] = ()
    """Sink kinds of the knowledge that this rule judges, for instance `sql`."""
    labels: tuple[Label, ...] = ()
    """Labels reported by every persona."""
    strict_labels: tuple[Label, ...] = ()
    """Labels reported only by the strict persona."""
    parameter: str = "built"
    """What of the label `parameter` is reported by the default persona: `built` (only when the parameter was
    built into a larger text), `whole` (always) or `never`."""
    telling: str = ""
    """Regular expression of the names of parameters which tell that a user chose the value (`username`); for these
    `telling_parameter` says what is reported."""
    telling_parameter: str = "whole"
    check: bool = False
    aliases: tuple[str, ...] = ()
    message: str = ""
    """One sentence for the finding; `{source}` and `{sink}` are replaced by their short names."""
    summary: str = ""
    """First paragraph of *What it finds*, filled by the loader."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Names for `--select`: `cwe:89`, `owasp:A03:2021`, `owasp-llm:LLM05`."""
        return (
            *(f"cwe:{number}" for number in self.cwe),
            *(f"owasp:{name}" for name in self.owasp),
            *(f"owasp-llm:{name}" for name in self.owasp_llm),
        )
