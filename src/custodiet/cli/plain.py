"""The scans that editors, hooks and people start most, read without click.

`custodiet scan` with paths and a few flags that take no thought means the same here and there (a law in the tests);
everything else, including everything wrong, is left to click.
"""

import os
from typing import TYPE_CHECKING

from custodiet.cli.choices import FORMATS

if TYPE_CHECKING:
    from custodiet.cli.request import Request

_FLAGS = {
    "-q": "quiet",
    "--quiet": "quiet",
    "--no-progress": "no_progress",
    "--exit-zero": "exit_zero",
    "--no-ignores": "no_ignores",
    "--isolated": "isolated",
    "--staged": "staged",
}
_DEFAULTS: dict[str, object] = {
    "format_name": "text",
    "colour": "auto",
    **dict.fromkeys(("paths", "exclude", "select", "ignore", "outputs", "configs"), ()),
    **dict.fromkeys(
        (*_FLAGS.values(), "verbose", "fix", "unsafe_fixes", "diff", "no_gitignore"),
        False,
    ),
    **dict.fromkeys(
        ("since", "diff_base", "stdin_filename", "write_baseline", "reason", "baseline", "max_file_size", "severity")
        + ("confidence", "persona", "fail_on", "strict", "jobs"),
    ),
}


def is_plain(arguments: list[str]) -> bool:
    """Whether `plain_request` can read the command line."""
    if arguments[:1] != ["scan"] or "_CUSTODIET_COMPLETE" in os.environ:
        return False
    return all(
        argument in _FLAGS
        or argument == "-"
        or (argument != "" and not argument.startswith("-"))
        or argument.removeprefix("--format=") in FORMATS
        for argument in arguments[1:]
    )


def plain_request(arguments: list[str]) -> "Request":
    """The request that a plain command line is.

    Raises:
        UsageError: if two options contradict each other.
    """
    from custodiet.cli.request import Request  # late: `is_plain` is asked by every command

    given = dict(_DEFAULTS)
    paths: list[str] = []
    for argument in arguments[1:]:
        if argument in _FLAGS:
            given[_FLAGS[argument]] = True
        elif argument.startswith("--format="):
            given["format_name"] = argument.removeprefix("--format=")
        else:
            paths.append(argument)
    return Request.of({**given, "paths": tuple(paths)})
