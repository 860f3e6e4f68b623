"""`custodiet explain`."""

import os
import re
import sys

import click

from custodiet.cli.sections import SectionCommand, option

_FINGERPRINT = re.compile(r"[0-9a-f]{6,32}")


@click.command(
    cls=SectionCommand,
    short_help="Explain a rule, or a finding by its fingerprint.",
    examples=[
        ("what a rule finds, why it matters, how to fix it", "custodiet explain sql-injection"),
        ("one finding with its flow, by (the beginning of) its fingerprint", "custodiet explain 5d0a73c1"),
    ],
)
@click.argument("name", metavar="RULE|FINGERPRINT")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option("--examples", section="Output", is_flag=True, help="Show every example of the rule, not only the first.")
@option("--json", "as_json", section="Output", is_flag=True, help="For programs.")
def command(name: str, paths: tuple[str, ...], *, examples: bool, as_json: bool) -> None:
    """Explain RULE, without network, from the page that the documentation shows.

    A FINGERPRINT is looked for by scanning PATH (the project around the current folder if none is given).
    """
    if _FINGERPRINT.fullmatch(name):
        _explain_finding(name, paths, as_json=as_json)
    else:
        _explain_rule(name, examples=examples, as_json=as_json)


def _explain_rule(name: str, *, examples: bool, as_json: bool) -> None:
    """Prints the page of a rule."""
    import msgspec  # late: `--help` needs none of these

    from custodiet.rules import load_rules, rule_text

    text = rule_text(name)
    rule = next(rule for rule in load_rules() if name == rule.id or name in rule.aliases)
    if as_json:
        table = {**msgspec.to_builtins(rule), "tags": list(rule.tags), "markdown": text}
        click.echo(msgspec.json.format(msgspec.json.encode(table), indent=2).decode())
        return
    facts = [
        f"severity {rule.severity.value}, confidence {rule.confidence.value}",
        ", ".join(f"CWE-{number}" for number in rule.cwe),
        ", ".join((*(f"OWASP {name}" for name in rule.owasp), *(f"OWASP {name}" for name in rule.owasp_llm))),
    ]
    text = text.strip().removeprefix(f"# {rule.title}\n").strip()
    if not examples:
        text = _with_one_example(text, rule.id)
    page = f"# {rule.title} ({rule.id})\n\n{'; '.join(fact for fact in facts if fact)}\n\n{text}\n"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        from rich.console import Console  # late: only a person at a terminal sees it
        from rich.markdown import Markdown

        Console().print(Markdown(page))
    else:
        click.echo(page, nl=False)


def _with_one_example(text: str, rule: str) -> str:
    """The page without the examples after the first."""
    before, heading, rest = text.partition("\n## Examples\n")
    examples, next_heading, after = rest.partition("\n## ")
    parts = re.split(r"(?m)^(?=### )", examples)
    if not heading or len(parts) < 3:
        return text
    more = f"{len(parts) - 2} more: `custodiet explain {rule} --examples`\n"
    return before + heading + "".join(parts[:2]) + more + next_heading + after


def _explain_finding(beginning: str, paths: tuple[str, ...], *, as_json: bool) -> None:
    """Prints the finding whose fingerprint begins so, as the report of a scan would."""
    from msgspec.structs import replace  # late: as above

    from custodiet.cli.output import write_reports
    from custodiet.cli.progress import Progress
    from custodiet.cli.repair import proposed
    from custodiet.cli.request import Request
    from custodiet.cli.session import engine_of
    from custodiet.cli.texts import Texts
    from custodiet.config import repository_root
    from custodiet.domain.report import Report, Statistics
    from custodiet.errors import UsageError

    named = paths or (repository_root(os.getcwd()) or os.getcwd(),)
    request = Request(paths=tuple(named), format_name="json" if as_json else "text", additions={})
    loaded = request.load(os.path.commonpath([os.path.abspath(path) for path in named]))
    with Progress(is_shown=sys.stderr.isatty()) as progress:
        report = engine_of(loaded, progress)([os.path.abspath(path) for path in named], {})
    everything = (*report.findings, *report.suppressed)
    found = tuple(finding for finding in everything if finding.fingerprint.startswith(beginning))
    if not found:
        raise UsageError(
            f"no finding has the fingerprint `{beginning}`",
            hint="it may be fixed; run `custodiet scan --format json` for the fingerprints of today",
        )
    shown = Report(
        findings=tuple(replace(finding, suppression=None) for finding in found),
        suppressed=(),
        incomplete=(),
        statistics=Statistics(),
        rules=tuple(rule for rule in report.rules if any(finding.rule == rule.id for finding in found)),
    )
    texts = Texts(loaded.root, {})
    write_reports(proposed(shown, texts), request, loaded, texts)
