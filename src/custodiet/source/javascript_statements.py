"""Statements of JavaScript and TypeScript."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.grammar import ERROR_KIND
from custodiet.source.javascript_modules import Modules
from custodiet.source.javascript_patterns import NAMES
from custodiet.source.lowerer import DEEPEST

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
LONGEST_CHAIN: Final = 120
"""`else if`s beyond which branches are lowered one after another, each without an else."""
_LONGEST_FALL: Final = 8
_TERMINAL: Final = frozenset((ir.RET, ir.RAISE, ir.BREAK, ir.CONT))


class Statements(Modules):
    """Statements."""

    __slots__ = ("_is_case",)

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool, path: str) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package, path=path)
        self._is_case = False

    def statements(self, nodes: "Sequence[Node]") -> None:
        """Lowers statements in order; of what the parser could not read, the statements inside."""
        for node in nodes:
            if node.kind_id == ERROR_KIND:
                self.uncovered += 1
                if self.level < DEEPEST:
                    self.level += 1
                    self._recovered(node)
                    self.level -= 1
            else:
                self.statement(node)

    def _recovered(self, node: "Node") -> None:
        base = self.temporary
        for child in node.named_children:
            kind = child.kind_id
            if kind == ERROR_KIND:
                self.statements([child])
            elif self._statements[kind] is not None:
                self.statement(child)
            elif self._expressions[kind] is not None and child.type.endswith("call_expression"):
                self.expression(child)
                if self.temporary < self.lowest:
                    self.lowest = self.temporary
                self.temporary = base

    def _nothing(self, _node: "Node") -> None:
        """Lowers to nothing."""

    s_comment = s_html_comment = s_empty_statement = s_debugger_statement = s_hash_bang_line = _nothing
    s_interface_declaration = s_type_alias_declaration = s_ambient_declaration = _nothing
    s_export_specifier = s_import_attribute = _nothing

    # -- simple statements --------------------------------------------------------------------------------------------

    def s_expression_statement(self, node: "Node") -> None:
        """The effects of an expression."""
        for child in self.children(node):
            if child.type in ("internal_module", "module"):
                self.s_internal_module(child)
            elif child.type not in ("string", "number"):
                self.expression(child)

    def s_lexical_declaration(self, node: "Node") -> None:
        """The value of each declared name; a declared type casts."""
        for child in self.children(node):
            if child.type == "variable_declarator":
                self._declare(child, is_var=node.type == "variable_declaration")

    s_variable_declaration = s_lexical_declaration
    s_using_declaration = s_lexical_declaration

    def _declare(self, node: "Node", *, is_var: bool) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return
        span = self.span(node)
        annotation = self.annotation(node.child_by_field_name("type"))
        if name.type in NAMES:
            raw = self.raw(name)
            slot = self.bind(raw)
            if value is None:
                if not is_var:
                    self.emit((ir.MOVE, slot, self.none(), span))
                return
            if value.type == "function_expression" and self.constructor(value, raw, slot):
                return
            if value.type == "class":
                self.define_class(value, self.text(name), slot, raw, ())
                return
            register = self.value_of(value, self.text(name), slot, raw)
            if register != slot:
                self.emit((ir.MOVE, slot, register, span))
            if annotation is not None:
                self.emit((ir.CAST, slot, slot, annotation, span))
            return
        if value is not None:
            register = self.expression(value)
            if annotation is not None:
                cast = self.new_temporary()
                self.emit((ir.CAST, cast, register, annotation, span))
                register = cast
            self.assign(name, register, span, declares=True)

    def s_return_statement(self, node: "Node") -> None:
        """RET."""
        inner = self.children(node)
        self.emit((ir.RET, self.expression(inner[0]) if inner else NOREG, self.span(node)))

    def s_throw_statement(self, node: "Node") -> None:
        """RAISE."""
        inner = self.children(node)
        self.emit((ir.RAISE, self.expression(inner[0]) if inner else NOREG, self.span(node)))

    def s_break_statement(self, node: "Node") -> None:
        """BREAK; in a `switch` the cases after it are not entered anyway."""
        if not self._is_case:
            self.emit((ir.BREAK, self.span(node)))

    def s_continue_statement(self, node: "Node") -> None:
        """CONT."""
        self.emit((ir.CONT, self.span(node)))

    def s_statement_block(self, node: "Node") -> None:
        """The statements inside."""
        self.scope(node.named_children)

    def s_labeled_statement(self, node: "Node") -> None:
        """The statement that has the label."""
        body = node.child_by_field_name("body")
        if body is not None:
            self.statement(body)

    def s_with_statement(self, node: "Node") -> None:
        """The object, then the body."""
        self.expression(node.child_by_field_name("object"))
        self._lower(node.child_by_field_name("body"))

    # -- branches -----------------------------------------------------------------------------------------------------

    def _lower(self, node: "Node | None") -> None:
        if node is not None:
            self.statement(node)

    def body(self, node: "Node | None") -> ir.Block:
        """The instructions of a statement, apart from those in progress."""
        return self.block(lambda: self._lower(node))

    def s_if_statement(self, node: "Node") -> None:
        """IF; each `else if` stands in the else of the one before."""
        level = self.level
        enclosing = self.emit
        nested: list[tuple[list[ir.Ins], int, ir.Block, int]] = []
        current: Node | None = node
        while current is not None:
            condition = current.child_by_field_name("condition")
            tested = self.expression(condition)
            then = self.body(current.child_by_field_name("consequence"))
            span = self.span(condition) if condition is not None else self.span(current)
            alternative = current.child_by_field_name("alternative")
            inner = self.children(alternative) if alternative is not None else []
            following = inner[0] if inner else None
            if following is None:
                self.emit((ir.IF, tested, then, (), span))
                break
            if len(nested) >= LONGEST_CHAIN or self.level >= DEEPEST:
                self.emit((ir.IF, tested, then, (), span))
            else:
                orelse: list[ir.Ins] = []
                nested.append((orelse, tested, then, span))
                self.emit = orelse.append
            if following.type != "if_statement":
                self._lower(following)
                break
            current = following
        for place in range(len(nested) - 1, -1, -1):
            orelse, tested, then, span = nested[place]
            outer = nested[place - 1][0].append if place else enclosing
            outer((ir.IF, tested, then, tuple(orelse), span))
        self.emit = enclosing
        self.level = level

    def s_switch_statement(self, node: "Node") -> None:
        """A chain of IFs; a body that does not leave goes on with the next ones."""
        value = self.expression(node.child_by_field_name("value"))
        held = self.new_temporary()
        self.emit((ir.MOVE, held, value, self.span(node)))
        body = node.child_by_field_name("body")
        if body is None:
            return
        before, self._is_case = self._is_case, True
        cases: list[tuple[list[Node], bool, int]] = []
        blocks: list[tuple[ir.Block, bool]] = []
        labels: list[Node] = []
        is_default = False
        for case in self.children(body):
            if case.type == "switch_default":
                is_default = True
            else:
                label = case.child_by_field_name("value")
                if label is not None:
                    labels.append(label)
            statements = case.children_by_field_name("body")
            if not statements:
                continue
            block = self._case(statements)
            leaves = any(_leaves(statement) for statement in statements)
            blocks.append((block, leaves or bool(block and block[-1][0] in _TERMINAL)))
            cases.append((labels, is_default, self.span(case)))
            labels, is_default = [], False
        self._is_case = before
        self._chain(cases, blocks, held)

    def _case(self, statements: "list[Node]") -> ir.Block:
        return self.block(lambda: self.scope(statements))

    def _chain(
        self, cases: "list[tuple[list[Node], bool, int]]", blocks: list[tuple[ir.Block, bool]], value: int
    ) -> None:
        """The IFs of a `switch`, innermost last; the default is the last else."""
        orelse: ir.Block = ()
        for place, (_, is_default, _) in enumerate(cases):
            if is_default:
                orelse = _fallen(blocks, place)
        pieces: list[tuple[list[ir.Ins], int, ir.Block, int]] = []
        enclosing = self.emit
        for place, (labels, is_default, span) in enumerate(cases):
            if is_default or not labels:
                continue
            test: list[ir.Ins] = []
            self.emit = test.append
            tested = self._tested(labels, value)
            pieces.append((test, tested, _fallen(blocks, place), span))
        self.emit = enclosing
        for test, tested, then, span in reversed(pieces[:LONGEST_CHAIN]):
            orelse = (*test, (ir.IF, tested, then, orelse, span))
        for ins in orelse:
            self.emit(ins)
        for test, tested, then, span in pieces[LONGEST_CHAIN:]:
            for ins in (*test, (ir.IF, tested, then, (), span)):
                self.emit(ins)

    def _tested(self, labels: "list[Node]", value: int) -> int:
        tested = NOREG
        for label in labels:
            span = self.span(label)

            def equal(label: "Node" = label, span: int = span) -> int:
                register = self.expression(label)
                made = self.new_temporary()
                self.emit((ir.BIN, made, "==", value, register, span))
                return made

            if tested == NOREG:
                tested = equal()
                continue
            held = NOREG

            def lower() -> None:
                nonlocal held
                held = equal()

            block = self.block(lower)
            joined = self.new_temporary()
            self.emit((ir.SHORT, joined, "or", tested, block, held, span))
            tested = joined
        return tested

    # -- loops --------------------------------------------------------------------------------------------------------

    def _loop_body(self, node: "Node | None") -> ir.Block:
        before, self._is_case = self._is_case, False
        block = self.body(node)
        self._is_case = before
        return block

    def s_while_statement(self, node: "Node") -> None:
        """WHILE."""
        tested = NOREG

        def lower() -> None:
            nonlocal tested
            tested = self.expression(node.child_by_field_name("condition"))

        condition = self.block(lower)
        body = self._loop_body(node.child_by_field_name("body"))
        self.emit((ir.WHILE, condition, tested, body, (), self.span(node)))

    def s_do_statement(self, node: "Node") -> None:
        """WHILE that is left where the condition is false."""
        span = self.span(node)
        body = self._loop_body(node.child_by_field_name("body"))

        def lower() -> None:
            tested = self.expression(node.child_by_field_name("condition"))
            self.emit((ir.IF, tested, (), ((ir.BREAK, span),), span))

        self.emit((ir.WHILE, (), self.constant(b"=true", True), (*body, *self.block(lower)), (), span))

    def s_for_statement(self, node: "Node") -> None:
        """WHILE behind what the head starts with; what it counts with ends the body."""
        start = node.child_by_field_name("initializer")
        if start is not None and start.type != "empty_statement":
            if self._statements[start.kind_id] is not None:
                self.statement(start)
            else:
                self.expression(start)
        tested = NOREG
        condition = node.child_by_field_name("condition")

        def lower() -> None:
            nonlocal tested
            tested = self.constant(b"=true", True)
            if condition is not None and condition.type != "empty_statement":
                inner = self.children(condition) if condition.type == "expression_statement" else [condition]
                tested = self.expression(inner[0]) if inner else tested

        head = self.block(lower)
        body = self._loop_body(node.child_by_field_name("body"))
        increment = node.child_by_field_name("increment")
        after = self.block(lambda: self.expression(increment)) if increment is not None else ()
        self.emit((ir.WHILE, head, tested, (*body, *after), (), self.span(node)))

    def s_for_in_statement(self, node: "Node") -> None:
        """LOOP; a target that is not a name is taken apart at the start of the body."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            self.uncovered += 1
            return
        declares = node.child_by_field_name("kind") is not None
        register = self.expression(right)
        span = ir.span_of(node.start_byte, right.end_byte)
        prologue: ir.Block = ()
        if left.type in NAMES:
            element = self.target_slot(left, declares=declares)
        else:
            element = self.new_temporary()
            prologue = self.block(lambda: self.assign(left, element, self.span(left), declares=declares))
        body = self._loop_body(node.child_by_field_name("body"))
        self.emit((ir.LOOP, register, element, (*prologue, *body), (), span))

    # -- exceptions ---------------------------------------------------------------------------------------------------

    def s_try_statement(self, node: "Node") -> None:
        """TRY with at most one handler, which takes everything."""
        body = self.body(node.child_by_field_name("body"))
        handler = node.child_by_field_name("handler")
        handlers: tuple[tuple[int, tuple[int, ...], ir.Block], ...] = ()
        if handler is not None:
            parameter = handler.child_by_field_name("parameter")
            prologue: ir.Block = ()
            name = NOREG
            if parameter is not None:
                if parameter.type in NAMES:
                    name = self.bind(self.raw(parameter))
                else:
                    name = self.new_temporary()
                    caught = name
                    prologue = self.block(lambda: self.assign(parameter, caught, self.span(parameter), declares=True))
            handlers = ((name, (), (*prologue, *self.body(handler.child_by_field_name("body")))),)
        final = node.child_by_field_name("finalizer")
        last = self.body(final.child_by_field_name("body")) if final is not None else ()
        self.emit((ir.TRY, body, handlers, (), last, self.span(node)))

    # -- declarations of TypeScript -----------------------------------------------------------------------------------

    def s_enum_declaration(self, node: "Node") -> None:
        """DICT of the members."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return
        pairs = []
        count = 0
        for child in self.children(body):
            if child.type == "enum_assignment":
                key, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            else:
                key, value = child, None
            if key is None:
                continue
            register = self.expression(value) if value is not None else self.number(count)
            count += 1
            pairs.append((self.string(self.key_name(key)), register))
        self.emit((ir.DICT, self.bind(self.raw(name)), tuple(pairs), self.span(node)))

    def s_internal_module(self, node: "Node") -> None:
        """The statements inside, and an object of what they declare."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None or name.type == "string":
            return
        self.scope(body.named_children)
        pairs: list[tuple[int, int]] = []
        for child in self.children(body):
            declared = child.child_by_field_name("declaration") if child.type == "export_statement" else None
            if declared is None:
                continue
            names = [declared.child_by_field_name("name")]
            if declared.type in ("lexical_declaration", "variable_declaration"):
                names = [each.child_by_field_name("name") for each in self.children(declared)]
            pairs.extend(
                (self.string(self.text(each)), self.slot(self.raw(each)))
                for each in names
                if each is not None and each.type in ("identifier", "type_identifier")
            )
        raw = self.raw(name).split(b".")[0]
        self.emit((ir.DICT, self.bind(raw), tuple(pairs), self.span(node)))

    s_module = s_internal_module


def _leaves(statement: "Node") -> bool:
    """Whether a statement of a case surely leaves the `switch`."""
    kind = statement.type
    if kind == "statement_block":
        return any(_leaves(inner) for inner in statement.named_children)
    return kind in ("break_statement", "return_statement", "throw_statement", "continue_statement")


def _fallen(blocks: list[tuple[ir.Block, bool]], place: int) -> ir.Block:
    """The body of a case with those that it falls through to."""
    block, leaves = blocks[place]
    for following, ends in blocks[place + 1 : place + 1 + _LONGEST_FALL]:
        if leaves:
            break
        block, leaves = (*block, *following), ends
    return block
