"""From what the analysis found to what the report says: the plain second half of a scan.

`concluded` fingerprints, sorts, sets aside what comments and the baseline hide, and drops what is below the
thresholds, in this order: hidden and low findings still count for the ordinals of fingerprints, so no option changes
the name of a finding.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from custodiet import baseline as baselines
from custodiet import suppress
from custodiet.collect.globs import Patterns
from custodiet.config import Config, did_you_mean
from custodiet.domain.finding import Finding, Note
from custodiet.domain.rule import Rule
from custodiet.errors import ConfigError, UsageError
from custodiet.fingerprint import fingerprinted


class Conclusion(msgspec.Struct, frozen=True):
    """The parts of a report that depend on comments, baseline and options."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    notes: tuple[Note, ...]


def selected_rules(rules: Sequence[Rule], config: Config) -> tuple[Rule, ...]:
    """The rules that take part, sorted by id: `select` (empty: all) without `ignore` and those switched off.

    Raises:
        UsageError: if `select` or `ignore` names neither rule nor tag.
        ConfigError: if `[rules.<id>]` names no rule.
    """
    by_name = _by_name(rules)
    chosen = _named(config.select, by_name, "--select") if config.select else {rule.id for rule in rules}
    left_out = _named(config.ignore, by_name, "--ignore")
    for name, options in config.rules.items():
        if name not in by_name or len(by_name[name]) > 1:
            hint = did_you_mean(name, sorted(by_name)) or "run `custodiet rules` for every rule"
            raise ConfigError(f"unknown rule `{name}` in `[rules.{name}]`", hint=hint)
        if not options.enabled:
            left_out |= by_name[name]
    return tuple(sorted((rule for rule in rules if rule.id in chosen - left_out), key=lambda rule: rule.id))


def concluded(
    findings: Iterable[Finding],
    *,
    config: Config,
    rules: Sequence[Rule],
    directives: Iterable[suppress.Directives] = (),
    baseline: baselines.Baseline = baselines.EMPTY,
    today: date,
) -> Conclusion:
    """What remains of `findings`. `rules` are those that took part; `directives` are those of each file read."""
    ordered = fingerprinted(sorted(_shaped(findings, config, rules), key=order))
    spoken = tuple(directives)
    commented = suppress.divided(
        ordered,
        (directive for part in spoken for directive in part.directives),
        active={rule.id for rule in rules},
    )
    accepted = baselines.divided(
        commented.findings, baseline, today=today, where=config.baseline.rpartition("/")[2] or "baseline.json"
    )
    hidden = sorted((*commented.suppressed, *accepted.suppressed), key=order)
    notes = (*(note for part in spoken for note in part.notes), *commented.notes, *accepted.notes)
    return Conclusion(
        findings=tuple(finding for finding in accepted.findings if is_reported(finding, config)),
        suppressed=tuple(finding for finding in hidden if is_reported(finding, config)),
        notes=tuple(sorted(notes, key=lambda note: (note.path, note.line, note.kind, note.detail))),
    )


def order(finding: Finding) -> tuple[object, ...]:
    """The key by which reports are sorted: path, line, column, rule, then whatever makes it total."""
    place = finding.place
    steps = tuple((step.place, step.message) for step in finding.steps)
    return place.path, place.line, place.column, finding.rule, place.end_line, place.end_column, finding.message, steps


def is_reported(finding: Finding, config: Config) -> bool:
    """Whether severity and confidence reach the thresholds."""
    return finding.severity.rank >= config.severity.rank and finding.confidence.rank >= config.confidence.rank


def _shaped(findings: Iterable[Finding], config: Config, rules: Sequence[Rule]) -> list[Finding]:
    """`findings` of the rules that took part, with what `[rules.<id>]` says about them."""
    by_name = _by_name(rules)
    active = {rule.id for rule in rules}
    options = {rule: option for name, option in config.rules.items() for rule in by_name.get(name, ())}
    excluded = {rule: Patterns(option.exclude) for rule, option in options.items() if option.exclude}
    shaped = []
    for finding in findings:
        if finding.rule not in active:
            continue
        if finding.rule in excluded and excluded[finding.rule].covers(finding.place.path):
            continue
        option = options.get(finding.rule)
        if option is not None and (option.severity is not None or option.confidence is not None):
            shaped.append(
                replace(
                    finding,
                    severity=option.severity or finding.severity,
                    confidence=option.confidence or finding.confidence,
                )
            )
        else:
            shaped.append(finding)
    return shaped


def _by_name(rules: Iterable[Rule]) -> dict[str, set[str]]:
    """Rule ids by every name that selects them: id, alias, tag."""
    names: dict[str, set[str]] = {}
    for rule in rules:
        for name in (rule.id, *rule.aliases, *rule.tags):
            names.setdefault(name.lower(), set()).add(rule.id)
    return names


def _named(selectors: Iterable[str], by_name: dict[str, set[str]], option: str) -> set[str]:
    """The ids of the rules that `selectors` name; `cwe-89` is read as `cwe:89`, `owasp:a03` by its beginning."""
    chosen: set[str] = set()
    for selector in selectors:
        wanted = selector.strip().lower()
        if wanted.startswith("cwe-"):
            wanted = "cwe:" + wanted[4:]
        if wanted == "all":
            chosen |= {rule for rules in by_name.values() for rule in rules}
            continue
        found = by_name.get(wanted)
        if found is None and ":" in wanted:
            found = {rule for name, rules in by_name.items() if name.startswith(wanted + ":") for rule in rules}
        if not found:
            hint = did_you_mean(wanted, sorted(by_name)) or "run `custodiet rules` for every rule and its tags"
            raise UsageError(f"`{selector}` names neither a rule nor a tag", where=option, hint=hint)
        chosen |= found
    return chosen
