"""Statements of Python, apart from definitions, imports and `match`."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.grammar import KINDS, kind_named, kinds_named
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, STATEMENTS, Lowerer, lower_block, lower_statements
from custodiet.source.python_expressions import EXTRAS, IDENTIFIER, real_children, span_at
from custodiet.source.python_strings import docstring_only
from custodiet.source.python_targets import assign, augmented, delete

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

ASSIGNMENT: Final = kind_named("assignment")
AUGMENTED: Final = kind_named("augmented_assignment")
TYPE_KIND: Final = kind_named("type")
STRING: Final = kind_named("string")
BLOCKS: Final = kinds_named("block")
ELSE_CLAUSE: Final = kind_named("else_clause")
ELIF_CLAUSE: Final = kind_named("elif_clause")
EXCEPT_CLAUSE: Final = kind_named("except_clause")
FINALLY_CLAUSE: Final = kind_named("finally_clause")
WITH_CLAUSE: Final = kind_named("with_clause")
WITH_ITEM: Final = kind_named("with_item")
AS_PATTERNS: Final = kinds_named("as_pattern")
AS_TARGET: Final = kind_named("as_pattern_target")
PARENTHESIZED: Final = kind_named("parenthesized_expression")
TUPLE: Final = kind_named("tuple")

LONGEST_CHAIN: Final = 120
"""Nesting beyond which the branches of an `elif` chain are lowered one after another, each without an else: every
branch stays possible, and the nesting of the IR stays within what `marshal` can write."""


def expression_statement(lowerer: Lowerer, node: "Node") -> None:
    """The effects of an expression; a constant on its own has none."""
    children = node.named_children
    if len(children) != 1:
        children = real_children(node)
        if len(children) > 1:
            for child in children:
                EXPRESSIONS[child.kind_id](lowerer, child, NOREG, lowerer.level)
            return
        if not children:
            return
    child = children[0]
    kind = child.kind_id
    if kind == ASSIGNMENT:
        assignment(lowerer, child)
    elif kind == AUGMENTED:
        augmented_assignment(lowerer, child)
    elif kind == STRING:
        if lowerer.source[child.start_byte] not in b"\"'":
            EXPRESSIONS[kind](lowerer, child, NOREG, lowerer.level)
    elif not docstring_only(child):
        EXPRESSIONS[kind](lowerer, child, NOREG, lowerer.level)


def assignment(lowerer: Lowerer, node: "Node") -> None:
    """The value goes straight into a name; any other target is stored to. A declared type casts."""
    children = node.named_children
    if len(children) != 2:
        _annotated_assignment(lowerer, node)
        return
    target, value = children
    kind = value.kind_id
    if kind == ASSIGNMENT or kind == TYPE_KIND or kind in EXTRAS or target.kind_id in EXTRAS:
        _annotated_assignment(lowerer, node)
        return
    if target.kind_id == IDENTIFIER:
        source = lowerer.source
        raw = source[target.start_byte : target.end_byte]
        slot = lowerer.bind(raw)
        register = EXPRESSIONS[kind](lowerer, value, slot, lowerer.level)
        if register != slot:
            start = node.start_byte
            lowerer.emit((ir.MOVE, slot, register, (start << 24) | (node.end_byte - start)))
        return
    register = EXPRESSIONS[kind](lowerer, value, NOREG, lowerer.level)
    start = node.start_byte
    assign(lowerer, target, register, (start << 24) | (node.end_byte - start), lowerer.level)


def _annotated_assignment(lowerer: Lowerer, node: "Node") -> None:
    """Assignments with a type, with several targets, or with comments between."""
    span = span_at(node)
    targets: list[tuple[Node, Node | None]] = []
    value: Node | None = node
    while value is not None and value.kind_id == ASSIGNMENT:
        children = real_children(value)
        if not children:
            return
        typed = next((child for child in children[1:] if child.kind_id == TYPE_KIND), None)
        targets.append((children[0], typed))
        rest = [child for child in children[1:] if child.kind_id != TYPE_KIND]
        value = rest[-1] if rest else None
    for target, typed in targets:
        if typed is not None:
            _declare_field(lowerer, target, typed)
    if value is None:
        return
    if len(targets) == 1 and targets[0][0].kind_id == IDENTIFIER:
        target = targets[0][0]
        slot = lowerer.bind(lowerer.source[target.start_byte : target.end_byte])
        register = EXPRESSIONS[value.kind_id](lowerer, value, slot, lowerer.level)
    else:
        register = EXPRESSIONS[value.kind_id](lowerer, value, NOREG, lowerer.level)
    for target, typed in targets:
        stored = register
        if typed is not None:
            typename = annotation_of(lowerer, typed)
            if target.kind_id == IDENTIFIER:
                assign(lowerer, target, register, span, lowerer.level)
                slot = lowerer.bind(lowerer.source[target.start_byte : target.end_byte])
                lowerer.emit((ir.CAST, slot, slot, typename, span))
                continue
            stored = lowerer.new_temporary()
            lowerer.emit((ir.CAST, stored, register, typename, span))
        assign(lowerer, target, stored, span, lowerer.level)


def _declare_field(lowerer: Lowerer, target: "Node", typed: "Node") -> None:
    """Notes `x: T` of a class body, and `self.x: T` of a method."""
    if target.kind_id == IDENTIFIER:
        if lowerer.in_class:
            lowerer.fields[lowerer.text(target)] = annotation_of(lowerer, typed)
        return
    parts = real_children(target)
    if lowerer.receiver and len(parts) == 2 and KINDS[target.kind_id] == "attribute":
        if lowerer.text(parts[0]) == lowerer.receiver:
            lowerer.fields.setdefault(lowerer.text(parts[1]), annotation_of(lowerer, typed))


def annotation_of(lowerer: Lowerer, node: "Node") -> str:
    """A type as written, on one line, without quotes."""
    word = lowerer.text(node)
    if '"' in word or "'" in word:
        word = word.replace('"', "").replace("'", "")
    return " ".join(word.split()) if "\n" in word else word


def augmented_assignment(lowerer: Lowerer, node: "Node") -> None:
    """`a op= b`."""
    children = real_children(node)
    if len(children) < 2:
        return
    target, value = children[0], children[-1]
    op = lowerer.source[target.end_byte : value.start_byte].strip()
    if op[-1:] != b"=" or op[:-1].decode("latin-1") not in ir.BINARY_OPS:
        op = next((child.type.encode() for child in node.children if child.type.endswith("=")), b"+=")
    augmented(lowerer, target, value, op[:-1].decode("latin-1"), span_at(node))


def return_statement(lowerer: Lowerer, node: "Node") -> None:
    """RET."""
    children = node.named_children
    if len(children) > 1:
        children = real_children(node)
    src = NOREG
    if children:
        value = children[0]
        kind = value.kind_id
        if kind not in EXTRAS:
            src = EXPRESSIONS[kind](lowerer, value, NOREG, lowerer.level)
    start = node.start_byte
    lowerer.emit((ir.RET, src, (start << 24) | (node.end_byte - start)))


def raise_statement(lowerer: Lowerer, node: "Node") -> None:
    """RAISE; the cause is evaluated and forgotten."""
    registers = [EXPRESSIONS[child.kind_id](lowerer, child, NOREG, lowerer.level) for child in real_children(node)]
    lowerer.emit((ir.RAISE, registers[0] if registers else NOREG, span_at(node)))


def assert_statement(lowerer: Lowerer, node: "Node") -> None:
    """ASSERT."""
    children = real_children(node)
    registers = [EXPRESSIONS[child.kind_id](lowerer, child, NOREG, lowerer.level) for child in children]
    if registers:
        lowerer.emit((ir.ASSERT, registers[0], registers[1] if len(registers) > 1 else NOREG, span_at(node)))


def delete_statement(lowerer: Lowerer, node: "Node") -> None:
    """DEL of each target."""
    for child in real_children(node):
        delete(lowerer, child, lowerer.level)


def global_statement(lowerer: Lowerer, node: "Node") -> None:
    """Notes the names as global."""
    lowerer.globals |= {lowerer.text(child) for child in real_children(node)}


def nonlocal_statement(lowerer: Lowerer, node: "Node") -> None:
    """Notes the names as nonlocal."""
    lowerer.nonlocals |= {lowerer.text(child) for child in real_children(node)}


def pass_statement(_lowerer: Lowerer, _node: "Node") -> None:
    """Lowers to nothing: `pass`, a comment."""


def break_statement(lowerer: Lowerer, node: "Node") -> None:
    """BREAK."""
    lowerer.emit((ir.BREAK, span_at(node)))


def continue_statement(lowerer: Lowerer, node: "Node") -> None:
    """CONT."""
    lowerer.emit((ir.CONT, span_at(node)))


def condition_and_blocks(node: "Node") -> "tuple[list[Node], list[Node], list[Node]]":
    """(expressions, blocks, clauses) among the children of a compound statement."""
    expressions: list[Node] = []
    blocks: list[Node] = []
    clauses: list[Node] = []
    for child in node.named_children:
        kind = child.kind_id
        if kind in BLOCKS:
            blocks.append(child)
        elif kind in _CLAUSES:
            clauses.append(child)
        elif kind not in EXTRAS:
            expressions.append(child)
    return expressions, blocks, clauses


_CLAUSES: Final = frozenset((ELSE_CLAUSE, ELIF_CLAUSE, EXCEPT_CLAUSE, FINALLY_CLAUSE))


def block_of(lowerer: Lowerer, blocks: "list[Node]") -> ir.Block:
    """The instructions of the clause's block; none if error recovery left it out."""
    return lower_block(lowerer, blocks[0]) if blocks else ()


