"""The command line: `custodiet COMMAND`.

Rules of this package: data goes to stdout, everything else to stderr as `custodiet: error: …` and then
`custodiet: hint: …`, lower case and without a full stop. A command's module is imported when the command runs, and
what only some runs need (terminal, git, engine) is imported where it is used: `--help` stays far below its budget.
"""

import gc
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command that `arguments` (those of the process, if None) ask for, and exits with its code."""
    if arguments is None:
        gc.disable()  # what is imported stays, and looking through it for garbage costs 4 ms; a scan does without too
    from custodiet.cli.run import INTERRUPTED, run  # late: importing the package must not import click

    code = run(sys.argv[1:] if arguments is None else list(arguments))
    if code == INTERRUPTED or (arguments is None and sys.gettrace() is None and sys.getprofile() is None):
        # Taking apart the analysed program object by object costs 10 ms for one file and 0.5 s for a million lines,
        # and after an interrupt the thread of the analysis may go on for long, and nothing waits for it any more.
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    sys.exit(code)
