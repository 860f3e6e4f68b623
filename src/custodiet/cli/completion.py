"""`custodiet completion SHELL`."""

import click

from custodiet.cli.sections import SectionCommand


@click.command(
    cls=SectionCommand,
    short_help="Print the completion script of a shell.",
    examples=[
        ("bash, for this and every later session", "custodiet completion bash >> ~/.bashrc"),
        ("zsh", "custodiet completion zsh >> ~/.zshrc"),
        ("fish", "custodiet completion fish > ~/.config/fish/completions/custodiet.fish"),
    ],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes commands, options and values in SHELL."""
    from click.shell_completion import get_completion_class  # late: only this command needs it

    from custodiet.cli.group import custodiet  # late: the group imports this module

    completion = get_completion_class(shell)
    assert completion is not None, "click completes these three shells"
    script = completion(custodiet, {}, "custodiet", "_CUSTODIET_COMPLETE")
    click.echo(script.source_template % script.source_vars())
