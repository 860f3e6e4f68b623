"""Statements of C#."""

from functools import partial
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.csharp_functions import CSharpFunctions
from custodiet.source.csharp_shapes import PREPROCESSED

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG


class CSharpStatements(CSharpFunctions):
    """What is done in order."""

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package)
        self.switches: list[tuple[list[Node], bool]] = []
        self.breaks: list[str] = []
        """The loops and switches around, innermost last: what a `break` leaves."""
        self.jumps: list[int] = []
        self.updates: list[tuple[Node, ...]] = []
        """What the loops around do after each round."""

    def s_local_function_statement(self, node: "Node") -> None:
        """What a local function does."""
        self.local_function(node)

    def s_block(self, node: "Node") -> None:
        """What a block does."""
        self.sequence(self.children(node))

    def s_global_statement(self, node: "Node") -> None:
        """What a global does."""
        self.sequence(self.children(node))

    def s_checked_statement(self, node: "Node") -> None:
        """What a checked does."""
        self.statements(self.children(node))

    s_unsafe_statement = s_checked_statement

    def s_preproc_if(self, node: "Node") -> None:
        """Either branch may be what is compiled."""
        parts = self.children(node)
        condition = node.child_by_field_name("condition")
        if condition is not None and parts and parts[0].start_byte == condition.start_byte:
            parts = parts[1:]
        other = parts.pop() if parts and parts[-1].type in PREPROCESSED and parts[-1].type != "preproc_if" else None
        then = self.block(lambda: self.sequence(parts))
        orelse = self.block(lambda: self.s_preproc_if(other)) if other is not None else ()
        if then or orelse:
            self.emit((ir.IF, self.unknown(), then, orelse, self.span(node)))

    s_preproc_else = s_preproc_if
    s_preproc_elif = s_preproc_if

    def s_empty_statement(self, node: "Node") -> None:
        """Nothing."""

    def s_labeled_statement(self, node: "Node") -> None:
        """What a labeled does."""
        self.statements(self.children(node)[1:])

    def s_expression_statement(self, node: "Node") -> None:
        """What an expression does."""
        for operand in self.operands(node):
            self.expression(operand)

    # -- declarations -------------------------------------------------------------------------------------------------

    def s_local_declaration_statement(self, node: "Node") -> None:
        """What a local declaration does."""
        for child in node.named_children:
            if child.type == "variable_declaration":
                self.s_variable_declaration(child)

    def s_variable_declaration(self, node: "Node") -> None:
        """What a variable declaration does."""
        kind = node.child_by_field_name("type")
        for declarator in node.named_children:
            if declarator.type != "variable_declarator":
                continue
            name = declarator.child_by_field_name("name")
            value = self.initial(declarator)
            if name is not None:
                if value is None:
                    self.declare(self.raw(name))
                    continue
                # a lambda may call itself by the name
                slot = self.declare(self.raw(name))
                self.typed(value, kind, slot)
            elif value is not None:
                self.unpack_declared(declarator.named_children[0], self.expression(value), self.span(declarator))

    def initial(self, declarator: "Node") -> "Node | None":
        """What stands after `=`."""
        after = False
        for child in declarator.children:
            if child.type == "=":
                after = True
            elif after and (child.is_named or child.type in {"this", "base"}) and child.type != "comment":
                return child
        return None

    # -- branches and loops -------------------------------------------------------------------------------------------

    def s_if_statement(self, node: "Node") -> None:
        """What an if does."""
        condition = self.expression(node.child_by_field_name("condition"))
        consequence, alternative = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        then = self.block(lambda: self.statement(consequence)) if consequence is not None else ()
        orelse = self.block(lambda: self.statement(alternative)) if alternative is not None else ()
        self.emit((ir.IF, condition, then, orelse, self.span(node)))

    def loop_body(self, body: "Node | None", updates: "tuple[Node, ...]" = ()) -> ir.Block:
        """The block of a loop, with what it does after each round."""
        if body is None:
            return ()
        self.breaks.append("loop")
        self.updates.append(updates)

        def rounds() -> None:
            self.statement(body)
            for update in updates:
                self.expression(update)

        block = self.block(rounds)
        self.updates.pop()
        self.breaks.pop()
        return block

    def s_while_statement(self, node: "Node") -> None:
        """What a while does."""
        condition = NOREG

        def test() -> None:
            nonlocal condition
            condition = self.expression(node.child_by_field_name("condition"))

        tests = self.block(test)
        body = self.loop_body(node.child_by_field_name("body"))
        self.emit((ir.WHILE, tests, condition, body, (), self.span(node)))

    def s_do_statement(self, node: "Node") -> None:
        """A loop without end that leaves when the condition fails."""
        body = self.loop_body(node.child_by_field_name("body"))
        span = self.span(node)

        def test() -> None:
            condition = self.expression(node.child_by_field_name("condition"))
            self.emit((ir.IF, condition, (), ((ir.BREAK, span),), span))

        self.emit((ir.WHILE, (), self.truth(True), (*body, *self.block(test)), (), span))

    def s_for_statement(self, node: "Node") -> None:
        """What a for does."""
        for initializer in node.children_by_field_name("initializer"):
            if initializer.type == "variable_declaration":
                self.s_variable_declaration(initializer)
            elif initializer.is_named:
                self.expression(initializer)
        tested = node.child_by_field_name("condition")
        updates = tuple(child for child in node.children_by_field_name("update") if child.is_named)
        condition = NOREG

        def test() -> None:
            nonlocal condition
            condition = self.expression(tested) if tested is not None else self.truth(True)

        tests = self.block(test)
        body = self.loop_body(node.child_by_field_name("body"), updates)
        self.emit((ir.WHILE, tests, condition, body, (), self.span(node)))

    def s_foreach_statement(self, node: "Node") -> None:
        """What a foreach does."""
        right, left = node.child_by_field_name("right"), node.child_by_field_name("left")
        kind = node.child_by_field_name("type")
        source = self.expression(right)
        element = self.new_temporary()
        span = self.span(left) if left is not None else self.span(node)
        declared = self.declared(kind)
        if left is not None and left.type == "identifier" and declared is None:
            element = self.declare(self.raw(left))
        body = node.child_by_field_name("body")

        def bound() -> None:
            if left is None or (left.type == "identifier" and declared is None):
                return
            if left.type == "identifier":
                self.declare_value(self.raw(left), element, kind, span)
            elif left.type == "tuple_pattern":
                self.unpack_declared(left, element, span)
            else:
                self.assign(left, element, span)

        start = self.block(bound)
        block = self.loop_body(body)
        self.emit((ir.LOOP, source, element, (*start, *block), (), self.span(node)))

    def s_break_statement(self, node: "Node") -> None:
        """Leaves the loop; in a switch it leaves the loop that runs once, or is the end of its section."""
        if self.breaks and self.breaks[-1] == "switch" and not (self.switches and self.switches[-1][1]):
            return
        if self.breaks:
            self.emit((ir.BREAK, self.span(node)))

    def s_continue_statement(self, node: "Node") -> None:
        """The next round of the loop; inside a switch that is wrapped in a loop, its end."""
        if "loop" not in self.breaks:
            return
        for update in self.updates[-1] if self.updates else ():
            self.expression(update)
        is_wrapped = self.breaks[-1] == "switch" and bool(self.switches) and self.switches[-1][1]
        self.emit((ir.BREAK if is_wrapped else ir.CONT, self.span(node)))

    # -- leaving ------------------------------------------------------------------------------------------------------

    def s_return_statement(self, node: "Node") -> None:
        """What a return does."""
        operands = self.operands(node)
        self.emit((ir.RET, self.expression(operands[-1]) if operands else NOREG, self.span(node)))

    def s_throw_statement(self, node: "Node") -> None:
        """What a throw does."""
        operands = self.operands(node)
        self.emit((ir.RAISE, self.expression(operands[-1]) if operands else NOREG, self.span(node)))

    def s_yield_statement(self, node: "Node") -> None:
        """What a yield does."""
        self.flags |= ir.FUNCTION_GENERATOR
        operands = self.operands(node)
        if not operands:
            self.emit((ir.RET, NOREG, self.span(node)))
            return
        value = self.expression(operands[-1])
        self.emit((ir.YIELD, self.new_temporary(), value, self.span(node)))

    def s_try_statement(self, node: "Node") -> None:
        """What a try does."""
        body = node.child_by_field_name("body")
        handlers = []
        final: ir.Block = ()
        block = self.block(lambda: self.statement(body)) if body is not None else ()
        for clause in node.named_children:
            if clause.type == "catch_clause":
                handlers.append(self._handler(clause))
            elif clause.type == "finally_clause":
                final = self.block(partial(self.statements, self.children(clause)))
        self.emit((ir.TRY, block, tuple(handlers), (), final, self.span(node)))

    def _handler(self, clause: "Node") -> tuple[int, tuple[int, ...], ir.Block]:
        register = NOREG
        types: tuple[int, ...] = ()
        condition: Node | None = None
        for child in clause.named_children:
            if child.type == "catch_declaration":
                kind, name = child.child_by_field_name("type"), child.child_by_field_name("name")
                if kind is not None:
                    types = (self.type_value(kind),)
                if name is not None:
                    register = self.declare(self.raw(name))
            elif child.type == "catch_filter_clause":
                condition = child
        body = clause.child_by_field_name("body")

        def run() -> None:
            if body is not None:
                self.statement(body)

        def guarded() -> None:
            operands = self.operands(condition) if condition is not None else []
            if not operands:
                run()
                return
            outcome = self.expression(operands[-1])
            span = self.span(clause)
            self.emit((ir.IF, outcome, self.block(run), ((ir.RAISE, NOREG, span),), span))

        return register, types, self.block(guarded)

    # -- resources ----------------------------------------------------------------------------------------------------

    def s_using_statement(self, node: "Node") -> None:
        """What an using does."""
        body = node.child_by_field_name("body")
        for child in self.operands(node):
            if body is not None and child.start_byte == body.start_byte:
                continue
            if child.type == "variable_declaration":
                self.s_variable_declaration(child)
            else:
                self.expression(child)
        if body is not None:
            self.statement(body)

    def s_fixed_statement(self, node: "Node") -> None:
        """What a fixed does."""
        for child in self.operands(node):
            if child.type == "variable_declaration":
                self.s_variable_declaration(child)
            elif child.type.endswith(("statement", "block")):
                self.statement(child)
            else:
                self.expression(child)

    s_lock_statement = s_fixed_statement
