"""What part of a tree a scan is about: which texts are read, and which findings are reported.

Every scope analyses the named paths as a whole, since a flow may begin in a file that did not change. `--staged`
lays the contents of the index over the work tree; `--since` and `--staged` then report what has a step in a changed
line; `--diff-base` scans a second time with the old contents and reports what was not there.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from custodiet.cli.request import STDIN, Request
from custodiet.collect import language_of, relative
from custodiet.config import repository_root
from custodiet.domain.finding import Finding
from custodiet.domain.report import Report
from custodiet.errors import GitError

Contents = Mapping[str, bytes | None]
"""Path to the bytes that stand there instead of those on the disk; None for no file."""
Engine = Callable[[Sequence[str], Contents], Report]
"""Scans paths with contents laid over them."""

_STDIN_NAME = "stdin.py"


class Scope(NamedTuple):
    """What to analyse and what to report of it."""

    paths: tuple[str, ...]
    """Absolute; empty if only `contents` are scanned."""
    contents: Contents
    lines: Mapping[str, Callable[[int, int], bool]] | None = None
    """Path to whether any of a range of its lines is in scope; None means that every line is."""
    prefixes: tuple[str, ...] = ()
    """Paths of the report below which findings count; empty means everywhere."""
    base: Contents | None = None
    """Contents of the state whose findings do not count."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be reported."""
        return self.lines is not None and not self.lines

    def report(self, engine: Engine) -> Report:
        """The report about this scope."""
        report = engine(self.paths, self.contents)
        if self.base is not None:
            old = engine(self.paths, self.base)
            known = {finding.fingerprint for finding in (*old.findings, *old.suppressed)}
            report = replace(
                report,
                findings=tuple(finding for finding in report.findings if finding.fingerprint not in known),
                suppressed=tuple(finding for finding in report.suppressed if finding.fingerprint not in known),
            )
        if self.lines is None and not self.prefixes:
            return report
        return replace(
            report,
            findings=tuple(finding for finding in report.findings if self._covers(finding)),
            suppressed=tuple(finding for finding in report.suppressed if self._covers(finding)),
            incomplete=tuple(note for note in report.incomplete if self._covers_path(note.path)),
            notes=tuple(note for note in report.notes if self._covers_path(note.path)),
        )

    def _covers(self, finding: Finding) -> bool:
        """Whether the finding stands below the paths and a step of it is in a line of the scope."""
        if not self._is_below(finding.place.path):
            return False
        return self.lines is None or any(
            step.place.path in self.lines
            and self.lines[step.place.path](step.place.line, max(step.place.line, step.place.end_line))
            for step in finding.steps
        )

    def _covers_path(self, path: str) -> bool:
        """Whether anything in the file is in the scope."""
        return self._is_below(path) and (self.lines is None or path in self.lines)

    def _is_below(self, path: str) -> bool:
        """Whether the file stands below one of the paths that the user named."""
        return not self.prefixes or any(path == prefix or path.startswith(prefix + "/") for prefix in self.prefixes)


def start_of(request: Request) -> str:
    """The folder that holds everything that was named: where the search for a configuration begins."""
    named = [request.stdin_filename or os.curdir] if STDIN in request.paths else request.paths or [os.curdir]
    absolute = [os.path.abspath(path) for path in named]
    common = os.path.commonpath(absolute)
    return common if os.path.isdir(common) else os.path.dirname(common)


def scope_of(request: Request, root: str, read_stdin: Callable[[], bytes]) -> Scope:
    """The scope that the request describes, in the tree below `root`.

    Raises:
        GitError: if it needs git and there is no repository, or git refuses.
    """
    if STDIN in request.paths:
        path = relative(os.path.abspath(request.stdin_filename or _STDIN_NAME), root)
        return Scope((), {path if language_of(path) else f"{path}.py": read_stdin()})
    named = tuple(os.path.abspath(path) for path in request.paths or (os.curdir,))
    if not (request.staged or request.since or request.diff_base):
        return Scope(named, {})
    if repository_root(root) != root:
        raise GitError("this is no git repository", where=root)
    prefixes = () if root in named else tuple(relative(path, root) for path in named)
    if request.staged:
        return _staged(root, prefixes)
    if request.since:
        return _since(root, request.since, prefixes)
    return _compared(root, request.diff_base, named)


def _staged(root: str, prefixes: tuple[str, ...]) -> Scope:
    """The index, judged in the lines that differ from the last commit."""
    from custodiet.git import Repository  # late: plain scans need no subprocess

    repository = Repository(root)
    changes = [change for change in repository.staged() if language_of(change.path)]
    present = [change for change in changes if not change.is_removed]
    contents: dict[str, bytes | None] = {change.path: None for change in changes if change.is_removed}
    contents.update({change.old_path: None for change in present if change.is_renamed and change.old_path})
    contents.update(repository.contents("", [change.path for change in present]))
    return Scope((root,), contents, {change.path: change.touches for change in present}, prefixes)


def _since(root: str, ref: str, prefixes: tuple[str, ...]) -> Scope:
    """The work tree, judged in the lines that changed since the branch left `ref`."""
    from custodiet.git import Repository  # late: as above

    repository = Repository(root)
    changes = repository.changed_since(repository.fork_point(ref))
    present = [change for change in changes if not change.is_removed and language_of(change.path)]
    return Scope((root,), {}, {change.path: change.touches for change in present}, prefixes)


def _compared(root: str, ref: str, named: tuple[str, ...]) -> Scope:
    """The work tree, judged against the findings at `ref`; a renamed file is compared under its new name."""
    from custodiet.git import Repository  # late: as above

    repository = Repository(root)
    commit = repository.commit_of(ref)
    changes = [change for change in repository.changed_since(commit) if language_of(change.path)]
    old_names = {change.path: change.old_path for change in changes}
    contents = repository.contents(commit, [name for name in old_names.values() if name is not None])
    missing = sorted({old for old in old_names.values() if old is not None} - contents.keys())
    if missing:
        raise GitError(
            f"the content of `{missing[0]}` at `{ref}` is not here",
            where=root,
            hint="run `git fetch --unshallow` (or `--refetch` in a partial clone) first",
        )
    base = {path: None if old is None else contents[old] for path, old in old_names.items()}
    return Scope(named, {}, base=base)
