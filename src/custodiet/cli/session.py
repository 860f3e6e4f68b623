"""One scan from request to exit code."""

import os
import sys
from collections.abc import Sequence

from msgspec.structs import replace

from custodiet.baseline import EMPTY, read_baseline, updated, write_baseline
from custodiet.cli.output import write, write_reports
from custodiet.cli.progress import Progress
from custodiet.cli.request import Request
from custodiet.cli.scope import Contents, Engine, Scope, scope_of, start_of
from custodiet.cli.texts import Texts
from custodiet.conclusion import order, selected_rules
from custodiet.config import LoadedConfig
from custodiet.domain.report import Report, Statistics

CLEAN, FOUND, INCOMPLETE = 0, 1, 4
_WITHOUT_REPAIRS = frozenset({"", "concise", "github", "junit"})
"""Formats that do not show repairs."""


def scanned(request: Request) -> int:
    """The exit code of the scan; reports and warnings have been written."""
    loaded = request.load(start_of(request))
    scope = scope_of(request, loaded.root, sys.stdin.buffer.read)
    is_shown = request.progress and not request.quiet and sys.stderr.isatty()
    with Progress(is_shown=is_shown) as progress:
        engine = engine_of(loaded, progress)
        report = _empty(loaded) if scope.is_empty else scope.report(engine)
        if request.fix:
            from custodiet.cli.repair import repaired  # late: most scans repair nothing

            result = repaired(report, scope, engine, root=loaded.root, unsafe=request.unsafe_fixes)
    if request.fix:
        if request.diff:
            write(sys.stdout, result.patch, encoding="utf-8")
            return FOUND if result.patch and not request.exit_zero else CLEAN
        result.write()
        _tell(request, result.summary)
        report, scope = result.report, scope._replace(contents=result.contents)
    if request.no_ignores:
        report = _without_ignores(report)
    if request.write_baseline:
        return _write_baseline(report, request)
    texts = Texts(loaded.root, scope.contents)
    if report.findings and any(name not in _WITHOUT_REPAIRS for name in request.formats):
        from custodiet.cli.repair import proposed  # late: a clean report needs none

        report = proposed(report, texts)
    _warn(report, request, loaded)
    write_reports(report, request, loaded, texts)
    return exit_code(report, loaded, request)


def exit_code(report: Report, loaded: LoadedConfig, request: Request) -> int:
    """0 clean, 1 findings at or above `--fail-on`, 4 something not analysed under `--strict`."""
    if request.exit_zero:
        return CLEAN
    if any(finding.severity.rank >= loaded.config.fail_on.rank for finding in report.findings):
        return FOUND
    return INCOMPLETE if loaded.config.strict and report.incomplete else CLEAN


def engine_of(loaded: LoadedConfig, progress: Progress) -> Engine:
    """The engine with this configuration."""
    from custodiet.scan import Scan  # late: everything above works without it

    scan = Scan(loaded.config, root=loaded.root, progress=progress)

    def run(paths: Sequence[str], contents: Contents) -> Report:
        return scan.run(paths, contents=contents)

    return run


def _empty(loaded: LoadedConfig) -> Report:
    """The report about nothing."""
    from custodiet.rules import load_rules  # late: with the engine

    return Report((), (), (), Statistics(), selected_rules(load_rules(), loaded.config))


def _without_ignores(report: Report) -> Report:
    """The report as if no comment and no baseline hid anything."""
    shown = (replace(finding, suppression=None) for finding in report.suppressed)
    return replace(report, findings=tuple(sorted((*report.findings, *shown), key=order)), suppressed=())


def _write_baseline(report: Report, request: Request) -> int:
    """Writes the baseline, keeping what the old one says about findings that are still there."""
    old = read_baseline(request.write_baseline) if os.path.exists(request.write_baseline) else EMPTY
    accepted = [*report.findings, *(finding for finding in report.suppressed if _is_external(finding.suppression))]
    baseline = updated(old, accepted, reason=request.reason)
    write_baseline(request.write_baseline, baseline)
    _tell(request, f"{len(baseline.entries)} findings are in `{request.write_baseline}`")
    return CLEAN


def _is_external(suppression: object) -> bool:
    """Whether a baseline hides the finding."""
    return getattr(suppression, "kind", "") == "external"


def _warn(report: Report, request: Request, loaded: LoadedConfig) -> None:
    """Tells on stderr what to tidy up."""
    if request.verbose:
        _tell(request, f"root `{loaded.root}`, configuration `{loaded.file or 'none'}`")
        statistics = report.statistics
        _tell(request, f"{statistics.files} files, {statistics.templates} templates, {statistics.lines} lines")
    if not request.quiet:
        for note in report.notes:
            sys.stderr.write(f"custodiet: warning: {_plain(note.path)}:{note.line}: {_plain(note.detail)}\n")


def _tell(request: Request, sentence: str) -> None:
    """Tells people on stderr, unless they want quiet."""
    if not request.quiet:
        sys.stderr.write(f"custodiet: {_plain(sentence)}\n")


def _plain(text: str) -> str:
    """`text` without anything that could drive the terminal or forge a line."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


__all__ = ["Scope", "engine_of", "exit_code", "scanned"]
