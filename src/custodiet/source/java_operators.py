"""Operators and assignments of Java."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from custodiet.source import ir
from custodiet.source.java_expressions import ARRAY_ACCESS, BINARY, FIELD, LITERALS, PARENTHESIZED, JavaExpressions
from custodiet.source.java_literals import floating, integer
from custodiet.source.java_names import IDENTIFIER

if TYPE_CHECKING:
    from tree_sitter import Node


class JavaOperators(JavaExpressions):
    """What computes a value from values, and what stores it."""

    __slots__ = ()

    def short(self, target: int, word: str, first: int, second: Callable[[], int], span: int) -> int:
        """`target` after SHORT of `first` and what `second` lowers."""
        found: list[int] = []
        block = self.block(lambda: found.append(second()))
        self.emit((ir.SHORT, target, word, first, block, found[0], span))
        return target

    # -- operators ----------------------------------------------------------------------------------------------------

    def e_binary_expression(self, node: "Node", dst: int) -> int:
        """BIN or SHORT; a chain from its left end."""
        links: list[Node] = []
        left: Node | None = node
        while left is not None and left.kind_id == BINARY:
            links.append(left)
            left = left.child_by_field_name("left")
        register = self.expression(left)
        for place in range(len(links) - 1, -1, -1):
            link = links[place]
            right = link.child_by_field_name("right")
            operator = link.child_by_field_name("operator")
            word = operator.type if operator is not None else "+"
            target = self.target(dst) if not place else self.new_temporary()
            span = ir.span_of(node.start_byte, link.end_byte)
            if word == "&&" or word == "||":
                self.short(target, "and" if word == "&&" else "or", register, partial(self.expression, right), span)
            else:
                other = self.expression(right)
                self.emit((ir.BIN, target, ">>" if word == ">>>" else word, register, other, span))
            register = target
        return register

    def e_unary_expression(self, node: "Node", dst: int) -> int:
        """UN; a negative number is a constant."""
        operand = node.child_by_field_name("operand")
        operator = node.child_by_field_name("operator")
        word = operator.type if operator is not None else "+"
        if operand is not None and word == "-" and operand.kind_id in LITERALS:
            value = integer(self.text(operand)) if "integer" in operand.type else floating(self.text(operand))
            if value is not None:
                return self.constant(b"-" + self.text(operand).encode(), -value)
        register = self.expression(operand)
        target = self.target(dst)
        self.emit((ir.UN, target, "not" if word == "!" else word, register, self.span(node)))
        return target

    def e_update_expression(self, node: "Node", dst: int) -> int:
        """`i++`: the value before or after, which is what `+ 1` gives."""
        parts = self.children(node)
        if not parts:
            return self.unknown()
        operand = parts[0]
        span = self.span(node)
        is_prefix = node.children[0].start_byte != operand.start_byte
        word = "+" if b"++" in (self.source[node.start_byte : node.start_byte + 2], self._tail(node)) else "-"
        before = self.expression(operand)
        kept = before
        if not is_prefix and before >= 0:
            kept = self.target(dst)
            self.emit((ir.MOVE, kept, before, span))
        slot = self._assigned_slot(operand)
        after = slot if slot is not None else self.new_temporary()
        self.emit((ir.BIN, after, word, before, self.number(1), span))
        if slot is None:
            self.store_into(operand, after, span)
        return after if is_prefix else kept

    def _tail(self, node: "Node") -> bytes:
        return self.source[node.end_byte - 2 : node.end_byte]

    def s_update(self, node: "Node") -> None:
        """`i++` whose value nobody reads."""
        parts = self.children(node)
        if not parts:
            return
        span = self.span(node)
        word = "+" if b"++" in (self.source[node.start_byte : node.start_byte + 2], self._tail(node)) else "-"
        before = self.expression(parts[0])
        slot = self._assigned_slot(parts[0])
        after = slot if slot is not None else self.new_temporary()
        self.emit((ir.BIN, after, word, before, self.number(1), span))
        if slot is None:
            self.store_into(parts[0], after, span)

    def e_ternary_expression(self, node: "Node", dst: int) -> int:
        """IF into one register."""
        condition = self.expression(node.child_by_field_name("condition"))
        target = self.target(dst)
        then = self.block(lambda: self.into(node.child_by_field_name("consequence"), target))
        orelse = self.block(lambda: self.into(node.child_by_field_name("alternative"), target))
        self.emit((ir.IF, condition, then, orelse, self.span(node)))
        return target

    def into(self, node: "Node | None", target: int) -> None:
        """Makes `target` the value of the expression."""
        self.expression(node, target)

    def e_cast_expression(self, node: "Node", dst: int) -> int:
        """CAST; a lambda or method reference stays what it is."""
        parts = self.children(node)
        value = node.child_by_field_name("value")
        if value is None:
            return self.unknown()
        if value.type in ("lambda_expression", "method_reference"):
            return self.expression(value, dst)
        register = self.expression(value)
        typename = self.type_text(parts[0])
        if not typename or typename == "Object":
            return register
        target = self.target(dst)
        self.emit((ir.CAST, target, register, typename, self.span(node)))
        return target

    # -- assignments --------------------------------------------------------------------------------------------------

    def _assigned_slot(self, node: "Node") -> int | None:
        """The slot of a local variable that is assigned; None if the target is something else."""
        while node.kind_id == PARENTHESIZED:
            inner = self.children(node)
            if not inner:
                return None
            node = inner[0]
        if node.kind_id != IDENTIFIER:
            return None
        return self.level_of.visible.get(self.source[node.start_byte : node.end_byte])

    def store_into(self, node: "Node", register: int, span: int) -> None:
        """Stores a value in a field, an array's element or a variable."""
        while node.kind_id == PARENTHESIZED:
            inner = self.children(node)
            if not inner:
                return
            node = inner[0]
        kind = node.kind_id
        if kind == FIELD:
            owner, field = node.child_by_field_name("object"), node.child_by_field_name("field")
            if owner is not None and field is not None:
                target = self.left_operand(owner)
                word = self.text(field)
                self.called.add(word)
                self.emit((ir.SETATTR, target, word, register, span))
        elif kind == ARRAY_ACCESS:
            parts = self.children(node)
            if len(parts) >= 2:
                target = self.left_operand(parts[0])
                index = self.expression(parts[1])
                self.emit((ir.SETINDEX, target, index, register, span))
        elif kind == IDENTIFIER:
            self._store_name(node, register, span)
        else:
            self.uncovered += 1

    def _store_name(self, node: "Node", register: int, span: int) -> None:
        raw = self.source[node.start_byte : node.end_byte]
        slot = self.level_of.visible.get(raw)
        if slot is not None:
            if slot != register:
                self.emit((ir.MOVE, slot, register, span))
            return
        word = self.text(node)
        self.called.add(word)
        owner = self.owner_of(word, method=False)
        target: int | None = None
        if owner is not None:
            scope, member = owner
            target = None if member.is_static else self.instance_of(scope, span)
            if target is None:
                target = self.class_register(scope, span)
        else:
            heir = self.heir_around()
            if heir is not None:
                target = self.instance_of(heir, span)
                if target is None:
                    target = self.class_register(heir, span)
        if target is not None:
            self.emit((ir.SETATTR, target, word, register, span))
            return
        self.emit((ir.MOVE, self.declare(raw), register, span))

    def e_assignment_expression(self, node: "Node", _dst: int) -> int:
        """MOVE, SETATTR or SETINDEX; with an operator, BIN before it."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None:
            return self.unknown()
        word = operator.type if operator is not None else "="
        span = self.span(node)
        slot = self._assigned_slot(left)
        if word == "=":
            if slot is not None:
                return self.expression(right, slot)
            register = self.expression(right)
        else:
            before = self.expression(left)
            value = self.expression(right)
            register = slot if slot is not None else self.new_temporary()
            symbol = word[:-1]
            self.emit((ir.BIN, register, ">>" if symbol == ">>>" else symbol, before, value, span))
            if slot is not None:
                return register
        self.store_into(left, register, span)
        return register
