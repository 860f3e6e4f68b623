"""Repairs that are proved before they are written.

A repair is applied to the text in memory and the whole scope is scanned again. It stays only if its finding is gone
and no finding is new anywhere; else it is taken back. All repairs are tried together first, then file by file, then
one by one, so that a good one never fails because of another.
"""

import os
import stat
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from custodiet.cli.scope import Engine, Scope
from custodiet.cli.texts import Texts
from custodiet.domain.finding import Finding, Fix
from custodiet.domain.report import Report
from custodiet.errors import SourceError
from custodiet.fingerprint import identity_of


class Repaired(msgspec.Struct, frozen=True):
    """What repairs came to; nothing is written yet."""

    root: str
    report: Report
    """Of the repaired texts."""
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    """Path to bytes, of the files that change."""
    contents: Mapping[str, bytes | None]
    """What the report was made from, beside the files on the disk."""
    repaired: int
    refused: int

    @property
    def summary(self) -> str:
        """What was done, for people."""
        files = f"{len(self.after)} file{'' if len(self.after) == 1 else 's'}"
        done = f"{self.repaired} finding{'' if self.repaired == 1 else 's'} repaired in {files}"
        return done + (f", {self.refused} repairs did not hold and were left out" if self.refused else "")

    @property
    def patch(self) -> str:
        """The repairs as a unified diff that `git apply` and `patch -p1` read; empty if there are none."""
        import difflib  # late: only `--diff` needs it

        lines: list[str] = []
        for path in sorted(self.after):
            old, new = (_lines(side[path]) for side in (self.before, self.after))
            for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
                lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
        return "".join(lines)

    def write(self) -> None:
        """Replaces each changed file in one step, keeping its mode.

        Raises:
            SourceError: if a file cannot be written, or is no longer what was scanned.
        """
        for path in sorted(self.after):
            _replace(os.path.realpath(os.path.join(self.root, path)), path, self.before[path], self.after[path])


def proposed(report: Report, texts: Texts) -> Report:
    """The report with a repair beside every finding that has one."""
    from custodiet.fix import fix_of  # late: reads the syntax again, which a clean report does not need

    findings = []
    for finding in report.findings:
        source = texts.raw(finding.place.path)
        fix = finding.fix or (fix_of(finding, source) if source is not None else None)
        findings.append(replace(finding, fix=fix))
    return replace(report, findings=tuple(findings))


def repaired(report: Report, scope: Scope, engine: Engine, *, root: str, unsafe: bool) -> Repaired:
    """The repairs of `report` that hold; `unsafe` takes those that may change behaviour too."""
    texts = Texts(root, scope.contents)
    report = proposed(report, texts)
    candidates = [finding for finding in report.findings if finding.fix is not None and (finding.fix.is_safe or unsafe)]
    groups = _groups(candidates)
    kept: list[Finding] = []
    current = report
    contents: dict[str, bytes | None] = dict(scope.contents)
    while groups:
        group = groups.pop(0)
        attempt = _applied([*kept, *group], texts)
        if attempt is None:
            groups[:0] = _split(group)
            continue
        tried = scope._replace(contents={**scope.contents, **attempt}).report(engine)
        if _holds(current, tried, group):
            kept.extend(group)
            current, contents = tried, {**scope.contents, **attempt}
        else:
            groups[:0] = _split(group)
    after = _applied(kept, texts) or {}
    before = {path: texts.raw(path) or b"" for path in after}
    return Repaired(root, current, before, after, contents, len(kept), len(candidates) - len(kept))


def _groups(candidates: Sequence[Finding]) -> list[list[Finding]]:
    """What is tried first: everything together."""
    return [list(candidates)] if candidates else []


def _split(group: Sequence[Finding]) -> list[list[Finding]]:
    """The smaller groups that are tried when `group` fails: its files, else its single findings, else nothing."""
    by_path: dict[str, list[Finding]] = {}
    for finding in group:
        by_path.setdefault(finding.place.path, []).append(finding)
    if len(by_path) > 1:
        return list(by_path.values())
    return [[finding] for finding in group] if len(group) > 1 else []


def _applied(findings: Sequence[Finding], texts: Texts) -> dict[str, bytes] | None:
    """The bytes of each file that the repairs of `findings` change; None if a file can no longer be read."""
    from custodiet.fix import apply  # late: only `--fix` needs it

    by_path: dict[str, list[Fix]] = {}
    for finding in findings:
        if finding.fix is not None:
            by_path.setdefault(finding.fix.edits[0].place.path, []).append(finding.fix)
    changed: dict[str, bytes] = {}
    for path, fixes in by_path.items():
        source = texts.raw(path)
        if source is None:
            return None
        written = map(_with_windows_lines, fixes) if _has_windows_lines(source) else fixes
        result = apply(source, tuple(written))
        if result != source:
            changed[path] = result
    return changed


def _has_windows_lines(source: bytes) -> bool:
    """Whether most lines of the file end in CR LF."""
    return source.count(b"\r\n") * 2 > source.count(b"\n")


def _with_windows_lines(fix: Fix) -> Fix:
    """The repair with the line ends of such a file."""
    edits = (replace(edit, text=edit.text.replace("\r\n", "\n").replace("\n", "\r\n")) for edit in fix.edits)
    return replace(fix, edits=tuple(edits))


def _holds(before: Report, after: Report, fixed: Sequence[Finding]) -> bool:
    """Whether every finding of `fixed` is gone and no finding or gap in the analysis is new."""
    allowed = Counter(identity_of(finding) for finding in before.findings)
    allowed.subtract(Counter(identity_of(finding) for finding in fixed))
    found = Counter(identity_of(finding) for finding in after.findings)
    known = {(note.path, note.reason) for note in before.incomplete}
    return all(count <= allowed[identity] for identity, count in found.items()) and all(
        (note.path, note.reason) in known for note in after.incomplete
    )


def _lines(raw: bytes) -> list[str]:
    """The lines of a file with their ends; only a line feed ends a line, as for `patch`."""
    text = raw.decode("utf-8", "surrogateescape")
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])


def _replace(file: str, path: str, before: bytes, after: bytes) -> None:
    """Puts `after` in the place of `before` in one step."""
    temporary = f"{file}.{os.getpid()}.tmp"
    try:
        with open(file, "rb") as current:
            if current.read() != before:
                raise SourceError("the file changed while it was scanned", where=path, hint="run the command again")
        mode = stat.S_IMODE(os.stat(file).st_mode)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as output:
            output.write(after)
        os.chmod(temporary, mode)
        os.replace(temporary, file)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise SourceError(
            f"cannot write the repair: {error.strerror}", where=path, hint="make the file and its folder writable"
        ) from error
