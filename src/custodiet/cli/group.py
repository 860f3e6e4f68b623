"""The group of all commands; each is imported when it is called, not when it is listed."""

from collections.abc import Sequence
from importlib import import_module

import click

from custodiet.cli.sections import DOCUMENTATION, Examples, write_examples

COMMANDS = {
    "scan": "Find vulnerabilities in Python code and templates.",
    "rules": "List the rules.",
    "explain": "Explain a rule, or a finding by its fingerprint.",
    "baseline": "Accept the findings of today, to judge only new ones.",
    "config": "Show the configuration that applies here.",
    "completion": "Print the completion script of a shell.",
    "version": "Print the version.",
}
"""Command to its short help, in the order of `--help`. The module of a command has its name."""

_EXAMPLES: Examples = (
    ("scan the project", "custodiet scan"),
    ("what a commit would bring, as a hook", "custodiet scan --staged"),
    ("a report for people and one for machines from one scan", "custodiet scan --output sarif=custodiet.sarif"),
    ("what a rule is about", "custodiet explain sql-injection"),
)


class LazyGroup(click.Group):
    """A group that knows the names of its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """The names of all commands, in the order of `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the signature is click's
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"custodiet.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; an unknown one is an error with a suggestion."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib  # late: only an error needs it

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f", did you mean `{close[0]}`?" if close else ""
            raise click.UsageError(f"no such command `{args[0]}`{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the signature is click's
        """Writes the list of commands from the table, so that none is imported."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the signature is click's
        """Writes examples and exit codes."""
        write_examples(formatter, _EXAMPLES)
        with formatter.section("Exit codes"):
            formatter.write_dl(list(_EXIT_CODES))
        formatter.write_paragraph()
        formatter.write_text(f"Documentation: {DOCUMENTATION}")


_EXIT_CODES: Sequence[tuple[str, str]] = (
    ("0", "nothing at or above `--fail-on`"),
    ("1", "findings at or above `--fail-on`"),
    ("2", "wrong use, wrong configuration, or a flaw of custodiet"),
    ("3", "nothing to scan"),
    ("4", "something could not be analysed, under `--strict`"),
)


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Prints the version and ends, if asked to."""
    if value and not context.resilient_parsing:
        from custodiet.cli.version import version_text  # late: reading the metadata costs 10 ms

        click.echo(version_text())
        context.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print the version.",
)
def custodiet() -> None:
    """Custodiet finds the vulnerabilities that AI assistants write, and explains each from source to sink.

    It reads code on this machine only, and sends nothing anywhere.
    """