def else_block(lowerer: Lowerer, clauses: "list[Node]") -> ir.Block:
    """The instructions of the `else` clause."""
    for clause in clauses:
        if clause.kind_id == ELSE_CLAUSE:
            return block_of(lowerer, condition_and_blocks(clause)[1])
    return ()


def if_statement(lowerer: Lowerer, node: "Node") -> None:
    """IF; each `elif` stands in the else of the one before."""
    children = node.named_children
    if len(children) == 2 and children[1].kind_id in BLOCKS:
        condition, block = children
        start = condition.start_byte
        tested = EXPRESSIONS[condition.kind_id](lowerer, condition, NOREG, lowerer.level)
        then = lower_block(lowerer, block)
        lowerer.emit((ir.IF, tested, then, (), (start << 24) | (condition.end_byte - start)))
        return
    _if_chain(lowerer, node)


def _if_chain(lowerer: Lowerer, node: "Node") -> None:
    expressions, blocks, clauses = condition_and_blocks(node)
    level = lowerer.level
    nested: list[tuple[list[ir.Ins], int, ir.Block, int]] = []
    enclosing = lowerer.emit
    emit = enclosing
    pending = [(expressions, blocks)]
    pending.extend(condition_and_blocks(clause)[:2] for clause in clauses if clause.kind_id == ELIF_CLAUSE)
    has_else = any(clause.kind_id == ELSE_CLAUSE for clause in clauses)
    last = len(pending) - 1
    for place, (conditions, bodies) in enumerate(pending):
        if not conditions:
            continue
        condition = conditions[0]
        tested = EXPRESSIONS[condition.kind_id](lowerer, condition, NOREG, lowerer.level)
        then = block_of(lowerer, bodies)
        span = span_at(condition)
        if (place == last and not has_else) or lowerer.level > LONGEST_CHAIN:
            emit((ir.IF, tested, then, (), span))
            continue
        orelse: list[ir.Ins] = []
        nested.append((orelse, tested, then, span))
        lowerer.emit = emit = orelse.append
        lowerer.level += 1
    if has_else:
        for ins in else_block(lowerer, clauses):
            emit(ins)
    for place in range(len(nested) - 1, -1, -1):
        orelse, tested, then, span = nested[place]
        outer = nested[place - 1][0].append if place else enclosing
        outer((ir.IF, tested, then, tuple(orelse), span))
    lowerer.emit = enclosing
    lowerer.level = level


