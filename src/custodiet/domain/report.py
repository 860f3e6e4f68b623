"""What a scan came to."""

import msgspec

from custodiet.domain.finding import Finding, Incomplete, Note
from custodiet.domain.rule import Rule


class Statistics(msgspec.Struct, frozen=True):
    """Counts of one scan. Times are left out on purpose: two scans of one tree give equal reports."""

    files: int = 0
    lines: int = 0
    """Lines of files and templates, as an editor counts them: a line break ends a line and begins none."""
    functions: int = 0
    functions_analysed: int = 0
    templates: int = 0
    skipped: int = 0


class Report(msgspec.Struct, frozen=True):
    """Findings sorted by path, line, column and rule; `suppressed` are hidden by a comment or a baseline."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    incomplete: tuple[Incomplete, ...]
    statistics: Statistics
    rules: tuple[Rule, ...]
    """The rules that took part, sorted by id."""
    notes: tuple[Note, ...] = ()
    """What to tidy up, sorted by path and line: suppressions and baseline entries that hide nothing."""
