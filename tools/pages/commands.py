"""The help texts of the command line, as they are printed."""

from collections.abc import Iterator

import click

from custodiet.cli.group import custodiet
from pages.markdown import NOTICE

_WIDTH = 100


def command_page() -> str:
    """Each command with its `--help`."""
    sections = (f"{'#' * depth} `{name}`\n\n```text\n{text}\n```\n" for depth, name, text in _help_texts(custodiet))
    return NOTICE.format(source="src/custodiet/cli/") + "# Command line\n\n" + "\n".join(sections)


def _help_texts(
    command: click.Command, name: str = "custodiet", parent: click.Context | None = None
) -> Iterator[tuple[int, str, str]]:
    """(heading level, words of the command, help) of the command and of those below it."""
    with click.Context(
        command, parent=parent, info_name=name, terminal_width=_WIDTH, max_content_width=_WIDTH, color=False
    ) as context:
        yield 2, context.command_path, command.get_help(context)
        if isinstance(command, click.Group):
            for each in command.list_commands(context):
                below = command.get_command(context, each)
                if below is not None and not below.hidden:
                    yield from _help_texts(below, each, context)
