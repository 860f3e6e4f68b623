"""`custodiet config`."""

import os

import click

from custodiet.cli.sections import SectionCommand, option


@click.command(
    cls=SectionCommand,
    short_help="Show the configuration that applies here.",
    examples=[
        ("what applies here, and why", "custodiet config"),
        ("every key and its type, for editors", "custodiet config --schema"),
    ],
)
@click.argument("path", default=os.curdir)
@option("--schema", section="Output", is_flag=True, help="Print the JSON schema of `custodiet.toml`.")
@option("--json", "as_json", section="Output", is_flag=True, help="For programs.")
@option("--config", "configs", section="Configuration", multiple=True, metavar="FILE|KEY=VALUE",
        help="As for `custodiet scan`.  [env: CUSTODIET_CONFIG]")  # fmt: skip
@option("--isolated", section="Configuration", is_flag=True, help="As for `custodiet scan`.")
def command(path: str, configs: tuple[str, ...], *, schema: bool, as_json: bool, isolated: bool) -> None:
    """Show each value that a scan of PATH would use, and where it comes from."""
    import msgspec  # late: `--help` needs none of these

    from custodiet.config import json_schema, load_config

    if schema:
        click.echo(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode())
        return
    named = configs or tuple(filter(None, [os.environ.get("CUSTODIET_CONFIG", "")]))
    loaded = load_config(
        path,
        file=next((text for text in named if "=" not in text), ""),
        overrides=[text for text in named if "=" in text],
        environment=os.environ,
        isolated=isolated,
    )
    values = msgspec.to_builtins(loaded.config)
    if as_json:
        table = {"root": loaded.root, "file": loaded.file, "values": values, "origins": loaded.origins}
        click.echo(msgspec.json.format(msgspec.json.encode(table), indent=2).decode())
        return
    click.echo(f"# root: {loaded.root}")
    click.echo(f"# file: {loaded.file or 'none'}")
    width = max(map(len, values))
    for key, value in values.items():
        origin = os.path.relpath(loaded.origins[key]) if loaded.origins[key] == loaded.file else loaded.origins[key]
        click.echo(f"{key:<{width}} = {msgspec.json.encode(value).decode():<20}  # {origin}")
