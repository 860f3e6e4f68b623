"""Objects and collections of C#: creation, initialisers, tuples, queries."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.csharp_expressions import CSharpExpressions

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

Arguments = tuple[tuple[int, ...], tuple[tuple[str, int], ...], "list[tuple[Node, int]]"]
"""Positional registers, named ones, and (target, list of one) of what is passed by reference."""

_SELF_TYPED: Final = frozenset(
    (
        "string_literal",
        "verbatim_string_literal",
        "raw_string_literal",
        "integer_literal",
        "real_literal",
        "boolean_literal",
        "character_literal",
        "null_literal",
        "object_creation_expression",
        "interpolated_string_expression",
        "lambda_expression",
        "anonymous_method_expression",
        "array_creation_expression",
        "implicit_array_creation_expression",
    )
)
"""Values whose type is seen from themselves."""


class CSharpObjects(CSharpExpressions):
    """What is made."""

    def typed(self, value: "Node", kind: "Node | None", dst: int = NOREG) -> int:
        """A value that is declared to be of a type: `new()` and `{ 1, 2 }` take theirs from it."""
        what = value.type
        if what == "implicit_object_creation_expression" and kind is not None:
            return self.create(value, kind, dst)
        if what == "initializer_expression":
            return self.expression(value, dst)
        if what in _SELF_TYPED or kind is None:
            return self.expression(value, dst)
        declared = self.declared(kind)
        if declared is None or (what == "collection_expression" and declared.startswith("list[")):
            return self.expression(value, dst)
        register = self.expression(value)
        dst = self.target(dst)
        self.emit((ir.CAST, dst, register, declared, self.span(value)))
        return dst

    # -- arguments ----------------------------------------------------------------------------------------------------

    def arguments(self, node: "Node | None") -> Arguments:
        """What a call is given."""
        positional: list[int] = []
        named: list[tuple[str, int]] = []
        references: list[tuple[Node, int]] = []
        for argument in self.children(node) if node is not None else ():
            operands = self.operands(argument)
            if not operands:
                continue
            value = operands[-1]
            name = argument.child_by_field_name("name")
            how = next((child.type for child in argument.children if child.type in {"ref", "out"}), "")
            if how:
                register = self.reference(value, how)
                references.append((value, register))
            else:
                register = self.expression(value)
            if name is not None and name.start_byte != value.start_byte:
                named.append((self.word(name), register))
            else:
                positional.append(register)
        return tuple(positional), tuple(named), references

    def reference(self, value: "Node", how: str) -> int:
        """A list of one for what is passed by reference; `ref` hands its value in."""
        content: tuple[int, ...] = ()
        if how == "ref" and value.type != "declaration_expression":
            content = (self.expression(value),)
        made = self.new_temporary()
        self.emit((ir.MAKE, made, "l", content, self.span(value)))
        return made

    def read_back(self, references: "list[tuple[Node, int]]") -> None:
        """After the call: what was passed by reference has its new value."""
        for target, register in references:
            if self.source[target.start_byte : target.end_byte] == b"_":
                continue
            made = self.new_temporary()
            span = self.span(target)
            self.emit((ir.INDEX, made, register, self.number(0), span))
            self.assign(target, made, span)

    # -- creation -----------------------------------------------------------------------------------------------------

    def e_object_creation_expression(self, node: "Node", dst: int) -> int:
        """The register of an object creation."""
        kind = node.child_by_field_name("type")
        return self.create(node, kind, dst) if kind is not None else self.unknown()

    def e_implicit_object_creation_expression(self, node: "Node", dst: int) -> int:
        """The register of an implicit object creation."""
        return self.create(node, None, dst)

    def create(self, node: "Node", kind: "Node | None", dst: int) -> int:
        """CALL of the class, then what the initialiser says."""
        initializer = given = None
        for child in node.named_children:
            if child.type == "initializer_expression":
                initializer = child
            elif child.type == "argument_list":
                given = child
        owner = self.type_value(kind) if kind is not None else self.unknown()
        args, kw, references = self.arguments(given)
        if kind is not None:
            self.called.add(self.word(self.simple_name(kind)))
        # an initialiser may read the variable that the object replaces
        made = self.target(dst) if initializer is None else self.new_temporary()
        self.emit((ir.CALL, made, owner, args, kw, self.span(node)))
        self.read_back(references)
        if initializer is not None:
            self.initialise(made, initializer)
        return made

    def initialise(self, owner: int, node: "Node") -> None:
        """`{ A = 1, ["k"] = 2, { "k", 3 }, 4 }` after a creation."""
        for part in self.operands(node):
            span = self.span(part)
            if part.type == "assignment_expression":
                left, right = part.child_by_field_name("left"), part.child_by_field_name("right")
                if left is None or right is None:
                    continue
                if left.type == "element_binding_expression":
                    key = self.key(left)
                    value = self._inner(right, partial(_read_item, owner, key, span))
                    if value != NOREG:
                        self.emit((ir.SETINDEX, owner, key, value, span))
                    continue
                word = self.word(self.simple_name(left))
                self.called.add(word)
                value = self._inner(right, partial(_read_member, owner, word, span))
                if value != NOREG:
                    self.emit((ir.SETATTR, owner, word, value, span))
            elif part.type == "initializer_expression":
                inner = [self.expression(child) for child in self.operands(part)]
                if len(inner) == 2:
                    self.emit((ir.SETINDEX, owner, inner[0], inner[1], span))
                else:
                    self._add(owner, tuple(inner), span)
            else:
                self._add(owner, (self.expression(part),), span)

    def _add(self, owner: int, args: tuple[int, ...], span: int) -> None:
        self.called.add("Add")
        self.emit((ir.CALLM, self.new_temporary(), owner, "Add", args, (), span))

    def _inner(self, right: "Node", read: Callable[[int], ir.Ins]) -> int:
        """The assigned value; NOREG after `A = { ... }`, which fills what stands there."""
        if right.type != "initializer_expression":
            return self.expression(right)
        made = self.new_temporary()
        self.emit(read(made))
        self.initialise(made, right)
        return NOREG

    def e_anonymous_object_creation_expression(self, node: "Node", dst: int) -> int:
        """A DICT whose members are attributes."""
        made = self.new_temporary() if dst == NOREG or dst >= 0 else dst
        span = self.span(node)
        self.emit((ir.DICT, made, (), span))
        parts = self.operands(node)
        place = 0
        while place < len(parts):
            part = parts[place]
            after = part.next_sibling
            if after is not None and after.type == "=" and place + 1 < len(parts):
                name = self.word(part)
                place += 1
                part = parts[place]
            else:
                name = self.word(self.simple_name(part)) if part.type in _NAMED else ""
            place += 1
            value = self.expression(part)
            if name:
                self.emit((ir.SETATTR, made, name, value, self.span(part)))
        return made

    def e_with_expression(self, node: "Node", dst: int) -> int:
        """A copy, then its changed members."""
        parts = self.operands(node)
        if not parts:
            return self.unknown()
        value = self.expression(parts[0])
        made = self.new_temporary() if dst == NOREG or dst >= 0 else dst
        self.emit((ir.CALL, made, self.symbol("copy.copy"), (value,), (), self.span(node)))
        for part in parts[1:]:
            inner = self.operands(part)
            if len(inner) > 1:
                word = self.word(inner[0])
                self.called.add(word)
                self.emit((ir.SETATTR, made, word, self.expression(inner[-1]), self.span(part)))
        return made

    # -- arrays, tuples, collections ----------------------------------------------------------------------------------

    def e_array_creation_expression(self, node: "Node", dst: int) -> int:
        """The register of an array creation."""
        initializer = next((child for child in node.named_children if child.type == "initializer_expression"), None)
        if initializer is not None:
            return self.expression(initializer, dst)
        return self.make("l", (), node, dst)

    e_implicit_array_creation_expression = e_array_creation_expression
    e_stackalloc_expression = e_array_creation_expression
    e_implicit_stackalloc_expression = e_array_creation_expression

    def make(self, kind: str, registers: tuple[int, ...], node: "Node", dst: int) -> int:
        """MAKE."""
        dst = self.target(dst)
        self.emit((ir.MAKE, dst, kind, registers, self.span(node)))
        return dst

    def e_initializer_expression(self, node: "Node", dst: int) -> int:
        """The register of an initializer."""
        return self.make("l", tuple(self.expression(child) for child in self.operands(node)), node, dst)

    def e_collection_expression(self, node: "Node", dst: int) -> int:
        """`[a, ..b]`: a list; what is spread is added by calls."""
        elements: list[int] = []
        made = NOREG
        for element in self.children(node):
            inner = element.named_children[0] if element.named_child_count else element
            values = self.operands(inner)
            value = self.expression(values[-1]) if values else self.unknown()
            if made == NOREG and inner.type != "spread_element":
                elements.append(value)
                continue
            if made == NOREG:
                made = self.make("l", tuple(elements), node, NOREG)
            how = "extend" if inner.type == "spread_element" else "append"
            self.emit((ir.CALLM, self.new_temporary(), made, how, (value,), (), self.span(inner)))
        return self.make("l", tuple(elements), node, dst) if made == NOREG else made

    def e_tuple_expression(self, node: "Node", dst: int) -> int:
        """MAKE of the parts; `(Name: x, Age: y)` has attributes too."""
        registers = []
        named = []
        for argument in self.children(node):
            operands = self.operands(argument)
            if not operands:
                continue
            value = self.expression(operands[-1])
            registers.append(value)
            name = argument.child_by_field_name("name")
            if name is not None and name.start_byte != operands[-1].start_byte:
                named.append((self.word(name), value))
        made = self.make("t", tuple(registers), node, dst if not named else NOREG)
        for word, value in named:
            self.emit((ir.SETATTR, made, word, value, self.span(node)))
        return made

    # -- queries ------------------------------------------------------------------------------------------------------

    def e_query_expression(self, node: "Node", dst: int) -> int:
        """`from x in xs where c select e`: a list that loops fill."""
        parts = self.children(node)
        made = self.make("l", (), node, NOREG)
        start = 0
        for place, part in enumerate(parts):
            if part.type == "identifier":  # `into x`: the list so far is what the rest loops over
                self._clauses(parts[start:place], 0, made)
                following = self.make("l", (), part, NOREG)
                slot = self.declare(self.raw(part))
                source, rest = made, parts[place + 1 :]
                body = self.block(partial(self._clauses, rest, 0, following))
                self.emit((ir.LOOP, source, slot, body, (), self.span(part)))
                return self.moved(following, dst, node)
        self._clauses(parts, 0, made)
        return self.moved(made, dst, node)

    def _clauses(self, parts: "list[Node]", place: int, made: int) -> None:
        if place >= len(parts):
            return
        part = parts[place]
        kind = part.type
        span = self.span(part)
        operands = self.operands(part)

        def rest() -> None:
            self._clauses(parts, place + 1, made)

        if kind == "from_clause" and operands:
            name = part.child_by_field_name("name")
            source = self.expression(operands[-1])
            slot = self.declare(self.raw(name)) if name is not None else self.new_temporary()
            self.emit((ir.LOOP, source, slot, self.block(rest), (), span))
        elif kind == "where_clause" and operands:
            condition = self.expression(operands[-1])
            self.emit((ir.IF, condition, self.block(rest), (), span))
        elif kind == "let_clause" and len(operands) > 1:
            self.store(self.declare(self.raw(operands[0])), self.expression(operands[-1]), span)
            rest()
        elif kind == "join_clause":
            self._join(part, operands, span, rest)
        elif kind == "order_by_clause":
            for operand in operands:
                self.expression(operand)
            rest()
        elif kind == "select_clause" and operands:
            value = self.expression(operands[-1])
            self.emit((ir.CALLM, self.new_temporary(), made, "append", (value,), (), span))
        elif kind == "group_clause" and len(operands) > 1:
            value, key = self.expression(operands[0]), self.expression(operands[1])
            group = self.make("l", (value,), part, NOREG)
            self.emit((ir.SETATTR, group, "Key", key, span))
            self.emit((ir.CALLM, self.new_temporary(), made, "append", (group,), (), span))
        else:
            self.uncovered += 1
            rest()

    def _join(self, part: "Node", operands: "list[Node]", span: int, rest: Callable[[], None]) -> None:
        into = next((child for child in operands if child.type == "join_into_clause"), None)
        values = [child for child in operands if child.type != "join_into_clause"]
        if part.child_by_field_name("type") is not None:
            values = values[1:]
        if len(values) < 4:
            self.uncovered += 1
            rest()
            return
        source = self.expression(values[1])
        slot = self.declare(self.raw(values[0]))

        def body() -> None:
            self.expression(values[2])
            self.expression(values[3])
            if into is not None:
                name = self.children(into)
                group = self.make("l", (slot,), part, NOREG)
                if name:
                    self.store(self.declare(self.raw(name[0])), group, span)
            rest()

        self.emit((ir.LOOP, source, slot, self.block(body), (), span))


def _read_item(owner: int, key: int, span: int, dst: int) -> ir.Ins:
    return (ir.INDEX, dst, owner, key, span)


def _read_member(owner: int, word: str, span: int, dst: int) -> ir.Ins:
    return (ir.ATTR, dst, owner, word, span)


_NAMED: Final = frozenset(
    ("identifier", "member_access_expression", "conditional_access_expression", "generic_name", "invocation_expression")
)
