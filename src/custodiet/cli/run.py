"""One run of the command line: every way in which it can end becomes an exit code and a message for people."""

import os
import sys
from collections.abc import Sequence

import click

from custodiet.cli.group import custodiet
from custodiet.errors import CustodietError

INTERRUPTED = 130
BROKEN_PIPE = 141
"""As a shell reports a program that ended because nobody reads its output any more."""
FAILED = 2


def run(arguments: Sequence[str]) -> int:
    """The exit code of `custodiet <arguments>`; messages have been written."""
    try:
        code = custodiet.main(
            args=list(arguments), prog_name="custodiet", complete_var="_CUSTODIET_COMPLETE", standalone_mode=False
        )
        sys.stdout.flush()
    except CustodietError as error:
        complain(str(error), error.hint)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return 0
    except click.UsageError as error:
        complain(_lowered(error.format_message()), _usage_hint(error))
        return FAILED
    except click.ClickException as error:
        complain(_lowered(error.format_message()), "")
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("\ncustodiet: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except (Exception, RecursionError, MemoryError) as error:
        if os.environ.get("CUSTODIET_TRACEBACK"):
            raise
        complain(
            f"internal: {type(error).__name__}: {error}",
            "this is a flaw of custodiet; set CUSTODIET_TRACEBACK=1 to see where, and report it please",
        )
        return FAILED
    return code if isinstance(code, int) else 0


def complain(what: str, hint: str) -> None:
    """Writes an error and its hint to stderr."""
    sys.stderr.write(f"custodiet: error: {_one_line(what)}\n")
    if hint:
        sys.stderr.write(f"custodiet: hint: {_one_line(hint)}\n")


def _one_line(text: str) -> str:
    """`text` without anything that could forge a line of our own or drive the terminal."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _lowered(message: str) -> str:
    """A message of click in our style: lower case, backticks, no full stop."""
    text = " ".join(message.split())
    return (text[:1].lower() + text[1:]).rstrip(".").replace("'", "`")


def _usage_hint(error: click.UsageError) -> str:
    """What to do after a wrong use of a command."""
    command = error.ctx.command_path if error.ctx is not None else "custodiet"
    return f"run `{command} --help` for its options and examples"


def _discard_output() -> None:
    """Keeps the interpreter from complaining about the broken pipe when it flushes at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass  # stdout is no file (a test, an embedding): nothing will be flushed
