"""What is assigned to: names, attributes, subscripts, and unpacking, which is INDEX with a constant."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.grammar import KINDS, kinds_named
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, Lowerer
from custodiet.source.python_expressions import (
    ATTRIBUTE,
    IDENTIFIER,
    SUBSCRIPT,
    first_of,
    index_of,
    left_operand,
    real_children,
    span_at,
)

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

SEQUENCES: Final = kinds_named(
    "tuple", "list", "pattern_list", "tuple_pattern", "list_pattern", "expression_list", "parenthesized_expression"
)
STARRED: Final = kinds_named("list_splat", "list_splat_pattern", "parenthesized_list_splat")
_WRAPPERS: Final = kinds_named(
    "parenthesized_expression", "as_pattern_target", "tuple_pattern", "parenthesized_list_splat"
)
_TARGET_CONTAINERS: Final = SEQUENCES | STARRED | kinds_named("as_pattern_target")


def target_names(node: "Node") -> "Iterator[Node]":
    """The names that an assignment to the target binds, in source order."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.kind_id == IDENTIFIER:
            yield current
        elif current.kind_id in _TARGET_CONTAINERS:
            waiting.extend(reversed(current.named_children))


def assign(lowerer: Lowerer, target: "Node", src: int, span: int, depth: int) -> None:
    """Stores the register in the target."""
    if depth > DEEPEST:
        lowerer.uncovered += 1
        return
    kind = target.kind_id
    if kind == IDENTIFIER:
        slot = _target_slot(lowerer, target)
        if slot != src:
            lowerer.emit((ir.MOVE, slot, src, span))
    elif kind == ATTRIBUTE:
        parts = real_children(target)
        if len(parts) >= 2:
            obj = left_operand(lowerer, parts[0], depth)
            name = lowerer.text(parts[-1])
            lowerer.called.add(name)
            lowerer.emit((ir.SETATTR, obj, name, src, span))
    elif kind == SUBSCRIPT:
        parts = real_children(target)
        if len(parts) >= 2:
            obj = left_operand(lowerer, parts[0], depth)
            lowerer.emit((ir.SETINDEX, obj, index_of(lowerer, parts, depth), src, span))
    elif kind in _TARGET_CONTAINERS:
        _unpack(lowerer, target, src, depth)
    elif KINDS and kind < len(KINDS):
        lowerer.uncovered += 1


def _target_slot(lowerer: Lowerer, target: "Node") -> int:
    return lowerer.bind(lowerer.source[target.start_byte : target.end_byte])


def _unpack(lowerer: Lowerer, target: "Node", src: int, depth: int) -> None:
    """One INDEX for each element; what follows a starred element is counted from the end."""
    elements = real_children(target)
    if len(elements) == 1 and not _is_sequence(lowerer, target):
        assign(lowerer, elements[0], src, span_at(target), depth + 1)
        return
    if len(elements) == 1 and target.kind_id in STARRED:
        assign(lowerer, elements[0], src, span_at(target), depth + 1)
        return
    source = lowerer.source
    star = next(
        (place for place, element in enumerate(elements) if source.startswith(b"*", element.start_byte)), len(elements)
    )
    for place, element in enumerate(elements):
        if place == star:
            _assign_slice(lowerer, element, src, (place, place + 1 - len(elements)), depth)
        else:
            key = lowerer.number(place if place < star else place - len(elements))
            _assign_index(lowerer, element, src, key, depth)


def _is_sequence(lowerer: Lowerer, target: "Node") -> bool:
    """Whether a container of one element unpacks: `(a,) = x` and `[a] = x` do, `(a) = x` does not."""
    kind = target.kind_id
    if kind not in _WRAPPERS:
        return True
    return b"," in lowerer.source[real_children(target)[-1].end_byte : target.end_byte]


def _assign_index(lowerer: Lowerer, element: "Node", src: int, key: int, depth: int) -> None:
    span = span_at(element)
    if element.kind_id == IDENTIFIER:
        lowerer.emit((ir.INDEX, _target_slot(lowerer, element), src, key, span))
        return
    taken = lowerer.new_temporary()
    lowerer.emit((ir.INDEX, taken, src, key, span))
    assign(lowerer, element, taken, span, depth + 1)


def _assign_slice(lowerer: Lowerer, element: "Node", src: int, bounds: tuple[int, int], depth: int) -> None:
    low, high = bounds
    inner = real_children(element) if element.kind_id in STARRED else [element]
    if not inner:
        return
    span = span_at(element)
    taken = _target_slot(lowerer, inner[0]) if inner[0].kind_id == IDENTIFIER else lowerer.new_temporary()
    end = lowerer.number(high) if high else NOREG
    lowerer.emit((ir.SLICE, taken, src, lowerer.number(low) if low else NOREG, end, span))
    if inner[0].kind_id != IDENTIFIER:
        assign(lowerer, inner[0], taken, span, depth + 1)


def delete(lowerer: Lowerer, target: "Node", depth: int) -> None:
    """DEL; deleting an attribute sets it to None, as no instruction unbinds one."""
    if depth > DEEPEST:
        lowerer.uncovered += 1
        return
    kind = target.kind_id
    span = span_at(target)
    if kind == IDENTIFIER:
        lowerer.emit((ir.DEL, _target_slot(lowerer, target), NOREG, span))
    elif kind == SUBSCRIPT:
        parts = real_children(target)
        if len(parts) >= 2:
            obj = left_operand(lowerer, parts[0], depth)
            lowerer.emit((ir.DEL, obj, index_of(lowerer, parts, depth), span))
    elif kind == ATTRIBUTE:
        parts = real_children(target)
        if len(parts) >= 2:
            obj = left_operand(lowerer, parts[0], depth)
            lowerer.emit((ir.SETATTR, obj, lowerer.text(parts[-1]), lowerer.none(), span))
    elif kind in _TARGET_CONTAINERS:
        for element in real_children(target):
            delete(lowerer, element, depth + 1)
    else:
        first_of(lowerer, [target], depth)


def augmented(lowerer: Lowerer, target: "Node", value: "Node", op: str, span: int) -> None:
    """`target op= value`: BIN in place for a name; read, BIN, write for an attribute or element."""
    depth = lowerer.level
    kind = target.kind_id
    parts = real_children(target) if kind in {ATTRIBUTE, SUBSCRIPT} else []
    if len(parts) < 2:
        slot = _target_slot(lowerer, target) if kind == IDENTIFIER else lowerer.new_temporary()
        held = EXPRESSIONS[value.kind_id](lowerer, value, NOREG, depth)
        lowerer.emit((ir.BIN, slot, op, slot, held, span))
        return
    obj = left_operand(lowerer, parts[0], depth)
    before = lowerer.new_temporary()
    if kind == ATTRIBUTE:
        name = lowerer.text(parts[-1])
        lowerer.called.add(name)
        lowerer.emit((ir.ATTR, before, obj, name, span_at(target)))
    else:
        key = index_of(lowerer, parts, depth)
        lowerer.emit((ir.INDEX, before, obj, key, span_at(target)))
    held = EXPRESSIONS[value.kind_id](lowerer, value, NOREG, depth)
    after = lowerer.new_temporary()
    lowerer.emit((ir.BIN, after, op, before, held, span))
    if kind == ATTRIBUTE:
        lowerer.called.add(name)
        lowerer.emit((ir.SETATTR, obj, name, after, span))
    else:
        lowerer.emit((ir.SETINDEX, obj, key, after, span))
