"""Names and types of Java: what an identifier at a place stands for, and how types are written in annotations."""

from typing import TYPE_CHECKING, ClassVar, Final

from custodiet.source import ir
from custodiet.source.grammar import Grammar
from custodiet.source.java_scope import OUTER, ClassLevel, ClassScope, FunctionLevel, Jump, Level, Member
from custodiet.source.tree import TreeLowerer

if TYPE_CHECKING:
    from tree_sitter import Node

JAVA: Final = Grammar("tree_sitter_java")
"""The grammar of Java."""
IDENTIFIER: Final = JAVA.kind_named("identifier")
TYPE_IDENTIFIER: Final = JAVA.kind_named("type_identifier")
_SCOPED: Final = JAVA.kinds_named("scoped_type_identifier", "scoped_identifier")
_GENERIC: Final = JAVA.kind_named("generic_type")
_ARRAY: Final = JAVA.kind_named("array_type")
_ANNOTATED: Final = JAVA.kind_named("annotated_type")
_WILDCARD: Final = JAVA.kind_named("wildcard")
_ANNOTATIONS: Final = JAVA.kinds_named("annotation", "marker_annotation")
_DEEPEST_TYPE: Final = 20

SILENT_TYPES: Final = frozenset(("var", "String", "Object", "CharSequence", "val", ""))
"""Declared types that say nothing of a value beyond what the value says itself."""


def array_of(element: str) -> str:
    """The annotation of an array: a list of its elements; bytes and characters are a text as a whole."""
    return "" if element in ("byte", "char") else f"list[{element or 'Object'}]"


