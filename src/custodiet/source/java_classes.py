"""Classes of Java.

All classes of a file are made first, bases before what derives from them; then the static fields and initialisers run, in
the order of the source. Constants that are literals are there from the start. Fields with a value are filled by each
constructor, through a method of the class's own (`__fields__`) where constructors are written.
"""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.java_constructors import JavaConstructors
from custodiet.source.java_declarations import DECLARATOR, DEEPEST_CLASS, ENUM_CONSTANT, FIELDS, METHODS
from custodiet.source.java_expressions import BINARY, LITERALS
from custodiet.source.java_names import JAVA, array_of
from custodiet.source.java_scope import OUTER, ClassLevel, ClassScope, FunctionLevel, Level

if TYPE_CHECKING:
    from tree_sitter import Node

_STATIC_BLOCK: Final = JAVA.kind_named("static_initializer")
_PROTOCOL: Final = {"toString": "__str__", "iterator": "__iter__"}
"""Methods that play a part in the protocol of the core."""


class JavaClasses(JavaConstructors):
    """Declarations of types."""

    __slots__ = ()

    # -- making classes -----------------------------------------------------------------------------------------------

    def define_all(self, scopes: list[ClassScope], parent: Level) -> None:
        """CLASS of each class and of those in it, bases first; then their static parts."""
        waiting = [each for scope in scopes for each in self.all_of(scope)]
        done: set[int] = set()

        def visit(scope: ClassScope, depth: int) -> None:
            if id(scope) in done:
                return
            done.add(id(scope))
            if depth < DEEPEST_CLASS:
                for base in self.lineage(scope)[1:]:
                    if base in waiting:
                        visit(base, depth + 1)
                for nested in scope.classes.values():
                    visit(nested, depth + 1)
            self._define(scope, parent)

        for scope in waiting:
            visit(scope, 0)
        for scope in scopes:
            self.run_static(scope, parent)

    def around(self, scope: ClassScope, parent: Level) -> ClassLevel:
        """The level of a class between its members and what is around it."""
        if scope.outer is None or scope.is_local:
            return ClassLevel(scope, parent)
        return ClassLevel(scope, self.around(scope.outer, parent))

    def _define(self, scope: ClassScope, parent: Level) -> None:
        """CLASS of a declared class, into its name."""
        node = scope.node
        name = node.child_by_field_name("name")
        if scope.is_local:
            dst = self.declare(scope.name.encode())
        else:
            dst = self.bind(scope.name.encode())
        decorators = self.decorators(node)
        body = node.child_by_field_name("body")
        bases = [(self.class_of_type(base), self.type_text(base)) for base in self.base_types(node)]
        if scope.kind == "enum":
            bases.append((self.symbol("java.lang.Enum"), "java.lang.Enum"))
        elif scope.kind == "record":
            bases.append((self.symbol("java.lang.Record"), "java.lang.Record"))
        at = self.span(name) if name is not None else self.span(node)
        self.make_class(scope, self.members(body), bases, decorators, dst, self.around(scope, parent), at)

    def make_class(
        self,
        scope: ClassScope,
        members: "list[Node]",
        bases: list[tuple[int, str]],
        decorators: tuple[int, ...],
        dst: int,
        around: ClassLevel,
        at: int,
    ) -> None:
        """CLASS of a class with these members."""
        node = scope.node
        span = self.span(node)
        number = len(self.classes)
        self.classes.append(None)
        outer = self.level_of
        level = FunctionLevel(around.parent, has_receiver=False)
        index = self.enter_function(scope.qualname, number, level)
        self.in_class = True
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        inner = ClassLevel(scope, level)
        fields = [*self._field_types(members, scope), *self.note_logger(scope)]
        self._constants(members, scope, level)
        for nested in scope.classes.values():
            if not scope.is_local:
                self.emit((ir.MOVE, self.new_local(nested.name), self.slot(nested.name.encode()), at))
        methods: list[tuple[str, int]] = []
        for member in members:
            if member.kind_id in METHODS:
                base = self.temporary
                made = self.method(member, scope, inner, number)
                name = member.child_by_field_name("name")
                word = self.text(name) if name is not None else ""
                methods.append((word, made))
                if word in _PROTOCOL:
                    methods.append((_PROTOCOL[word], made))
                self.lowest = min(self.lowest, self.temporary)
                self.temporary = base
        methods.extend(self.constructors(members, scope, inner, number, at))
        if scope.has_instance and scope.outer is not None and not scope.outer.is_local:
            fields.append((OUTER, scope.outer.qualname))
        self.leave_function(outer, "<class>", (), instructions, span)
        self.classes[number] = ir.Class(
            scope.name,
            scope.qualname,
            tuple(methods),
            tuple(name for _, name in bases if name),
            index,
            tuple(fields),
            span,
        )
        registers = tuple(register for register, _ in bases)
        self.emit((ir.CLASS, dst, number, registers, (), decorators, at))

    def _field_types(self, members: "list[Node]", scope: ClassScope) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if scope.kind == "record":
            formals = self.formals(scope.node.child_by_field_name("parameters"))
            found.extend((formal.raw.decode("utf-8", "replace"), formal.annotation or "Object") for formal in formals)
        for member in members:
            if member.kind_id in FIELDS or member.type == "local_variable_declaration":
                typename = self.type_text(member.child_by_field_name("type"))
                marks = self.annotations(member)
                if marks:
                    written = " ".join(", ".join(self.text(mark).lstrip("@").strip() for mark in marks).split())
                    typename = f"Annotated[{typename or 'Object'}, {written}]"
                for child in member.named_children:
                    name = child.child_by_field_name("name") if child.kind_id == DECLARATOR else None
                    if name is not None and typename:
                        is_array = child.child_by_field_name("dimensions") is not None
                        found.append((self.text(name), array_of(typename) if is_array else typename))
        return found

    # -- static parts -------------------------------------------------------------------------------------------------

    def _is_literal(self, node: "Node | None") -> bool:
        """Whether a value is a literal or a sum of literals."""
        while node is not None and node.kind_id == BINARY:
            right = node.child_by_field_name("right")
            if right is None or right.kind_id not in LITERALS:
                return False
            node = node.child_by_field_name("left")
        return node is not None and node.kind_id in LITERALS

    def _static_fields(self, members: "list[Node]", scope: ClassScope) -> "list[tuple[Node, Node]]":
        """(field declaration, declarator) of each static field with a value."""
        constant = scope.kind in ("interface", "annotation")
        found: list[tuple[Node, Node]] = []
        for member in members:
            if member.kind_id in FIELDS and (constant or self.is_static(member)):
                found.extend((member, child) for child in member.named_children if child.kind_id == DECLARATOR)
        return found

    def _constants(self, members: "list[Node]", scope: ClassScope, level: FunctionLevel) -> None:
        """The static fields whose values are literals, as names of the class body."""
        for _, declarator in self._static_fields(members, scope):
            name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            if name is not None and self._is_literal(value):
                raw = self.source[name.start_byte : name.end_byte]
                slot = self.new_local(self.text(name))
                level.visible[raw] = slot
                self.expression(value, slot)

    def run_static(self, scope: ClassScope, parent: Level) -> None:
        """The static fields and initialisers of a class and of those in it, where the class stands."""
        for nested in scope.classes.values():
            self.run_static(nested, parent)
        outer = self.level_of
        members = self.members(scope.node.child_by_field_name("body"))
        span = self.span(scope.node)
        level = FunctionLevel(self.around(scope, parent), has_receiver=False)
        level.slots, level.names, level.inits = self.slots, self.names, self.inits
        self.level_of = level
        register: int | None = None
        base = self.temporary
        for member in members:
            kind = member.kind_id
            if kind == ENUM_CONSTANT:
                register = self.class_register(scope, span) if register is None else register
                self._enum_constant(member, scope, register, level)
            elif kind == _STATIC_BLOCK:
                for block in self.children(member):
                    self.statement(block)
            elif kind in FIELDS:
                for declaration, declarator in self._static_fields([member], scope):
                    value = declarator.child_by_field_name("value")
                    name = declarator.child_by_field_name("name")
                    if value is None or name is None or self._is_literal(value):
                        continue
                    register = self.class_register(scope, span) if register is None else register
                    self.store_field(register, declaration, name, value)
        self.lowest = min(self.lowest, self.temporary)
        self.temporary = base
        self.level_of = outer

    def _enum_constant(self, node: "Node", scope: ClassScope, owner: int, level: FunctionLevel) -> None:
        """A constant of an enumeration: an instance, of a class of its own if it has a body."""
        name, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
        body = node.child_by_field_name("body")
        if name is None:
            return
        span = self.span(node)
        made = owner
        if body is not None:
            derived = ClassScope(self.text(name), "class", body, None)
            derived.qualname = f"{scope.qualname}.{derived.name}"
            derived.is_local = True
            derived.bases = [scope.name]
            members = self.members(body)
            self.note_members(members, derived)
            made = self.new_temporary()
            bases = [(owner, scope.qualname)]
            self.make_class(derived, members, bases, (), made, ClassLevel(derived, level), self.span(name))
        positional = (
            tuple(self.expression(child) for child in self.children(arguments)) if arguments is not None else ()
        )
        constant = self.new_temporary()
        self.emit((ir.CALL, constant, made, positional, (), span))
        self.emit((ir.SETATTR, owner, self.text(name), constant, span))

    # -- local classes ------------------------------------------------------------------------------------------------

    def s_class_declaration(self, node: "Node") -> None:
        """A class that is declared in a function."""
        outer = self.class_around()
        scope = self.declared(node, None, is_local=True)
        if scope.kind == "class" and outer is not None and self.receiver_register() is not None:
            scope.outer = outer
            scope.has_instance = True
        scope.qualname = f"{self.qualname}.{scope.name}" if self.qualname else scope.name
        self.file_classes.setdefault(scope.name, []).append(scope)
        self.define_all([scope], self.level_of)
        self.file_classes[scope.name].remove(scope)
        if not self.file_classes[scope.name]:
            del self.file_classes[scope.name]

    s_interface_declaration = s_enum_declaration = s_record_declaration = s_class_declaration
    s_annotation_type_declaration = s_class_declaration

    def anonymous_class(self, node: "Node", base: int, base_type: "Node") -> tuple[int, ClassScope]:
        """(the register, the scope) of a class without a name, whose body is the node."""
        outer = self.class_around()
        scope = ClassScope("", "class", node, None)
        scope.is_local = True
        scope.qualname = f"{self.qualname}.<class>" if self.qualname else "<class>"
        scope.bases = [self.simple_base(base_type)]
        if outer is not None and self.receiver_register() is not None:
            scope.outer = outer
            scope.has_instance = True
        members = self.members(node)
        self.note_members(members, scope)
        dst = self.new_temporary()
        around = ClassLevel(scope, self.level_of)
        name = self.type_text(base_type)
        if scope.classes:
            for nested in scope.classes.values():
                self._define(nested, self.level_of)
        opening = ir.span_of(node.start_byte, min(node.end_byte, node.start_byte + 1))
        self.make_class(scope, members, [(base, name)], (), dst, around, opening)
        return dst, scope
