"""Findings that a project has decided to live with for now: `baseline.json`.

    {
      "version": 1,
      "entries": [
        {
          "fingerprint": "5d0a…",
          "rule": "sql-injection",
          "path": "shop/reports.py",
          "reason": "the report server is offline, replaced in May",
          "owner": "data team",
          "expires": "2027-05-01"
        }
      ]
    }

Only the fingerprint decides; rule and path are for people. A reason is required. After the day in `expires` an entry
no longer hides anything. `owner` and `expires` may be left out.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from custodiet.domain.finding import Finding, Note, Suppression
from custodiet.errors import ConfigError, SourceError

VERSION = 1


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One finding that does not count, and why."""

    fingerprint: str
    rule: str
    path: str
    reason: str
    owner: str = ""
    expires: date | None = None
    """The last day on which the entry holds."""

    def has_expired(self, today: date) -> bool:
        """Whether the entry no longer holds."""
        return self.expires is not None and today > self.expires


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The entries of a baseline file, by path, rule and fingerprint."""

    version: int
    entries: tuple[Entry, ...]


class Divided(msgspec.Struct, frozen=True):
    """Findings that count, findings that the baseline hides, and entries to tidy up."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    notes: tuple[Note, ...]


EMPTY = Baseline(version=VERSION, entries=())


def read_baseline(path: str) -> Baseline:
    """The baseline in the file `path`.

    Raises:
        ConfigError: if the file is missing or not of the form.
    """
    try:
        with open(path, "rb") as file:
            baseline = msgspec.json.decode(file.read(), type=Baseline)
    except OSError as error:
        raise ConfigError(
            f"cannot read the baseline: {error.strerror}",
            where=path,
            hint="run `custodiet baseline create` to write one",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"not a baseline: {error}", where=path, hint=_FORM) from error
    if baseline.version != VERSION:
        raise ConfigError(f"baseline version `{baseline.version}` is unknown", where=path, hint=_FORM)
    for number, entry in enumerate(baseline.entries):
        if not entry.reason.strip():
            raise ConfigError(f"entry {number} gives no reason", where=path, hint=_FORM)
    return baseline


_FORM = "run `custodiet baseline create` to write a new one, or correct the entry by hand"


def divided(findings: Sequence[Finding], baseline: Baseline, *, today: date, where: str = "baseline.json") -> Divided:
    """`findings` without those that `baseline` hides today; `where` is the file that the notes name."""
    entries = {entry.fingerprint: entry for entry in baseline.entries}
    kept: list[Finding] = []
    hidden: list[Finding] = []
    notes: list[Note] = []
    for finding in findings:
        entry = entries.pop(finding.fingerprint, None) if finding.fingerprint else None
        if entry is None:
            kept.append(finding)
        elif entry.has_expired(today):
            kept.append(finding)
            detail = f"`{entry.fingerprint}` ({entry.rule} in {entry.path}) expired on {entry.expires}"
            notes.append(Note(where, 1, "expired-baseline", detail))
        else:
            hidden.append(replace(finding, suppression=Suppression("external", entry.reason)))
    for entry in entries.values():
        detail = f"`{entry.fingerprint}` ({entry.rule} in {entry.path}) hides nothing any more"
        notes.append(Note(where, 1, "unused-baseline", detail))
    return Divided(tuple(kept), tuple(hidden), tuple(notes))


def created(findings: Iterable[Finding], *, reason: str, owner: str = "", expires: date | None = None) -> Baseline:
    """The baseline that hides exactly `findings`."""
    return updated(EMPTY, findings, reason=reason, owner=owner, expires=expires)


def updated(
    old: Baseline, findings: Iterable[Finding], *, reason: str, owner: str = "", expires: date | None = None
) -> Baseline:
    """The baseline that hides exactly `findings`; entries that `old` has keep their reason, owner and day."""
    known = {entry.fingerprint: entry for entry in old.entries}
    entries = [
        known.get(finding.fingerprint)
        or Entry(finding.fingerprint, finding.rule, finding.place.path, reason, owner, expires)
        for finding in findings
    ]
    return Baseline(VERSION, tuple(sorted(entries, key=lambda entry: (entry.path, entry.rule, entry.fingerprint))))


def encoded(baseline: Baseline) -> bytes:
    """The bytes of the baseline file: stable order, two spaces, a line break at the end."""
    return msgspec.json.format(msgspec.json.encode(baseline), indent=2) + b"\n"


def write_baseline(path: str, baseline: Baseline) -> None:
    """Replaces the file `path` in one step.

    Raises:
        SourceError: if it cannot be written.
    """
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(encoded(baseline))
        os.replace(temporary, path)
    except OSError as error:
        raise SourceError(
            f"cannot write the baseline: {error.strerror}", where=path, hint="name a folder that you may write to"
        ) from error
