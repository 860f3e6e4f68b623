"""Statements of Java: declarations of variables, branches, loops, jumps and exceptions."""

from functools import partial
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.java_expressions import LITERALS, NOREG, TYPE_KINDS
from custodiet.source.java_names import JAVA, SILENT_TYPES, array_of
from custodiet.source.java_operators import JavaOperators
from custodiet.source.java_scope import Jump
from custodiet.source.lowerer import DEEPEST

if TYPE_CHECKING:
    from tree_sitter import Node

IF: Final = JAVA.kind_named("if_statement")
BLOCKS: Final = JAVA.kinds_named("block", "constructor_body")
UPDATE: Final = JAVA.kind_named("update_expression")
_LOOPS: Final = JAVA.kinds_named("for_statement", "enhanced_for_statement", "while_statement", "do_statement")
_DECLARATOR: Final = JAVA.kind_named("variable_declarator")
_MADE: Final = LITERALS | JAVA.kinds_named(
    "object_creation_expression",
    "array_creation_expression",
    "lambda_expression",
    "method_reference",
    "array_initializer",
)
"""Values that say themselves what they are."""


class JavaStatements(JavaOperators):
    """Statements apart from `switch`."""

    __slots__ = ()

    # -- simple statements --------------------------------------------------------------------------------------------

    def s_expression_statement(self, node: "Node") -> None:
        """The expression for its effects."""
        for child in self.children(node):
            if child.kind_id == UPDATE:
                self.s_update(child)
            else:
                self.expression(child)

    def s_local_variable_declaration(self, node: "Node") -> None:
        """The variables with their values."""
        typename = self.type_text(node.child_by_field_name("type"))
        for child in node.named_children:
            if child.kind_id == _DECLARATOR:
                self._declarator(child, typename)

    def _declarator(self, node: "Node", typename: str) -> None:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name is None:
            return
        raw = self.source[name.start_byte : name.end_byte]
        if node.child_by_field_name("dimensions") is not None:
            typename = array_of(typename)
        slot = self.declare(raw, typename)
        if value is None:
            return
        if typename in SILENT_TYPES or value.kind_id in _MADE:
            self.expression(value, slot)
            return
        self.emit((ir.CAST, slot, self.expression(value), typename, self.span(node)))

    def s_return_statement(self, node: "Node") -> None:
        """RET."""
        parts = self.children(node)
        register = self.expression(parts[0]) if parts else NOREG
        self.emit((ir.RET, register, self.span(node)))

    def s_throw_statement(self, node: "Node") -> None:
        """RAISE."""
        parts = self.children(node)
        self.emit((ir.RAISE, self.expression(parts[0]) if parts else NOREG, self.span(node)))

    def s_assert_statement(self, node: "Node") -> None:
        """ASSERT."""
        registers = [self.expression(part) for part in self.children(node)]
        if registers:
            message = registers[1] if len(registers) > 1 else NOREG
            self.emit((ir.ASSERT, registers[0], message, self.span(node)))

    def s_block(self, node: "Node") -> None:
        """The statements; what they declare ends with them."""
        mark = len(self.undo)
        self.statements(self.children(node))
        self.close_block(mark)

    s_constructor_body = s_block

    def s_synchronized_statement(self, node: "Node") -> None:
        """The lock, then the block."""
        for child in self.children(node):
            if child.kind_id in BLOCKS:
                self.statement(child)
            else:
                self.expression(child)

    def s_import_declaration(self, _node: "Node") -> None:
        """Nothing: imports are read before everything else."""

    s_package_declaration = s_module_declaration = s_import_declaration

    # -- branches -----------------------------------------------------------------------------------------------------

    def body(self, node: "Node | None") -> ir.Block:
        """The block of a statement with a scope of its own."""
        if node is None:
            return ()
        mark = len(self.undo)
        found = self.block(lambda: self.statement(node))
        self.close_block(mark)
        return found

    def s_if_statement(self, node: "Node") -> None:
        """IF; each `else if` stands in the else of the one before."""
        outer = self.emit
        emit = outer
        level = self.level
        pending: list[tuple[list[ir.Ins], int, ir.Block, int]] = []
        current: Node | None = node
        while current is not None and current.kind_id == IF and self.level < DEEPEST:
            condition = current.child_by_field_name("condition")
            tested = self.expression(condition)
            then = self.body(current.child_by_field_name("consequence"))
            span = self.span(condition) if condition is not None else self.span(current)
            current = current.child_by_field_name("alternative")
            if current is None:
                emit((ir.IF, tested, then, (), span))
                break
            orelse: list[ir.Ins] = []
            pending.append((orelse, tested, then, span))
            self.emit = emit = orelse.append
            self.level += 1
        if current is not None:
            if current.kind_id == IF:
                self.uncovered += 1
            else:
                for ins in self.body(current):
                    emit(ins)
        for place in range(len(pending) - 1, -1, -1):
            orelse, tested, then, span = pending[place]
            into = pending[place - 1][0].append if place else outer
            into((ir.IF, tested, then, tuple(orelse), span))
        self.emit = outer
        self.level = level

    # -- loops --------------------------------------------------------------------------------------------------------

    def _open_jump(self, kind: str, node: "Node", *, is_ir_loop: bool) -> Jump:
        """What `break` and `continue` inside of the node may leave; a label before a loop is the loop's."""
        label = ""
        parent = node.parent
        if parent is not None and parent.type == "labeled_statement":
            names = self.children(parent)
            label = self.text(names[0]) if names else ""
        jump = Jump(kind, label, is_ir_loop=is_ir_loop, level=self.level_of)
        self.jumps.append(jump)
        return jump

    def emit_loop(self, jump: Jump, ins: ir.Ins) -> None:
        """Emits the loop of a jump that ends here, and behind it the jumps that have to go on."""
        self.jumps.pop()
        span = ins[-1]
        for target, kind in jump.crossed:
            self.emit((ir.MOVE, target.flags[kind], self.constant(b"(false)", value=False), span))
        self.emit(ins)
        for target, kind in jump.crossed:
            block = self.block(partial(self.jump_to, target, kind, span))
            self.emit((ir.IF, target.flags[kind], block, (), span))

    def jump_to(self, target: Jump, kind: str, span: int) -> None:
        """BREAK or CONT, through the loops in between."""
        between = [jump for jump in self.jumps[self.jumps.index(target) + 1 :] if jump.is_ir_loop]
        if not between:
            if kind == "continue":
                for update in target.update:
                    self._update(update)
            self.emit((ir.CONT if kind == "continue" else ir.BREAK, span))
            return
        innermost = between[-1]
        if kind not in target.flags:
            target.flags[kind] = self.new_local(f"({kind})")
        if (target, kind) not in innermost.crossed:
            innermost.crossed.append((target, kind))
        self.emit((ir.MOVE, target.flags[kind], self.constant(b"(true)", value=True), span))
        self.emit((ir.BREAK, span))

    def _update(self, node: "Node") -> None:
        if node.kind_id == UPDATE:
            self.s_update(node)
        else:
            self.expression(node)

    def s_while_statement(self, node: "Node") -> None:
        """WHILE."""
        mark = len(self.undo)
        tested: list[int] = []
        head = self.block(lambda: tested.append(self.expression(node.child_by_field_name("condition"))))
        jump = self._open_jump("loop", node, is_ir_loop=True)
        body = self.body(node.child_by_field_name("body"))
        self.emit_loop(jump, (ir.WHILE, head, tested[0], body, (), self.span(node)))
        self.close_block(mark)

    def s_do_statement(self, node: "Node") -> None:
        """WHILE without a condition, left at the end of the body."""
        jump = self._open_jump("loop", node, is_ir_loop=True)
        span = self.span(node)

        def lower() -> None:
            mark = len(self.undo)
            body = node.child_by_field_name("body")
            if body is not None:
                self.statement(body)
            condition = self.expression(node.child_by_field_name("condition"))
            self.emit((ir.IF, condition, (), ((ir.BREAK, span),), span))
            self.close_block(mark)

        body = self.block(lower)
        self.emit_loop(jump, (ir.WHILE, (), self.constant(b"(true)", value=True), body, (), span))

    def s_for_statement(self, node: "Node") -> None:
        """WHILE after what starts it; the update stands at the end of the body and before each `continue`."""
        mark = len(self.undo)
        for part in node.children_by_field_name("init"):
            if part.type == "local_variable_declaration":
                self.statement(part)
            elif part.is_named:
                self._update(part)
        condition = node.child_by_field_name("condition")
        tested: list[int] = []
        head: ir.Block = ()
        if condition is not None:
            head = self.block(lambda: tested.append(self.expression(condition)))
        else:
            tested.append(self.constant(b"(true)", value=True))
        jump = self._open_jump("loop", node, is_ir_loop=True)
        jump.update = [part for part in node.children_by_field_name("update") if part.is_named]
        body = self.body(node.child_by_field_name("body"))

        def update() -> None:
            for part in jump.update:
                self._update(part)

        body += self.block(update)
        self.emit_loop(jump, (ir.WHILE, head, tested[0], body, (), self.span(node)))
        self.close_block(mark)

    def s_enhanced_for_statement(self, node: "Node") -> None:
        """LOOP."""
        value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
        iterable = self.expression(value)
        mark = len(self.undo)
        typename = self.type_text(node.child_by_field_name("type"))
        span = self.span(node)
        head: list[ir.Ins] = []
        if name is not None:
            element = self.declare(self.source[name.start_byte : name.end_byte], typename)
            if typename not in SILENT_TYPES:
                head.append((ir.CAST, element, element, typename, self.span(name)))
        else:
            element = self.new_temporary()
        jump = self._open_jump("loop", node, is_ir_loop=True)
        body = self.body(node.child_by_field_name("body"))
        end = value.end_byte if value is not None else node.end_byte
        loop = (ir.LOOP, iterable, element, (*head, *body), (), ir.span_of(node.start_byte, end))
        self.emit_loop(jump, loop if loop[-1] else (*loop[:-1], span))
        self.close_block(mark)

    def s_labeled_statement(self, node: "Node") -> None:
        """The statement; a labelled block is a loop that is left at its end."""
        parts = self.children(node)
        if len(parts) < 2:
            return
        inner = parts[-1]
        if inner.kind_id in _LOOPS:
            self.statement(inner)
            return
        jump = self._open_jump("block", inner, is_ir_loop=True)
        span = self.span(node)
        body = (*self.body(inner), (ir.BREAK, span))
        self.emit_loop(jump, (ir.WHILE, (), self.constant(b"(true)", value=True), body, (), span))

    # -- jumps --------------------------------------------------------------------------------------------------------

    def _target(self, node: "Node", kinds: tuple[str, ...]) -> Jump | None:
        parts = self.children(node)
        label = self.text(parts[0]) if parts else ""
        for jump in reversed(self.jumps):
            if jump.level is not self.level_of:
                return None
            if (jump.label == label) if label else jump.kind in kinds:
                return jump
        return None

    def s_break_statement(self, node: "Node") -> None:
        """BREAK; nothing at the end of a case, where the switch is left anyway."""
        target = self._target(node, ("loop", "switch"))
        if target is not None and target.is_ir_loop:
            self.jump_to(target, "break", self.span(node))

    def s_continue_statement(self, node: "Node") -> None:
        """CONT, after the update of the loop."""
        target = self._target(node, ("loop",))
        if target is not None:
            self.jump_to(target, "continue", self.span(node))

    # -- exceptions ---------------------------------------------------------------------------------------------------

    def s_try_statement(self, node: "Node") -> None:
        """TRY; resources are opened at the start of its body."""
        caught: list[tuple[Node, tuple[int, ...]]] = []
        final: ir.Block = ()
        for child in node.named_children:
            if child.type == "catch_clause":
                caught.append((child, self._caught_types(child)))
        body = self.block(lambda: self._guarded(node))
        handlers = []
        for clause, types in caught:
            mark = len(self.undo)
            register = NOREG
            for formal in clause.named_children:
                name = formal.child_by_field_name("name") if formal.type == "catch_formal_parameter" else None
                if name is not None:
                    register = self.declare(self.source[name.start_byte : name.end_byte])
            handlers.append((register, types, self.body(clause.child_by_field_name("body"))))
            self.close_block(mark)
        for child in node.named_children:
            if child.type == "finally_clause":
                inner = self.children(child)
                final = self.body(inner[0]) if inner else ()
        if not handlers and not final:
            for ins in body:
                self.emit(ins)
            return
        self.emit((ir.TRY, body, tuple(handlers), (), final, self.span(node)))

    s_try_with_resources_statement = s_try_statement

    def _guarded(self, node: "Node") -> None:
        mark = len(self.undo)
        resources = node.child_by_field_name("resources")
        if resources is not None:
            for resource in self.children(resources):
                self._resource(resource)
        body = node.child_by_field_name("body")
        if body is not None:
            self.statement(body)
        self.close_block(mark)

    def _resource(self, node: "Node") -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            for child in self.children(node):
                self.expression(child)
            return
        typename = self.type_text(node.child_by_field_name("type"))
        register = self.expression(value)
        slot = self.declare(self.source[name.start_byte : name.end_byte], typename)
        if typename in SILENT_TYPES or value.kind_id in _MADE:
            self.emit((ir.MOVE, slot, register, self.span(node)))
        else:
            self.emit((ir.CAST, slot, register, typename, self.span(node)))

    def _caught_types(self, clause: "Node") -> tuple[int, ...]:
        found: list[int] = []
        for formal in clause.named_children:
            if formal.type == "catch_formal_parameter":
                for child in formal.named_children:
                    if child.type == "catch_type":
                        found.extend(self.class_of_type(part) for part in self.children(child))
                    elif child.kind_id in TYPE_KINDS:
                        found.append(self.class_of_type(child))
        return tuple(found)
