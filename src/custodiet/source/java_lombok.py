"""What Lombok's annotations add to a class: accessors, constructors, builders, loggers.

The processor writes these methods before the compiler sees the class, so they are in no source file:
https://projectlombok.org/features/
"""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.java_declarations import DECLARATOR, FIELDS, METHODS, JavaDeclarations
from custodiet.source.java_functions import Formal
from custodiet.source.java_scope import ClassScope, Member

if TYPE_CHECKING:
    from tree_sitter import Node

_LOGGERS: Final = {
    "Slf4j": "org.slf4j.Logger",
    "XSlf4j": "org.slf4j.Logger",
    "Log4j2": "org.apache.logging.log4j.Logger",
    "Log4j": "org.apache.log4j.Logger",
    "CommonsLog": "org.apache.commons.logging.Log",
    "Log": "java.util.logging.Logger",
    "JBossLog": "org.jboss.logging.Logger",
    "Flogger": "com.google.common.flogger.FluentLogger",
}
LOGGER: Final = "log"
"""The field that Lombok's annotations for loggers declare."""


class GeneratedField:
    """A field of instances as Lombok looks at it."""

    __slots__ = ("is_filled", "is_final", "marks", "name", "type")

    def __init__(self, name: str, typename: str, marks: frozenset[str], *, is_final: bool, is_filled: bool) -> None:
        self.name = name
        self.type = typename
        self.marks = marks
        self.is_final = is_final
        self.is_filled = is_filled


class JavaLombok(JavaDeclarations):
    """Reading Lombok's annotations."""

    __slots__ = ()

    def marks_of(self, node: "Node") -> frozenset[str]:
        """The simple names of the annotations of a declaration in a file that mentions Lombok; else none."""
        if b"lombok" not in self.source:
            return frozenset()
        return frozenset(self.annotation_name(mark) for mark in self.annotations(node))

    def note_logger(self, scope: ClassScope) -> tuple[tuple[str, str], ...]:
        """The field of the logger that an annotation declares, with its type; the scope knows it from now on."""
        for mark in self.marks_of(scope.node):
            typename = _LOGGERS.get(mark)
            if typename is not None:
                scope.fields.setdefault(LOGGER, Member(is_static=True, typename=typename))
                return ((LOGGER, typename),)
        return ()

    def generated_fields(self, members: "list[Node]") -> list[GeneratedField]:
        """The fields of instances."""
        found: list[GeneratedField] = []
        for member in members:
            if member.kind_id not in FIELDS or self.is_static(member):
                continue
            typename = self.type_text(member.child_by_field_name("type"))
            marks = self.marks_of(member)
            final = self.has_modifier(member, "final")
            for child in member.named_children:
                name = child.child_by_field_name("name") if child.kind_id == DECLARATOR else None
                if name is not None:
                    filled = child.child_by_field_name("value") is not None
                    found.append(GeneratedField(self.text(name), typename, marks, is_final=final, is_filled=filled))
        return found

    def generated_constructors(self, scope: ClassScope, members: "list[Node]", at: int) -> list[list[Formal]]:
        """The parameters of each constructor that annotations add."""
        marks = self.marks_of(scope.node)
        found: list[list[Formal]] = []
        fields = self.generated_fields(members)
        every = [field for field in fields if not (field.is_final and field.is_filled)]
        required = [field for field in fields if (field.is_final or "NonNull" in field.marks) and not field.is_filled]
        if marks & {"AllArgsConstructor", "Value", "Builder"} and every:
            found.append([self._formal_of(field, at) for field in every])
        if marks & {"RequiredArgsConstructor", "Data"} and required and (not found or len(required) != len(every)):
            found.append([self._formal_of(field, at) for field in required])
        if found and marks & {"NoArgsConstructor", "Builder"}:
            found.append([])
        return found

    def _formal_of(self, field: GeneratedField, at: int) -> Formal:
        return Formal(field.name.encode(), at, field.type, field.type or None, 0)

    def generated_methods(
        self, scope: ClassScope, members: "list[Node]"
    ) -> list[tuple[str, GeneratedField | None, str]]:
        """(name, field, what it does: `get`, `set`, `fluent`, `build`, `builder`) of the methods that annotations add."""
        marks = self.marks_of(scope.node)
        written = {
            self.text(name)
            for member in members
            if member.kind_id in METHODS and (name := member.child_by_field_name("name")) is not None
        }
        found: list[tuple[str, GeneratedField | None, str]] = []
        for field in self.generated_fields(members):
            both = marks | field.marks
            capital = field.name[:1].upper() + field.name[1:]
            if both & {"Getter", "Data", "Value"}:
                is_flag = field.type == "boolean"
                bare = field.name if is_flag and field.name[:2] == "is" and field.name[2:3].isupper() else ""
                found.append((bare or f"{'is' if is_flag else 'get'}{capital}", field, "get"))
            if both & {"Setter", "Data"} and not field.is_final:
                found.append((f"set{capital}", field, "set"))
            if marks & {"Builder", "SuperBuilder"}:
                found.append((field.name, field, "fluent"))
        if marks & {"Builder", "SuperBuilder"}:
            found.extend((("builder", None, "builder"), ("build", None, "build"), ("toBuilder", None, "build")))
        return [entry for entry in found if entry[0] not in written]

    def lower_generated(self, scope: ClassScope, field: GeneratedField | None, does: str, at: int) -> None:
        """The body of a generated method."""
        level = self.level_of
        if does == "builder":
            made = self.new_temporary()
            self.emit((ir.CALL, made, self.class_register(scope, at), (), (), at))
            self.emit((ir.RET, made, at))
            return
        receiver = level.slots[b"this"]
        if field is None:
            self.emit((ir.RET, receiver, at))
            return
        self.called.add(field.name)
        if does == "get":
            read = self.new_temporary()
            self.emit((ir.ATTR, read, receiver, field.name, at))
            self.emit((ir.RET, read, at))
            return
        self.emit((ir.SETATTR, receiver, field.name, level.visible[field.name.encode()], at))
        if does == "fluent":
            self.emit((ir.RET, receiver, at))

    def generated_formals(self, field: GeneratedField | None, does: str, at: int) -> list[Formal]:
        """The parameters of a generated method."""
        return [self._formal_of(field, at)] if field is not None and does in ("set", "fluent") else []
