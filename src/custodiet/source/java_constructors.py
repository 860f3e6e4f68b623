"""Constructors of Java: those that are written, and what the language adds to them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.java_declarations import DECLARATOR, FIELDS, METHODS
from custodiet.source.java_functions import Formal
from custodiet.source.java_lombok import JavaLombok
from custodiet.source.java_names import JAVA
from custodiet.source.java_scope import OUTER, ClassLevel, ClassScope, FunctionLevel

if TYPE_CHECKING:
    from tree_sitter import Node

_CONSTRUCTOR: Final = JAVA.kind_named("constructor_declaration")
_COMPACT: Final = JAVA.kind_named("compact_constructor_declaration")
_BLOCK: Final = JAVA.kind_named("block")


class JavaConstructors(JavaLombok):
    """Constructors, and the methods that nobody writes."""

    __slots__ = ()

    def _initialisers(self, members: "list[Node]", scope: ClassScope) -> "list[tuple[Node, Node | None]]":
        """(block or field declaration, declarator) of what each constructor runs first."""
        found: list[tuple[Node, Node | None]] = []
        if scope.kind in ("interface", "annotation"):
            return found
        for member in members:
            if member.kind_id == _BLOCK:
                found.append((member, None))
            elif (member.kind_id in FIELDS or member.type == "local_variable_declaration") and not self.is_static(
                member
            ):
                found.extend(
                    (member, child)
                    for child in member.named_children
                    if child.kind_id == DECLARATOR and child.child_by_field_name("value") is not None
                )
        return found

    def constructors(
        self, members: "list[Node]", scope: ClassScope, around: ClassLevel, number: int, at: int
    ) -> list[tuple[str, int]]:
        """The constructors, and what they share."""
        found: list[tuple[str, int]] = []
        written = [member for member in members if member.kind_id == _CONSTRUCTOR]
        compact = next((member for member in members if member.kind_id == _COMPACT), None)
        initialisers = self._initialisers(members, scope)
        shared = f"__fields__{scope.qualname}" if initialisers and written else ""
        if shared:
            made = self._made_method(
                shared, scope, around, number, at, [], lambda: self._run_initialisers(initialisers)
            )
            found.append((shared, made))
        for node in written:
            found.append(("__init__", self._constructor(node, scope, around, number, shared)))
        if scope.kind == "record":
            components = self.formals(scope.node.child_by_field_name("parameters"))
            names = [formal.raw for formal in components]
            if not any(self._takes(node, len(names)) for node in written):
                made = self._made_method(
                    "__init__", scope, around, number, at, components, lambda: self._fill_record(names, compact, at)
                )
                found.append(("__init__", made))
            declared = {self.text(name) for name in self._method_names(members)}
            for formal in components:
                word = formal.raw.decode("utf-8", "replace")
                if word not in declared:
                    made = self._made_method(
                        word,
                        scope,
                        around,
                        number,
                        at,
                        [],
                        partial(self._read_component, word, at),
                        formal.annotation,
                    )
                    found.append((word, made))
        elif not written and (generated := self.generated_constructors(scope, members, at)):
            for formals in generated:
                lower = partial(self._fill_generated, [formal.raw for formal in formals], initialisers, at)
                found.append(("__init__", self._made_method("__init__", scope, around, number, at, formals, lower)))
        elif not written and (initialisers or self._needs_outer(scope)):
            found.append(("__init__", self._implicit_constructor(scope, around, number, at, initialisers)))
        for word, field, does in self.generated_methods(scope, members):
            lower = partial(self.lower_generated, scope, field, does, at)
            formals = self.generated_formals(field, does, at)
            returns = field.type if field is not None and does == "get" else None
            static = does == "builder"
            made = self._made_method(word, scope, around, number, at, formals, lower, returns or None, is_static=static)
            found.append((word, made))
        return found

    def _fill_generated(self, names: list[bytes], initialisers: "list[tuple[Node, Node | None]]", at: int) -> None:
        self._run_initialisers(initialisers)
        self._fill_record(names, None, at)

    def _needs_outer(self, scope: ClassScope) -> bool:
        return scope.has_instance and (bool(scope.name) or scope.uses_outer)

    def _method_names(self, members: "list[Node]") -> "list[Node]":
        names = [member.child_by_field_name("name") for member in members if member.kind_id in METHODS]
        return [name for name in names if name is not None]

    def _takes(self, node: "Node", count: int) -> bool:
        return len(self.formals(node.child_by_field_name("parameters"))) == count

    def _made_method(
        self,
        name: str,
        scope: ClassScope,
        around: ClassLevel,
        number: int,
        at: int,
        formals: list[Formal],
        lower: Callable[[], None],
        returns: str | None = None,
        *,
        is_static: bool = False,
    ) -> int:
        """The index of a method that the source does not write."""
        outer = self.level_of
        level = FunctionLevel(around, has_receiver=not is_static)
        index = self.enter_function(f"{scope.qualname}.{name}", number, level)
        self.flags = ir.FUNCTION_STATIC if is_static else 0
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        params = self.begin_parameters(formals, receiver_span=None if is_static else at)
        mark = len(self.undo)
        lower()
        self.close_block(mark)
        self.leave_function(outer, name, params, instructions, self.span(scope.node), returns)
        self.emit((ir.FUNC, self.new_temporary(), index, (), (), at))
        return index

    def _run_initialisers(self, initialisers: "list[tuple[Node, Node | None]]") -> None:
        for node, declarator in initialisers:
            base = self.temporary
            if declarator is None:
                self.statement(node)
            else:
                name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
                if name is not None and value is not None:
                    self.store_field(self.level_of.slots[b"this"], node, name, value)
            self.lowest = min(self.lowest, self.temporary)
            self.temporary = base

    def _fill_record(self, names: list[bytes], compact: "Node | None", at: int) -> None:
        body = compact.child_by_field_name("body") if compact is not None else None
        if body is not None:
            self.statements(self.children(body))
        receiver = self.level_of.slots[b"this"]
        for raw in names:
            word = raw.decode("utf-8", "replace")
            self.called.add(word)
            self.emit((ir.SETATTR, receiver, word, self.level_of.visible[raw], at))

    def _read_component(self, word: str, at: int) -> None:
        read = self.new_temporary()
        self.called.add(word)
        self.emit((ir.ATTR, read, self.level_of.slots[b"this"], word, at))
        self.emit((ir.RET, read, at))

    def _implicit_constructor(
        self,
        scope: ClassScope,
        around: ClassLevel,
        number: int,
        at: int,
        initialisers: "list[tuple[Node, Node | None]]",
    ) -> int:
        formals = list(self.outer_parameter(scope, at))
        if not scope.name:
            formals.insert(0, Formal(b"(arguments)", at, "", None, 2))

        def lower() -> None:
            self._keep_outer(scope, at)
            if scope.bases:
                spread = () if scope.name else (("*", self.level_of.slots[b"(arguments)"]),)
                self.super_call((), spread, at)
            self._run_initialisers(initialisers)

        return self._made_method("__init__", scope, around, number, at, formals, lower)

    def _keep_outer(self, scope: ClassScope, at: int) -> None:
        if self.outer_parameter(scope, at):
            slots = self.level_of.slots
            self.emit((ir.SETATTR, slots[b"this"], OUTER, slots[OUTER.encode()], at))

    def _constructor(self, node: "Node", scope: ClassScope, around: ClassLevel, number: int, shared: str) -> int:
        """The index of a constructor: the base's, the fields, its body."""
        name_node = node.child_by_field_name("name")
        at = self.span(name_node if name_node is not None else node)
        body = node.child_by_field_name("body")
        registers = self.decorators(node)
        outer = self.level_of
        level = FunctionLevel(around, has_receiver=True)
        self.level_of = level
        level.type_parameters = self.type_parameters(node)
        formals = [*self.formals(node.child_by_field_name("parameters")), *self.outer_parameter(scope, at)]
        index = self.enter_function(f"{scope.qualname}.__init__", number, level)
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        params = self.begin_parameters(formals, receiver_span=at)
        mark = len(self.undo)
        statements = self.children(body) if body is not None else []
        delegates = False
        placed = next((part for part in statements if part.type == "explicit_constructor_invocation"), None)
        if placed is not None:
            which = placed.child_by_field_name("constructor")
            delegates = which is not None and which.type == "this"
        self._keep_outer(scope, at)
        for part in statements[: statements.index(placed)] if placed is not None else ():
            self.statement(part)
        if placed is not None:
            self._constructor_call(placed, scope, is_own=delegates)
        elif scope.bases and scope.kind == "class":
            self.super_call((), (), at)
        if shared and not delegates:
            self.called.add(shared)
            self.emit((ir.CALLM, self.new_temporary(), level.slots[b"this"], shared, (), (), at))
        rest = statements[statements.index(placed) + 1 :] if placed is not None else statements
        self.statements(rest)
        self.close_block(mark)
        self.leave_function(outer, "__init__", params, instructions, self.span(node))
        self.emit((ir.FUNC, self.bind(b"__init__"), index, registers, (), at))
        return index

    def _constructor_call(self, node: "Node", scope: ClassScope, *, is_own: bool) -> None:
        """`this(...)` or `super(...)`."""
        arguments = node.child_by_field_name("arguments")
        registers = tuple(self.expression(child) for child in self.children(arguments)) if arguments is not None else ()
        span = self.span(node)
        if is_own:
            self.called.update(("__init__", scope.name))
            receiver = self.level_of.slots[b"this"]
            self.emit((ir.CALLM, self.new_temporary(), receiver, "__init__", registers, (), span))
            return
        self.called.update(scope.bases[:1])
        self.super_call(registers, (), span)

    def store_field(self, target: int, declaration: "Node", name: "Node", value: "Node") -> None:
        """Stores the value of a field's declaration."""
        stored = self.expression(value)
        typename = self.type_text(declaration.child_by_field_name("type"))
        if value.type == "method_invocation" and typename not in ("String", "Object", ""):
            declared = self.new_temporary()
            self.emit((ir.CAST, declared, stored, typename, self.span(value)))
            stored = declared
        self.emit((ir.SETATTR, target, self.text(name), stored, ir.span_of(name.start_byte, value.end_byte)))
