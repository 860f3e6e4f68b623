"""`custodiet rules`."""

import click

from custodiet.cli.sections import SectionCommand, option


@click.command(
    cls=SectionCommand,
    short_help="List the rules.",
    examples=[
        ("every rule", "custodiet rules"),
        ("those of one weakness", "custodiet rules --select cwe:89"),
        ("for programs", "custodiet rules --json"),
    ],
)
@option("--select", section="Rules", metavar="RULE,TAG", multiple=True, help="Only these rules or tags.")
@option("--ignore", section="Rules", metavar="RULE,TAG", multiple=True, help="Not these rules or tags.")
@option("--json", "as_json", section="Output", is_flag=True, help="Everything that is declared, as JSON.")
def command(select: tuple[str, ...], ignore: tuple[str, ...], *, as_json: bool) -> None:
    """List the rules: id, severity, CWE and title. `custodiet explain RULE` tells more."""
    from custodiet.conclusion import selected_rules  # late: `--help` needs no rules
    from custodiet.config import Config
    from custodiet.rules import load_rules

    def items(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(item.strip() for text in texts for item in text.split(",") if item.strip())

    rules = selected_rules(load_rules(), Config(select=items(select), ignore=items(ignore)))
    if as_json:
        import msgspec  # late: as above

        tables = [{**msgspec.to_builtins(rule), "tags": list(rule.tags)} for rule in rules]
        click.echo(msgspec.json.format(msgspec.json.encode(tables), indent=2).decode())
        return
    width = max((len(rule.id) for rule in rules), default=0)
    for rule in rules:
        cwe = f"CWE-{rule.cwe[0]}" if rule.cwe else ""
        click.echo(f"{rule.id:<{width}}  {rule.severity.value:<8}  {cwe:<8}  {rule.title}")
