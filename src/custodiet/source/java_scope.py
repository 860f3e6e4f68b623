"""What names mean while a Java file is lowered: classes with their members, and the functions around a place.

A name is looked up outwards, one *level* after the other: the variables of the function in progress, those of the
functions around a lambda, then the members of the class and of its bases in the file, then what is around the class.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tree_sitter import Node

OUTER: Final = "this$0"
"""The field in which an inner class keeps the instance around it, and the parameter that brings it."""

TYPE_KINDS: Final = {
    "class_declaration": "class",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "record_declaration": "record",
    "annotation_type_declaration": "annotation",
}
"""Declarations of types, with what each makes."""


class Member:
    """A field or the methods of one name: whether it belongs to the class, and the type of a field as written."""

    __slots__ = ("is_static", "type")

    def __init__(self, *, is_static: bool, typename: str = "") -> None:
        self.is_static = is_static
        self.type = typename


class ClassScope:
    """What the file says of one class before its bodies are lowered."""

    __slots__ = (
        "bases",
        "classes",
        "components",
        "constants",
        "fields",
        "has_instance",
        "is_local",
        "kind",
        "methods",
        "name",
        "node",
        "outer",
        "qualname",
        "type_parameters",
        "uses_outer",
    )

    def __init__(self, name: str, kind: str, node: "Node", outer: "ClassScope | None") -> None:
        self.name = name
        self.kind = kind
        self.node = node
        self.outer = outer
        self.qualname: str = f"{outer.qualname}.{name}" if outer is not None else name
        self.fields: dict[str, Member] = {}
        self.methods: dict[str, Member] = {}
        self.classes: dict[str, ClassScope] = {}
        self.bases: list[str] = []
        self.components: tuple[str, ...] = ()
        self.constants: list[str] = []
        self.type_parameters: dict[str, str] = {}
        self.is_local = False
        """Declared inside of a function, so that no other function names it."""
        self.has_instance = False
        """Whether an instance of it belongs to an instance of the class around it."""
        self.uses_outer = False
        """Whether a method was seen to use that instance."""


class FunctionLevel:
    """The variables of a function in progress, and where a nested function keeps those that it captures."""

    __slots__ = (
        "has_receiver",
        "inits",
        "is_lambda",
        "locals",
        "names",
        "parent",
        "slots",
        "type_parameters",
        "types",
        "visible",
    )

    def __init__(self, parent: "Level | None", *, has_receiver: bool, is_lambda: bool = False) -> None:
        self.parent = parent
        self.has_receiver = has_receiver
        self.is_lambda = is_lambda
        self.visible: dict[bytes, int] = {}
        """The variables that are declared at this place."""
        self.locals: dict[bytes, int] = {}
        """The slot of each variable, kept for another of the same name."""
        self.types: dict[bytes, str] = {}
        """The declared type of each variable as written."""
        self.type_parameters: dict[str, str] = {}
        self.slots: dict[bytes, int] = {}
        self.names: list[str | None] = []
        self.inits: list[tuple[str, Any]] = []

    def captured(self, raw: bytes, word: str) -> int:
        """The slot of a free name, which a function around binds."""
        found = self.slots.get(raw)
        if found is None:
            found = self.slots[raw] = len(self.names)
            self.names.append(word)
            self.inits.append(("n", word))
        return found


class ClassLevel:
    """A class around a place."""

    __slots__ = ("parent", "scope")

    def __init__(self, scope: ClassScope, parent: "Level | None") -> None:
        self.scope = scope
        self.parent = parent


Level = FunctionLevel | ClassLevel


class Jump:
    """What `break` or `continue` may leave: a loop, a switch or a labelled block.

    A jump that has to leave loops in between sets a flag and leaves the innermost; behind each of them the flag is
    asked and the jump goes on.
    """

    __slots__ = ("crossed", "flags", "is_ir_loop", "kind", "label", "level", "result", "update")

    def __init__(self, kind: str, label: str, *, is_ir_loop: bool, level: FunctionLevel) -> None:
        self.kind = kind
        self.label = label
        self.is_ir_loop = is_ir_loop
        self.level = level
        self.update: list[Node] = []
        """What a `for` does before the next round."""
        self.result: int | None = None
        """The register of the value of a switch expression."""
        self.flags: dict[str, int] = {}
        self.crossed: list[tuple[Jump, str]] = []
