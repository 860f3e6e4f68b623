"""Escapes the untrusted values of a text that is sent as markup."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import built_of
from custodiet.fix.call import keyword, positional
from custodiet.fix.flow import is_text, tainted
from custodiet.fix.imports import Needed, module_import, name_import
from custodiet.fix.script import Change, Draft, Script, range_of, walk
from custodiet.fix.variable import value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Escape the value"
_CONTENTS: Final = ("content", "text", "body", "response", "html")
_READING: Final = frozenset(("get", "getlist", "get_argument", "strip", "lower", "upper", "title"))
_ESCAPERS: Final = ("markupsafe.escape", "html.escape", "django.utils.html.escape", "flask.escape")


def repair(script: Script, finding: Finding) -> Draft | None:
    """`escape(value)` around each untrusted value of the text that is returned or given to the response."""
    for node in script.starts(finding):
        for candidate in _candidates(script, node):
            value = value_of(script, candidate)
            draft = _escaped(script, finding, value) if value is not None else None
            draft = draft or _whole(script, finding, candidate)
            if draft is not None:
                return draft
    return None


def _candidates(script: Script, node: "Node") -> "list[Node]":
    """The expressions that may be the markup: what is returned or assigned, or the content given to the call."""
    if node.type == "return_statement" and node.named_child_count:
        returned = node.named_children[0]
        return returned.named_children[:1] if returned.type == "expression_list" else [returned]
    if node.type == "assignment":
        value = node.child_by_field_name("right")
        return [value] if value is not None else []
    if node.type != "call":
        return []
    named = (keyword(script, node, name) for name in _CONTENTS)
    return [*positional(node)[:1], *(value for value in named if value is not None)]


def _whole(script: Script, finding: Finding, expression: "Node") -> Draft | None:
    """A response that is nothing but what was read from the request."""
    read = value_of(script, expression, is_shared=True)
    if read is None or read.type not in ("call", "subscript", "attribute") or len(finding.steps) < 2:
        return None
    if any(each.type == "call" and script.method(each) not in _READING for each in walk(read)):
        return None
    start, end = range_of(script.source, finding.steps[0].place)
    if not (read.start_byte <= start and end <= read.end_byte):
        return None
    found = _escaper(script, plain=False)
    if found is None or finding.steps[0].place.path != script.path:
        return None
    needed, takes_all = found
    text = script.text(expression)
    inner = text if takes_all else f"str({text})"
    change = Change(expression.start_byte, expression.end_byte, f"{needed.name}({inner})")
    return Draft(_TITLE, (change, *needed.changes))


def _escaped(script: Script, finding: Finding, expression: "Node") -> Draft | None:
    built = built_of(script, expression)
    if built is None or not built.holes or "<script" in built.text.lower():
        return None
    holes = tainted(script, finding, built)
    if not holes or any(hole.conversion not in ("", "s") for hole in holes):
        return None
    if any(hole.node.type == "call" and script.callee(hole.node) in _ESCAPERS for hole in holes):
        return None
    # `"<b>" + Markup(...)` would escape the left side too: html.escape gives a plain string.
    found = _escaper(script, plain=built.how == "+")
    if found is None:
        return None
    needed, takes_all = found
    changes: list[Change] = []
    for hole in holes:
        node = hole.node
        if any(char in script.text(node) for char in "\n\\"):
            return None
        text = script.text(node)
        inner = text if takes_all or is_text(script, node) else f"str({text})"
        changes.append(Change(node.start_byte, node.end_byte, f"{needed.name}({inner})"))
    return Draft(_TITLE, (*changes, *needed.changes))


def _escaper(script: Script, *, plain: bool) -> tuple[Needed, bool] | None:
    """The escaping function that suits the file, and whether it takes values that are no strings."""
    packages = script.packages
    if not plain and packages & {"flask", "markupsafe", "jinja2", "quart"}:
        needed = name_import(script, "markupsafe", "escape")
        if needed is not None:
            return needed, True
    if not plain and any(name.split(".")[0] == "django" for name in packages):
        needed = name_import(script, "django.utils.html", "escape")
        if needed is not None:
            return needed, True
    module = module_import(script, "html")
    if module is not None:
        return Needed(f"{module.name}.escape", module.changes), False
    needed = name_import(script, "html", "escape")
    return (needed, False) if needed is not None else None
