"""Operators of Python: arithmetic, comparison, `and`, `or`, `not`, the conditional expression and the walrus."""

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, Lowerer
from custodiet.source.python_expressions import EXTRAS, first_of, left_operand, real_children, span_at, value_into

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

_OPERATORS: Final = {
    **{op.encode(): op for op in ir.BINARY_OPS if not op.isalpha()},
    **{b" %s " % op.encode(): op for op in ir.BINARY_OPS if not op.isalpha()},
    b" in ": "in",
    b" not in ": "notin",
    b" is ": "is",
    b" is not ": "isnot",
    b"in": "in",
    b"is": "is",
    b"not in": "notin",
    b"is not": "isnot",
    b"<>": "!=",
}


def operator_between(lowerer: Lowerer, left: "Node", right: "Node", node: "Node") -> str:
    """The canonical operator that stands between two operands of the node."""
    gap = lowerer.source[left.end_byte : right.start_byte]
    found = _OPERATORS.get(gap)
    if found is not None:
        return found
    start, end = left.end_byte, right.start_byte
    for child in node.children:
        if not child.is_named and start <= child.start_byte and child.end_byte <= end:
            found = _OPERATORS.get(b" ".join(child.type.encode().split()))
            if found is not None:
                return found
    return "=="


def binary(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """BIN."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = node.named_children
    if len(children) != 2:
        children = real_children(node)
        if len(children) < 2:
            return first_of(lowerer, children, depth)
    left, right = children[0], children[-1]
    op = operator_between(lowerer, left, right, node)
    a = left_operand(lowerer, left, depth)
    b = EXPRESSIONS[right.kind_id](lowerer, right, NOREG, depth + 1)
    if dst == NOREG:
        dst = lowerer.temporary
        lowerer.temporary = dst - 1
    start = node.start_byte
    lowerer.emit((ir.BIN, dst, op, a, b, (start << 24) | (node.end_byte - start)))
    return dst


def comparison(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """BIN; a chain `a < b < c` is `a < b and b < c`."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = node.named_children
    if len(children) != 2 or children[1].kind_id in EXTRAS or children[0].kind_id in EXTRAS:
        children = real_children(node)
        if len(children) < 2:
            return first_of(lowerer, children, depth)
    left, right = children[0], children[1]
    op = operator_between(lowerer, left, right, node)
    a = EXPRESSIONS[left.kind_id](lowerer, left, NOREG, depth + 1)
    b = EXPRESSIONS[right.kind_id](lowerer, right, NOREG, depth + 1)
    if len(children) > 2:
        return _chain(lowerer, node, children, (op, a, b), dst, depth)
    if dst == NOREG:
        dst = lowerer.temporary
        lowerer.temporary = dst - 1
    start = node.start_byte
    lowerer.emit((ir.BIN, dst, op, a, b, (start << 24) | (node.end_byte - start)))
    return dst


def _chain(
    lowerer: Lowerer, node: "Node", children: "list[Node]", first: tuple[str, int, int], dst: int, depth: int
) -> int:
    op, a, b = first
    result = lowerer.new_temporary()
    lowerer.emit((ir.BIN, result, op, a, b, ir.span_of(children[0].start_byte, children[1].end_byte)))
    for left, right in pairwise(children[1:]):
        op = operator_between(lowerer, left, right, node)
        outer = lowerer.emit
        block: list[ir.Ins] = []
        lowerer.emit = block.append
        last = EXPRESSIONS[right.kind_id](lowerer, right, NOREG, depth + 1)
        held = lowerer.new_temporary()
        lowerer.emit((ir.BIN, held, op, b, last, ir.span_of(left.start_byte, right.end_byte)))
        lowerer.emit = outer
        joined = lowerer.new_temporary() if right.id != children[-1].id or dst == NOREG else dst
        lowerer.emit((ir.SHORT, joined, "and", result, tuple(block), held, span_at(node)))
        result, b = joined, last
    return result


def boolean(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """SHORT."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = node.named_children
    if len(children) != 2:
        children = real_children(node)
        if len(children) < 2:
            return first_of(lowerer, children, depth)
    left, right = children[0], children[-1]
    gap = lowerer.source[left.end_byte : right.start_byte]
    if gap != b" and " and gap != b" or ":
        gap = b" or " if any(child.type == "or" for child in node.children) else b" and "
    a = left_operand(lowerer, left, depth)
    outer = lowerer.emit
    block: list[ir.Ins] = []
    lowerer.emit = block.append
    b = EXPRESSIONS[right.kind_id](lowerer, right, NOREG, depth + 1)
    lowerer.emit = outer
    if dst == NOREG:
        dst = lowerer.new_temporary()
    outer((ir.SHORT, dst, "and" if gap == b" and " else "or", a, tuple(block), b, span_at(node)))
    return dst


def negation(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """UN not."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    a = first_of(lowerer, real_children(node), depth)
    if dst == NOREG:
        dst = lowerer.new_temporary()
    lowerer.emit((ir.UN, dst, "not", a, span_at(node)))
    return dst


def unary(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """UN; a minus before a number is part of the constant."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    start = node.start_byte
    op = lowerer.source[start : start + 1].decode("latin-1")
    a = first_of(lowerer, real_children(node), depth)
    if a >= 0 and op == "-":
        kind, value = lowerer.inits[a]
        if kind == "c" and (type(value) is int or type(value) is float):
            return lowerer.constant(lowerer.source[start : node.end_byte], -value)
    if dst == NOREG:
        dst = lowerer.new_temporary()
    lowerer.emit((ir.UN, dst, op if op in ir.UNARY_OPS else "+", a, span_at(node)))
    return dst


def conditional(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """IF with a MOVE in each branch."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = real_children(node)
    if len(children) < 3:
        return first_of(lowerer, children, depth)
    body, condition, alternative = children[:3]
    tested = EXPRESSIONS[condition.kind_id](lowerer, condition, NOREG, depth + 1)
    if dst == NOREG:
        dst = lowerer.new_temporary()
    outer = lowerer.emit
    then: list[ir.Ins] = []
    lowerer.emit = then.append
    value_into(lowerer, body, dst, depth + 1)
    otherwise: list[ir.Ins] = []
    lowerer.emit = otherwise.append
    value_into(lowerer, alternative, dst, depth + 1)
    lowerer.emit = outer
    outer((ir.IF, tested, tuple(then), tuple(otherwise), span_at(condition)))
    return dst


def walrus(lowerer: Lowerer, node: "Node", _dst: int, depth: int) -> int:
    """The slot of the name, after the value has been moved there."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = real_children(node)
    if len(children) < 2:
        return first_of(lowerer, children, depth)
    name, value = children[0], children[-1]
    slot = lowerer.bind(lowerer.source[name.start_byte : name.end_byte])
    register = EXPRESSIONS[value.kind_id](lowerer, value, slot, depth + 1)
    if register != slot:
        lowerer.emit((ir.MOVE, slot, register, span_at(node)))
    return slot


LOWERINGS: Final = {
    "binary_operator": binary,
    "comparison_operator": comparison,
    "boolean_operator": boolean,
    "not_operator": negation,
    "unary_operator": unary,
    "conditional_expression": conditional,
    "named_expression": walrus,
}
"""What lowers each kind of expression in this file."""
