"""Hands the values of an XPath expression over as variables, which lxml has."""

import re
from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import HOLE, SEAM, Built, built_of
from custodiet.fix.call import added, is_spread, positional
from custodiet.fix.script import Draft, Script
from custodiet.fix.sql_text import parameter_name, quoted_value
from custodiet.fix.variable import value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Pass the values as variables of the expression"
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_TAKEN: Final = ("namespaces", "extensions", "smart_strings")


def repair(script: Script, finding: Finding) -> Draft | None:
    """`tree.xpath("//user[@name=$name]", name=name)`; only where every value stands in quotes."""
    if not any(name.split(".")[0] == "lxml" for name in script.packages):
        return None
    for call in script.calls(finding):
        listed = positional(call)
        if script.method(call) != "xpath" or len(listed) != 1 or is_spread(call):
            continue
        value = value_of(script, listed[0])
        built = built_of(script, value) if value is not None else None
        if built is None or not built.holes:
            return None
        return _with_variables(script, call, built)
    return None


def _with_variables(script: Script, call: "Node", built: Built) -> Draft | None:
    text = built.text
    holes = list(built.holes)
    changes = list(built.changes)
    values: list[tuple[str, str]] = []
    for match in _QUOTED.finditer(text):
        inside = match.group()[1:-1]
        count = inside.count(HOLE)
        if not count:
            continue
        here, holes = holes[:count], holes[count:]
        value = quoted_value(script, inside, here)
        if value is None or SEAM in inside or any(hole.conversion not in ("", "s") for hole in here):
            return None
        name = parameter_name(value, [*_TAKEN, *(known for known, _ in values)])
        values.append((name, value if inside != HOLE or built.how == "+" else _as_text(value)))
        changes.append(built.change(match.start(), match.end() - 1, f"${name}"))
    if holes or "$" in text:
        return None
    return Draft(_TITLE, (*changes, added(call, *(f"{name}={value}" for name, value in values))))


def _as_text(value: str) -> str:
    """A value that was printed between quotes is compared as a text."""
    return value if value.startswith("str(") else f"str({value})"
