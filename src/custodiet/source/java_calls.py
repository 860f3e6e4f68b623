"""Calls of Java: methods, constructors, arrays and references to methods."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.java_classes import JavaClasses
from custodiet.source.java_expressions import SUPER, TYPE_KINDS
from custodiet.source.java_names import IDENTIFIER, JAVA
from custodiet.source.java_scope import OUTER, ClassLevel, ClassScope, FunctionLevel

if TYPE_CHECKING:
    from tree_sitter import Node

_CLASS_BODY: Final = JAVA.kind_named("class_body")
_INITIALISER: Final = JAVA.kind_named("array_initializer")
_CLASS_LITERAL: Final = JAVA.kind_named("class_literal")
_BLOCK: Final = JAVA.kind_named("block")
_LARGEST_ARRAY: Final = 32
"""Elements of an array of a constant size that are there from the start."""


class JavaCalls(JavaClasses):
    """What calls something."""

    __slots__ = ()

    def arguments(self, node: "Node | None") -> tuple[int, ...]:
        """The registers of the arguments."""
        if node is None or node.end_byte - node.start_byte <= 2:
            return ()
        return tuple(self.expression(child) for child in self.children(node))

    def e_method_invocation(self, node: "Node", dst: int) -> int:
        """CALLM; a method of a class around is called on that class or on `this`."""
        name_node = node.child_by_field_name("name")
        owner = node.child_by_field_name("object")
        if name_node is None:
            return self.unknown()
        name = self.text(name_node)
        span = self.span(node)
        self.called.add(name)
        is_super = any(child.kind_id == SUPER for child in node.named_children)
        if is_super:
            target = self.super_value(span)
        elif owner is not None and owner.kind_id == _CLASS_LITERAL:
            target = self.instance_guess("java.lang.Class", span)
        elif owner is not None:
            target = self.left_operand(owner)
        else:
            found = self._unqualified(name, span)
            if found is None:
                function = self.slot(name.encode())
                registers = self.arguments(node.child_by_field_name("arguments"))
                result = self.target(dst)
                self.emit((ir.CALL, result, function, registers, (), span))
                return result
            target = found
        registers = self.arguments(node.child_by_field_name("arguments"))
        result = self.target(dst)
        self.emit((ir.CALLM, result, target, name, registers, (), span))
        return result

    def _unqualified(self, name: str, span: int) -> int | None:
        """The register that an unqualified method is called on; None for a name that only imports explain."""
        owner = self.owner_of(name, method=True)
        if owner is not None:
            scope, member = owner
            return self._member_owner(scope, span, is_static=member.is_static)
        imported = self.static_imports.get(name)
        if imported is not None:
            return self.slot(imported.encode())
        heir = self.heir_around()
        if heir is not None and not (self.static_stars and not self._has_superclass(heir)):
            return self._member_owner(heir, span, is_static=False)
        if len(self.static_stars) == 1:
            return self.slot(self.static_stars[0].encode())
        if self.static_stars:
            return None
        around = self.class_around()
        return self._member_owner(around, span, is_static=False) if around is not None else None

    def _has_superclass(self, scope: ClassScope) -> bool:
        return scope.kind == "class" and any(child.type == "superclass" for child in scope.node.named_children)

    def _member_owner(self, scope: ClassScope, span: int, *, is_static: bool) -> int:
        """The register of the instance of a class around, or of the class."""
        if not is_static:
            register = self.instance_of(scope, span)
            if register is not None:
                return register
        if scope.name:
            return self.class_register(scope, span)
        return self.unknown()

    # -- constructors -------------------------------------------------------------------------------------------------

    def e_object_creation_expression(self, node: "Node", dst: int) -> int:
        """CALL of the class; a body makes a class of its own."""
        typed = node.child_by_field_name("type")
        body: Node | None = None
        outer_value: Node | None = None
        for child in node.named_children:
            if child.kind_id == _CLASS_BODY:
                body = child
            elif typed is not None and child.end_byte <= typed.start_byte and child.kind_id not in TYPE_KINDS:
                outer_value = child if child.type not in ("type_arguments", "annotation", "marker_annotation") else None
        if typed is None:
            return self.unknown()
        span = self.span(node)
        kw: tuple[tuple[str, int], ...] = ()
        scope: ClassScope | None = None
        if outer_value is not None:
            instance = self.expression(outer_value)
            scope = self.class_named(self.type_text(typed).partition("[")[0].rpartition(".")[2])
            kw = ((OUTER, instance),) if scope is not None and scope.has_instance else ()
            function = self.class_of_type(typed)
        else:
            function = self.class_of_type(typed)
            simple = self._class_of_text(typed)
            scope = self.class_named(simple) if simple else None
            if scope is not None and scope.has_instance and scope.outer is not None:
                instance_found = self.instance_of(scope.outer, span)
                kw = ((OUTER, instance_found),) if instance_found is not None else ()
        registers = self.arguments(node.child_by_field_name("arguments"))
        if body is not None:
            if self._only_initialises(body):
                return self._filled(body, function, registers, kw, span)
            function, made = self.anonymous_class(body, function, typed)
            kw = ()
            if made.has_instance and made.uses_outer:
                receiver = self.capture_receiver()
                kw = ((OUTER, receiver),) if receiver is not None else ()
        result = self.target(dst)
        self.emit((ir.CALL, result, function, registers, kw, span))
        return result

    def _class_of_text(self, node: "Node") -> str:
        while node.type in ("generic_type", "annotated_type"):
            parts = self.children(node)
            if not parts:
                return ""
            node = parts[0] if node.type == "generic_type" else parts[-1]
        return self.text(node) if node.type == "type_identifier" else ""

    def _only_initialises(self, body: "Node") -> bool:
        """Whether a class body has nothing but blocks: `new ArrayList<>() {{ add(x); }}`."""
        members = self.children(body)
        return bool(members) and all(member.kind_id == _BLOCK for member in members)

    def _filled(
        self,
        body: "Node",
        function: int,
        registers: tuple[int, ...],
        kw: tuple[tuple[str, int], ...],
        span: int,
    ) -> int:
        """An instance, and the blocks run on it."""
        result = self.new_local("this")
        self.emit((ir.CALL, result, function, registers, kw, span))
        scope = ClassScope("", "class", body, self.class_around())
        scope.is_local = True
        scope.bases = ["?"]
        outer = self.level_of
        level = FunctionLevel(ClassLevel(scope, outer), has_receiver=True)
        level.slots = {**self.slots, b"this": result}
        level.names, level.inits = self.names, self.inits
        level.visible = dict(outer.visible)
        level.locals = outer.locals
        level.types = outer.types
        self.level_of = level
        for block in self.children(body):
            self.statement(block)
        self.level_of = outer
        return result

    # -- arrays -------------------------------------------------------------------------------------------------------

    def e_array_creation_expression(self, node: "Node", dst: int) -> int:
        """MAKE of a list: the elements, or as many as a constant size says."""
        value = node.child_by_field_name("value")
        if value is not None:
            return self.expression(value, dst)
        sizes: list[Node] = []
        for child in node.named_children:
            if child.type == "dimensions_expr":
                sizes.extend(self.children(child)[-1:])
        elements: tuple[int, ...] = ()
        for size in sizes:
            self.expression(size)
        if len(sizes) == 1 and sizes[0].type == "decimal_integer_literal":
            count = self.text(sizes[0])
            if count.isdigit() and len(count) < 3 and int(count) <= _LARGEST_ARRAY:
                elements = (self.none(),) * int(count)
        target = self.target(dst)
        self.emit((ir.MAKE, target, "l", elements, self.span(node)))
        return target

    def e_array_initializer(self, node: "Node", dst: int) -> int:
        """MAKE of a list."""
        elements = tuple(self.expression(child) for child in self.children(node))
        target = self.target(dst)
        self.emit((ir.MAKE, target, "l", elements, self.span(node)))
        return target

    # -- references to methods ----------------------------------------------------------------------------------------

    def e_method_reference(self, node: "Node", dst: int) -> int:
        """ATTR; `Cart::new` is the class."""
        parts = [child for child in self.children(node) if child.type != "type_arguments"]
        if not parts:
            return self.unknown()
        owner = parts[0]
        if self.source[node.start_byte : node.end_byte].rstrip().endswith(b"new") and len(parts) == 1:
            return (
                self.class_of_type(owner)
                if owner.kind_id in TYPE_KINDS or owner.kind_id == IDENTIFIER
                else self.unknown()
            )
        if len(parts) < 2:
            return self.unknown()
        name = self.text(parts[-1])
        span = self.span(node)
        target = self.super_value(span) if owner.kind_id == SUPER else self.qualifier(owner)
        return self._field(target, name, span, dst)
