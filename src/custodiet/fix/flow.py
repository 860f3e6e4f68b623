"""Which expressions of a text carry the untrusted data of a finding, as far as its steps tell."""

from typing import TYPE_CHECKING

from custodiet.domain.finding import Finding
from custodiet.fix.built import Built, Hole
from custodiet.fix.script import Script, ancestors, function_around, range_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TRUSTED: frozenset[str] = frozenset(("int", "float", "len", "bool", "round", "abs", "hash", "id", "ord"))


def tainted(script: Script, finding: Finding, built: Built) -> list[Hole]:
    """The holes that the untrusted data goes into; all that may, where the steps do not tell."""
    holes = [hole for hole in built.holes if not _is_harmless(script, hole.node)]
    if len(holes) <= 1:
        return holes
    ranges = [range_of(script.source, step.place) for step in finding.steps[:-1] if step.place.path == script.path]
    names = _names(script, ranges)
    return [hole for hole in holes if _carries(script, hole.node, names, ranges)]


def is_text(script: Script, node: "Node") -> bool:
    """The value is known to be a string: a parameter that is declared so, or a literal."""
    if node.type in ("string", "concatenated_string"):
        return True
    if node.type != "identifier":
        return False
    function = function_around(node)
    parameters = function.child_by_field_name("parameters")
    for parameter in parameters.named_children if parameters is not None else ():
        declared = parameter.child_by_field_name("type")
        if declared is None:
            continue
        first = parameter.child_by_field_name("name") or parameter.named_children[0]
        if script.text(first) == script.text(node):
            return script.text(declared) == "str" and len(_stores(script, script.text(node), function)) == 0
    return False


def _is_harmless(script: Script, node: "Node") -> bool:
    """A literal, or a number by what makes it."""
    if node.type in ("integer", "float", "string", "true", "false", "none", "comparison_operator", "not_operator"):
        return True
    return node.type == "call" and script.callee(node) in _TRUSTED


def _names(script: Script, ranges: list[tuple[int, int]]) -> set[str]:
    """The variables that the steps go through: those that they stand at, and those that they are assigned to."""
    names: set[str] = set()
    for start, end in ranges:
        node = script.root.named_descendant_for_byte_range(start, max(start, end - 1))
        if node is None:
            continue
        if node.type == "identifier":
            names.add(script.text(node))
        for parameter in (node, *ancestors(node)):
            if parameter.type in ("typed_parameter", "default_parameter", "typed_default_parameter"):
                names.add(script.text(parameter.child_by_field_name("name") or parameter.named_children[0]))
            if parameter.type in ("assignment", "named_expression", "for_statement", "with_item"):
                target = parameter.child_by_field_name("left") or parameter.child_by_field_name("name")
                names |= {script.text(each) for each in walk(target) if each.type == "identifier"} if target else set()
            if parameter.type in ("block", "function_definition", "module"):
                break
    return names


def _carries(script: Script, node: "Node", names: set[str], ranges: list[tuple[int, int]]) -> bool:
    if any(node.start_byte <= start and end <= node.end_byte for start, end in ranges):
        return True
    return any(each.type == "identifier" and script.text(each) in names for each in walk(node))


def _stores(script: Script, name: str, function: "Node") -> "list[Node]":
    """The assignments to the name in the function."""
    return [
        node
        for node in walk(function)
        if node.type in ("assignment", "augmented_assignment", "named_expression")
        and (target := node.child_by_field_name("left") or node.child_by_field_name("name")) is not None
        and script.text(target) == name
    ]
