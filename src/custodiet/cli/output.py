"""Reports on their way out: to standard output, to files, with colour or without."""

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from custodiet.cli.request import Request
from custodiet.cli.texts import Texts
from custodiet.config import LoadedConfig
from custodiet.domain.report import Report
from custodiet.errors import SourceError

DEFAULT_WIDTH = 100
_FOR_PEOPLE = frozenset({"text", "concise"})


def wants_colour(choice: str, environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Whether to colour: `--color` decides, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_terminal and environment.get("TERM") != "dumb" and environment.get("CLICOLOR") != "0"


def width_of(stream: TextIO, environment: Mapping[str, str]) -> int:
    """The columns of the terminal that `stream` is, or a usual width."""
    if environment.get("COLUMNS", "").isdigit():
        return max(40, int(environment["COLUMNS"]))
    try:
        return max(40, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return DEFAULT_WIDTH


def write_reports(report: Report, request: Request, loaded: LoadedConfig, texts: Texts) -> None:
    """Writes the report to standard output and to every `--output`.

    Raises:
        SourceError: if a file cannot be written.
    """
    from custodiet.report import render  # late: knows every format

    persona = loaded.config.persona
    for output in request.outputs:
        text = render(report, output.format_name, sources=texts, root=loaded.root, persona=persona)
        try:
            with open(output.file, "wb") as file:
                file.write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise SourceError(
                f"cannot write the report: {error.strerror}",
                where=output.file,
                hint="name a file in an existing folder that you may write to",
            ) from error
    if request.quiet:
        return
    stream = sys.stdout
    is_terminal = stream.isatty()
    colour = request.format_name in _FOR_PEOPLE and wants_colour(request.colour, os.environ, is_terminal=is_terminal)
    text = render(
        report,
        request.format_name,
        sources=texts,
        colour=colour,
        links=colour and is_terminal and not os.environ.get("CI"),
        width=width_of(stream, os.environ) if is_terminal or os.environ.get("COLUMNS") else DEFAULT_WIDTH,
        root=loaded.root,
        persona=persona,
    )
    write(stream, text, encoding=None if request.format_name in _FOR_PEOPLE else "utf-8")


def write(stream: TextIO, text: str, *, encoding: str | None) -> None:
    """Writes `text` in `encoding` (None: that of the stream); what it cannot say is escaped, never an error."""
    raw = text.encode(encoding or stream.encoding or "utf-8", "backslashreplace")
    stream.flush()
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(raw.decode(encoding or "utf-8", "replace"))
    else:
        buffer.write(raw)
        buffer.flush()
