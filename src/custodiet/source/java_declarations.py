"""What a Java file declares, read before anything is lowered: classes with their bases and members."""

from typing import TYPE_CHECKING, Final

from custodiet.source.java_functions import JavaFunctions
from custodiet.source.java_names import JAVA
from custodiet.source.java_scope import TYPE_KINDS, ClassScope, Member

if TYPE_CHECKING:
    from tree_sitter import Node

METHODS: Final = JAVA.kinds_named("method_declaration", "annotation_type_element_declaration")
FIELDS: Final = JAVA.kinds_named("field_declaration", "constant_declaration")
ENUM_CONSTANT: Final = JAVA.kind_named("enum_constant")
DECLARATOR: Final = JAVA.kind_named("variable_declarator")
_ENUM_REST: Final = JAVA.kind_named("enum_body_declarations")
DEEPEST_CLASS: Final = 30


class JavaDeclarations(JavaFunctions):
    """Reading declarations."""

    __slots__ = ()

    def declared(self, node: "Node", outer: ClassScope | None, *, is_local: bool = False, depth: int = 0) -> ClassScope:
        """What a declaration says of its class; classes that are no locals are noted for the file."""
        name = node.child_by_field_name("name")
        kind = TYPE_KINDS.get(node.type, "class")
        scope = ClassScope(self.text(name) if name is not None else "", kind, node, outer)
        scope.is_local = is_local
        if not is_local:
            self.file_classes.setdefault(scope.name, []).append(scope)
        static = (
            kind != "class" or self.is_static(node) or (outer is not None and outer.kind in ("interface", "annotation"))
        )
        scope.has_instance = outer is not None and not static
        self._note_bases(node, scope)
        scope.type_parameters = self._bare_type_parameters(node)
        if kind == "record":
            components = node.child_by_field_name("parameters")
            names = []
            for child in components.named_children if components is not None else ():
                component = child.child_by_field_name("name")
                if component is not None:
                    word = self.text(component)
                    names.append(word)
                    scope.fields[word] = Member(is_static=False, typename=self._written(child))
                    scope.methods[word] = Member(is_static=False)
            scope.components = tuple(names)
        self.note_members(self.members(node.child_by_field_name("body")), scope, depth)
        return scope

    def _bare_type_parameters(self, node: "Node") -> dict[str, str]:
        declared = node.child_by_field_name("type_parameters")
        found: dict[str, str] = {}
        for child in self.children(declared) if declared is not None else ():
            parts = self.children(child)
            bound = next((part for part in parts if part.type == "type_bound"), None)
            names = [part for part in parts if part.type in ("type_identifier", "identifier")]
            if names:
                first = self.children(bound)[0] if bound is not None and self.children(bound) else None
                plain = first is not None and first.type == "type_identifier"
                found[self.text(names[0])] = self.text(first) if first is not None and plain else ""
        return found

    def _note_bases(self, node: "Node", scope: ClassScope) -> None:
        for base in self.base_types(node):
            scope.bases.append(self.simple_base(base))

    def simple_base(self, node: "Node") -> str:
        """The simple name of a base."""
        while node.type in ("generic_type", "annotated_type"):
            parts = self.children(node)
            if not parts:
                break
            node = parts[0] if node.type == "generic_type" else parts[-1]
        return self.text(node).rpartition(".")[2]

    def base_types(self, node: "Node") -> "list[Node]":
        """The types that a declaration extends and implements."""
        found: list[Node] = []
        for child in node.named_children:
            if child.type == "superclass":
                found.extend(self.children(child)[:1])
            elif child.type in ("super_interfaces", "extends_interfaces"):
                for part in self.children(child):
                    found.extend(self.children(part) if part.type == "type_list" else [part])
        return found

    def _written(self, node: "Node") -> str:
        typed = node.child_by_field_name("type")
        return self.text(typed) if typed is not None else ""

    def members(self, body: "Node | None") -> "list[Node]":
        """The members of a class body, those behind the constants of an enumeration among them."""
        found: list[Node] = []
        for child in self.children(body) if body is not None else ():
            if child.kind_id == _ENUM_REST:
                found.extend(self.children(child))
            else:
                found.append(child)
        return found

    def note_members(self, members: "list[Node]", scope: ClassScope, depth: int = 0) -> None:
        """Notes the fields, methods and classes among the members."""
        constant = scope.kind in ("interface", "annotation")
        for member in members:
            kind = member.kind_id
            if kind in FIELDS or member.type == "local_variable_declaration":
                static = constant or self.is_static(member)
                for child in member.named_children:
                    name = child.child_by_field_name("name") if child.kind_id == DECLARATOR else None
                    if name is not None:
                        scope.fields[self.text(name)] = Member(is_static=static, typename=self._written(member))
            elif kind in METHODS:
                name = member.child_by_field_name("name")
                if name is not None:
                    word = self.text(name)
                    static = self.is_static(member)
                    known = scope.methods.get(word)
                    scope.methods[word] = Member(is_static=static and (known is None or known.is_static))
            elif kind == ENUM_CONSTANT:
                name = member.child_by_field_name("name")
                if name is not None:
                    word = self.text(name)
                    scope.constants.append(word)
                    scope.fields[word] = Member(is_static=True, typename=scope.name)
            elif member.type in TYPE_KINDS and depth < DEEPEST_CLASS:
                nested = self.declared(member, scope, is_local=scope.is_local, depth=depth + 1)
                scope.classes[nested.name] = nested

    def all_of(self, scope: ClassScope) -> list[ClassScope]:
        """The nested classes of a class, inner ones first, then the class."""
        found: list[ClassScope] = []
        for nested in scope.classes.values():
            found.extend(self.all_of(nested))
        found.append(scope)
        return found
