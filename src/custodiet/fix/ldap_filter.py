"""Escapes the untrusted values of an LDAP filter."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import Built, built_of
from custodiet.fix.call import arguments
from custodiet.fix.flow import is_text, tainted
from custodiet.fix.imports import name_import
from custodiet.fix.script import Change, Draft, Script
from custodiet.fix.variable import value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Escape the value for the filter"
_ESCAPERS: Final = (("ldap3", "ldap3.utils.conv"), ("ldap", "ldap.filter"))
_DONE: Final = frozenset(("escape_filter_chars", "escape_rdn", "escape_dn_chars"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """`escape_filter_chars(value)` of the library that the file imports, inside of a filter in brackets."""
    for call in script.calls(finding):
        for argument in arguments(call):
            given = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
            value = value_of(script, given) if given is not None else None
            built = built_of(script, value) if value is not None else None
            if built is not None and built.holes and built.text.lstrip().startswith("("):
                return _escaped(script, finding, built)
    return None


def _escaped(script: Script, finding: Finding, built: Built) -> Draft | None:
    holes = tainted(script, finding, built)
    module = next((module for package, module in _ESCAPERS if package in script.packages), None)
    needed = name_import(script, module, "escape_filter_chars") if module is not None else None
    if needed is None or not holes or any(hole.conversion not in ("", "s") for hole in holes):
        return None
    if any(hole.node.type == "call" and script.method(hole.node) in _DONE for hole in holes):
        return None
    changes = [_around(script, hole.node, needed.name, built.how) for hole in holes]
    return Draft(_TITLE, (*changes, *needed.changes))


def _around(script: Script, node: "Node", name: str, how: str) -> Change:
    text = script.text(node)
    inner = text if how == "+" or is_text(script, node) or node.type == "identifier" else f"str({text})"
    return Change(node.start_byte, node.end_byte, f"{name}({inner})")
