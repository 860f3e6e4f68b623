"""Patterns of C#: `is`, switch expressions and switch statements are chains of tests."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.csharp_objects import CSharpObjects

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

Test = Callable[[], int]
"""Emits a test; gives the register of its outcome, NOREG if it always holds."""

_DEEPEST_JUMP: Final = 3
"""How many `goto case` in a row are followed."""


class CSharpPatterns(CSharpObjects):
    """Tests of a value's form, which declare names on the way."""

    def holds(self, register: int) -> int:
        """The register of an outcome: true where a pattern always holds."""
        return self.truth(True) if register == NOREG else register

    def all_of(self, tests: list[Test], span: int) -> int:
        """The outcome of tests in order, each made only if those before hold."""
        outcome = NOREG
        for place, test in enumerate(tests):
            if outcome == NOREG:
                outcome = test()
                continue
            made = self.new_temporary()
            value = NOREG

            def compute(rest: list[Test] = tests[place:]) -> None:
                nonlocal value
                value = self.holds(self.all_of(rest, span))

            block = self.block(compute)
            self.emit((ir.SHORT, made, "and", outcome, block, value, span))
            return made
        return outcome

    def e_is_pattern_expression(self, node: "Node", _dst: int) -> int:
        """The register of an is pattern."""
        value = self.expression(node.child_by_field_name("expression"))
        pattern = node.child_by_field_name("pattern")
        return self.holds(self.pattern(pattern, value)) if pattern is not None else self.unknown()

    def pattern(self, node: "Node", value: int) -> int:
        """The outcome of a pattern on a value, NOREG if it always holds."""
        kind = node.type
        span = self.span(node)
        operands = self.operands(node)
        if kind == "discard" or (kind == "var_pattern" and not operands):
            return NOREG
        if kind == "constant_pattern" and operands:
            return self._constant(operands[-1], value, span)
        if kind in {"declaration_pattern", "var_pattern", "recursive_pattern"}:
            return self._structure(node, value, span)
        if kind == "type_pattern" and operands:
            return self.is_instance(value, operands[-1], node)
        if kind == "parenthesized_pattern" and operands:
            return self.pattern(operands[-1], value)
        if kind == "negated_pattern" and operands:
            made = self.new_temporary()
            self.emit((ir.UN, made, "not", self.holds(self.pattern(operands[-1], value)), span))
            return made
        if kind == "relational_pattern" and operands:
            made = self.new_temporary()
            sign = node.children[0].type
            self.emit((ir.BIN, made, sign, value, self.expression(operands[-1]), span))
            return made
        if kind in {"and_pattern", "or_pattern"}:
            return self._combined(node, value, span)
        if kind == "list_pattern":
            return self._list(node, value, span)
        return self._constant(node, value, span)

    def _constant(self, node: "Node", value: int, span: int) -> int:
        if node.type == "tuple_expression":  # `(1, _)` reads like a value
            tests = []
            for place, argument in enumerate(self.children(node)):
                inner = self.operands(argument)
                if inner and self.source[inner[-1].start_byte : inner[-1].end_byte] != b"_":
                    tests.append(self._item_test(inner[-1], value, place))
            return self.all_of(tests, span)
        if node.type == "declaration_expression":
            self.assign(node, value, span)
            return NOREG
        made = self.new_temporary()
        operator = "is" if node.type == "null_literal" else "=="
        self.emit((ir.BIN, made, operator, value, self.expression(node), span))
        return made

    def _item_test(self, pattern: "Node", value: int, place: int) -> Test:
        def test() -> int:
            made = self.new_temporary()
            self.emit((ir.INDEX, made, value, self.number(place), self.span(pattern)))
            return self.pattern(pattern, made)

        return test

    def _member_test(self, part: "Node", path: "Node", pattern: "Node", value: int) -> Test:
        def test() -> int:
            made = value
            for word in self.decoded(path).split("."):
                owner = made
                made = self.new_temporary()
                self.called.add(word.strip())
                self.emit((ir.ATTR, made, owner, word.strip(), self.span(part)))
            return self.pattern(pattern, made)

        return test

    def _structure(self, node: "Node", value: int, span: int) -> int:
        """A type, members, items and a name, each of which may be missing."""
        kind = node.child_by_field_name("type")
        name = node.child_by_field_name("name")
        tests: list[Test] = []
        if kind is not None and kind.type != "implicit_type":
            tests.append(lambda: self.is_instance(value, kind, node))
        for child in self.children(node):
            if child.type == "property_pattern_clause":
                for part in self.children(child):
                    inner = self.operands(part)
                    if len(inner) > 1:
                        tests.append(self._member_test(part, inner[0], inner[-1], value))
            elif child.type == "positional_pattern_clause":
                for place, part in enumerate(self.children(child)):
                    inner = self.operands(part)
                    if inner:
                        tests.append(self._item_test(inner[-1], value, place))
            elif child.type == "parenthesized_variable_designation":
                self.unpack_declared(child, value, span)
        if name is None and node.type == "var_pattern":
            name = next((child for child in node.named_children if child.type == "identifier"), None)
        if name is not None:
            # before the tests: they say nothing of the value itself, and the name is one with it
            self.declare_value(self.raw(name), value, kind, self.span(node))
        return self.all_of(tests, span)

    def _combined(self, node: "Node", value: int, span: int) -> int:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return NOREG
        if node.type == "and_pattern":
            return self.all_of([lambda: self.pattern(left, value), lambda: self.pattern(right, value)], span)
        first = self.holds(self.pattern(left, value))
        made = self.new_temporary()
        second = NOREG

        def compute() -> None:
            nonlocal second
            second = self.holds(self.pattern(right, value))

        block = self.block(compute)
        self.emit((ir.SHORT, made, "or", first, block, second, span))
        return made

    def _list(self, node: "Node", value: int, span: int) -> int:
        tests: list[Test] = []
        name = node.child_by_field_name("name")
        for place, child in enumerate(self.children(node)):
            if name is None or child.start_byte != name.start_byte:
                tests.append(self._item_test(child, value, place))
        if name is not None:
            self.declare_value(self.raw(name), value, None, span)
        return self.all_of(tests, span)

    # -- switch -------------------------------------------------------------------------------------------------------

    def e_switch_expression(self, node: "Node", dst: int) -> int:
        """A chain of tests; each arm gives the value."""
        parts = self.operands(node)
        if not parts:
            return self.unknown()
        value = self.expression(parts[0])
        dst = self.new_temporary() if dst == NOREG or dst >= 0 else dst
        arms = [part for part in parts[1:] if part.type == "switch_expression_arm"]
        outer = self.emit
        bodies: list[tuple[list[ir.Ins], int, tuple[ir.Ins, ...], int]] = []
        for arm in arms:
            inner = self.operands(arm)
            if len(inner) < 2:
                continue
            body: list[ir.Ins] = []
            self.emit = body.append
            outcome = self.holds(self._guarded(inner[0], value, arm))
            then = self.block(partial(self.expression, inner[-1], dst))
            bodies.append((body, outcome, then, self.span(arm)))
        self.emit = outer
        self._chain(bodies, ())
        return dst

    def _guarded(self, pattern: "Node", value: int, part: "Node") -> int:
        guard = next((child for child in part.named_children if child.type == "when_clause"), None)
        tests: list[Test] = [lambda: self.pattern(pattern, value)]
        if guard is not None:
            tests.append(lambda: self.expression(self.operands(guard)[-1]) if self.operands(guard) else NOREG)
        return self.all_of(tests, self.span(part))

    def _chain(self, bodies: "list[tuple[list[ir.Ins], int, tuple[ir.Ins, ...], int]]", last: ir.Block) -> None:
        """Nests the tests: each stands in the else of the one before."""
        block = last
        for body, outcome, then, span in reversed(bodies):
            block = (*body, (ir.IF, outcome, then, block, span))
        for ins in block:
            self.emit(ins)

    def s_switch_statement(self, node: "Node") -> None:
        """A chain of tests; a `break` that is not the end of its section leaves a loop that runs once."""
        subject, switch = node.child_by_field_name("value"), node.child_by_field_name("body")
        if subject is None or switch is None:
            self.uncovered += 1
            return
        value = self.expression(subject)
        sections = [child for child in switch.named_children if child.type == "switch_section"]
        is_wrapped = any(self.has_inner_break(section) for section in sections)
        self.switches.append((sections, is_wrapped))

        def chain() -> None:
            outer = self.emit
            bodies: list[tuple[list[ir.Ins], int, tuple[ir.Ins, ...], int]] = []
            default: ir.Block = ()
            tests: list[Test] = []
            is_default = False
            for place, section in enumerate(sections):
                label, statements = self.section_parts(section)
                if label is None:
                    is_default = True
                else:
                    tests.append(partial(self._guarded, label, value, section))
                if not statements and place + 1 < len(sections):
                    continue
                body: list[ir.Ins] = []
                self.emit = body.append
                outcome = self._any_of(tests, self.span(section)) if tests else NOREG
                then = self.block(partial(self.section, statements))
                if is_default:
                    default = then
                if tests:
                    bodies.append((body, self.holds(outcome), then, self.span(section)))
                tests, is_default = [], False
            self.emit = outer
            self._chain(bodies, default)

        span = self.span(node)
        if is_wrapped:
            body = (*self.block(chain), (ir.BREAK, span))
            self.emit((ir.WHILE, (), self.truth(True), body, (), span))
        else:
            chain()
        self.switches.pop()

    def _any_of(self, tests: list[Test], span: int) -> int:
        outcome = self.holds(tests[0]())
        for test in tests[1:]:
            made = self.new_temporary()
            value = NOREG

            def compute(test: Test = test) -> None:
                nonlocal value
                value = self.holds(test())

            block = self.block(compute)
            self.emit((ir.SHORT, made, "or", outcome, block, value, span))
            outcome = made
        return outcome

    def section_parts(self, section: "Node") -> "tuple[Node | None, list[Node]]":
        """(label, statements) of a section; the label of `default` is None."""
        children = [child for child in self.children(section) if child.type != "when_clause"]
        if section.children and section.children[0].type == "default":
            return None, children
        return (children[0], children[1:]) if children else (None, [])

    def section(self, statements: "list[Node]") -> None:
        """The statements of a section without the `break` at its end."""
        if len(statements) == 1 and statements[0].type == "block":
            statements = self.children(statements[0])
        if statements and statements[-1].type == "break_statement":
            statements = statements[:-1]
        self.breaks.append("switch")
        self.sequence(statements)
        self.breaks.pop()

    def s_goto_statement(self, node: "Node") -> None:
        """`goto case x` runs a copy of that section; other jumps are not followed."""
        words = [child.type for child in node.children]
        if not self.switches or len(self.jumps) >= _DEEPEST_JUMP or not ("case" in words or "default" in words):
            return
        wanted = self.decoded(node.named_children[-1]) if node.named_child_count else None
        sections = self.switches[-1][0]
        for place, section in enumerate(sections):
            label, statements = self.section_parts(section)
            text = self.decoded(label) if label is not None else None
            if text == wanted and section.id not in self.jumps:
                while not statements and place + 1 < len(sections):
                    place += 1  # noqa: PLW2901 -- the sections that share the statements
                    statements = self.section_parts(sections[place])[1]
                self.jumps.append(section.id)
                self.section(statements)
                self.jumps.pop()
                return

    def has_inner_break(self, section: "Node") -> bool:
        """Whether a `break` of the switch stands anywhere but at the end of the section."""
        statements = self.section_parts(section)[1]
        if len(statements) == 1 and statements[0].type == "block":
            statements = self.children(statements[0])
        if statements and statements[-1].type == "break_statement":
            statements = statements[:-1]
        waiting = list(statements)
        while waiting:
            node = waiting.pop()
            if node.type == "break_statement":
                return True
            if node.type not in _OWN_BREAKS and node.type.endswith(_HOLDERS):
                waiting.extend(node.named_children)
        return False

    # -- what statements provide --------------------------------------------------------------------------------------

    switches: "list[tuple[list[Node], bool]]"
    breaks: list[str]
    jumps: list[int]

    def sequence(self, nodes: "list[Node]") -> None:
        """Lowers statements in order; functions among them are there from the start."""
        local = [node for node in nodes if node.type == "local_function_statement"]
        if not local:
            self.statements(nodes)
            return
        for node in local:
            name = node.child_by_field_name("name")
            if name is not None:
                self.declare(self.raw(name))
        rest: list[ir.Ins] = []
        functions: list[ir.Ins] = []
        outer = self.emit
        for node in nodes:
            self.emit = functions.append if node.type == "local_function_statement" else rest.append
            self.statement(node)
        self.emit = outer
        for ins in (*functions, *rest):
            outer(ins)


_OWN_BREAKS: Final = frozenset(
    (
        "for_statement",
        "foreach_statement",
        "while_statement",
        "do_statement",
        "switch_statement",
        "local_function_statement",
        "local_declaration_statement",
        "expression_statement",
        "return_statement",
    )
)
_HOLDERS: Final = ("_statement", "_clause", "block", "preproc_if", "preproc_else", "preproc_elif")
