"""The `match` statement of Python: a chain of IF whose conditions are the patterns.

Names are captured where the pattern reaches them, which Python allows even if the rest then fails to match.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.grammar import KINDS, kind_named, kinds_named
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, Lowerer, lower_statements
from custodiet.source.python_expressions import EXTRAS, IDENTIFIER, real_children, span_at
from custodiet.source.python_literals import number_value
from custodiet.source.python_statements import BLOCKS, LONGEST_CHAIN

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

CASE_CLAUSE: Final = kind_named("case_clause")
CASE_PATTERN: Final = kind_named("case_pattern")
IF_CLAUSE: Final = kind_named("if_clause")
SPLAT_PATTERN: Final = kind_named("splat_pattern")
KEYWORD_PATTERN: Final = kind_named("keyword_pattern")
DOTTED: Final = kind_named("dotted_name")
_SINGLETONS: Final = kinds_named("true", "false", "none")
_NUMBERS: Final = kinds_named("integer", "float")

_SELF_MATCHING: Final = frozenset("bool bytearray bytes dict float frozenset int list set str tuple".split())
"""Classes whose single positional sub-pattern matches the whole subject."""


def match_statement(lowerer: Lowerer, node: "Node") -> None:
    """The chain of IF over the cases."""
    subjects: list[Node] = []
    cases: list[Node] = []
    for child in node.named_children:
        if child.kind_id in BLOCKS:
            cases = [case for case in child.named_children if case.kind_id == CASE_CLAUSE]
        elif child.kind_id == CASE_CLAUSE:
            cases.append(child)
        elif child.kind_id not in EXTRAS:
            subjects.append(child)
    registers = tuple(EXPRESSIONS[child.kind_id](lowerer, child, NOREG, lowerer.level) for child in subjects)
    if len(registers) == 1 and not _trailing_comma(node, subjects[0]):
        subject = registers[0]
    else:
        subject = lowerer.new_temporary()
        lowerer.emit((ir.MAKE, subject, "t", registers, span_at(node)))
    level = lowerer.level
    enclosing = lowerer.emit
    nested: list[tuple[list[ir.Ins], int, ir.Block, int]] = []
    for case in cases:
        condition, body, span = _case(lowerer, case, subject)
        if condition == NOREG:
            for ins in body:
                lowerer.emit(ins)
            break
        if lowerer.level > LONGEST_CHAIN:
            lowerer.emit((ir.IF, condition, body, (), span))
            continue
        orelse: list[ir.Ins] = []
        nested.append((orelse, condition, body, span))
        lowerer.emit = orelse.append
        lowerer.level += 1
    for place in range(len(nested) - 1, -1, -1):
        orelse, condition, body, span = nested[place]
        outer = nested[place - 1][0].append if place else enclosing
        outer((ir.IF, condition, body, tuple(orelse), span))
    lowerer.emit = enclosing
    lowerer.level = level


def _case(lowerer: Lowerer, case: "Node", subject: int) -> tuple[int, ir.Block, int]:
    """(condition or NOREG if the case always matches, body, span of the patterns)."""
    patterns: list[Node] = []
    guard: Node | None = None
    body: list[ir.Ins] = []
    blocks: list[Node] = []
    for child in case.named_children:
        kind = child.kind_id
        if kind == CASE_PATTERN:
            patterns.append(child)
        elif kind == IF_CLAUSE:
            guard = child
        elif kind in BLOCKS:
            blocks.append(child)
    depth = lowerer.level
    span = span_at(patterns[0]) if patterns else span_at(case)
    if len(patterns) == 1 and not _trailing_comma(case, patterns[0]):
        condition = pattern(lowerer, patterns[0], subject, depth)
    else:
        condition = _sequence(lowerer, patterns, subject, span, depth)
    if guard is not None:
        condition = _guarded(lowerer, condition, guard, depth)
    outer = lowerer.emit
    lowerer.emit = body.append
    for block in blocks:
        lower_statements(lowerer, block.named_children)
    lowerer.emit = outer
    return condition, tuple(body), span


def _trailing_comma(node: "Node", first: "Node") -> bool:
    return any(child.type == "," and child.start_byte >= first.end_byte for child in node.children)


def _guarded(lowerer: Lowerer, condition: int, guard: "Node", depth: int) -> int:
    tests = real_children(guard)
    if not tests:
        return condition

    def test() -> int:
        return EXPRESSIONS[tests[0].kind_id](lowerer, tests[0], NOREG, depth)

    return _both(lowerer, condition, test, span_at(guard))


def _both(lowerer: Lowerer, condition: int, test: Callable[[], int], span: int, op: str = "and") -> int:
    """`condition and test`, the test lowered apart; NOREG, the pattern that always matches, is neutral."""
    if condition == NOREG:
        return test()
    outer = lowerer.emit
    block: list[ir.Ins] = []
    lowerer.emit = block.append
    held = test()
    lowerer.emit = outer
    if held == NOREG and op == "and":
        for ins in block:
            outer(ins)
        return condition
    joined = lowerer.new_temporary()
    if held == NOREG:
        held = lowerer.constant(b"True", value=True)
    outer((ir.SHORT, joined, op, condition, tuple(block), held, span))
    return joined


def pattern(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    """The register that says whether the subject matches, or NOREG if it always does."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    kind = node.kind_id
    name = KINDS[kind] if kind < len(KINDS) else "ERROR"
    if name == "case_pattern":
        return _case_pattern(lowerer, node, subject, depth)
    if name == "dotted_name":
        return _name_or_value(lowerer, node, subject, depth)
    if name == "identifier":
        return _capture(lowerer, node, subject)
    if name in {"list_pattern", "tuple_pattern"}:
        elements = real_children(node)
        if name == "tuple_pattern" and len(elements) == 1 and not _trailing_comma(node, elements[0]):
            return pattern(lowerer, elements[0], subject, depth + 1)
        return _sequence(lowerer, elements, subject, span_at(node), depth)
    lowering = _PATTERNS.get(name or "")
    if lowering is not None:
        return lowering(lowerer, node, subject, depth)
    return _literal(lowerer, node, subject, depth)