def while_statement(lowerer: Lowerer, node: "Node") -> None:
    """WHILE."""
    expressions, blocks, clauses = condition_and_blocks(node)
    outer = lowerer.emit
    condition_block: list[ir.Ins] = []
    lowerer.emit = condition_block.append
    tested = lowerer.unknown()
    if expressions:
        tested = EXPRESSIONS[expressions[0].kind_id](lowerer, expressions[0], NOREG, lowerer.level)
    lowerer.emit = outer
    body = block_of(lowerer, blocks)
    orelse = else_block(lowerer, clauses)
    outer((ir.WHILE, tuple(condition_block), tested, body, orelse, span_at(node)))


def for_statement(lowerer: Lowerer, node: "Node") -> None:
    """LOOP; a target that is not a name is unpacked at the start of the body."""
    expressions, blocks, clauses = condition_and_blocks(node)
    if len(expressions) < 2:
        lowerer.uncovered += 1
        for block in blocks:
            lower_statements(lowerer, block.named_children)
        return
    target, iterable = expressions[0], expressions[1]
    register = EXPRESSIONS[iterable.kind_id](lowerer, iterable, NOREG, lowerer.level)
    outer = lowerer.emit
    body: list[ir.Ins] = []
    if target.kind_id == IDENTIFIER:
        element = lowerer.bind(lowerer.source[target.start_byte : target.end_byte])
    else:
        lowerer.emit = body.append
        element = lowerer.new_temporary()
        assign(lowerer, target, element, span_at(target), lowerer.level)
        lowerer.emit = outer
    body.extend(block_of(lowerer, blocks))
    orelse = else_block(lowerer, clauses)
    start = node.start_byte
    outer((ir.LOOP, register, element, tuple(body), orelse, ir.span_of(start, iterable.end_byte)))


