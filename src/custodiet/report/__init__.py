"""A report in the words of its reader: one file per format.

    render(report, "sarif", sources=sources)      the whole text of that format
    FORMATS["sarif"].summary                      what it is for

Secrets are masked here, before any format sees the report (`report.mask`). Nothing here reads a file, a clock or the
environment: two calls with equal values give equal bytes. A format's module is imported when it is first asked for.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Final

import msgspec

from custodiet.domain.report import Report
from custodiet.domain.severity import Persona
from custodiet.errors import UsageError
from custodiet.report.mask import masked
from custodiet.report.view import Listing, Sources, View

__all__ = ["FORMATS", "Format", "Sources", "render"]


class Format(msgspec.Struct, frozen=True):
    """One way to write a report. Equal to itself on every run."""

    module: str
    """Its file in this package."""
    extension: str
    """What a file of this format is usually called, with the dot."""
    summary: str
    """What it is for, for `--help`."""
    function: str = "render"

    def load(self) -> Callable[[View], str]:
        """The function that writes this format; imports its module."""
        found: Callable[[View], str] = getattr(import_module(f"{__name__}.{self.module}"), self.function)
        return found


FORMATS: Final[dict[str, Format]] = {
    "text": Format("text", ".txt", "code frames with the flow step by step, for people"),
    "concise": Format("concise", ".txt", "one line for each finding"),
    "json": Format("json", ".json", "everything, under the versioned contract json-v1"),
    "json-v1": Format("json", ".json", "the same as json, and for ever"),
    "jsonl": Format("jsonl", ".jsonl", "json-v1, one object on each line"),
    "sarif": Format("sarif", ".sarif", "SARIF 2.1.0, for code scanning services and editors"),
    "gitlab": Format("gitlab", ".json", "GitLab SAST report"),
    "gitlab-codequality": Format("gitlab", ".json", "GitLab Code Quality report", "render_codequality"),
    "github": Format("github", ".txt", "GitHub workflow commands, shown as annotations"),
    "junit": Format("junit", ".xml", "JUnit XML, for test dashboards"),
    "rdjson": Format("rdjson", ".json", "Reviewdog diagnostics with suggested changes"),
    "html": Format("html", ".html", "one self-contained page"),
    "markdown": Format("markdown", ".md", "for job summaries and comments on merge requests"),
}


def render(
    report: Report,
    format: str,  # noqa: A002 - the option is called so everywhere
    *,
    sources: Sources,
    colour: bool = False,
    links: bool = False,
    width: int = 100,
    root: str = ".",
    persona: Persona = Persona.DEFAULT,
    instant: str | None = None,
) -> str:
    """The report in a format of `FORMATS`, with a line feed at its end unless it is empty.

    `links` asks for OSC 8 links (only with `colour`, only for a terminal); they lead to files when `root`, the folder
    that the paths of the report are relative to, is absolute. `instant` (`2026-01-31T12:00:00`, UTC) replaces the
    fixed time of the GitLab SAST report, which demands one.

    Raises:
        UsageError: if there is no such format.
    """
    if format not in FORMATS:
        raise UsageError(f"unknown format `{format}`", hint=f"one of {', '.join(FORMATS)}")
    hidden, safe = masked(report, sources)
    view = View(
        report=hidden, listing=Listing(safe), colour=colour, links=links, width=width, root=root, persona=persona
    )
    if instant is not None:
        view = msgspec.structs.replace(view, instant=instant)
    return FORMATS[format].load()(view)
