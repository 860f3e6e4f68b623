"""Escapes the untrusted values of an LDAP filter or distinguished name."""

import re
from collections.abc import Mapping
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

_TITLE: Final = "Escape the value for the directory"
_FILTERS: Final = {"ldap3": "ldap3.utils.conv.escape_filter_chars", "ldap": "ldap.filter.escape_filter_chars"}
_NAMES: Final = {"ldap3": "ldap3.utils.dn.escape_rdn", "ldap": "ldap.dn.escape_dn_chars"}
_NAME: Final = re.compile(r"(?:\w+=[^=,]+,\s*)*\w+=\0")
"""A distinguished name with a value in it."""
_DONE: Final = frozenset(("escape_filter_chars", "escape_rdn", "escape_dn_chars"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """`escape_filter_chars(value)` in a filter, `escape_rdn(value)` in a name, of the library that the file imports."""
    for call in script.calls(finding):
        for argument in arguments(call):
            given = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
            value = value_of(script, given) if given is not None else None
            built = built_of(script, value) if value is not None else None
            if built is None or not built.holes:
                continue
            if built.text.lstrip().startswith("("):
                return _escaped(script, finding, built, _FILTERS)
            if _NAME.match(built.text):
                return _escaped(script, finding, built, _NAMES)
    return None


def _escaped(script: Script, finding: Finding, built: Built, escapers: Mapping[str, str]) -> Draft | None:
    holes = tainted(script, finding, built)
    dotted = next((dotted for package, dotted in escapers.items() if package in script.packages), "")
    module, _, name = dotted.rpartition(".")
    needed = name_import(script, module, name) if module else None
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
