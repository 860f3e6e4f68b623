"""Functions of JavaScript: declarations, expressions, arrows and methods, with their parameters."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from custodiet.source import ir
from custodiet.source.javascript_patterns import NAMES, Patterns
from custodiet.source.javascript_scopes import NO_THIS, THIS
from custodiet.source.lowerer import DEEPEST

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
LAMBDA: Final = "<lambda>"
DECLARATIONS: Final = frozenset(("function_declaration", "generator_function_declaration"))
FUNCTIONS: Final = frozenset(("arrow_function", "function_expression", "generator_function"))
_LITERALS: Final = frozenset(("string", "number", "true", "false", "null", "undefined", "template_string"))
_EMPTY: Final = frozenset((b"{}", b"[]"))
_LONGEST_NAME: Final = 60


class Formal(NamedTuple):
    """A parameter as the source has it."""

    pattern: "Node"
    flag: int
    annotation: str | None
    default: "Node | None"
    is_field: bool
    """It has an access modifier: the constructor keeps it as a field."""


class Shape(NamedTuple):
    """What the surroundings say of a function."""

    name: str = LAMBDA
    this_raw: bytes = NO_THIS
    class_index: int = -1
    flags: int = 0
    has_receiver: bool = False
    prologue: "Callable[[], None] | None" = None
    """Emits what stands before the body."""
    span: int = 0
    """Where everything in the function stands, if that is more than its node."""


class Functions(Patterns):
    """Functions."""

    __slots__ = ("_hoisted",)

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool, path: str) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package, path=path)
        self._hoisted: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {}

    # -- parameters ---------------------------------------------------------------------------------------------------

    def formals(self, node: "Node") -> list[Formal]:
        """The parameters of a function node, without TypeScript's `this`."""
        single = node.child_by_field_name("parameter")
        if single is not None:
            return [Formal(single, 0, None, None, False)]
        listed = node.child_by_field_name("parameters")
        if listed is None:
            return []
        found = []
        for child in self.children(listed):
            formal = self._formal(child)
            if formal is not None:
                found.append(formal)
        return found

    def _formal(self, node: "Node") -> Formal | None:
        kind = node.type
        annotation: str | None = None
        default: Node | None = None
        is_field = False
        pattern: Node | None = node
        if kind in ("required_parameter", "optional_parameter"):
            pattern = node.child_by_field_name("pattern")
            typed = node.child_by_field_name("type")
            annotation = self.annotation(typed)
            default = node.child_by_field_name("value")
            notes = []
            for child in self.children(node):
                if child.type in ("accessibility_modifier", "override_modifier"):
                    is_field = True
                elif child.type == "decorator":
                    notes.append(self._note(child))
            is_field = is_field or any(child.type == "readonly" for child in node.children)
            if notes:
                annotation = f"Annotated[{annotation or 'Any'}, {', '.join(notes)}]"
        elif kind == "assignment_pattern":
            pattern, default = node.child_by_field_name("left"), node.child_by_field_name("right")
        if pattern is None or pattern.type == "this":
            return None
        flag = 0
        if pattern.type == "rest_pattern":
            inner = self.children(pattern)
            if not inner:
                return None
            pattern, flag = inner[0], 2
        return Formal(pattern, flag, annotation, default, is_field)

    def _note(self, decorator: "Node") -> str:
        """A parameter's decorator as part of its type: `Query("q")`, always a call."""
        inner = self.children(decorator)
        word = self.text(inner[0]) if inner else ""
        self.called.add(word.partition("(")[0].rpartition(".")[2])
        return " ".join(word.split()) if "(" in word else f"{word}()"

    def _begin_parameters(self, formals: list[Formal]) -> tuple[tuple[ir.Param, ...], list[tuple[Formal, int]]]:
        """The parameters in the first slots; and those that the body has to take apart."""
        params = []
        loose = []
        for place, formal in enumerate(formals):
            node = formal.pattern
            raw = self.source[node.start_byte : node.end_byte]
            is_name = node.type in NAMES
            if not is_name or not raw or raw in self.slots:
                raw = b" ".join(raw.split())[:_LONGEST_NAME] if not is_name else raw
                if not raw or raw in self.slots:
                    raw = b"parameter %d" % place
            register = self.parameter(raw)
            params.append(ir.Param(self.strings[raw], register, formal.annotation, formal.flag, self.span(node)))
            if not is_name or formal.default is not None or formal.is_field:
                loose.append((formal, register))
        return tuple(params), loose

    # -- bodies -------------------------------------------------------------------------------------------------------

    def function(self, node: "Node", shape: Shape) -> tuple[int, tuple[tuple[int, int], ...]]:
        """(index, defaults) of the function that the node defines; its FUNC is the caller's."""
        formals = self.formals(node)
        shift = 1 if shape.has_receiver else 0
        defaults = []
        for place, formal in enumerate(formals):
            if formal.default is not None and formal.default.type in _LITERALS and not formal.flag:
                defaults.append((place + shift, self.expression(formal.default)))
        flags = shape.flags | self._flags(node)
        this_raw = shape.this_raw
        if node.type == "arrow_function" and not shape.has_receiver:
            this_raw = self.this_raw
        returns = self.annotation(node.child_by_field_name("return_type"))
        body = node.child_by_field_name("body")
        index = self.open(self.qualified(shape.name), shape.class_index, this_raw)
        self.flags = flags
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        span = shape.span or self.span(node)
        receiver: tuple[ir.Param, ...] = ()
        if shape.has_receiver:
            start = node.start_byte
            register = self.parameter(THIS)
            receiver = (ir.Param("this", register, None, 0, ir.span_of(start, start)),)
            self.receiver = "this"
        params, loose = self._begin_parameters(formals)
        for formal, register in loose:
            self._take_apart(formal, register, shape)
        if shape.prologue is not None:
            shape.prologue()
        self._body(body)
        self.close(shape.name, (*receiver, *params), instructions, span, returns)
        return index, tuple(defaults)

    def _flags(self, node: "Node") -> int:
        flags = 0
        if node.type in ("generator_function", "generator_function_declaration"):
            flags |= ir.FUNCTION_GENERATOR
        for child in node.children:
            kind = child.type
            if kind == "async":
                flags |= ir.FUNCTION_ASYNC
            elif kind == "*":
                flags |= ir.FUNCTION_GENERATOR
            elif child.is_named and kind not in ("comment", "decorator", "accessibility_modifier"):
                break
        return flags

    def _take_apart(self, formal: Formal, register: int, shape: Shape) -> None:
        node = formal.pattern
        span = self.span(node)
        value = register
        default = formal.default
        if default is not None and ((default.type in _LITERALS and node.type in NAMES) or self.raw(default) in _EMPTY):
            default = None
        if default is not None:
            value = self.with_default(register, default, span)
        if node.type not in NAMES:
            self.assign(node, value, span, declares=True)
        elif value != register:
            self.emit((ir.MOVE, register, value, span))
        if formal.is_field and shape.has_receiver:
            self.emit((ir.SETATTR, self.this_slot(), self.text(node), register, span))

    def _body(self, body: "Node | None") -> None:
        if body is None:
            return
        if body.type == "statement_block":
            if self.level >= DEEPEST:
                self.uncovered += 1
                return
            self.level += 1
            self.scope(body.named_children)
            self.level -= 1
            return
        base = self.temporary
        value = self.expression(body)
        self.emit((ir.RET, value, self.span(body)))
        if self.temporary < self.lowest:
            self.lowest = self.temporary
        self.temporary = base

    def scope(self, nodes: "list[Node]") -> None:
        """The statements of a function body or block, functions that it declares first."""
        for node in nodes:
            declared = node
            if node.type == "export_statement":
                declared = node.child_by_field_name("declaration") or node
            if declared.type in DECLARATIONS and declared.kind_id != 0:
                self.hoist(declared)
        self.statements(nodes)

    # -- defining -----------------------------------------------------------------------------------------------------

    def hoist(self, node: "Node") -> None:
        """FUNC of a declared function, at the start of its scope."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        raw = self.raw(name)
        base = self.temporary
        slot = self.bind(raw)
        if self.level >= DEEPEST:
            self.uncovered += 1
            return
        self.level += 1
        if not self.constructor(node, raw, slot):
            made = self.function(node, Shape(self.text(name)))
            self._hoisted[node.id] = made
            self.emit((ir.FUNC, slot, made[0], (), made[1], self.span(name)))
        self.level -= 1
        if self.temporary < self.lowest:
            self.lowest = self.temporary
        self.temporary = base

    def constructor(self, _node: "Node", _raw: bytes, _slot: int) -> bool:
        """Whether the function is a class of its own, which was then defined: one with a prototype."""
        return False

    def s_function_declaration(self, node: "Node") -> None:
        """FUNC once more, inside functions: now the variables that it captures have their values."""
        made = self._hoisted.get(node.id)
        name = node.child_by_field_name("name")
        if made is not None and name is not None and self.index:
            self.emit((ir.FUNC, self.bind(self.raw(name)), made[0], (), (), self.span(name)))

    s_generator_function_declaration = s_function_declaration

    def s_function_signature(self, _node: "Node") -> None:
        """Lowers to nothing: an overload without a body."""

    def define(self, node: "Node", dst: int, shape: Shape, span: int) -> int:
        """The register of a function expression."""
        index, defaults = self.function(node, shape)
        dst = self.target(dst)
        self.emit((ir.FUNC, dst, index, (), defaults, span))
        return dst

    def e_arrow_function(self, node: "Node", dst: int) -> int:
        """FUNC."""
        return self.define(node, dst, Shape(flags=ir.FUNCTION_LAMBDA), self.span(node))

    def e_function_expression(self, node: "Node", dst: int) -> int:
        """FUNC; its own name means itself."""
        name = node.child_by_field_name("name")
        word = self.text(name) if name is not None else LAMBDA
        return self.define(node, dst, Shape(word, flags=ir.FUNCTION_LAMBDA), self.span(node))

    e_generator_function = e_function_expression

    def named(self, node: "Node | None", name: str, dst: int, owner: bytes = b"") -> int:
        """The register of an expression that gets the name: a function is called as what it is assigned to, and `this`
        inside is `owner`.
        """
        if node is not None and node.type in FUNCTIONS and self._depth < DEEPEST:
            own = node.child_by_field_name("name")
            word = self.text(own) if own is not None else name
            self._depth += 1
            made = self.define(node, dst, Shape(word, owner), self.span(node))
            self._depth -= 1
            return made
        return self.expression(node, dst)
