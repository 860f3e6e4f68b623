"""The one place that keeps secrets out of every format.

A finding of `hard-coded-credentials` points at a literal that is a secret. `masked` returns the report and the sources
with the characters of those literals replaced by `*`: where they stand, quoted in the finding's own words and repair,
and, for a value that is no ordinary word, wherever else it turns up (other files, other findings, notes). As many
characters as before, so that columns stay true.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

import msgspec

from custodiet.domain.finding import Edit, Finding, Fix, Step, Suppression
from custodiet.domain.place import Place
from custodiet.domain.report import Report
from custodiet.report.view import Listing, Sources

SECRET_RULES: Final = frozenset({"hard-coded-credentials"})
"""Rules whose findings stand on a secret."""

SHORTEST: Final = 6
"""A value shorter than this is not searched elsewhere: it would hit ordinary words."""

_OPEN_NAMES: Final = frozenset(
    "host hostname server port user username db database dbname charset region region_name algorithm algorithms "
    "scheme protocol driver encoding service service_name method".split()
)
"""Names whose values are no secrets even beside one."""


class Masked:
    """Sources whose secrets are replaced by `*`."""

    def __init__(self, sources: Sources, places: Iterable[Place], values: re.Pattern[str] | None) -> None:
        self._sources = sources
        self._places = tuple(places)
        self._values = values

    def text(self, path: str) -> str | None:
        """The text of the inner sources with the same length and line ends."""
        text = self._sources.text(path)
        if text is None:
            return None
        for place in self._places:
            if place.path == path:
                start, end = _offsets(text, place)
                for first, last in _secret_spans(text[start:end]):
                    text = text[: start + first] + _stars(text[start + first : start + last]) + text[start + last :]
        return _hide(text, self._values)


def masked(report: Report, sources: Sources) -> tuple[Report, Sources]:
    """The report and the sources without any secret that a finding points at; themselves if there is none."""
    secrets = [finding for finding in (*report.findings, *report.suppressed) if finding.rule in SECRET_RULES]
    if not secrets:
        return report, sources
    places = {step.place for finding in secrets for step in finding.steps} | {finding.place for finding in secrets}
    listing = Listing(sources)
    values = {value for place in places for value in _secret_values(listing.excerpt(place) or "")}
    values |= {value for finding in secrets for value in _secret_values(f"{finding.source_text}\n{finding.sink_text}")}
    pattern = _pattern({value for value in values if _is_distinct(value)}, "{}")
    quoted = _pattern(values, "(?<=[\"'`]){}(?=[\"'`])")

    def clean(finding: Finding) -> Finding:
        hidden = _finding(finding, pattern)
        return _finding(hidden, quoted) if finding.rule in SECRET_RULES else hidden

    hidden = msgspec.structs.replace(
        report,
        findings=tuple(map(clean, report.findings)),
        suppressed=tuple(map(clean, report.suppressed)),
        incomplete=tuple(
            msgspec.structs.replace(note, detail=_hide(note.detail, pattern)) for note in report.incomplete
        ),
    )
    return hidden, Masked(sources, sorted(places), pattern)


@cache
def _shapes() -> dict[str, re.Pattern[str]]:
    """What literals look like, and what stands around those that are no values; built when there is a secret."""
    literal = (
        r"\"\"\"(?P<a>(?:\\.|[^\\])*?)\"\"\"|'''(?P<b>(?:\\.|[^\\])*?)'''"
        r"|\"(?P<c>(?:\\.|[^\"\\\n])*)\"|'(?P<d>(?:\\.|[^'\\\n])*)'|`(?P<e>(?:\\.|[^`\\])*)`"
    )
    return {
        "literal": re.compile(literal, re.DOTALL),
        "before subscript": re.compile(r"[\w\])]\[\s*\w{0,2}$"),
        "after subscript": re.compile(r"\s*\]"),
        "before key": re.compile(r"(?:^|[{,])\s*\w{0,2}$"),
        "after key": re.compile(r"\s*:"),
        "name before": re.compile(r"(\w+)[\"']?\]?\s*[=:]\s*\w{0,2}$"),
    }


def _secret_spans(text: str) -> Iterable[tuple[int, int]]:
    """Offsets of the contents of the literals in `text` that are values: no subscripts, keys or open names."""
    shapes = _shapes()
    for match in shapes["literal"].finditer(text):
        before = text[max(0, match.start() - 80) : match.start()]
        name = shapes["name before"].search(before)
        is_open = name is not None and name[1].lower() in _OPEN_NAMES
        is_key = any(
            shapes[f"before {kind}"].search(before) and shapes[f"after {kind}"].match(text, match.end())
            for kind in ("subscript", "key")
        )
        if match.lastgroup and not is_key and not is_open:
            yield match.span(match.lastgroup)


def _secret_values(text: str) -> set[str]:
    return {text[start:end] for start, end in _secret_spans(text) if end > start}


def _is_distinct(value: str) -> bool:
    """Whether the value is no word that a program or a sentence may hold by chance."""
    return len(value.strip()) >= SHORTEST and not (value.isalpha() and (value.islower() or value.istitle()))


def _pattern(values: set[str], form: str) -> re.Pattern[str] | None:
    """What finds any of the values in a text, longest first; None if there is nothing to find."""
    words = sorted((value for value in values if value.strip()), key=lambda value: (-len(value), value))
    return re.compile(form.format(f"(?:{'|'.join(map(re.escape, words))})")) if words else None


def _finding(finding: Finding, pattern: re.Pattern[str] | None) -> Finding:
    if pattern is None:
        return finding
    return msgspec.structs.replace(
        finding,
        message=_hide(finding.message, pattern),
        steps=tuple(Step(step.kind, step.place, _hide(step.message, pattern)) for step in finding.steps),
        source_text=_hide(finding.source_text, pattern),
        sink_text=_hide(finding.sink_text, pattern),
        fix=finding.fix and _fix(finding.fix, pattern),
        suppression=finding.suppression and _suppression(finding.suppression, pattern),
    )


def _fix(fix: Fix, pattern: re.Pattern[str]) -> Fix:
    edits = tuple(Edit(edit.place, _hide(edit.text, pattern)) for edit in fix.edits)
    return Fix(_hide(fix.title, pattern), edits, fix.is_safe)


def _suppression(suppression: Suppression, pattern: re.Pattern[str]) -> Suppression:
    return Suppression(suppression.kind, _hide(suppression.justification, pattern), suppression.place)


def _hide(text: str, pattern: re.Pattern[str] | None) -> str:
    return text if pattern is None else pattern.sub(lambda match: _stars(match[0]), text)


def _stars(text: str) -> str:
    """One `*` for each character but the line ends."""
    return re.sub(r"[^\r\n]", "*", text)


def _offsets(text: str, place: Place) -> tuple[int, int]:
    """Start and end of a place as offsets into the text; past the end they are cut."""
    mark = 1 if text.startswith("\ufeff") else 0
    starts = [mark]
    at = text.find("\n")
    while at >= 0 and len(starts) < place.end_line:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    last = len(starts)
    if place.line > last:
        return len(text), len(text)
    return starts[place.line - 1] + place.column - 1, starts[min(place.end_line, last) - 1] + place.end_column - 1
