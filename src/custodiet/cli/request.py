"""What a user asked `custodiet scan` for, as one value, and the configuration that follows from it."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from custodiet.cli.choices import FORMATS
from custodiet.config import LoadedConfig, did_you_mean, load_config
from custodiet.errors import UsageError

STDIN = "-"
STDOUT = "-"


class Output(NamedTuple):
    """A report that goes to a file."""

    format_name: str
    file: str


class Request(NamedTuple):
    """The options of `custodiet scan`, checked against each other."""

    paths: tuple[str, ...] = ()
    staged: bool = False
    since: str = ""
    diff_base: str = ""
    stdin_filename: str = ""
    format_name: str = "text"
    outputs: tuple[Output, ...] = ()
    colour: str = "auto"
    progress: bool = True
    quiet: bool = False
    verbose: bool = False
    no_ignores: bool = False
    exit_zero: bool = False
    write_baseline: str = ""
    reason: str = ""
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    isolated: bool = False
    config_file: str = ""
    overrides: tuple[str, ...] = ()
    settings: Mapping[str, Any] = {}
    """Configuration keys that options replace."""
    additions: Mapping[str, tuple[str, ...]] = {}
    """Configuration lists that options extend."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Request":
        """The request that click's values say.

        Raises:
            UsageError: if two options contradict each other, or one lacks its other half.
        """
        configs = given["configs"] or tuple(filter(None, [os.environ.get("CUSTODIET_CONFIG", "")]))
        settings: dict[str, Any] = {
            key: given[key]
            for key in ("max_file_size", "severity", "confidence", "persona", "fail_on", "strict", "jobs")
            if given[key] is not None
        }
        if given["baseline"]:
            settings["baseline"] = os.path.abspath(given["baseline"])
        if given["no_gitignore"]:
            settings["respect_gitignore"] = False
        if given["select"]:
            settings["select"] = _items(given["select"])
        outputs = tuple(_output(text) for text in given["outputs"])
        streamed = [output.format_name for output in outputs if output.file == STDOUT]
        if len(streamed) > 1:
            raise UsageError(f"`{streamed[0]}` and `{streamed[1]}` both go to standard output", hint="give one a file")
        request = cls(
            paths=tuple(given["paths"]),
            staged=given["staged"],
            since=given["since"] or "",
            diff_base=given["diff_base"] or "",
            stdin_filename=given["stdin_filename"] or "",
            format_name=streamed[0] if streamed else given["format_name"],
            outputs=tuple(output for output in outputs if output.file != STDOUT),
            colour=given["colour"],
            progress=not given["no_progress"],
            quiet=given["quiet"],
            verbose=given["verbose"],
            no_ignores=given["no_ignores"],
            exit_zero=given["exit_zero"],
            write_baseline=given["write_baseline"] or "",
            reason=(given["reason"] or "").strip(),
            fix=given["fix"] or given["unsafe_fixes"] or given["diff"],
            unsafe_fixes=given["unsafe_fixes"],
            diff=given["diff"],
            isolated=given["isolated"],
            config_file=next((text for text in configs if "=" not in text), ""),
            overrides=tuple(text for text in configs if "=" in text),
            settings=settings,
            additions={
                key: items
                for key, items in (("exclude", given["exclude"]), ("ignore", _items(given["ignore"])))
                if items
            },
        )
        _check(request)
        return request

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of all reports that are written."""
        return ("" if self.quiet else self.format_name, *(output.format_name for output in self.outputs))

    def load(self, start: str) -> LoadedConfig:
        """The configuration for scanning `start` with these options."""
        return load_config(
            start,
            file=self.config_file,
            overrides=self.overrides,
            options=self.settings,
            additions=self.additions,
            environment=os.environ,
            isolated=self.isolated,
        )


def _items(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of options that may be repeated or separated by commas."""
    return tuple(item.strip() for text in texts for item in text.split(",") if item.strip())


def _output(text: str) -> Output:
    """The output that `FORMAT=FILE` names."""
    format_name, equals, file = text.partition("=")
    if not equals or not file:
        raise UsageError(f"`{text}` is no `FORMAT=FILE`", where="--output", hint="write for instance `sarif=out.sarif`")
    if format_name not in FORMATS:
        hint = did_you_mean(format_name, FORMATS) or f"one of {', '.join(FORMATS)}"
        raise UsageError(f"unknown format `{format_name}`", where="--output", hint=hint)
    return Output(format_name, file)


def _check(request: Request) -> None:
    """Nothing, if the options can be had together."""
    scopes = [name for name, value in _scopes(request) if value]
    if len(scopes) > 1:
        raise UsageError(f"{' and '.join(scopes)} exclude each other", hint="give one of them")
    if STDIN in request.paths and len(request.paths) > 1:
        raise UsageError("`-` stands alone", hint="scan standard input and files in two runs")
    if request.stdin_filename and STDIN not in request.paths:
        raise UsageError("`--stdin-filename` needs `-`", hint="write `custodiet scan - --stdin-filename FILE`")
    if request.fix and scopes and not request.diff:
        raise UsageError(
            f"`--fix` cannot write with {scopes[0]}",
            hint="add `--diff` to see the repairs, or fix the files themselves",
        )
    if request.write_baseline and not request.reason:
        raise UsageError(
            "`--write-baseline` needs `--reason`", hint='say why: `--reason "the report server is offline"`'
        )
    if request.write_baseline and scopes:
        raise UsageError(f"`--write-baseline` takes whole scans, not {scopes[0]}", hint="leave the option out")
    if request.config_file and request.isolated:
        raise UsageError("`--isolated` reads no configuration file", hint="leave out one of the two options")


def _scopes(request: Request) -> tuple[tuple[str, bool], ...]:
    """The options that say where the text to scan comes from."""
    return (
        ("`-`", STDIN in request.paths),
        ("`--staged`", request.staged),
        ("`--since`", bool(request.since)),
        ("`--diff-base`", bool(request.diff_base)),
    )
