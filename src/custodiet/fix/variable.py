"""Variables that are set once: where the value comes from that a name stands for."""

from typing import TYPE_CHECKING

from custodiet.fix.script import Script, bare, function_around, statement_around

if TYPE_CHECKING:
    from tree_sitter import Node


def assigned(identifier: "Node") -> "Node | None":
    """The assignment whose only target the identifier is."""
    parent = identifier.parent
    if parent is None or parent.type != "assignment" or parent.child_by_field_name("left") != identifier:
        return None
    return parent


def value_of(script: Script, node: "Node", *, is_shared: bool = False) -> "Node | None":
    """The expression itself, or what the variable was set to: once, above, in the same block or one around it.

    None if that is not so, or if the variable is used for something else too (`is_shared` allows that).
    """
    node = bare(node)
    if node.type != "identifier":
        return node
    used = script.occurrences(script.text(node), function_around(node))
    targets = [each for each in used if assigned(each) is not None]
    if len(targets) != 1 or (not is_shared and any(each not in targets and each != node for each in used)):
        return None
    assignment = assigned(targets[0])
    value = assignment.child_by_field_name("right") if assignment is not None else None
    if assignment is None or value is None or not precedes(assignment, node):
        return None
    return bare(value)


def precedes(assignment: "Node", use: "Node") -> bool:
    """Whenever the use is reached, the assignment has run just before, once."""
    block = statement_around(assignment).parent
    if assignment.start_byte > use.start_byte:
        return False
    node = use.parent
    while node is not None and node != block:
        if node.type in ("function_definition", "for_statement", "while_statement", "lambda"):
            return False
        node = node.parent
    return node is not None
