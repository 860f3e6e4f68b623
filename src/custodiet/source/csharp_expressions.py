"""Expressions of C#: members, operators, conversions, objects and collections."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.csharp_literals import CSharpLiterals

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

_OPERATORS: Final = {">>>": ">>"}
_SHORT: Final = {"&&": "and", "||": "or", "??": "or"}
_ASSIGNMENTS: Final = {">>>=": ">>"}


class CSharpExpressions(CSharpLiterals):
    """Values."""

    # -- names and members --------------------------------------------------------------------------------------------

    def e_identifier(self, node: "Node", dst: int) -> int:
        """The register of an identifier."""
        return self.name_value(self.raw(node), node, dst)

    def e_generic_name(self, node: "Node", dst: int) -> int:
        """The register of a generic name."""
        parts = self.children(node)
        return self.name_value(self.raw(parts[0]), node, dst) if parts else self.unknown()

    def e_qualified_name(self, node: "Node", dst: int) -> int:
        """The register of a qualified name."""
        qualifier, name = node.child_by_field_name("qualifier"), node.child_by_field_name("name")
        if qualifier is None or name is None:
            return self.unknown()
        return self.member(self.expression(qualifier), self.word(self.simple_name(name)), node, dst)

    def e_alias_qualified_name(self, node: "Node", dst: int) -> int:
        """The register of an alias qualified name."""
        return self.type_value(node, dst)

    def e_predefined_type(self, node: "Node", dst: int) -> int:
        """The register of a predefined type."""
        return self.type_value(node, dst)

    def e_array_type(self, _node: "Node", _dst: int) -> int:
        """The register of an array type."""
        return self.unknown()

    e_pointer_type = e_array_type
    e_tuple_type = e_array_type
    e_implicit_type = e_array_type
    e_discard = e_array_type

    def e_nullable_type(self, node: "Node", dst: int) -> int:
        """The register of a nullable type."""
        return self.type_value(node, dst)

    def e_this(self, _node: "Node", _dst: int) -> int:
        """The register of a this."""
        return self.this()

    def e_base(self, node: "Node", dst: int) -> int:
        """The register of a base."""
        return self.parent_of_this(self.span(node), dst)

    def parent_of_this(self, span: int, dst: int = NOREG) -> int:
        """The receiver seen as its base."""
        dst = self.target(dst)
        self.emit((ir.CALL, dst, self.symbol("builtins.super"), (), (), span))
        return dst

    def member(self, owner: int, name: str, node: "Node", dst: int) -> int:
        """ATTR of a value; the parts of a tuple are its items."""
        dst = self.target(dst)
        if name.startswith("Item") and name[4:].isdigit() and len(name) < 7:
            self.emit((ir.INDEX, dst, owner, self.number(int(name[4:]) - 1), self.span(node)))
            return dst
        self.called.add(name)
        self.emit((ir.ATTR, dst, owner, name, self.span(node)))
        return dst

    def e_member_access_expression(self, node: "Node", dst: int) -> int:
        """The register of a member access."""
        owner, name = node.child_by_field_name("expression"), node.child_by_field_name("name")
        if owner is None or name is None:
            return self.unknown()
        return self.member(self.expression(owner), self.word(self.simple_name(name)), node, dst)

    def e_conditional_access_expression(self, node: "Node", dst: int) -> int:
        """The register of a conditional access."""
        condition = node.child_by_field_name("condition")
        binding = node.named_children[-1]
        if condition is None:
            return self.unknown()
        owner = self.expression(condition)
        if binding.type == "member_binding_expression":
            name = binding.child_by_field_name("name")
            return self.member(owner, self.word(self.simple_name(name)), node, dst) if name else self.unknown()
        return self.item(owner, binding, node, dst)

    def e_element_access_expression(self, node: "Node", dst: int) -> int:
        """The register of an element access."""
        owner, subscript = node.child_by_field_name("expression"), node.child_by_field_name("subscript")
        if owner is None or subscript is None:
            return self.unknown()
        return self.item(self.expression(owner), subscript, node, dst)

    def item(self, owner: int, subscript: "Node", node: "Node", dst: int) -> int:
        """INDEX, or SLICE for a range."""
        indices = [self.operands(argument)[-1] for argument in self.children(subscript) if self.operands(argument)]
        if len(indices) == 1 and indices[0].type == "range_expression":
            low, high = self.bounds(indices[0])
            dst = self.target(dst)
            self.emit((ir.SLICE, dst, owner, low, high, self.span(node)))
            return dst
        key = self.key(subscript)
        dst = self.target(dst)
        self.emit((ir.INDEX, dst, owner, key, self.span(node)))
        return dst

    def key(self, subscript: "Node") -> int:
        """The index between brackets; several are a tuple."""
        registers = [
            self.expression(self.operands(argument)[-1])
            for argument in self.children(subscript)
            if self.operands(argument)
        ]
        if len(registers) == 1:
            return registers[0]
        made = self.new_temporary()
        self.emit((ir.MAKE, made, "t", tuple(registers), self.span(subscript)))
        return made

    def bounds(self, node: "Node") -> tuple[int, int]:
        """The ends of a range, NOREG where it is open."""
        low = high = NOREG
        after = False
        for child in node.children:
            if child.type == "..":
                after = True
            elif child.is_named and child.kind_id not in self._anywhere:
                if after:
                    high = self.expression(child)
                else:
                    low = self.expression(child)
        return low, high

    def e_range_expression(self, node: "Node", dst: int) -> int:
        """The register of a range."""
        low, high = self.bounds(node)
        dst = self.target(dst)
        parts = tuple(self.none() if part == NOREG else part for part in (low, high))
        self.emit((ir.MAKE, dst, "t", parts, self.span(node)))
        return dst

    # -- operators ----------------------------------------------------------------------------------------------------

    def e_binary_expression(self, node: "Node", dst: int) -> int:
        """A chain to the left, `a + b + c`, is lowered from its left end in a loop."""
        chain = []
        current: Node | None = node
        while current is not None and current.type == "binary_expression":
            chain.append(current)
            current = current.child_by_field_name("left")
        value = self.expression(current)
        while chain:
            part = chain.pop()
            value = self.binary(part, value, dst if not chain else NOREG)
        return value

    def binary(self, node: "Node", left: int, dst: int) -> int:
        """One operator whose left side is known."""
        sign, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
        if sign is None or right is None:
            return self.unknown()
        operator = sign.type
        dst = self.target(dst)
        if operator in _SHORT:
            return self.short(_SHORT[operator], left, right, dst, self.span(node))
        value = self.expression(right)
        operator = _OPERATORS.get(operator, operator)
        if operator in {"==", "!="} and "null_literal" in (right.type, node.child_by_field_name("left").type):  # type: ignore[union-attr] # a binary expression has a left side
            operator = "is" if operator == "==" else "isnot"
        self.emit((ir.BIN, dst, operator, left, value, self.span(node)))
        return dst

    def short(self, operator: str, left: int, right: "Node", dst: int, span: int) -> int:
        """SHORT: the right side is computed only if the left does not decide."""
        value = NOREG

        def compute() -> None:
            nonlocal value
            value = self.expression(right)

        block = self.block(compute)
        self.emit((ir.SHORT, dst, operator, left, block, value, span))
        return dst

    def e_prefix_unary_expression(self, node: "Node", dst: int) -> int:
        """The register of a prefix unary."""
        sign = node.children[0].type
        operands = self.operands(node)
        if not operands:
            return self.unknown()
        operand = operands[-1]
        if sign in {"++", "--"}:
            return self.step(operand, sign[0], node)
        value = self.expression(operand)
        if sign in {"*", "&", "+"}:
            return value
        dst = self.target(dst)
        if sign == "^" and value >= 0 and self.inits[value][0] == "c" and isinstance(self.inits[value][1], int):
            return self.number(-self.inits[value][1])
        self.emit((ir.UN, dst, {"!": "not", "^": "-"}.get(sign, sign), value, self.span(node)))
        return dst

    def e_postfix_unary_expression(self, node: "Node", dst: int) -> int:
        """The register of a postfix unary."""
        sign = node.children[-1].type
        operands = self.operands(node)
        if not operands:
            return self.unknown()
        if sign in {"++", "--"}:
            return self.step(operands[0], sign[0], node)
        return self.expression(operands[0], dst)

    def step(self, operand: "Node", sign: str, node: "Node") -> int:
        """`x++`: the value after it."""
        value = self.expression(operand)
        made = self.new_temporary()
        self.emit((ir.BIN, made, sign, value, self.number(1), self.span(node)))
        self.assign(operand, made, self.span(node))
        return made

    def e_declaration_expression(self, node: "Node", dst: int) -> int:
        """A product, which reads like the declaration of a pointer: `f(a * b)`."""
        kind, name = node.child_by_field_name("type"), node.child_by_field_name("name")
        inner = kind.child_by_field_name("type") if kind is not None and kind.type == "pointer_type" else None
        if name is None:
            return self.unknown()
        if inner is None:  # `out T x` of a method whose parameters the grammar takes for a tuple
            return self.declare(self.raw(name))
        left, right = self.expression(inner), self.expression(name)
        dst = self.target(dst)
        self.emit((ir.BIN, dst, "*", left, right, self.span(node)))
        return dst

    def e_parenthesized_expression(self, node: "Node", dst: int) -> int:
        """The register of a parenthesized."""
        operands = self.operands(node)
        return self.expression(operands[0], dst) if operands else self.unknown()

    e_checked_expression = e_parenthesized_expression
    e_ref_expression = e_parenthesized_expression
    e_expression_element = e_parenthesized_expression
    e_arrow_expression_clause = e_parenthesized_expression
    e_makeref_expression = e_parenthesized_expression
    e_reftype_expression = e_parenthesized_expression
    e_constant_pattern = e_parenthesized_expression

    def e_refvalue_expression(self, node: "Node", dst: int) -> int:
        """The register of a refvalue."""
        return self.expression(node.child_by_field_name("value"), dst)

    def e_conditional_expression(self, node: "Node", dst: int) -> int:
        """The register of a conditional."""
        dst = self.target(dst)
        condition = self.expression(node.child_by_field_name("condition"))
        then = self.block(lambda: self.expression(node.child_by_field_name("consequence"), dst))
        orelse = self.block(lambda: self.expression(node.child_by_field_name("alternative"), dst))
        self.emit((ir.IF, condition, then, orelse, self.span(node)))
        return dst

    def e_preproc_if(self, node: "Node", dst: int) -> int:
        """The first branch."""
        parts = self.children(node)
        return self.expression(parts[1], dst) if len(parts) > 1 else self.unknown()

    def e_await_expression(self, node: "Node", dst: int) -> int:
        """The register of an await."""
        operands = self.operands(node)
        if not operands:
            return self.unknown()
        value = self.expression(operands[-1])
        dst = self.target(dst)
        self.emit((ir.AWAIT, dst, value, self.span(node)))
        return dst

    def e_throw_expression(self, node: "Node", _dst: int) -> int:
        """The register of a throw."""
        operands = self.operands(node)
        self.emit((ir.RAISE, self.expression(operands[-1]) if operands else NOREG, self.span(node)))
        return self.unknown()

    # -- types --------------------------------------------------------------------------------------------------------

    def e_cast_expression(self, node: "Node", dst: int) -> int:
        """The register of a cast."""
        value = self.expression(node.child_by_field_name("value"))
        return self.cast(value, node.child_by_field_name("type"), node, dst)

    def e_as_expression(self, node: "Node", dst: int) -> int:
        """The register of an as."""
        value = self.expression(node.child_by_field_name("left"))
        return self.cast(value, node.child_by_field_name("right"), node, dst)

    def cast(self, value: int, kind: "Node | None", node: "Node", dst: int) -> int:
        """CAST to a type that says something, else the value itself."""
        declared = self.declared(kind)
        if declared is None:
            return value
        dst = self.target(dst)
        self.emit((ir.CAST, dst, value, declared, self.span(node)))
        return dst

    def e_is_expression(self, node: "Node", dst: int) -> int:
        """The register of an is."""
        value = self.expression(node.child_by_field_name("left"))
        kind = node.child_by_field_name("right")
        return self.is_instance(value, kind, node, dst) if kind is not None else self.unknown()

    def is_instance(self, value: int, kind: "Node", node: "Node", dst: int = NOREG) -> int:
        """The register of whether a value is of a type."""
        owner = self.type_value(kind)
        dst = self.target(dst)
        self.emit((ir.CALL, dst, self.symbol("builtins.isinstance"), (value, owner), (), self.span(node)))
        return dst

    def e_typeof_expression(self, node: "Node", dst: int) -> int:
        """The register of a typeof."""
        kind = node.child_by_field_name("type")
        return self.type_value(kind, dst) if kind is not None else self.unknown()

    def e_sizeof_expression(self, _node: "Node", _dst: int) -> int:
        """The register of a sizeof."""
        return self.number(4)

    def e_default_expression(self, _node: "Node", _dst: int) -> int:
        """The register of a default."""
        return self.none()

    # -- assignment ---------------------------------------------------------------------------------------------------

    def e_assignment_expression(self, node: "Node", _dst: int) -> int:
        """The register of an assignment."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = node.child_by_field_name("operator")
        if left is None or right is None or sign is None:
            return self.unknown()
        span = self.span(node)
        if sign.type == "=":
            slot = self.own_slot(left)
            if slot != NOREG:
                return self.expression(right, slot)
            value = self.expression(right)
            self.assign(left, value, span)
            return value
        old = self.expression(left)
        made = self.new_temporary() if self.own_slot(left) == NOREG else self.own_slot(left)
        if sign.type == "??=":
            self.short("or", old, right, made, span)
        else:
            operator = _ASSIGNMENTS.get(sign.type, sign.type[:-1])
            value = self.expression(right)
            self.emit((ir.BIN, made, operator, old, value, span))
        if made < 0:
            self.assign(left, made, span)
        return made

    def own_slot(self, target: "Node") -> int:
        """The slot of a plain local of this function, NOREG for any other target."""
        if target.type != "identifier":
            return NOREG
        raw = self.raw(target)
        if raw in self.scope.locals and raw not in self.scope.boxed:
            return self.bind(raw)
        return NOREG

    def assign(self, target: "Node", value: int, span: int) -> None:
        """Stores a value where the target says."""
        kind = target.type
        if kind == "identifier":
            raw = self.raw(target)
            if raw != b"_" or self.is_local(raw):
                self.assign_name(raw, value, span)
        elif kind == "member_access_expression":
            owner, name = target.child_by_field_name("expression"), target.child_by_field_name("name")
            if owner is not None and name is not None:
                word = self.word(self.simple_name(name))
                register = self.expression(owner)
                self.called.add(word)
                self.emit((ir.SETATTR, register, word, value, span))
        elif kind == "element_access_expression":
            owner, subscript = target.child_by_field_name("expression"), target.child_by_field_name("subscript")
            if owner is not None and subscript is not None:
                register = self.expression(owner)
                self.emit((ir.SETINDEX, register, self.key(subscript), value, span))
        elif kind == "conditional_access_expression":
            self._assign_conditional(target, value, span)
        elif kind in {"tuple_expression", "tuple_pattern", "parenthesized_variable_designation"}:
            self.unpack(self.children(target), value, span)
        elif kind == "declaration_expression":
            name = target.child_by_field_name("name")
            if name is not None:
                self.declare_value(self.raw(name), value, target.child_by_field_name("type"), span)
        elif (
            kind in {"parenthesized_expression", "argument", "postfix_unary_expression", "ref_expression"}
            or kind == "prefix_unary_expression"
        ):
            operands = self.operands(target)
            if operands:
                self.assign(operands[-1], value, span)
        elif kind == "invocation_expression":
            self.expression(target)
        elif kind != "discard":
            self.uncovered += 1

    def _assign_conditional(self, target: "Node", value: int, span: int) -> None:
        condition, binding = target.child_by_field_name("condition"), target.named_children[-1]
        owner = self.expression(condition)
        if binding.type == "member_binding_expression":
            name = binding.child_by_field_name("name")
            if name is not None:
                word = self.word(self.simple_name(name))
                self.called.add(word)
                self.emit((ir.SETATTR, owner, word, value, span))
        else:
            self.emit((ir.SETINDEX, owner, self.key(binding), value, span))

    def unpack(self, targets: "list[Node]", value: int, span: int) -> None:
        """Deconstruction: item by item; `var (a, b)` declares."""
        for place, target in enumerate(targets):
            if target.type == "discard":
                continue
            made = self.new_temporary()
            self.emit((ir.INDEX, made, value, self.number(place), span))
            self.assign(target, made, span)

    def unpack_declared(self, pattern: "Node", value: int, span: int) -> None:
        """`var (a, (b, c)) = value`: the names are new."""
        for place, target in enumerate(self.children(pattern)):
            if target.type == "discard" or self.raw(target) == b"_":
                continue
            made = self.new_temporary()
            self.emit((ir.INDEX, made, value, self.number(place), span))
            if target.type in {"tuple_pattern", "parenthesized_variable_designation"}:
                self.unpack_declared(target, made, span)
            else:
                self.store(self.declare(self.raw(target)), made, span)

    def declare_value(self, raw: bytes, value: int, kind: "Node | None", span: int) -> None:
        """A new local with a value; a declared type is a CAST."""
        if raw == b"_":
            return
        slot = self.declare(raw)
        declared = self.declared(kind)
        if declared is None:
            self.store(slot, value, span)
        else:
            self.emit((ir.CAST, slot, value, declared, span))