class JavaNames(TreeLowerer):
    """Looking names up."""

    grammar: ClassVar[Grammar] = JAVA
    __slots__ = ("file_classes", "jumps", "level_of", "static_imports", "static_stars", "undo")

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package)
        self.file_classes: dict[str, list[ClassScope]] = {}
        """The classes of the file that are no locals, by simple name."""
        self.static_imports: dict[str, str] = {}
        """Name that a static import binds -> the class that it is a member of."""
        self.static_stars: list[str] = []
        """Classes whose static members are all imported."""
        self.level_of: FunctionLevel = FunctionLevel(None, has_receiver=False)
        """The function in progress."""
        self.undo: list[tuple[bytes, int | None]] = []
        self.jumps: list[Jump] = []

    # -- functions in progress ----------------------------------------------------------------------------------------

    def enter_function(self, qualname: str, class_index: int, level: FunctionLevel) -> int:
        """The index of a function that begins; `leave_function` is its pair."""
        index = self.begin(qualname, class_index)
        level.slots, level.names, level.inits = self.slots, self.names, self.inits
        self.level_of = level
        return index

    def leave_function(
        self,
        outer: FunctionLevel,
        name: str,
        params: tuple[ir.Param, ...],
        body: list[ir.Ins],
        span: int,
        returns: str | None = None,
    ) -> None:
        """Stores the function in progress; `outer` is in progress again."""
        self.finish(name, params, body, span, returns)
        self.level_of = outer

    # -- variables ----------------------------------------------------------------------------------------------------

    def declare(self, raw: bytes, typename: str = "") -> int:
        """The slot of a variable that is declared here, until the end of the block."""
        level = self.level_of
        slot = level.locals.get(raw)
        if slot is None:
            found = self.strings.get(raw)
            slot = level.locals[raw] = self.new_local(found if found is not None else self.intern(raw))
        self.undo.append((raw, level.visible.get(raw)))
        level.visible[raw] = slot
        level.types[raw] = typename
        return slot

    def close_block(self, mark: int) -> None:
        """Ends the scope of what was declared since `undo` had the length `mark`."""
        visible = self.level_of.visible
        undo = self.undo
        while len(undo) > mark:
            raw, earlier = undo.pop()
            if earlier is None:
                visible.pop(raw, None)
            else:
                visible[raw] = earlier

    def variable(self, raw: bytes) -> int | None:
        """The slot of a local variable, of this function or one around it that is not hidden by a field; else None."""
        found = self.level_of.visible.get(raw)
        if found is not None:
            return found
        crossed: list[FunctionLevel] = [self.level_of]
        level: Level | None = self.level_of.parent
        while level is not None:
            if isinstance(level, ClassLevel):
                if raw.decode("utf-8", "replace") in level.scope.fields:
                    return None
            elif raw in level.visible:
                word = self.strings.get(raw) or self.intern(raw)
                slots = [between.captured(raw, word) for between in crossed]
                return slots[0]
            else:
                crossed.append(level)
            level = level.parent
        return None

    def type_of_variable(self, raw: bytes) -> str:
        """The declared type of a variable or field as written; empty if there is none."""
        level: Level | None = self.level_of
        while level is not None:
            if isinstance(level, ClassLevel):
                member = level.scope.fields.get(raw.decode("utf-8", "replace"))
                if member is not None:
                    return member.type
            elif raw in level.visible:
                return level.types.get(raw, "")
            level = level.parent
        return ""

    # -- receivers ----------------------------------------------------------------------------------------------------

    def class_around(self) -> ClassScope | None:
        """The innermost class around the place."""
        level: Level | None = self.level_of
        while level is not None:
            if isinstance(level, ClassLevel):
                return level.scope
            level = level.parent
        return None

    def receiver_register(self) -> int | None:
        """The register of `this`; None in a static place."""
        crossed: list[FunctionLevel] = []
        level: Level | None = self.level_of
        while isinstance(level, FunctionLevel):
            if level.has_receiver:
                return crossed[0].captured(b"this", "this") if crossed else level.slots[b"this"]
            if not level.is_lambda:
                return None
            crossed.append(level)
            level = level.parent
        return None

    def capture_receiver(self) -> int | None:
        """As `receiver_register`, after the functions in between have captured it as well."""
        found = self.receiver_register()
        level: Level | None = self.level_of
        while isinstance(level, FunctionLevel) and not level.has_receiver and level.is_lambda:
            level.captured(b"this", "this")
            level = level.parent
        return found

    def instance_of(self, wanted: ClassScope, span: int) -> int | None:
        """The register of the instance of `wanted`, the class around the place or one farther out; None if static."""
        register = self.capture_receiver()
        scope = self.class_around()
        while scope is not None and scope is not wanted:
            if register is None:
                return None
            if not scope.has_instance:
                return None
            scope.uses_outer = True
            read = self.new_temporary()
            self.emit((ir.ATTR, read, register, OUTER, span))
            register = read
            scope = scope.outer
        return register if scope is wanted else None

    # -- members ------------------------------------------------------------------------------------------------------

    def lineage(self, scope: ClassScope) -> list[ClassScope]:
        """The class and its bases as far as the file declares them, nearest first."""
        found = [scope]
        for current in found:
            for base in current.bases:
                for candidate in self.file_classes.get(base, ())[:1]:
                    if candidate not in found:
                        found.append(candidate)
        return found

    def owner_of(self, name: str, *, method: bool) -> tuple[ClassScope, Member] | None:
        """(the class around the place whose member this is, the member) as far as the file declares it."""
        level: Level | None = self.level_of
        while level is not None:
            if isinstance(level, ClassLevel):
                for scope in self.lineage(level.scope):
                    member = (scope.methods if method else scope.fields).get(name)
                    if member is not None:
                        return level.scope, member
            level = level.parent
        return None

    def heir_around(self) -> ClassScope | None:
        """The innermost class around the place that has a base which the file does not declare."""
        level: Level | None = self.level_of
        while level is not None:
            if isinstance(level, ClassLevel):
                for scope in self.lineage(level.scope):
                    if any(base not in self.file_classes for base in scope.bases):
                        return level.scope
            level = level.parent
        return None

    def class_register(self, scope: ClassScope, span: int) -> int:
        """The register of a class of the file."""
        if scope.is_local or scope.outer is None:
            raw = scope.name.encode()
            local = self.variable(raw) if scope.is_local else None
            return local if local is not None else self.slot(raw)
        if len(self.file_classes.get(scope.name, ())) == 1:
            return self.slot(scope.name.encode())
        outer = self.class_register(scope.outer, span)
        read = self.new_temporary()
        self.emit((ir.ATTR, read, outer, scope.name, span))
        return read

    def class_named(self, name: str) -> ClassScope | None:
        """The class of the file that a simple name means at this place."""
        level: Level | None = self.level_of
        while level is not None:
            if isinstance(level, ClassLevel):
                if level.scope.name == name:
                    return level.scope
                for scope in self.lineage(level.scope):
                    found = scope.classes.get(name)
                    if found is not None:
                        return found
            level = level.parent
        known = self.file_classes.get(name)
        return known[0] if known else None

    # -- types --------------------------------------------------------------------------------------------------------

    def type_text(self, node: "Node | None", depth: int = 0) -> str:
        """A type as an annotation: `List[String]`, `list[String]` for an array; empty where it says nothing."""
        if node is None or depth > _DEEPEST_TYPE:
            return ""
        kind = node.kind_id
        if kind == TYPE_IDENTIFIER or kind == IDENTIFIER:
            return self.simple_type(self.text(node))
        if kind == _GENERIC:
            parts = self.children(node)
            head = self.type_text(parts[0], depth + 1) if parts else ""
            if len(parts) < 2:
                return head
            inner = [self.type_text(part, depth + 1) or "Object" for part in self.children(parts[1])]
            return f"{head}[{', '.join(inner)}]" if inner and head else head
        if kind == _ARRAY:
            return array_of(self.type_text(node.child_by_field_name("element"), depth + 1))
        if kind in _SCOPED:
            return self._scoped_type("".join(self.text(node).split()))
        if kind == _ANNOTATED:
            parts = [part for part in self.children(node) if part.kind_id not in _ANNOTATIONS]
            return self.type_text(parts[-1], depth + 1) if parts else ""
        if kind == _WILDCARD:
            parts = [part for part in self.children(node) if part.kind_id not in _ANNOTATIONS]
            return self.type_text(parts[-1], depth + 1) if parts else ""
        return self.text(node)

    def _scoped_type(self, dotted: str) -> str:
        head, _, rest = dotted.partition(".")
        if "@" in dotted or "<" in dotted:
            return ""
        scope = self.class_named(head)
        return f"{self.simple_type(head)}.{rest}" if scope is not None else dotted

    def simple_type(self, name: str) -> str:
        """The annotation of a type with a simple name; a type parameter is its bound."""
        level: Level | None = self.level_of
        while level is not None:
            if isinstance(level, ClassLevel):
                bound = level.scope.type_parameters.get(name)
            else:
                bound = level.type_parameters.get(name)
            if bound is not None:
                return bound
            level = level.parent
        scope = self.class_named(name)
        if scope is None:
            return name
        if scope.is_local:
            return ""
        return scope.qualname if scope.outer is not None else name