def _case_pattern(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    children = real_children(node)
    if not children:
        return NOREG
    return pattern(lowerer, children[-1], subject, depth + 1)


def _number(lowerer: Lowerer, digits: "Node") -> int:
    """The slot of a number; its sign is a token beside it."""
    raw = lowerer.source[digits.start_byte : digits.end_byte]
    before = digits.prev_sibling
    if before is not None and before.type == "-":
        return lowerer.constant(b"-" + raw, -number_value(raw))
    return lowerer.constant(raw, number_value(raw))


def _capture(lowerer: Lowerer, name: "Node", subject: int) -> int:
    raw = lowerer.source[name.start_byte : name.end_byte]
    if raw != b"_":
        lowerer.emit((ir.MOVE, lowerer.bind(raw), subject, span_at(name)))
    return NOREG


def _name_or_value(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    """A single name captures; a dotted one is compared."""
    names = real_children(node)
    if len(names) == 1:
        return _capture(lowerer, names[0], subject)
    return _equal(lowerer, _dotted_value(lowerer, node, depth), subject, span_at(node))


def _dotted_value(lowerer: Lowerer, node: "Node", _depth: int) -> int:
    names = real_children(node)
    if not names:
        return lowerer.unknown()
    register = lowerer.slot(lowerer.source[names[0].start_byte : names[0].end_byte])
    for name in names[1:]:
        read = lowerer.new_temporary()
        word = lowerer.text(name)
        lowerer.called.add(word)
        lowerer.emit((ir.ATTR, read, register, word, ir.span_of(node.start_byte, name.end_byte)))
        register = read
    return register


def _equal(lowerer: Lowerer, value: int, subject: int, span: int, op: str = "==") -> int:
    result = lowerer.new_temporary()
    lowerer.emit((ir.BIN, result, op, subject, value, span))
    return result


def _literal(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    if node.kind_id in _NUMBERS:
        return _equal(lowerer, _number(lowerer, node), subject, span_at(node))
    value = EXPRESSIONS[node.kind_id](lowerer, node, NOREG, depth + 1)
    return _equal(lowerer, value, subject, span_at(node), "is" if node.kind_id in _SINGLETONS else "==")


def _complex(lowerer: Lowerer, node: "Node", subject: int, _depth: int) -> int:
    return _equal(lowerer, lowerer.unknown(), subject, span_at(node))


def _sequence(lowerer: Lowerer, elements: "list[Node]", subject: int, span: int, depth: int) -> int:
    """The length is tested, then each element in turn; after a star they count from the end."""
    star = next((place for place, element in enumerate(elements) if _splat_of(element) is not None), -1)
    length = lowerer.new_temporary()
    lowerer.emit((ir.CALL, length, lowerer.slot(b"len"), (subject,), (), span))
    wanted = lowerer.number(len(elements) - (star >= 0))
    condition = _equal(lowerer, wanted, length, span, ">=" if star >= 0 else "==")
    for place, element in enumerate(elements):
        splat = _splat_of(element)
        if splat is not None:
            names = real_children(splat)
            if names:
                low = lowerer.number(place) if place else NOREG
                high = lowerer.number(place + 1 - len(elements)) if place + 1 < len(elements) else NOREG
                slot = lowerer.bind(lowerer.source[names[0].start_byte : names[0].end_byte])
                lowerer.emit((ir.SLICE, slot, subject, low, high, span_at(element)))
            continue
        key = lowerer.number(place if star < 0 or place < star else place - len(elements))
        condition = _both(lowerer, condition, _element_test(lowerer, element, subject, key, depth), span)
    return condition


def _element_test(lowerer: Lowerer, element: "Node", subject: int, key: int, depth: int) -> Callable[[], int]:
    def test() -> int:
        taken = lowerer.new_temporary()
        lowerer.emit((ir.INDEX, taken, subject, key, span_at(element)))
        return pattern(lowerer, element, taken, depth + 1)

    return test


def _splat_of(node: "Node") -> "Node | None":
    while node.kind_id == CASE_PATTERN:
        children = real_children(node)
        if not children:
            return None
        node = children[0]
    return node if node.kind_id == SPLAT_PATTERN else None


def _mapping(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    """Each key must be in the subject, and its value match; `**rest` is the subject."""
    condition = NOREG
    key = NOREG
    children = real_children(node)
    for child in children:
        if child.kind_id == SPLAT_PATTERN:
            for name in real_children(child):
                _capture(lowerer, name, subject)
        elif child.kind_id == CASE_PATTERN and key != NOREG:
            present = _equal(lowerer, subject, key, span_at(child), "in")
            condition = _both(lowerer, condition, _constant_test(present), span_at(child))
            condition = _both(lowerer, condition, _element_test(lowerer, child, subject, key, depth), span_at(child))
            key = NOREG
        elif child.kind_id == DOTTED:
            key = _dotted_value(lowerer, child, depth)
        elif child.kind_id in _NUMBERS:
            key = _number(lowerer, child)
        elif KINDS[child.kind_id] == "complex_pattern":
            key = lowerer.unknown()
        else:
            key = EXPRESSIONS[child.kind_id](lowerer, child, NOREG, depth + 1)
    if condition == NOREG:
        condition = _isinstance(lowerer, subject, lowerer.slot(b"dict"), span_at(node))
    return condition


def _constant_test(register: int) -> Callable[[], int]:
    def test() -> int:
        return register

    return test


def _isinstance(lowerer: Lowerer, subject: int, cls: int, span: int) -> int:
    result = lowerer.new_temporary()
    lowerer.called.add("isinstance")
    lowerer.emit((ir.CALL, result, lowerer.slot(b"isinstance"), (subject, cls), (), span))
    return result


def _class(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    """isinstance, then the attributes; positional sub-patterns read the fields that the class declares."""
    children = real_children(node)
    if not children:
        return NOREG
    span = span_at(node)
    condition = _isinstance(lowerer, subject, _dotted_value(lowerer, children[0], depth), span)
    simple = lowerer.text(children[0]).rsplit(".", 1)[-1]
    fields = next((made.fields for made in lowerer.classes if made is not None and made.name == simple), ())
    place = 0
    for child in children[1:]:
        keyword, captured = _keyword_of(child)
        if keyword is not None:
            parts = real_children(keyword)
            if not parts:
                continue
            inner = parts[1:] + captured
            test = _attribute_test(lowerer, lowerer.text(parts[0]), inner, subject, depth, span_at(child))
        elif simple in _SELF_MATCHING:
            test = _whole_test(lowerer, child, subject, depth)
        elif place < len(fields):
            test = _attribute_test(lowerer, fields[place][0], [child], subject, depth, span_at(child))
        else:
            test = _element_test(lowerer, child, subject, lowerer.number(place), depth)
        place += 1
        condition = _both(lowerer, condition, test, span_at(child))
    return condition


def _whole_test(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> Callable[[], int]:
    def test() -> int:
        return pattern(lowerer, node, subject, depth + 1)

    return test


def _keyword_of(node: "Node") -> "tuple[Node | None, list[Node]]":
    """(the keyword pattern inside, names that capture its value); the grammar reads `k=v as n` as `(k=v) as n`."""
    captured: list[Node] = []
    while node.kind_id == CASE_PATTERN or KINDS[node.kind_id] == "as_pattern":
        children = real_children(node)
        if not children:
            break
        captured.extend(children[1:])
        node = children[0]
    return (node, captured) if node.kind_id == KEYWORD_PATTERN else (None, [])


def _attribute_test(
    lowerer: Lowerer, name: str, inner: "list[Node]", subject: int, depth: int, span: int
) -> Callable[[], int]:
    """Reads the attribute; all of the patterns must match it, of which all but one only capture."""

    def test() -> int:
        read = lowerer.new_temporary()
        lowerer.called.add(name)
        lowerer.emit((ir.ATTR, read, subject, name, span))
        condition = NOREG
        for part in inner:
            result = pattern(lowerer, part, read, depth + 1)
            condition = result if condition == NOREG else condition
        return condition

    return test


def _union(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    """`or` of the alternatives."""
    condition = NOREG
    alternatives = real_children(node)
    for place, child in enumerate(alternatives):
        test = _alternative_test(lowerer, child, subject, depth)
        if place == 0:
            condition = test()
            if condition == NOREG:
                return NOREG
        else:
            condition = _both(lowerer, condition, test, span_at(node), "or")
    return condition


def _alternative_test(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> Callable[[], int]:
    def test() -> int:
        return pattern(lowerer, node, subject, depth + 1)

    return test


def _as(lowerer: Lowerer, node: "Node", subject: int, depth: int) -> int:
    """The pattern, then the whole subject under the name."""
    children = real_children(node)
    condition = NOREG
    for child in children:
        if child.kind_id == IDENTIFIER:
            _capture(lowerer, child, subject)
        else:
            condition = pattern(lowerer, child, subject, depth + 1)
    return condition


_PATTERNS: Final = {
    "dict_pattern": _mapping,
    "class_pattern": _class,
    "union_pattern": _union,
    "as_pattern": _as,
    "complex_pattern": _complex,
}

LOWERINGS: Final = {"match_statement": match_statement}
"""What lowers each kind of statement in this file."""
