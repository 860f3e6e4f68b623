"""Comments that hide a finding, each with the reason why.

    cursor.execute(report)  # custodiet: ignore[sql-injection] because the text comes from our own migration
    # custodiet: ignore[weak-hash, weak-cipher] because the old client knows nothing else
    # custodiet: ignore-file[debug-enabled] because this file only runs in the workshop

Rule and reason are required; the word `because` may be left out. A comment speaks of the findings whose lines include
its own; alone on its line it speaks of the next statement too. `ignore-file` speaks of the whole file. In templates
it stands in `{# #}`, `{% comment %}` or `<!-- -->`. What is malformed hides nothing and is noted, and so is what hides
nothing. Comments of other tools (`# nosec`, `# noqa: S608`) count only if the project asks for it.

Everything here is a pure function of comments, sources and findings.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache

import msgspec
from msgspec.structs import replace

from custodiet.domain.finding import Finding, Note, Suppression
from custodiet.domain.place import Place
from custodiet.domain.rule import Rule
from custodiet.suppress.foreign import foreign_rules

Comments = Sequence[tuple[int, str]]
"""(span, text) of each comment, as in `source.ir.Module.comments`."""


class Directive(msgspec.Struct, frozen=True):
    """What one comment hides."""

    place: Place
    """Of the comment."""
    rules: tuple[str, ...]
    """Rule ids; empty means every rule, which only comments of other tools can say."""
    reason: str
    first_line: int
    last_line: int
    """The lines that it speaks of; a finding that shares one of them is hidden."""
    is_foreign: bool = False

    def hides(self, finding: Finding) -> bool:
        """Whether the comment speaks of `finding`."""
        place = finding.place
        return (
            (not self.rules or finding.rule in self.rules)
            and place.path == self.place.path
            and place.line <= self.last_line
            and self.first_line <= max(place.end_line, place.line)
        )


class Directives(msgspec.Struct, frozen=True):
    """The comments of one file that hide something, and those that fail to."""

    directives: tuple[Directive, ...]
    notes: tuple[Note, ...]


class Divided(msgspec.Struct, frozen=True):
    """Findings that count, findings that a comment hides, and comments that hide nothing."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    notes: tuple[Note, ...]


_WHOLE_FILE = 2**31
_LONGEST_STATEMENT_BYTES = 20_000
_LONGEST_COMMENT = 2000
"""Characters of a comment that are read: it is written by whoever wrote the code, and may be hostile."""


# Compiled when first used: most scans meet no such comment, and the five cost 4 ms.
@cache
def _directive_pattern() -> re.Pattern[str]:
    return re.compile(
        r"\bcustodiet:\s*(?P<verb>[\w-]+)\s*(?P<bracket>\[(?P<rules>[^\]\n]*)\])?(?P<reason>.*)", re.DOTALL
    )


@cache
def _verb_pattern() -> re.Pattern[str]:
    return re.compile(r"(?i)(?:no-?)?i[gn]+o?re?|no(?:qa|sec|lint)|disable|suppress|allow|skip")


