"""Methods, constructors and lambdas of Java, with their parameters and annotations."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.java_names import IDENTIFIER, JAVA, TYPE_IDENTIFIER, array_of
from custodiet.source.java_patterns import JavaPatterns
from custodiet.source.java_scope import OUTER, ClassLevel, ClassScope, FunctionLevel
from custodiet.source.java_statements import BLOCKS

if TYPE_CHECKING:
    from tree_sitter import Node

MODIFIERS: Final = JAVA.kind_named("modifiers")
ANNOTATIONS: Final = JAVA.kinds_named("annotation", "marker_annotation")
_DECLARATOR: Final = JAVA.kind_named("variable_declarator")
_FORMALS: Final = JAVA.kinds_named("formal_parameter", "spread_parameter")
_PLAIN: Final = frozenset(
    "Override SuppressWarnings Deprecated FunctionalInterface SafeVarargs Nullable NonNull NotNull".split()
)
"""Annotations that say nothing of what a program does."""


class Formal:
    """A parameter as it is declared."""

    __slots__ = ("annotation", "flag", "raw", "span", "type")

    def __init__(self, raw: bytes, span: int, typename: str, annotation: str | None, flag: int) -> None:
        self.raw = raw
        self.span = span
        self.type = typename
        self.annotation = annotation
        self.flag = flag


class JavaFunctions(JavaPatterns):
    """Functions of every kind."""

    __slots__ = ()

    # -- annotations --------------------------------------------------------------------------------------------------

    def annotations(self, node: "Node") -> "list[Node]":
        """The annotations of a declaration that may mean something."""
        found: list[Node] = []
        for child in node.named_children:
            if child.kind_id == MODIFIERS:
                found.extend(part for part in child.named_children if part.kind_id in ANNOTATIONS)
        return [part for part in found if self.annotation_name(part) not in _PLAIN]

    def annotation_name(self, node: "Node") -> str:
        """The simple name of an annotation."""
        name = node.child_by_field_name("name")
        return self.text(name).rpartition(".")[2] if name is not None else ""

    def decorators(self, node: "Node") -> tuple[int, ...]:
        """The registers of the annotations of a declaration, each evaluated as a call."""
        return tuple(self.annotation(part) for part in self.annotations(node))

    def annotation(self, node: "Node") -> int:
        """The register of an annotation: a call of its name."""
        name = node.child_by_field_name("name")
        span = self.span(node)
        if name is None:
            return self.unknown()
        function = self.class_of_type(name)
        positional: list[int] = []
        named: list[tuple[str, int]] = []
        arguments = node.child_by_field_name("arguments")
        for child in self.children(arguments) if arguments is not None else ():
            if child.type == "element_value_pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None:
                    named.append((self.text(key), self._element(value)))
            else:
                positional.append(self._element(child))
        target = self.new_temporary()
        self.emit((ir.CALL, target, function, tuple(positional), tuple(named), span))
        return target

    def _element(self, node: "Node | None") -> int:
        if node is not None and node.kind_id in ANNOTATIONS:
            return self.annotation(node)
        return self.expression(node)

    def e_element_value_array_initializer(self, node: "Node", dst: int) -> int:
        """MAKE of a list."""
        elements = tuple(self._element(child) for child in self.children(node))
        target = self.target(dst)
        self.emit((ir.MAKE, target, "l", elements, self.span(node)))
        return target

    # -- parameters ---------------------------------------------------------------------------------------------------

    def formals(self, node: "Node | None") -> list[Formal]:
        """The parameters of a declaration."""
        if node is None:
            return []
        found = []
        for child in node.named_children:
            if child.kind_id in _FORMALS:
                formal = self._formal(child)
                if formal is not None:
                    found.append(formal)
        return found

    def _formal(self, node: "Node") -> Formal | None:
        name = node.child_by_field_name("name")
        typed = node.child_by_field_name("type")
        flag = 0
        if node.type == "spread_parameter":
            flag = 2
            for child in self.children(node):
                if child.kind_id == _DECLARATOR:
                    name = child.child_by_field_name("name")
                elif child.kind_id != MODIFIERS:
                    typed = child
        if name is None:
            return None
        typename = self.type_text(typed)
        if node.child_by_field_name("dimensions") is not None:
            typename = array_of(typename)
        annotation = typename
        marks = self.annotations(node)
        if marks:
            written = ", ".join(self.text(mark).lstrip("@").strip() for mark in marks)
            annotation = f"Annotated[{typename or 'Object'}, {' '.join(written.split())}]"
        silent = annotation in ("", "var", "Object")
        raw = self.source[name.start_byte : name.end_byte]
        return Formal(raw, self.span(name), typename, None if silent else annotation, flag)

    def begin_parameters(self, formals: list[Formal], *, receiver_span: int | None = None) -> tuple[ir.Param, ...]:
        """The parameters in the first slots, `this` before them if there is a receiver."""
        level = self.level_of
        params: list[ir.Param] = []
        if receiver_span is not None:
            params.append(ir.Param("this", self.parameter(b"this"), None, 0, receiver_span))
        for formal in formals:
            word = self.strings.get(formal.raw) or self.intern(formal.raw)
            register = self.parameter(formal.raw)
            level.visible[formal.raw] = level.locals[formal.raw] = register
            level.types[formal.raw] = formal.type
            params.append(ir.Param(word, register, formal.annotation, formal.flag, formal.span))
        return tuple(params)

    def type_parameters(self, node: "Node") -> dict[str, str]:
        """Type parameters of a declaration with their bounds as annotations; empty where there is none."""
        declared = node.child_by_field_name("type_parameters")
        found: dict[str, str] = {}
        if declared is None:
            return found
        for child in self.children(declared):
            names = [part for part in self.children(child) if part.kind_id in (TYPE_IDENTIFIER, IDENTIFIER)]
            bounds = [part for part in self.children(child) if part.type == "type_bound"]
            if names:
                bound = self.children(bounds[0]) if bounds else []
                found[self.text(names[0])] = self.type_text(bound[0]) if bound else ""
        return found

    # -- methods ------------------------------------------------------------------------------------------------------

    def is_static(self, node: "Node") -> bool:
        """Whether `static` stands before a declaration."""
        return self.has_modifier(node, "static")

    def has_modifier(self, node: "Node", word: str) -> bool:
        """Whether the modifier stands before a declaration."""
        for child in node.children:
            if child.kind_id == MODIFIERS:
                return any(part.type == word for part in child.children)
        return False

    def method(self, node: "Node", scope: ClassScope, around: ClassLevel, number: int) -> int:
        """The index of a method's function, which is defined in the class body in progress."""
        name_node = node.child_by_field_name("name")
        name = self.text(name_node) if name_node is not None else "<method>"
        body = node.child_by_field_name("body")
        static = self.is_static(node)
        registers = self.decorators(node)
        outer = self.level_of
        level = FunctionLevel(around, has_receiver=not static)
        self.level_of = level
        level.type_parameters = self.type_parameters(node)
        formals = self.formals(node.child_by_field_name("parameters"))
        returns = self.type_text(node.child_by_field_name("type"))
        if node.child_by_field_name("dimensions") is not None:
            returns = array_of(returns)
        index = self.enter_function(f"{scope.qualname}.{name}", number, level)
        self.flags = (ir.FUNCTION_STATIC if static else 0) | (ir.FUNCTION_ABSTRACT if body is None else 0)
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        span = self.span(node)
        params = self.begin_parameters(formals, receiver_span=None if static else self._name_span(name_node, node))
        mark = len(self.undo)
        if body is not None:
            self.statements(self.children(body))
        self.close_block(mark)
        self.leave_function(outer, name, params, instructions, span, returns if returns not in ("", "void") else None)
        collides = name in scope.fields
        dst = self.new_temporary() if collides else self.bind(name.encode())
        self.emit((ir.FUNC, dst, index, registers, (), self._name_span(name_node, node)))
        return index

    def _name_span(self, name: "Node | None", node: "Node") -> int:
        return self.span(name if name is not None else node)

    def super_call(self, arguments: tuple[int, ...], kw: tuple[tuple[str, int], ...], span: int) -> None:
        """`super(...)`."""
        above = self.new_temporary()
        self.called.add("__init__")
        self.emit((ir.CALL, above, self.symbol("builtins.super"), (), (), span))
        self.emit((ir.CALLM, self.new_temporary(), above, "__init__", arguments, kw, span))

    # -- lambdas ------------------------------------------------------------------------------------------------------

    def e_lambda_expression(self, node: "Node", dst: int) -> int:
        """FUNC of a function whose body is a block, or an expression that it returns."""
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        outer = self.level_of
        formals: list[Formal] = []
        if parameters is not None:
            if parameters.kind_id == IDENTIFIER:
                formals = [self._bare(parameters)]
            elif parameters.type == "inferred_parameters":
                formals = [self._bare(child) for child in self.children(parameters)]
            else:
                formals = self.formals(parameters)
        level = FunctionLevel(outer, has_receiver=False, is_lambda=True)
        qualname = f"{self.qualname}.<lambda>" if self.qualname else "<lambda>"
        index = self.enter_function(qualname, -1, level)
        self.flags = ir.FUNCTION_LAMBDA
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        params = self.begin_parameters(formals)
        mark = len(self.undo)
        if body is not None and body.kind_id in BLOCKS:
            self.statements(self.children(body))
        elif body is not None:
            self.emit((ir.RET, self.expression(body), self.span(body)))
        span = self.span(node)
        self.close_block(mark)
        self.leave_function(outer, "<lambda>", params, instructions, span)
        target = self.target(dst)
        self.emit((ir.FUNC, target, index, (), (), span))
        return target

    def _bare(self, node: "Node") -> Formal:
        return Formal(self.source[node.start_byte : node.end_byte], self.span(node), "", None, 0)

    def outer_parameter(self, scope: ClassScope, span: int) -> tuple[Formal, ...]:
        """The parameter that brings the instance around an inner class."""
        if not scope.has_instance or scope.outer is None:
            return ()
        typename = "" if scope.outer.is_local else scope.outer.qualname
        return (Formal(OUTER.encode(), span, typename, typename or None, 1),)
