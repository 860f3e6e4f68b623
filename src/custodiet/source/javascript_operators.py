"""Operators of JavaScript: arithmetic, concatenation, comparison, logic, assignment and the conditional expression."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.javascript_containers import Containers
from custodiet.source.javascript_patterns import MODULE_EXPORTS, NAMES
from custodiet.source.javascript_scopes import NO_THIS

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
_OPERATORS: Final = {"===": "==", "!==": "!=", ">>>": ">>"}
_TYPES: Final = {
    "string": "builtins.str",
    "number": "builtins.int",
    "bigint": "builtins.int",
    "boolean": "builtins.bool",
    "object": "builtins.dict",
    "function": "builtins.function",
    "symbol": "builtins.symbol",
}
"""The class of the core that a value is an instance of if `typeof` gives the word."""
_POSITIONS: Final = {
    **dict.fromkeys((("!==", b"-1"), ("!=", b"-1"), (">", b"-1"), (">=", b"0")), ("includes", False)),
    **dict.fromkeys((("===", b"-1"), ("==", b"-1"), ("<", b"0"), ("<=", b"-1")), ("includes", True)),
    **dict.fromkeys((("===", b"0"), ("==", b"0")), ("startsWith", False)),
    **dict.fromkeys((("!==", b"0"), ("!=", b"0")), ("startsWith", True)),
}
"""What a comparison of a position says: (method, whether the opposite)."""
_EQUALITIES: Final = {"==": False, "===": False, "!=": True, "!==": True}


class Operators(Containers):
    """Operators."""

    __slots__ = ()

    # -- two operands -------------------------------------------------------------------------------------------------

    def e_binary_expression(self, node: "Node", dst: int) -> int:
        """BIN, SHORT, a type test, or CAT where a text literal says that `+` joins texts."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = node.child_by_field_name("operator")
        if left is None or right is None or sign is None:
            inner = self.children(node)
            return self.expression(inner[0], dst) if inner else self.unknown()
        op = sign.type
        span = self.span(node)
        if op == "+":
            return self._plus(node, dst, span)
        if op in ("&&", "||", "??"):
            return self._logic("and" if op == "&&" else "or", left, right, dst, span)
        if op == "instanceof":
            a = self.operand(left)
            b = self.expression(right)
            made = self.target(dst)
            self.emit((ir.CALL, made, self.symbol("builtins.isinstance"), (a, b), (), span))
            return made
        if op in _EQUALITIES:
            tested = self._type_test(left, right, negated=_EQUALITIES[op], dst=dst, span=span)
            if tested is not None:
                return tested
        found = self._position_test(op, left, right, dst, span)
        if found is not None:
            return found
        op = _OPERATORS.get(op, op)
        a = self.operand(left)
        b = self.expression(right)
        made = self.target(dst)
        self.emit((ir.BIN, made, op if op in ir.BINARY_OPS else "-", a, b, span))
        return made

    def _position_test(self, op: str, left: "Node", right: "Node", dst: int, span: int) -> int | None:
        """`list.indexOf(x) !== -1` as `list.includes(x)`, `text.indexOf(x) === 0` as `text.startsWith(x)`."""
        meaning = _POSITIONS.get((op, self.raw(right)))
        if meaning is None or left.type != "call_expression":
            return None
        function, listed = left.child_by_field_name("function"), left.child_by_field_name("arguments")
        if function is None or listed is None or function.type != "member_expression":
            return None
        last = function.child_by_field_name("property")
        if last is None or self.raw(last) != b"indexOf" or listed.named_child_count != 1:
            return None
        name, negated = meaning
        held, _, _ = self.member(function)
        positional, keyword = self.arguments(listed)
        made = self.target(dst)
        tested = self.new_temporary() if negated else made
        self.called.add(name)
        self.emit((ir.CALLM, tested, held, name, positional, keyword, span))
        if negated:
            self.emit((ir.UN, made, "not", tested, span))
        return made

    def _logic(self, op: str, left: "Node", right: "Node", dst: int, span: int) -> int:
        a = self.operand(left)
        held = NOREG

        def lower() -> None:
            nonlocal held
            held = self.expression(right)

        block = self.block(lower)
        made = self.target(dst)
        self.emit((ir.SHORT, made, op, a, block, held, span))
        return made

    def _plus(self, node: "Node", dst: int, span: int) -> int:
        """The operands from left to right: from the first text literal on they are pieces of one text."""
        operands: list[Node] = []
        current: Node | None = node
        chain = []
        while current is not None and current.type == "binary_expression" and current.id != self.left_id:
            sign = current.child_by_field_name("operator")
            if sign is None or sign.type != "+":
                break
            chain.append(current)
            right = current.child_by_field_name("right")
            if right is not None:
                operands.append(right)
            current = current.child_by_field_name("left")
        if current is not None:
            operands.append(current)
        operands.reverse()
        first = operands[0]
        held = self.operand(first)
        parts = [held]
        texts = [self._is_text(first)]
        for place, operand in enumerate(operands[1:], 1):
            register = self.expression(operand)
            is_text = self._is_text(operand)
            if texts[-1] or is_text:
                parts.append(register)
                texts.append(True)
                continue
            last = place == len(operands) - 1
            made = self.target(dst) if last else self.new_temporary()
            self.emit((ir.BIN, made, "+", parts[-1], register, ir.span_of(node.start_byte, operand.end_byte)))
            parts[-1] = made
        if len(parts) == 1:
            return parts[0]
        constants = [self._text_of(part) for part in parts]
        if all(constant is not None for constant in constants):
            return self.string("".join(constant for constant in constants if constant is not None))
        made = self.target(dst)
        self.emit((ir.CAT, made, tuple(parts), span))
        return made

    def _is_text(self, node: "Node") -> bool:
        while node.type == "parenthesized_expression":
            inner = self.children(node)
            if not inner:
                return False
            node = inner[0]
        return node.type in ("string", "template_string")

    def _text_of(self, register: int) -> str | None:
        if register < 0 or self.inits[register][0] != "c":
            return None
        value = self.inits[register][1]
        return value if isinstance(value, str) else None

    def _type_test(self, left: "Node", right: "Node", *, negated: bool, dst: int, span: int) -> int | None:
        """`typeof x === "string"` as a call of the core's `isinstance`; None if it is no such test."""
        if right.type == "unary_expression":
            left, right = right, left
        if left.type != "unary_expression" or right.type != "string":
            return None
        sign = left.child_by_field_name("operator")
        argument = left.child_by_field_name("argument")
        if sign is None or argument is None or sign.type != "typeof":
            return None
        kind = _TYPES.get(self.raw(right)[1:-1].decode("latin-1"))
        if kind is None:
            return None
        held = self.expression(argument)
        made = self.target(dst)
        tested = self.new_temporary() if negated else made
        self.emit((ir.CALL, tested, self.symbol("builtins.isinstance"), (held, self.symbol(kind)), (), span))
        if negated:
            self.emit((ir.UN, made, "not", tested, span))
        return made

    # -- one operand --------------------------------------------------------------------------------------------------

    def e_unary_expression(self, node: "Node", dst: int) -> int:
        """UN; `+x` is a number, `delete` DEL, `void` None."""
        sign = node.child_by_field_name("operator")
        argument = node.child_by_field_name("argument")
        op = sign.type if sign is not None else "!"
        span = self.span(node)
        if op == "delete" and argument is not None:
            return self._delete(argument, span)
        held = self.expression(argument)
        if op == "void":
            return self.none()
        if op == "-" and held >= 0:
            kind, value = self.inits[held]
            if kind == "c" and type(value) in (int, float):
                return self.constant(self.raw(node), -value)
        made = self.target(dst)
        if op in ("typeof", "+"):
            name = "builtins.typeof" if op == "typeof" else "Number"
            self.emit((ir.CALL, made, self.symbol(name), (held,), (), span))
        else:
            self.emit((ir.UN, made, "not" if op == "!" else op if op in ir.UNARY_OPS else "+", held, span))
        return made

    def _delete(self, argument: "Node", span: int) -> int:
        if argument.type in ("member_expression", "subscript_expression"):
            held, name, key = self.member(argument)
            if key == NOREG:
                self.emit((ir.SETATTR, held, name, self.none(), span))
            else:
                self.emit((ir.DEL, held, key, span))
        return self.constant(b"=true", True)

    def e_update_expression(self, node: "Node", _dst: int) -> int:
        """BIN with 1."""
        argument = node.child_by_field_name("argument")
        sign = node.child_by_field_name("operator")
        if argument is None:
            return self.unknown()
        op = "-" if sign is not None and sign.type == "--" else "+"
        span = self.span(node)

        def compute(before: int, dst: int) -> int:
            self.emit((ir.BIN, dst, op, before, self.number(1), span))
            return dst

        return self.update(argument, compute, span)

    # -- assignment ---------------------------------------------------------------------------------------------------

    def e_assignment_expression(self, node: "Node", _dst: int) -> int:
        """The register of the value, after it was stored."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return self.unknown()
        span = self.span(node)
        if self.prototype_method(left, right):
            return self.unknown()
        if left.type in NAMES:
            slot = self.assigned(self.raw(left))
            return self.value_of(right, self.text(left), slot, self.raw(left))
        name = ""
        owner = NO_THIS
        if left.type == "member_expression":
            last = left.child_by_field_name("property")
            name = self.text(last) if last is not None else ""
            if self.is_module_exports(left):
                owner = MODULE_EXPORTS
        register = self.value_of(right, name, NOREG, owner)
        self.assign(left, register, span, declares=False)
        return register

    def value_of(self, node: "Node", name: str, dst: int, owner: bytes) -> int:
        """The register of a value that gets the name: functions are called so, `this` in an object's functions is it."""
        if node.type == "object":
            made = self.object_of(node, dst, owner)
            return self.moved(made, dst, node)
        return self.named(node, name, dst) if name else self.expression(node, dst)

    def e_augmented_assignment_expression(self, node: "Node", _dst: int) -> int:
        """BIN into the target; SHORT for the logical ones."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = node.child_by_field_name("operator")
        if left is None or right is None or sign is None:
            return self.unknown()
        op = sign.type[:-1]
        span = self.span(node)

        def compute(before: int, dst: int) -> int:
            if op in ("&&", "||", "??"):
                held = NOREG

                def lower() -> None:
                    nonlocal held
                    held = self.expression(right)

                block = self.block(lower)
                self.emit((ir.SHORT, dst, "and" if op == "&&" else "or", before, block, held, span))
                return dst
            held = self.expression(right)
            if op == "+" and self._is_text(right):
                self.emit((ir.CAT, dst, (before, held), span))
                return dst
            known = _OPERATORS.get(op, op)
            self.emit((ir.BIN, dst, known if known in ir.BINARY_OPS else "-", before, held, span))
            return dst

        return self.update(left, compute, span)

    # -- branches -----------------------------------------------------------------------------------------------------

    def e_ternary_expression(self, node: "Node", dst: int) -> int:
        """IF with a MOVE in each branch."""
        condition = node.child_by_field_name("condition")
        tested = self.expression(condition)
        made = self.target(dst)

        def branch(value: "Node | None") -> ir.Block:
            return self.block(lambda: self._into(value, made, node))

        then = branch(node.child_by_field_name("consequence"))
        otherwise = branch(node.child_by_field_name("alternative"))
        span = self.span(condition) if condition is not None else self.span(node)
        self.emit((ir.IF, tested, then, otherwise, span))
        return made

    def _into(self, value: "Node | None", dst: int, node: "Node") -> None:
        register = self.expression(value, dst)
        if register != dst:
            self.emit((ir.MOVE, dst, register, self.span(node)))
