"""`custodiet version`."""

import click

from custodiet.cli.sections import SectionCommand, option


def version_text() -> str:
    """`custodiet 0.1.0`, as the installed package says."""
    from importlib.metadata import PackageNotFoundError, version  # late: costs 10 ms

    try:
        return f"custodiet {version('custodiet')}"
    except PackageNotFoundError:
        return "custodiet (not installed)"


@click.command(
    cls=SectionCommand,
    short_help="Print the version.",
    examples=[("version of custodiet and of what it stands on", "custodiet version --json")],
)
@option("--json", "as_json", section="Output", is_flag=True, help="Also what it stands on, as JSON.")
def command(*, as_json: bool) -> None:
    """Print the version."""
    if not as_json:
        click.echo(version_text())
        return
    import json  # late: only this form needs it
    import platform
    from importlib.metadata import version

    names = ("custodiet", "tree-sitter", "tree-sitter-python", "msgspec", "click")
    versions = {name: version(name) for name in names[1:]}
    table = {"custodiet": version_text().partition(" ")[2], "python": platform.python_version(), **versions}
    click.echo(json.dumps(table, indent=2))
