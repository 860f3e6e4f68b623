"""Neutralises an output of a template: without `|safe`, in quotes, as JSON in a script, with escaping on."""

import re
from collections.abc import Iterator
from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.script import Change, Draft, range_of
from custodiet.source.ir import Module, span_range
from custodiet.source.template import engine_of, lower_template, template_checks, unescaped_places

_SAFE: Final = re.compile(r"\s*\|\s*safe(?:seq)?\b(?!\s*\()(?=\s*(?:\||[-+]?\}\}|\bif\b|\belse\b|~|\)))")
_SWITCH: Final = re.compile(r"\{%[-+]?\s*autoescape\s+(off|false|False)\s*[-+]?%\}")
_NAME: Final = re.compile(r"\{\{[-+]?\s*(.*?)\s*[-+]?\}\}", re.DOTALL)


def repair(source: bytes, finding: Finding) -> Draft | None:
    """The smallest edit after which this output, and no other, has stopped being unescaped."""
    path = finding.place.path
    engine = engine_of(path, source)
    if engine == "mako":
        return None
    start, end = range_of(source, finding.place)
    before = lower_template(source, path=path, engine=engine)
    if finding.rule == "autoescape-disabled":
        return _switched(source, before, start, end)
    places = [(place, span_range(span)) for place, span in unescaped_places(before)]
    here = next((found for found in places if found[1][0] == start), None)
    if finding.rule != "cross-site-scripting" or here is None:
        return None
    place, (_, end) = here
    for title, change in _candidates(source, place, start, end, engine):
        changed = source[: change.start] + change.text.encode() + source[change.end :]
        after = lower_template(changed, path=path, engine=engine)
        if after.uncovered > before.uncovered or len(after.errors) > len(before.errors):
            continue
        shift = len(changed) - len(source)
        expected = [
            (other, first if first < start else first + shift) for other, (first, _) in places if first != start
        ]
        if [(other, span_range(span)[0]) for other, span in unescaped_places(after)] == expected:
            return Draft(title, (change,))
    return None


def _switched(source: bytes, module: Module, start: int, end: int) -> Draft | None:
    if not any(span_range(span)[0] == start for _, span, _ in template_checks(module)):
        return None
    match = _SWITCH.match(source[start:end].decode("utf-8", "replace"))
    if not match:
        return None
    text = {"off": "on", "false": "true", "False": "True"}[match.group(1)]
    return Draft("Switch autoescaping on", (Change(start + match.start(1), start + match.end(1), text),))


def _candidates(source: bytes, place: str, start: int, end: int, engine: str) -> Iterator[tuple[str, Change]]:
    output = source[start:end].decode("utf-8", "replace")
    if place == "raw":
        without = _SAFE.sub("", output)
        if without != output:
            yield "Let the template escape the value", Change(start, end, without)
        return
    if place == "unquoted" and source[start - 1 : start] == b"=":
        yield "Put the attribute in quotes", Change(start, end, f'"{output}"')
    match = _NAME.fullmatch(output)
    if match is None or place not in ("script", "script_string"):
        return
    expression = match.group(1)
    if engine == "jinja":
        simple = expression if re.fullmatch(r"[\w.()\[\]'\"|]+", expression) else f"({expression})"
        if source[start - 1 : start] in (b'"', b"'") and source[end : end + 1] == source[start - 1 : start]:
            yield "Write the value as JSON", Change(start - 1, end + 1, "{{ " + simple + "|tojson }}")
        yield "Write the value as JSON", Change(start, end, "{{ " + simple + "|tojson }}")
    elif place == "script_string":
        yield "Escape the value for the script", Change(start, end, "{{ " + expression + "|escapejs }}")
