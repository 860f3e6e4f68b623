"""Escapes the untrusted values of a text that is sent as markup."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import built_of
from custodiet.fix.call import positional
from custodiet.fix.flow import is_text, tainted
from custodiet.fix.imports import Needed, module_import, name_import
from custodiet.fix.script import Change, Draft, Script
from custodiet.fix.variable import value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Escape the value"
_ESCAPERS: Final = ("markupsafe.escape", "html.escape", "django.utils.html.escape", "flask.escape")


def repair(script: Script, finding: Finding) -> Draft | None:
    """`escape(value)` around each untrusted value of the text that is returned or given to the response."""
    for node in script.starts(finding):
        for expression in _texts(script, node):
            draft = _escaped(script, finding, expression)
            if draft is not None:
                return draft
    return None


def _texts(script: Script, node: "Node") -> "list[Node]":
    """The expressions that may be the markup: what is returned, or the first arguments of the call."""
    candidates: list[Node] = []
    if node.type == "return_statement" and node.named_child_count:
        returned = node.named_children[0]
        if returned.type == "expression_list":
            returned = returned.named_children[0]  # `return text, 404`
        candidates = [returned]
    elif node.type == "call":
        candidates = positional(node)[:1]
    values = [value_of(script, candidate) for candidate in candidates]
    return [value for value in values if value is not None]


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
