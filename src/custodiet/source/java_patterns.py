"""`switch` and patterns of Java: chains of tests, into which fall-through is copied."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.java_expressions import NOREG, PARENTHESIZED
from custodiet.source.java_names import IDENTIFIER, JAVA, SILENT_TYPES
from custodiet.source.java_scope import Jump
from custodiet.source.java_statements import BLOCKS, IF, JavaStatements

if TYPE_CHECKING:
    from tree_sitter import Node

BREAK: Final = JAVA.kind_named("break_statement")
YIELD: Final = JAVA.kind_named("yield_statement")
SWITCH: Final = JAVA.kind_named("switch_expression")
_LABEL: Final = JAVA.kind_named("switch_label")
_RULE: Final = JAVA.kind_named("switch_rule")
_LEAVING: Final = JAVA.kinds_named(
    "break_statement", "return_statement", "throw_statement", "continue_statement", "yield_statement"
)
_NESTED: Final = JAVA.kinds_named(
    "try_statement", "try_with_resources_statement", "catch_clause", "finally_clause", "synchronized_statement"
)
_LOOPS: Final = JAVA.kinds_named(
    "for_statement", "enhanced_for_statement", "while_statement", "do_statement", "labeled_statement"
)
_MOST_COPIES: Final = 24
"""Groups that fall-through is followed into."""

Group = tuple[list["Node"], list["Node"]]
"""The labels of a group, and its statements."""


class JavaPatterns(JavaStatements):
    """`switch`, `instanceof` and patterns."""

    __slots__ = ()

    # -- instanceof ---------------------------------------------------------------------------------------------------

    def e_instanceof_expression(self, node: "Node", dst: int) -> int:
        """A call of `isinstance`, with what the pattern binds."""
        subject = self.expression(node.child_by_field_name("left"))
        pattern = node.child_by_field_name("pattern")
        if pattern is not None:
            return self.pattern(pattern, subject, dst)
        tested = node.child_by_field_name("right")
        if tested is None:
            return self.unknown()
        name = node.child_by_field_name("name")
        return self._type_test(tested, name, subject, self.span(node), dst)

    def _type_test(self, tested: "Node", name: "Node | None", subject: int, span: int, dst: int = NOREG) -> int:
        kind = self.class_of_type(tested)
        target = self.target(dst)
        self.emit((ir.CALL, target, self.symbol("builtins.isinstance"), (subject, kind), (), span))
        if name is not None:
            self._bind(name, tested, subject)
        return target

    def _bind(self, name: "Node", tested: "Node | None", subject: int) -> None:
        raw = self.source[name.start_byte : name.end_byte]
        typename = self.type_text(tested)
        slot = self.declare(raw, typename)
        if typename in SILENT_TYPES:
            self.emit((ir.MOVE, slot, subject, self.span(name)))
        else:
            self.emit((ir.CAST, slot, subject, typename, self.span(name)))

    def pattern(self, node: "Node", subject: int, dst: int = NOREG) -> int:
        """The register of whether the pattern fits; what it binds is bound."""
        kind = node.type
        parts = self.children(node)
        if kind == "pattern" and parts:
            return self.pattern(parts[0], subject, dst)
        if kind == "type_pattern" and len(parts) >= 2:
            return self._type_test(parts[-2], parts[-1], subject, self.span(node), dst)
        if kind == "record_pattern" and parts:
            return self._record(node, parts, subject, dst)
        if kind == "underscore_pattern":
            return self.constant(b"(true)", value=True)
        self.uncovered += 1
        return self.unknown()

    def _record(self, node: "Node", parts: "list[Node]", subject: int, dst: int) -> int:
        """`Point(int x, var y)`: a test of the class, then the components."""
        span = self.span(node)
        kind = self.class_of_type(parts[0])
        condition = self.target(dst)
        self.emit((ir.CALL, condition, self.symbol("builtins.isinstance"), (subject, kind), (), span))
        head = parts[0] if parts[0].kind_id == IDENTIFIER else None
        scope = self.class_named(self.text(head)) if head is not None else None
        names = scope.components if scope is not None else ()
        bodies = [part for part in parts if part.type == "record_pattern_body"]
        for place, component in enumerate(self.children(bodies[0]) if bodies else ()):
            read = self.new_temporary()
            part_span = self.span(component)
            if place < len(names):
                self.called.add(names[place])
                self.emit((ir.ATTR, read, subject, names[place], part_span))
            else:
                self.emit((ir.INDEX, read, subject, self.number(place), part_span))
            inner = self.children(component)
            if component.type == "record_pattern_component" and len(inner) >= 2:
                self._bind(inner[-1], inner[-2], read)
            elif component.type in ("record_pattern", "pattern", "type_pattern"):
                test = partial(self.pattern, component, read)
                condition = self.short(self.new_temporary(), "and", condition, test, span)
        return condition

    # -- switch -------------------------------------------------------------------------------------------------------

    def s_switch_expression(self, node: "Node") -> None:
        """A switch statement."""
        self._switch(node, None)

    def e_switch_expression(self, node: "Node", _dst: int) -> int:
        """A switch whose value is used."""
        result = self.new_temporary()
        self._switch(node, result)
        return result

    def _switch(self, node: "Node", result: int | None) -> None:
        condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
        subject_node = condition
        while subject_node is not None and subject_node.kind_id == PARENTHESIZED:
            inner = self.children(subject_node)
            subject_node = inner[0] if inner else None
        subject = self.expression(subject_node)
        typename = ""
        if subject_node is not None and subject_node.kind_id == IDENTIFIER:
            typename = self.type_of_variable(self.source[subject_node.start_byte : subject_node.end_byte])
        groups = self._groups(body)
        is_rule = bool(body is not None and any(child.kind_id == _RULE for child in body.named_children))
        span = self.span(condition) if condition is not None else self.span(node)
        needs_loop = any(
            self._leaves_early(statements, is_tail=is_rule or not self._completes(statements))
            for _, statements in groups
        )
        jump = self._open_jump("switch", node, is_ir_loop=needs_loop)
        jump.result = result
        mark = len(self.undo)

        def lower() -> None:
            self._chain(groups, subject, typename, span, jump, is_rule=is_rule)

        if needs_loop:
            lowered = (*self.block(lower), (ir.BREAK, span))
            self.emit_loop(jump, (ir.WHILE, (), self.constant(b"(true)", value=True), lowered, (), span))
        else:
            lower()
            self.jumps.remove(jump)
        self.close_block(mark)

    def _groups(self, body: "Node | None") -> list[Group]:
        groups: list[Group] = []
        for child in self.children(body) if body is not None else ():
            if child.kind_id == _RULE or child.type == "switch_block_statement_group":
                parts = self.children(child)
                labels = [part for part in parts if part.kind_id == _LABEL]
                groups.append((labels, [part for part in parts if part.kind_id != _LABEL]))
            else:
                self.uncovered += 1
        return groups

    def _chain(self, groups: list[Group], subject: int, typename: str, span: int, jump: Jump, *, is_rule: bool) -> None:
        """IF for each group; the default is the last else."""
        outer = self.emit
        emit = outer
        pending: list[tuple[list[ir.Ins], int, ir.Block, int]] = []
        default: int | None = None
        for place, (labels, _) in enumerate(groups):
            if any(self._is_default(label) for label in labels):
                default = place
                continue
            tested = self._tests(labels, subject, typename, span)
            then = self.block(partial(self._run, groups, place, jump, is_rule=is_rule))
            orelse: list[ir.Ins] = []
            pending.append((orelse, tested, then, self.span(labels[0]) if labels else span))
            self.emit = emit = orelse.append
        if default is not None:
            for ins in self.block(partial(self._run, groups, default, jump, is_rule=is_rule)):
                emit(ins)
        for index in range(len(pending) - 1, -1, -1):
            orelse, tested, then, label_span = pending[index]
            into = pending[index - 1][0].append if index else outer
            into((ir.IF, tested, then, tuple(orelse), label_span))
        self.emit = outer

    def _is_default(self, label: "Node") -> bool:
        if self.source.startswith(b"default", label.start_byte):
            return True
        return any(child.kind_id == IDENTIFIER and self.text(child) == "default" for child in self.children(label))

    def _tests(self, labels: "list[Node]", subject: int, typename: str, span: int) -> int:
        """The register of whether one of the labels fits."""
        conditions: list[tuple[Node, Node | None]] = []
        for label in labels:
            parts = self.children(label)
            guard = next((part for part in parts if part.type == "guard"), None)
            conditions.extend((part, guard) for part in parts if part.type != "guard")
        register = NOREG
        for part, guard in conditions:
            if register == NOREG:
                register = self._test(part, guard, subject, typename)
                continue
            test = partial(self._test, part, guard, subject, typename)
            register = self.short(self.new_temporary(), "or", register, test, span)
        return register if register != NOREG else self.unknown()

    def _test(self, part: "Node", guard: "Node | None", subject: int, typename: str) -> int:
        span = self.span(part)
        if part.type in ("pattern", "type_pattern", "record_pattern"):
            register = self.pattern(part, subject)
            inner = self.children(guard) if guard is not None else []
            if not inner:
                return register
            return self.short(self.new_temporary(), "and", register, partial(self.expression, inner[0]), span)
        value = self._label_value(part, typename)
        tested = self.new_temporary()
        self.emit((ir.BIN, tested, "==", subject, value, span))
        return tested

    def _label_value(self, part: "Node", typename: str) -> int:
        """The register of a constant after `case`; a bare name may be a constant of an enumeration."""
        if part.kind_id != IDENTIFIER:
            return self.expression(part)
        raw = self.source[part.start_byte : part.end_byte]
        word = self.text(part)
        if self.variable(raw) is not None or self.owner_of(word, method=False) is not None:
            return self.expression(part)
        enumeration = self.class_named(typename.rpartition(".")[2]) if typename else None
        if enumeration is None:
            for scopes in self.file_classes.values():
                for scope in scopes:
                    if word in scope.constants:
                        enumeration = scope
        span = self.span(part)
        if enumeration is None and (not typename or not typename.isidentifier()):
            return self.expression(part) if word in self.static_imports else self.unknown()
        owner = self.class_register(enumeration, span) if enumeration is not None else self.slot(typename.encode())
        return self._field(owner, word, span, NOREG)

    def _run(self, groups: list[Group], place: int, jump: Jump, *, is_rule: bool) -> None:
        """The statements of a group, and of those it falls through to."""
        mark = len(self.undo)
        for index in range(place, min(len(groups), place + _MOST_COPIES)):
            statements = groups[index][1]
            if is_rule:
                self._rule(statements, jump)
                break
            self.statements(statements)
            if not self._completes(statements):
                break
        self.close_block(mark)

    def _rule(self, statements: "list[Node]", jump: Jump) -> None:
        for node in statements:
            if node.type == "expression_statement" and jump.result is not None:
                inner = self.children(node)
                if inner:
                    self.into(inner[0], jump.result)
            else:
                self.statement(node)

    def s_yield_statement(self, node: "Node") -> None:
        """The value of the switch around, which is left."""
        for jump in reversed(self.jumps):
            if jump.level is not self.level_of:
                return
            if jump.kind == "switch" and jump.result is not None:
                parts = self.children(node)
                if parts:
                    self.into(parts[0], jump.result)
                if jump.is_ir_loop:
                    self.jump_to(jump, "break", self.span(node))
                return

    # -- how statements end -------------------------------------------------------------------------------------------

    def _completes(self, statements: "Sequence[Node]") -> bool:
        """Whether what follows the statements may be reached."""
        if not statements:
            return True
        last = statements[-1]
        if last.kind_id in _LEAVING:
            return False
        if last.kind_id in BLOCKS:
            return self._completes(self.children(last))
        if last.kind_id == IF:
            alternative = last.child_by_field_name("alternative")
            consequence = last.child_by_field_name("consequence")
            if alternative is None or consequence is None:
                return True
            return self._completes([consequence]) or self._completes([alternative])
        return True

    def _leaves_early(self, statements: "Sequence[Node]", *, is_tail: bool) -> bool:
        """Whether a `break` or `yield` of the switch stands where more of the switch would follow."""
        for index, node in enumerate(statements):
            last = is_tail and index == len(statements) - 1
            kind = node.kind_id
            if kind == BREAK:
                if not last and not self.children(node):
                    return True
            elif kind == YIELD:
                if not last:
                    return True
            elif kind == IF:
                branches = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
                if any(self._leaves_early([branch], is_tail=last) for branch in branches if branch is not None):
                    return True
            elif kind in BLOCKS:
                if self._leaves_early(self.children(node), is_tail=last):
                    return True
            elif kind in _NESTED:
                if self._leaves_early(self.children(node), is_tail=False):
                    return True
            elif kind in _LOOPS and self._yields(node):
                return True
        return False

    def _yields(self, node: "Node") -> bool:
        """Whether a loop in a switch may leave the switch with a value."""
        return b"yield" in self.source[node.start_byte : node.end_byte]
