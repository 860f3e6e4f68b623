"""The commands as click runs them, with its errors turned into ours."""

import sys

import click

from custodiet.cli.group import custodiet
from custodiet.errors import UsageError


def dispatched(arguments: list[str]) -> int:
    """The exit code of the command that `arguments` name.

    Raises:
        UsageError: if they name none, or wrong options.
        KeyboardInterrupt: if the user ended a prompt.
        BrokenPipeError: if nobody reads the output any more.
    """
    stdout, stderr = sys.stdout, sys.stderr
    try:
        code = custodiet.main(
            args=arguments, prog_name="custodiet", complete_var="_CUSTODIET_COMPLETE", standalone_mode=False
        )
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return 0
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "custodiet"
        raise UsageError(
            _lowered(error.format_message()), hint=f"run `{command} --help` for its options and examples"
        ) from error
    except SystemExit as error:
        if sys.stdout is not stdout:  # click muffles both streams when the pipe is broken, and exits with 1
            sys.stdout, sys.stderr = stdout, stderr
            raise BrokenPipeError from error
        raise
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0


def _lowered(message: str) -> str:
    """A message of click in our style: one line, lower case, backticks, no full stop."""
    text = " ".join(message.split())
    return (text[:1].lower() + text[1:]).rstrip(".").replace("'", "`")
