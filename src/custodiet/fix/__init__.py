"""Repairs: from a finding and the source of its file to the edits that remove the flaw.

    fix_of(finding, source) -> Fix or None      the repair of one finding
    apply(source, fixes) -> bytes               the source with repairs made

A repair is a function of one module here, from a script and a finding to a `Draft`; `REPAIRS` says which are tried for
which rule. What a repair writes must parse, else there is none. Whoever calls scans again before writing.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import PurePosixPath
from typing import Final

from custodiet.domain.finding import Edit, Finding, Fix
from custodiet.fix.script import Change, Draft, Script, place_of, range_of

Repair = Callable[[Script, Finding], Draft | None]

REPAIRS: Final[dict[str, tuple[str, ...]]] = {
    "archive-path-traversal": ("archive_filter",),
    "autoescape-disabled": ("autoescape",),
    "certificate-check-disabled": ("certificate",),
    "code-injection": ("literal",),
    "command-injection": ("shell", "shell_quote"),
    "cross-site-scripting": ("markup",),
    "debug-enabled": ("debug",),
    "hard-coded-credentials": ("environment",),
    "header-injection": ("header_lines",),
    "host-key-check-disabled": ("host_key",),
    "insecure-cookie": ("cookie",),
    "insecure-random": ("randomness",),
    "insecure-temporary-file": ("temporary_file",),
    "jwt-not-verified": ("token",),
    "ldap-injection": ("ldap_filter",),
    "log-injection": ("log_lines",),
    "path-traversal": ("served_file",),
    "sql-injection": ("sql",),
    "unrestricted-upload": ("served_file",),
    "unsafe-deserialisation": ("safe_yaml",),
    "weak-hash": ("weak_hash",),
    "xml-external-entity": ("entities",),
    "xpath-injection": ("xpath",),
}
"""Modules of this package by rule, in the order in which they are tried; each has a function `repair`."""

_PYTHON: Final = frozenset((".py", ".pyi", ".pyw", ""))


def fix_of(finding: Finding, source: bytes) -> Fix | None:
    """The repair of the finding in the source of its file; None if there is none that is sure to be right."""
    path = finding.place.path
    if PurePosixPath(path).suffix.lower() not in _PYTHON:
        from custodiet.fix.template import repair  # late: reads templates, which few runs need

        draft = repair(source, finding)
        return _fix(draft, source, path) if draft else None
    script: Script | None = None
    for name in REPAIRS.get(finding.rule, ()):
        module = import_module(f"custodiet.fix.{name}")  # late: a run needs few of them
        script = script or _script(source, path)
        if script.root.has_error:
            return None
        draft = module.repair(script, finding)
        if draft is None:
            continue
        changes = tuple(change for change in draft.changes if not _is_idle(source, change))
        if _parses(source, changes, path):
            return _fix(draft._replace(changes=changes), source, path)
    return None


@lru_cache(maxsize=1)  # reports are sorted by path: the findings of a file come one after the other
def _script(source: bytes, path: str) -> Script:
    return Script(source, path)


def apply(source: bytes, fixes: Sequence[Fix]) -> bytes:
    """The source with the repairs made; one that touches what an earlier one touches is left out.

    An edit that two repairs have in common (an import, say) is made once.
    """
    accepted: dict[Change, None] = {}
    for fix in fixes:
        changes = [Change(*range_of(source, edit.place), edit.text) for edit in fix.edits]
        fresh = [change for change in changes if change not in accepted]
        if not any(_overlap(change, other) for change in fresh for other in accepted):
            accepted.update(dict.fromkeys(fresh))
    return _changed(source, accepted)


def _overlap(one: Change, other: Change) -> bool:
    """The two cannot both be made. Whole lines may be put in at one place."""
    if one.start == one.end and other.start == other.end:
        return one.start == other.start and not (one.text.endswith("\n") and other.text.endswith("\n"))
    return one.start < other.end and other.start < one.end


def _changed(source: bytes, changes: Iterable[Change]) -> bytes:
    """The source with changes that do not overlap; at one place, in the order of their texts."""
    for change in sorted(changes, reverse=True):
        source = source[: change.start] + change.text.encode("utf-8", "surrogateescape") + source[change.end :]
    return source


def _is_idle(source: bytes, change: Change) -> bool:
    """The change writes what stands there."""
    return source[change.start : change.end] == change.text.encode("utf-8", "surrogateescape")


def _parses(source: bytes, changes: Sequence[Change], path: str) -> bool:
    """The changes can be made together, change something, and leave a file without syntax errors."""
    ordered = sorted(changes)
    if any(_overlap(one, other) for index, one in enumerate(ordered) for other in ordered[index + 1 :]):
        return False
    changed = _changed(source, changes)
    return changed != source and not Script(changed, path).root.has_error


def _fix(draft: Draft, source: bytes, path: str) -> Fix:
    edits = tuple(
        Edit(place_of(source, path, change.start, change.end), change.text) for change in sorted(draft.changes)
    )
    return Fix(draft.title, edits, draft.is_safe)
