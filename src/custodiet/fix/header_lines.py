"""Takes the line breaks out of the untrusted value of a header."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import Built, Hole, built_of
from custodiet.fix.call import keyword, positional
from custodiet.fix.flow import is_text, tainted
from custodiet.fix.script import Change, Draft, Script, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Take line breaks out of the value"
_CLEAN: Final = '.replace("\\r", "").replace("\\n", "")'
_METHODS: Final = frozenset("add set setdefault add_header set_header append send_header putheader".split())
_MAPPINGS: Final = frozenset(("extend", "update"))
_SIMPLE: Final = frozenset("identifier attribute subscript call".split())


def repair(script: Script, finding: Finding) -> Draft | None:
    """Both line breaks replaced by nothing, where a header is stored under its name or given to a method."""
    assignment = script.assignment(finding)
    if assignment is not None:
        target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if target is None or value is None or target.type != "subscript":
            return None
        return _cleaned(script, finding, value)
    for call in script.calls(finding):
        listed = positional(call)
        if script.method(call) in _METHODS and len(listed) == 2:
            return _cleaned(script, finding, listed[1])
        headers = keyword(script, call, "headers") or (
            listed[0] if script.method(call) in _MAPPINGS and listed else None
        )
        if headers is not None and headers.type == "dictionary":
            return _of_mapping(script, finding, headers)
    return None


def _of_mapping(script: Script, finding: Finding, headers: "Node") -> Draft | None:
    """The one untrusted value of a mapping of headers."""
    values = [pair.child_by_field_name("value") for pair in headers.named_children if pair.type == "pair"]
    holes = tuple(Hole(value, "") for value in values if value is not None)
    found = tainted(script, finding, Built("plain", (), holes, (), ""))
    return _cleaned(script, finding, found[0].node) if len(found) == 1 else None


def _cleaned(script: Script, finding: Finding, value: "Node") -> Draft | None:
    built = built_of(script, value)
    if any(node.type == "call" and script.method(node) == "replace" for node in walk(value)):
        return None
    if built is None:
        return Draft(_TITLE, (_without_breaks(script, value),)) if value.type in _SIMPLE else None
    holes = tainted(script, finding, built)
    # Quotes and backslashes inside the braces of an f-string need Python 3.12: there the whole text is cleaned.
    if built.how == "f" and holes:
        return Draft(_TITLE, (Change(value.end_byte, value.end_byte, _CLEAN),)) if value.type == "string" else None
    if not holes or any(hole.conversion not in ("", "s") for hole in holes):
        return None
    return Draft(_TITLE, tuple(_without_breaks(script, hole.node, is_string=built.how == "+") for hole in holes))


def _without_breaks(script: Script, node: "Node", *, is_string: bool = False) -> Change:
    text = script.text(node)
    if node.type in _SIMPLE and (is_string or is_text(script, node)):
        return Change(node.start_byte, node.end_byte, f"{text}{_CLEAN}")
    return Change(node.start_byte, node.end_byte, f"str({text}){_CLEAN}")
