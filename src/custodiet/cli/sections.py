"""Help texts with options in named sections, the environment variable of each, and examples at the end."""

from collections.abc import Callable, Sequence
from typing import Any

import click

DOCUMENTATION = "docs/index.md of the source, or `custodiet explain RULE`"

Examples = Sequence[tuple[str, str]]
"""What an example does, and its command line."""


class SectionOption(click.Option):
    """An option that stands in a named section of the help; `setting` is the configuration key that it sets."""

    def __init__(self, *args: Any, section: str = "Help", setting: str = "", **attributes: Any) -> None:
        self.section = section
        self.setting = setting
        if setting:
            attributes["help"] = f"{attributes.get('help', '')}  [env: CUSTODIET_{setting.upper()}]"
        super().__init__(*args, **attributes)


class SectionCommand(click.Command):
    """A command whose help has sections and examples."""

    def __init__(self, *args: Any, examples: Examples = (), **attributes: Any) -> None:
        self.examples = examples
        super().__init__(*args, **attributes)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options by section, in the order in which the sections first appear."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in (each for each in self.get_params(ctx) if isinstance(each, click.Option)):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Help"), []).append(record)
        last = sections.pop("Help", [])
        for title, records in (*sections.items(), ("Help", last)):
            with formatter.section(title):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the signature is click's
        """Writes the examples."""
        write_examples(formatter, self.examples)


def option(*names: str, section: str, setting: str = "", **attributes: Any) -> Callable[[Any], Any]:
    """The decorator that gives a command an option in a section."""
    return click.option(*names, cls=SectionOption, section=section, setting=setting, **attributes)


def write_examples(formatter: click.HelpFormatter, examples: Examples) -> None:
    """Writes the examples, each under the comment that says what it does."""
    if not examples:
        return
    with formatter.section("Examples"):
        for meaning, line in examples:
            formatter.write(f"{'':>{formatter.current_indent}}# {meaning}\n")
            formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
