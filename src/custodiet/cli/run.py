"""One run of the command line: every way in which it can end becomes an exit code and a message for people."""

import os
import sys
from collections.abc import Sequence

from custodiet.errors import CustodietError

INTERRUPTED = 130
BROKEN_PIPE = 141
"""As a shell reports a program that ended because nobody reads its output any more."""
FAILED = 2


def run(arguments: Sequence[str]) -> int:
    """The exit code of `custodiet <arguments>`; messages have been written."""
    try:
        code = _code(list(arguments))
        sys.stdout.flush()
    except CustodietError as error:
        complain(str(error), error.hint)
        return error.exit_code
    except KeyboardInterrupt:
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
    return code


def _code(arguments: list[str]) -> int:
    """What the command returns. A plain scan is read here; click, which costs 25 ms, reads everything else."""
    from custodiet.cli.plain import is_plain, plain_request  # late: `import custodiet.cli` stays free

    if is_plain(arguments):
        from custodiet.cli.importer import install  # late: click's commands take the usual way

        install()
        from custodiet.cli.light import import_msgspec

        import_msgspec()
        from custodiet.cli.session import scanned  # late: only this command needs the engine

        return scanned(plain_request(arguments))
    from custodiet.cli.dispatch import dispatched  # late: as said

    return dispatched(arguments)


def complain(what: str, hint: str) -> None:
    """Writes an error and its hint to stderr."""
    sys.stderr.write(f"custodiet: error: {_one_line(what)}\n")
    if hint:
        sys.stderr.write(f"custodiet: hint: {_one_line(hint)}\n")


def _one_line(text: str) -> str:
    """`text` without anything that could forge a line of our own or drive the terminal."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _discard_output() -> None:
    """Keeps the interpreter from complaining about the broken pipe when it flushes at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass  # stdout is no file (a test, an embedding): nothing will be flushed
