"""Comprehensions of Python: a container that a LOOP fills in place. A generator expression is a list.

The variables of a comprehension have slots of their own: an outer variable of the same name keeps its value.
"""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.grammar import kind_named, kinds_named
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, Lowerer
from custodiet.source.python_expressions import EXTRAS, IDENTIFIER, PAIR, real_children, span_at
from custodiet.source.python_targets import assign, target_names

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

FOR_CLAUSE: Final = kind_named("for_in_clause")
IF_CLAUSE: Final = kind_named("if_clause")
_CLAUSES: Final = frozenset((FOR_CLAUSE, IF_CLAUSE))

_CONTAINERS: Final = {
    **dict.fromkeys(kinds_named("list_comprehension", "generator_expression"), ("l", "append")),
    **dict.fromkeys(kinds_named("set_comprehension"), ("s", "add")),
    **dict.fromkeys(kinds_named("dictionary_comprehension"), ("d", "")),
}


def comprehension(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """MAKE or DICT, and a LOOP that fills it."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    kind, adder = _CONTAINERS[node.kind_id]
    added: Node | None = None
    span = span_at(node)
    made = NOREG
    outer = lowerer.emit
    hidden: list[tuple[bytes, int | None]] = []
    unfinished: list[tuple[list[ir.Ins], int, int, int]] = []
    for child in node.named_children:
        child_kind = child.kind_id
        if child_kind in _CLAUSES:
            parts = child.named_children
            if len(parts) != (2 if child_kind == FOR_CLAUSE else 1):
                parts = real_children(child)
            if not parts:
                continue
            register = EXPRESSIONS[parts[-1].kind_id](lowerer, parts[-1], NOREG, depth + 1)
            if made == NOREG:
                made = lowerer.new_temporary()
                outer((ir.DICT, made, (), span) if kind == "d" else (ir.MAKE, made, kind, (), span))
            body: list[ir.Ins] = []
            lowerer.emit = body.append
            element = NOREG
            if child_kind == FOR_CLAUSE and len(parts) >= 2:
                element = _element(lowerer, parts[0], hidden, depth)
            unfinished.append((body, register, element, span_at(child)))
        elif child_kind not in EXTRAS and added is None:
            added = child
    if made == NOREG or added is None:
        lowerer.emit = outer
        return lowerer.unknown()
    _add(lowerer, added, (made, kind, adder), depth)
    for place in range(len(unfinished) - 1, -1, -1):
        body, register, element, clause_span = unfinished[place]
        enclosing = unfinished[place - 1][0].append if place else outer
        if element == NOREG:
            enclosing((ir.IF, register, tuple(body), (), clause_span))
        else:
            enclosing((ir.LOOP, register, element, tuple(body), (), clause_span))
    lowerer.emit = outer
    for raw, slot in reversed(hidden):
        if slot is None:
            del lowerer.slots[raw]
        else:
            lowerer.slots[raw] = slot
    if dst == NOREG:
        return made
    outer((ir.MOVE, dst, made, span))
    return dst


def _element(lowerer: Lowerer, target: "Node", hidden: list[tuple[bytes, int | None]], depth: int) -> int:
    """The register that each round starts with; unpacking is emitted into the loop's body.

    Each name of the target gets a slot of its own; `hidden` remembers what the names stood for.
    """
    if target.kind_id == IDENTIFIER:
        return _hide(lowerer, target, hidden)
    for name in target_names(target):
        _hide(lowerer, name, hidden)
    element = lowerer.new_temporary()
    assign(lowerer, target, element, span_at(target), depth + 1)
    return element


def _hide(lowerer: Lowerer, name: "Node", hidden: list[tuple[bytes, int | None]]) -> int:
    raw = lowerer.source[name.start_byte : name.end_byte]
    if not raw:
        return lowerer.unknown()
    hidden.append((raw, lowerer.slots.get(raw)))
    slot = lowerer.slots[raw] = lowerer.new_local(lowerer.text(name))
    return slot


def _add(lowerer: Lowerer, node: "Node", container: tuple[int, str, str], depth: int) -> None:
    made, kind, adder = container
    span = span_at(node)
    if kind == "d":
        parts = real_children(node)
        if node.kind_id != PAIR or len(parts) < 2:
            return
        key = EXPRESSIONS[parts[0].kind_id](lowerer, parts[0], NOREG, depth + 1)
        value = EXPRESSIONS[parts[-1].kind_id](lowerer, parts[-1], NOREG, depth + 1)
        lowerer.emit((ir.SETINDEX, made, key, value, span))
        return
    value = EXPRESSIONS[node.kind_id](lowerer, node, NOREG, depth + 1)
    lowerer.emit((ir.CALLM, lowerer.new_temporary(), made, adder, (value,), (), span))


LOWERINGS: Final = {
    "list_comprehension": comprehension,
    "set_comprehension": comprehension,
    "dictionary_comprehension": comprehension,
    "generator_expression": comprehension,
}
"""What lowers each kind of expression in this file."""