def try_statement(lowerer: Lowerer, node: "Node") -> None:
    """TRY; the exception classes are evaluated before it."""
    _, blocks, clauses = condition_and_blocks(node)
    caught = []
    final_blocks: list[Node] = []
    for clause in clauses:
        if clause.kind_id == EXCEPT_CLAUSE:
            expressions, bodies, _ = condition_and_blocks(clause)
            caught.append((*_handler_head(lowerer, expressions), bodies))
        elif clause.kind_id == FINALLY_CLAUSE:
            final_blocks = condition_and_blocks(clause)[1]
    body = block_of(lowerer, blocks)
    handlers = tuple((name, types, block_of(lowerer, bodies)) for name, types, bodies in caught)
    orelse = else_block(lowerer, clauses)
    final = block_of(lowerer, final_blocks)
    lowerer.emit((ir.TRY, body, handlers, orelse, final, span_at(node)))


def _handler_head(lowerer: Lowerer, expressions: "list[Node]") -> tuple[int, tuple[int, ...]]:
    """(slot of the name after `as` or NOREG, registers of the exception classes)."""
    name = NOREG
    types: list[int] = []
    for child in expressions:
        caught, target = _caught_as(lowerer, child)
        name = target if target != NOREG else name
        if caught is not None:
            elements = real_children(caught) if caught.kind_id == TUPLE else [caught]
            types.extend(EXPRESSIONS[element.kind_id](lowerer, element, NOREG, lowerer.level) for element in elements)
    return name, tuple(types)


def _caught_as(lowerer: Lowerer, node: "Node") -> "tuple[Node | None, int]":
    """(the exception class or tuple, slot of the name after `as` or NOREG)."""
    if node.kind_id not in AS_PATTERNS:
        return node, NOREG
    parts = real_children(node)
    if not parts:
        return None, NOREG
    slot = NOREG
    for part in parts[1:]:
        for name in real_children(part) if part.kind_id == AS_TARGET else (part,):
            if name.kind_id == IDENTIFIER:
                slot = lowerer.bind(lowerer.source[name.start_byte : name.end_byte])
    return parts[0], slot


def with_statement(lowerer: Lowerer, node: "Node") -> None:
    """ENTER for each manager, then the body in place; below `suppress(...)` it may stop anywhere and go on behind."""
    is_suppressed = False
    for child in node.named_children:
        kind = child.kind_id
        if kind == WITH_CLAUSE:
            is_suppressed = lowerer.source.startswith((b"suppress(", b"contextlib.suppress("), child.start_byte)
            for item in child.named_children:
                if item.kind_id == WITH_ITEM:
                    for value in real_children(item):
                        enter(lowerer, value, NOREG, lowerer.level)
        elif kind in BLOCKS and is_suppressed:
            body = block_of(lowerer, [child])
            lowerer.emit((ir.TRY, body, ((NOREG, (), ()),), (), (), span_at(node)))
        elif kind in BLOCKS:
            lower_statements(lowerer, child.named_children)