@cache
def _reason_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before a reason, and what stands behind it."""
    return (
        re.compile(r"^[\s:,;\u2013\u2014-]*(?:because\b)?[\s:,;\u2013\u2014-]*", re.IGNORECASE),
        re.compile(r"\s*(?:#\}|-->|\{%-?\s*endcomment\s*-?%\}|\s#\s.*)\s*$", re.DOTALL),
    )


@cache
def _statement_patterns() -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """Blank lines; blank lines and comments; what matters for the end of a statement."""
    return (
        re.compile(rb"(?:[ \t\f]*\r?\n)*"),
        re.compile(rb"(?:[ \t\f]*(?:#[^\n]*)?\r?\n)*"),
        re.compile(
            rb'"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
            rb"|#[^\n]*|\\\r?\n|[(\[{]|[)\]}]|\n",
            re.DOTALL,
        ),
    )


def known_names(rules: Iterable[Rule]) -> dict[str, str]:
    """Every name that a comment may use for a rule, with the id of that rule."""
    names = {}
    for rule in rules:
        names.update(dict.fromkeys(rule.aliases, rule.id))
        names[rule.id] = rule.id
    return names


def directives_of(
    path: str, source: bytes, comments: Comments, *, names: Mapping[str, str], foreign: bool = False
) -> Directives:
    """What the comments of the file `path` hide. `names` is what `known_names` gives."""
    found: list[Directive] = []
    notes: list[Note] = []
    for span, whole in comments:
        text = whole[:_LONGEST_COMMENT]
        start = span >> 24
        place = _place(path, source, start, start + (span & 0xFFFFFF))
        match = _directive_pattern().search(text)
        if match is not None:
            directive, problem = _directive(match, place, source, (start, start + (span & 0xFFFFFF)), names)
            if directive is not None:
                found.append(directive)
            if problem:
                notes.append(Note(path, place.line, "malformed-suppression", problem))
        elif foreign and (judged := foreign_rules(text)) is not None:
            rules, reason = judged
            found.append(Directive(place, rules, reason, place.line, place.end_line, is_foreign=True))
    return Directives(tuple(found), tuple(notes))


def divided(
    findings: Sequence[Finding], directives: Iterable[Directive], *, active: AbstractSet[str] | None = None
) -> Divided:
    """`findings` without those that a directive hides; a finding keeps the first reason given for it.

    `active` are the ids of the rules that took part: only of these can a directive be told to be unused.
    """
    by_path: dict[str, list[Directive]] = {}
    for directive in directives:
        by_path.setdefault(directive.place.path, []).append(directive)
    kept: list[Finding] = []
    hidden: list[Finding] = []
    used: set[tuple[Place, str]] = set()
    for finding in findings:
        speaking = [directive for directive in by_path.get(finding.place.path, ()) if directive.hides(finding)]
        used.update((directive.place, finding.rule) for directive in speaking)
        if speaking:
            first = speaking[0]
            hidden.append(replace(finding, suppression=Suppression("inSource", first.reason, first.place)))
        else:
            kept.append(finding)
    notes = [
        Note(path, directive.place.line, "unused-suppression", f"nothing of `{rule}` to ignore here")
        for path, own in by_path.items()
        for directive in own
        if not directive.is_foreign
        for rule in directive.rules
        if (directive.place, rule) not in used and (active is None or rule in active)
    ]
    return Divided(tuple(kept), tuple(hidden), tuple(notes))


def _directive(
    match: re.Match[str], place: Place, source: bytes, extent: tuple[int, int], names: Mapping[str, str]
) -> tuple[Directive | None, str]:
    """The directive that a comment holds, and what is wrong with the comment."""
    verb = match["verb"]
    if verb not in {"ignore", "ignore-file"}:
        looks_meant = match["bracket"] is not None or _verb_pattern().fullmatch(verb) is not None
        return None, f"`{verb}` is unknown; write `ignore[rule] because …`" if looks_meant else ""
    if match["bracket"] is None or not match["rules"].strip():
        return None, f"no rule is named; write `{verb}[rule] because …`"
    written = [name.strip() for name in match["rules"].split(",") if name.strip()]
    rules = tuple(dict.fromkeys(names[name] for name in written if name in names))
    unknown = [name for name in written if name not in names]
    problem = f"unknown rule {', '.join(f'`{name}`' for name in unknown)}" if unknown else ""
    start, end = _reason_patterns()
    reason = end.sub("", start.sub("", match["reason"], count=1)).strip()
    if not reason:
        return None, "no reason is given; write `because …` behind the rule"
    if not rules:
        return None, problem
    if verb == "ignore-file":
        return Directive(place, rules, " ".join(reason.split()), 1, _WHOLE_FILE), problem
    last = _last_line(source, extent, place)
    return Directive(place, rules, " ".join(reason.split()), place.line, last), problem


def _place(path: str, source: bytes, start: int, end: int) -> Place:
    """The place of the bytes `start` to `end`."""

    def position(offset: int) -> tuple[int, int]:
        line_start = source.rfind(b"\n", 0, offset) + 1
        column = len(source[line_start:offset].decode("utf-8", "replace")) + 1
        return source.count(b"\n", 0, offset) + 1, column

    line, column = position(start)
    end_line, end_column = position(min(end, len(source)))
    return Place(path, line, column, end_line, end_column)


def _last_line(source: bytes, extent: tuple[int, int], place: Place) -> int:
    """The last line that a comment speaks of: its own, or the end of the next statement if it stands alone."""
    start, end = extent
    line_start = source.rfind(b"\n", 0, start) + 1
    line_end = source.find(b"\n", end)
    if line_end < 0 or source[line_start:start].strip() or source[end:line_end].strip():
        return place.end_line
    is_python = source.startswith(b"#", start) and not source.startswith(b"##", start)
    blank, blank_or_comment, _ = _statement_patterns()
    skipped = (blank_or_comment if is_python else blank).match(source, line_end + 1)
    begin = skipped.end() if skipped is not None else line_end + 1
    following = source.find(b"\n", begin)
    last = following if following >= 0 else len(source)
    return source.count(b"\n", 0, _statement_end(source, begin) if is_python else last) + 1


def _statement_end(source: bytes, begin: int) -> int:
    """The offset of the line break that ends the Python statement (or its header) which starts at `begin`."""
    depth = 0
    for part in _statement_patterns()[2].finditer(source, begin, begin + _LONGEST_STATEMENT_BYTES):
        sign = part[0]
        if sign in {b"(", b"[", b"{"}:
            depth += 1
        elif sign in {b")", b"]", b"}"}:
            depth -= 1
        elif sign == b"\n" and depth <= 0:
            return part.start()
    return min(len(source), begin + _LONGEST_STATEMENT_BYTES)
