"""Settings that say the wrong thing: constants that are assigned, stored under a key, or given as keyword arguments."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from custodiet.domain.finding import Finding
from custodiet.fix.call import arguments, replaced
from custodiet.fix.script import Change, Script, walk

if TYPE_CHECKING:
    from tree_sitter import Node

Right = Mapping[str, Mapping[str, str]]
"""By the setting's name (lower case), what to write for each wrong value: `{"verify": {"False": "True"}}`."""


def assigned_right(script: Script, finding: Finding, right: Right) -> Change | None:
    """The value replaced in `name = value`, `object.name = value` or `mapping["name"] = value` at the finding."""
    assignment = script.assignment(finding)
    if assignment is None:
        return None
    target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    return _righted(script, _last_word(script, target), value, right) if target is not None else None


def keywords_right(script: Script, call: "Node", right: Right) -> Iterator[Change]:
    """The values replaced in the keyword arguments of a call."""
    for argument in arguments(call):
        name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
        if argument.type == "keyword_argument" and name is not None:
            change = _righted(script, script.text(name), value, right)
            if change is not None:
                yield change


def pairs_right(script: Script, node: "Node", right: Right) -> Iterator[Change]:
    """The values replaced in the dictionaries below a node."""
    for pair in walk(node):
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type == "pair" and key is not None and key.type == "string":
            change = _righted(script, script.text(key).strip("\"'"), value, right)
            if change is not None:
                yield change


def settings_right(script: Script, finding: Finding, right: Right) -> tuple[Change, ...]:
    """The values replaced wherever the finding may stand: an assignment, a call, a dictionary in its arguments."""
    change = assigned_right(script, finding, right)
    if change is not None:
        return (change,)
    for call in script.calls(finding):
        changes = (*keywords_right(script, call, right), *pairs_right(script, call, right))
        if changes:
            return changes
    return ()


def _righted(script: Script, name: str, value: "Node | None", right: Right) -> Change | None:
    texts = right.get(name.lower())
    if texts is None or value is None:
        return None
    wrong = script.text(value)
    text = texts.get(wrong)
    if text is None and value.type in ("attribute", "identifier"):
        text = texts.get(script.dotted(value))
    return replaced(value, text) if text is not None else None


def _last_word(script: Script, target: "Node") -> str:
    """The name of what is set."""
    if target.type == "identifier":
        return script.text(target)
    if target.type == "attribute":
        name = target.child_by_field_name("attribute")
        return script.text(name) if name is not None else ""
    if target.type == "subscript":
        key = target.child_by_field_name("subscript")
        return script.text(key).strip("\"'") if key is not None and key.type == "string" else ""
    return ""
