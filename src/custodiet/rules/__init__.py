"""What is wrong: each rule is one Markdown file of this folder (form: `docs/writing-rules.md`).

    load_rules()                every rule, sorted by id
    rule_text("sql-injection")  the Markdown of one rule, without its front matter

The prose is not parsed until it is asked for; loading reads the front matter and one paragraph of each file.
"""

import os
import re
import sys
from functools import cache
from typing import Final

import msgspec

from custodiet.compiled import Texts, records, texts_beside
from custodiet.domain.label import Label
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Severity
from custodiet.errors import ConfigError, UsageError
from custodiet.knowledge import schema
from custodiet.knowledge.schema import SINK_KINDS

FOLDER: Final = os.path.dirname(__file__)
FORM: Final = "see docs/writing-rules.md for the form of a rule file"

CHOOSABLE: Final = frozenset(("certificate-check-disabled",))
"""Rules about settings that libraries offer as options: see `choices`."""

_OWASP: Final = r"A\d\d:20\d\d"
_OWASP_LLM: Final = r"LLM\d\d"
_PARAMETER: Final = ("built", "whole", "never")


@cache
def load_rules() -> tuple[Rule, ...]:
    """Every rule of the package, sorted by id.

    Raises:
        ConfigError: if a rule file is not of the form, with file, line and hint.
    """
    decode = msgspec.msgpack.Decoder(Rule).decode
    rules = tuple(decode(record) for record in records(texts(), record_of))
    _check_names(rules)
    return rules


def texts() -> Texts:
    """The files that `load_rules` reads."""
    forms = (sys.modules[kind.__module__].__file__ for kind in (Rule, Label, Severity))
    cached = __spec__.cached
    return texts_beside(__file__, cached, folder=FOLDER, suffix=".md", forms=(schema.__file__, *filter(None, forms)))


def record_of(name: str, text: str) -> bytes:
    """The compiled record of a rule file."""
    return msgspec.msgpack.encode(read_rule(text, os.path.basename(name)))


def rule_text(rule_id: str) -> str:
    """The Markdown of a rule without front matter; `rule_id` may be an alias.

    Raises:
        UsageError: if there is no such rule; the hint names the nearest.
    """
    rules = load_rules()
    for rule in rules:
        if rule_id == rule.id or rule_id in rule.aliases:
            with open(os.path.join(FOLDER, f"{rule.id}.md"), encoding="utf-8") as file:
                return split_front_matter(file.read(), f"{rule.id}.md")[1]
    from difflib import get_close_matches  # late: only an error needs it

    near = get_close_matches(rule_id, [rule.id for rule in rules], n=1)
    raise UsageError(
        f"unknown rule `{rule_id}`",
        hint=f"did you mean `{near[0]}`?" if near else "run `custodiet rules` for every rule",
    )


def read_rule(text: str, where: str) -> Rule:
    """The rule that the Markdown `text` declares; `where` is the file name for errors.

    Raises:
        ConfigError: if the front matter is not of the form.
    """
    import tomllib  # late: the compiled file needs no parser, which costs 4 ms

    front, body = split_front_matter(text, where)
    try:
        fields = tomllib.loads(front)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+)", str(error))
        line = int(at[1]) + 1 if at else 1
        raise ConfigError(f"front matter is no TOML: {error}", where=f"{where}:{line}", hint=FORM) from error
    fields.setdefault("summary", "")
    try:
        rule = msgspec.convert(fields, Rule)
    except msgspec.ValidationError as error:
        raise _field_error(error, front, where) from error
    if wrong := _wrong_value(rule, where):
        name, what = wrong
        raise ConfigError(what, where=f"{where}:{_line_of(name, front)}", hint=FORM)
    return msgspec.structs.replace(rule, summary=summary_of(body))


def split_front_matter(text: str, where: str) -> tuple[str, str]:
    """TOML between the two `+++` lines (without them), and the Markdown after them.

    Raises:
        ConfigError: if the text does not open with `+++`, or the second line is missing.
    """
    if not text.startswith("+++\n"):
        raise ConfigError("a rule file opens with a line `+++`", where=f"{where}:1", hint=FORM)
    end = text.find("\n+++\n", 3)
    if end < 0:
        raise ConfigError("the front matter does not end with a line `+++`", where=f"{where}:1", hint=FORM)
    return text[4 : end + 1], text[end + 5 :]


def summary_of(body: str) -> str:
    """The first paragraph below `## What it finds` on one line, or `""`."""
    start = body.find("## What it finds\n")
    if start < 0:
        return ""
    paragraph = body[start + len("## What it finds\n") :].lstrip("\n").partition("\n\n")[0]
    return " ".join(paragraph.split())


def _wrong_value(rule: Rule, where: str) -> tuple[str, str] | None:
    """(field, what is wrong with it), for what the types of `Rule` do not say."""
    if f"{rule.id}.md" != where:
        return "id", f"the id `{rule.id}` is not the name of the file"
    if unknown := [kind for kind in rule.sinks if kind not in SINK_KINDS]:
        return "sinks", f"unknown sink kind `{unknown[0]}`"
    if not rule.sinks and not rule.check:
        return "id", "a rule names `sinks`, or says `check = true`"
    if rule.sinks and not rule.labels and not rule.strict_labels:
        return "sinks", "a rule with `sinks` names the `labels` that are dangerous there"
    if rule.parameter not in _PARAMETER:
        return "parameter", f"`parameter` is one of {', '.join(_PARAMETER)}, not `{rule.parameter}`"
    if rule.telling_parameter not in ("built", "whole"):
        return "telling_parameter", f"`telling_parameter` is `built` or `whole`, not `{rule.telling_parameter}`"
    if not _is_pattern(rule.telling):
        return "telling", f"`telling` is no regular expression: `{rule.telling}`"
    if not rule.cwe:
        return "cwe", "a rule names at least one CWE"
    if not all(re.fullmatch(_OWASP, name) for name in rule.owasp):
        return "owasp", "an OWASP id reads `A03:2021`"
    if not all(re.fullmatch(_OWASP_LLM, name) for name in rule.owasp_llm):
        return "owasp_llm", "an OWASP LLM id reads `LLM05`"
    return None


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _check_names(rules: tuple[Rule, ...]) -> None:
    """Nothing; raises ConfigError if an alias is also another rule's name."""
    owner: dict[str, str] = {}
    for rule in rules:
        for name in (rule.id, *rule.aliases):
            if name in owner:
                raise ConfigError(f"`{name}` also names the rule `{owner[name]}`", where=f"{rule.id}.md", hint=FORM)
            owner[name] = rule.id


def _field_error(error: msgspec.ValidationError, front: str, where: str) -> ConfigError:
    """The error of the decoder with the line of its field, and the nearest name for an unknown one."""
    from difflib import get_close_matches  # late: only an error needs it

    what = str(error)
    name, hint = "", FORM
    if unknown := re.search(r"unknown field `([^`]+)`", what):
        name = unknown[1]
        if near := get_close_matches(name, Rule.__struct_fields__, n=1):
            hint = f"did you mean `{near[0]}`?"
    elif at := re.search(r"at `\$\.(\w+)", what):
        name = at[1]
    return ConfigError(what[:1].lower() + what[1:], where=f"{where}:{_line_of(name, front)}", hint=hint)


def _line_of(name: str, front: str) -> int:
    """1-based line of the file on which the front matter sets `name`; 1 if it does not."""
    for number, line in enumerate(front.splitlines(), 2):
        if re.match(rf"{re.escape(name)}\s*=", line):
            return number
    return 1
