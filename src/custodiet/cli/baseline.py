"""`custodiet baseline`."""

import os
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from custodiet.cli.sections import SectionCommand, option

if TYPE_CHECKING:
    from custodiet.baseline import Baseline
    from custodiet.domain.finding import Finding

_DEFAULT_FILE = "baseline.json"


@click.command(
    cls=SectionCommand,
    short_help="Accept the findings of today, to judge only new ones.",
    examples=[
        ("start with a clean slate", 'custodiet baseline create --reason "known before the first scan"'),
        ("drop what is fixed, accept what is new", 'custodiet baseline update --reason "internal tool" --owner web'),
        ("scan with it (or set `baseline` in custodiet.toml)", "custodiet scan --baseline baseline.json"),
    ],
)
@click.argument("action", type=click.Choice(["create", "update"]))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option("--file", "file", section="Baseline", default=_DEFAULT_FILE, show_default=True, metavar="FILE",
        help="The baseline file.")  # fmt: skip
@option("--reason", section="Baseline", required=True, metavar="TEXT", help="Why these findings may stay for now.")
@option("--owner", section="Baseline", default="", metavar="TEXT", help="Who will take care of them.")
@option("--expires", section="Baseline", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
        help="The last day on which the entries hold, `2027-05-01`.")  # fmt: skip
def command(action: str, paths: tuple[str, ...], file: str, reason: str, owner: str, expires: datetime | None) -> None:
    """Write a baseline of the findings at and below PATH.

    `create` writes a new file. `update` keeps what an existing file says about findings that are still there, drops
    what is fixed and adds what is new.
    """
    from custodiet.baseline import EMPTY, read_baseline, updated, write_baseline  # late: `--help` needs none of these
    from custodiet.errors import UsageError

    if not reason.strip():
        raise UsageError("the reason is empty", where="--reason", hint="say why these findings may stay for now")
    if action == "create" and os.path.exists(file):
        raise UsageError("the file exists", where=file, hint="run `custodiet baseline update` to change it")
    old: Baseline = read_baseline(file) if action == "update" else EMPTY
    last_day: date | None = expires.date() if expires is not None else None
    new = updated(old, _findings(paths), reason=reason.strip(), owner=owner, expires=last_day)
    write_baseline(file, new)
    kept = {entry.fingerprint for entry in old.entries} & {entry.fingerprint for entry in new.entries}
    added, dropped = len(new.entries) - len(kept), len(old.entries) - len(kept)
    sys.stderr.write(f"custodiet: {file}: {added} added, {len(kept)} kept, {dropped} dropped\n")


def _findings(paths: tuple[str, ...]) -> "list[Finding]":
    """What a scan finds that no comment hides, as if there were no baseline and no threshold."""
    from custodiet.cli.progress import Progress  # late: as above
    from custodiet.cli.request import Request
    from custodiet.cli.scope import start_of
    from custodiet.cli.session import engine_of

    request = Request(paths=paths, settings={"baseline": "", "severity": "low", "confidence": "low"})
    loaded = request.load(start_of(request))
    with Progress(is_shown=sys.stderr.isatty()) as progress:
        report = engine_of(loaded, progress)([os.path.abspath(path) for path in paths or (os.curdir,)], {})
    return list(report.findings)