def enter(lowerer: Lowerer, node: "Node", _dst: int, depth: int) -> int:
    """ENTER of `manager` or `manager as target`, in parentheses or not."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    if node.kind_id == PARENTHESIZED:
        inner = real_children(node)
        if len(inner) == 1 and inner[0].kind_id in AS_PATTERNS:
            return enter(lowerer, inner[0], NOREG, depth + 1)
    target: Node | None = None
    value = node
    if node.kind_id in AS_PATTERNS:
        parts = real_children(node)
        if not parts:
            return lowerer.unknown()
        value = parts[0]
        named = real_children(parts[-1]) if parts[-1].kind_id == AS_TARGET else []
        target = named[0] if named else None
    register = EXPRESSIONS[value.kind_id](lowerer, value, NOREG, depth + 1)
    span = span_at(node)
    if target is not None and target.kind_id == IDENTIFIER:
        entered = lowerer.bind(lowerer.source[target.start_byte : target.end_byte])
    else:
        entered = lowerer.new_temporary()
    lowerer.emit((ir.ENTER, entered, register, span))
    if target is not None and target.kind_id != IDENTIFIER:
        assign(lowerer, target, entered, span, depth + 1)
    return entered


def type_alias(lowerer: Lowerer, node: "Node") -> None:
    """MOVE of the aliased type into the name."""
    parts = real_children(node)
    if len(parts) < 2:
        return
    name = parts[0]
    while name.kind_id != IDENTIFIER:
        inner = real_children(name)
        if not inner:
            return
        name = inner[0]
    slot = lowerer.bind(lowerer.source[name.start_byte : name.end_byte])
    aliased = real_children(parts[1])
    if aliased and aliased[0].kind_id == IDENTIFIER:
        lowerer.emit((ir.MOVE, slot, EXPRESSIONS[IDENTIFIER](lowerer, aliased[0], NOREG, lowerer.level), span_at(node)))


def misplaced(lowerer: Lowerer, node: "Node") -> None:
    """The statements inside an ERROR node, and the calls and assignments among its expressions."""
    if lowerer.level >= DEEPEST:
        lowerer.uncovered += 1
        return
    lowerer.level += 1
    for child in node.named_children:
        kind = child.kind_id
        name = KINDS[kind] if kind < len(KINDS) else "ERROR"
        if name in _RECOVERED:
            if kind == ASSIGNMENT:
                assignment(lowerer, child)
            elif kind == AUGMENTED:
                augmented_assignment(lowerer, child)
            else:
                EXPRESSIONS[kind](lowerer, child, NOREG, lowerer.level)
        elif name == "ERROR" or name in LOWERINGS:
            STATEMENTS[kind](lowerer, child)
    lowerer.level -= 1


def statement_block(lowerer: Lowerer, node: "Node") -> None:
    """The statements of a block that stands alone, as error recovery leaves it."""
    lower_statements(lowerer, node.named_children)


_RECOVERED: Final = frozenset(("call", "assignment", "augmented_assignment", "await", "yield"))

LOWERINGS: Final = {
    "expression_statement": expression_statement,
    "return_statement": return_statement,
    "raise_statement": raise_statement,
    "assert_statement": assert_statement,
    "delete_statement": delete_statement,
    "global_statement": global_statement,
    "nonlocal_statement": nonlocal_statement,
    "pass_statement": pass_statement,
    "comment": pass_statement,
    "line_continuation": pass_statement,
    "break_statement": break_statement,
    "continue_statement": continue_statement,
    "if_statement": if_statement,
    "while_statement": while_statement,
    "for_statement": for_statement,
    "try_statement": try_statement,
    "with_statement": with_statement,
    "type_alias_statement": type_alias,
    "block": statement_block,
    "ERROR": misplaced,
}
"""What lowers each kind of statement in this file."""

EXPRESSION_LOWERINGS: Final = {"as_pattern": enter}
