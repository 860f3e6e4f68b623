"""What a name of C# is: a local, a captured local, a member of the class or its base, a type.

A front end sees one file. A name that nothing in the file declares is a type or a namespace if the class can have no
such member (it derives from nothing out of sight); otherwise it is read from `this`, and the analysis looks among the
names of the module if no class has such a member.
"""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.csharp_shapes import Shape
from custodiet.source.csharp_types import CSharpTypes

if TYPE_CHECKING:
    from tree_sitter import Node

THIS: Final = b"this"
_FIELD: Final = b"field"
_INTERFACE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


PREDEFINED: Final = {
    "string": "System.String",
    "object": "System.Object",
    "bool": "System.Boolean",
    "byte": "System.Byte",
    "sbyte": "System.SByte",
    "char": "System.Char",
    "decimal": "System.Decimal",
    "double": "System.Double",
    "float": "System.Single",
    "int": "System.Int32",
    "uint": "System.UInt32",
    "long": "System.Int64",
    "ulong": "System.UInt64",
    "short": "System.Int16",
    "ushort": "System.UInt16",
    "nint": "System.IntPtr",
    "nuint": "System.UIntPtr",
    "void": "System.Void",
}
"""What the language's own words for types mean."""


class Scope:
    """The names that one function in progress declares."""

    __slots__ = ("boxed", "has_this", "is_body", "is_module", "locals")

    def __init__(self, *, has_this: bool, is_body: bool = False, is_module: bool = False) -> None:
        self.locals: set[bytes] = set()
        self.boxed: set[bytes] = set()
        """Parameters that are references: a list of one."""
        self.has_this = has_this
        self.is_body = is_body
        """Whether it runs the body of a class, whose static members are its names."""
        self.is_module = is_module


class CSharpNames(CSharpTypes):
    """Lookup of names."""

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package)
        self.scope = Scope(has_this=False, is_module=True)
        self.scopes: list[Scope] = []
        self.shapes: dict[bytes, Shape] = {}
        self.enclosing: list[Shape] = []
        """The types around the place in progress, innermost last."""
        self.aliases: set[bytes] = set()
        self.roots: set[bytes] = {b"System", b"Microsoft"}
        """First words of namespaces."""
        self.static_imports = False
        self.backing = ""
        """What `field` means in the accessors in progress."""

    # -- scopes -------------------------------------------------------------------------------------------------------

    def open(self, qualname: str, class_index: int, scope: Scope) -> int:
        """Begins a function with its own names; gives its index. `close` is its pair."""
        self.scopes.append(self.scope)
        index = self.begin(qualname, class_index)
        self.scope = scope
        return index

    def close(
        self, name: str, params: tuple[ir.Param, ...], body: list[ir.Ins], span: int, returns: str | None
    ) -> None:
        """Stores the function in progress."""
        self.finish(name, params, body, span, returns)
        self.scope = self.scopes.pop()

    def declare(self, raw: bytes) -> int:
        """The slot of a local that is declared here."""
        self.scope.locals.add(raw)
        return self.bind(raw)

    def captured(self, raw: bytes) -> Scope | None:
        """The enclosing function that declares the name, as far as it is in reach."""
        for scope in reversed(self.scopes):
            if scope.is_body or (self.scope.is_body and not scope.is_module):
                return None
            if raw in scope.locals:
                return scope
        return None

    def qualified(self, name: str) -> str:
        """The dotted name of what is declared here."""
        return f"{self.qualname}.{name}" if self.qualname else name

    # -- members ------------------------------------------------------------------------------------------------------

    def has_member(self, shape: Shape, raw: bytes) -> str:
        """`instance` or `static` if the type or a base in the file declares the name, else empty."""
        seen = [shape]
        for current in seen:
            if raw in current.instance:
                return "instance"
            if raw in current.static:
                return "static"
            for base in current.bases:
                found = self.shapes.get(base)
                if found is not None and found not in seen:
                    seen.append(found)
        return ""

    def is_open(self, shape: Shape) -> bool:
        """Whether the type may have members that the file does not show."""
        seen = [shape]
        for current in seen:
            if current.partial:
                return True
            for base in current.bases:
                found = self.shapes.get(base)
                if found is None:
                    if not (base[:1] == b"I" and len(base) > 1 and base[1] in _INTERFACE):
                        return True
                elif found not in seen:
                    seen.append(found)
        return False

    def owner_of(self, raw: bytes) -> tuple[str, bytes]:
        """(`this` or `class`, name of the class) of a member; empty if the name is no member."""
        for depth, shape in enumerate(reversed(self.enclosing)):
            found = self.has_member(shape, raw)
            if found == "instance" and self.scope.has_this and depth == 0:
                return "this", shape.name
            if found:
                return "class", shape.name
        if self.enclosing and not self.is_type(raw):
            shape = self.enclosing[-1]
            if self.scope.has_this and self.is_open(shape):
                return "this", shape.name
        return "", b""

    def is_type(self, raw: bytes) -> bool:
        """Whether the file declares the name as a type, an alias or the start of a namespace."""
        return raw in self.shapes or raw in self.aliases or raw in self.roots

    # -- values -------------------------------------------------------------------------------------------------------

    def this(self) -> int:
        """The slot of the receiver."""
        return self.slot(THIS)

    def is_local(self, raw: bytes) -> bool:
        """Whether the name is a local of this or an enclosing function."""
        return raw in self.scope.locals or self.captured(raw) is not None

    def name_value(self, raw: bytes, node: "Node", dst: int) -> int:
        """The register of what the name means."""
        if raw in self.scope.locals:
            slot = self.slot(raw)
            if raw in self.scope.boxed:
                dst = self.target(dst)
                self.emit((ir.INDEX, dst, slot, self.number(0), self.span(node)))
                return dst
            return slot
        if self.captured(raw) is not None:
            return self.slot(raw)
        if raw == _FIELD and self.backing and self.scope.has_this:
            dst = self.target(dst)
            self.emit((ir.ATTR, dst, self.this(), self.backing, self.span(node)))
            return dst
        how, owner = self.owner_of(raw)
        if not how or (self.scope.is_body and how == "class" and owner == self.enclosing[-1].name):
            return self.slot(raw)
        word = self.strings.get(raw) or self.intern(raw)
        self.called.add(word)
        dst = self.target(dst)
        owner_slot = self.this() if how == "this" else self.slot(owner)
        self.emit((ir.ATTR, dst, owner_slot, word, self.span(node)))
        return dst

    def assign_name(self, raw: bytes, value: int, span: int) -> None:
        """Stores into what the name means."""
        if raw in self.scope.locals:
            if raw in self.scope.boxed:
                self.emit((ir.SETINDEX, self.slot(raw), self.number(0), value, span))
            else:
                self.store(self.bind(raw), value, span)
            return
        scope = self.captured(raw)
        if scope is not None:
            word = self.strings.get(raw) or self.intern(raw)
            if scope.is_module:
                self.globals = self.globals | {word}
            else:
                self.nonlocals = self.nonlocals | {word}
            self.store(self.bind(raw), value, span)
            return
        if raw == _FIELD and self.backing and self.scope.has_this:
            self.emit((ir.SETATTR, self.this(), self.backing, value, span))
            return
        how, owner = self.owner_of(raw)
        if not how or (self.scope.is_body and how == "class" and owner == self.enclosing[-1].name):
            self.store(self.bind(raw), value, span)
            return
        word = self.strings.get(raw) or self.intern(raw)
        self.called.add(word)
        self.emit((ir.SETATTR, self.this() if how == "this" else self.slot(owner), word, value, span))

    def store(self, slot: int, value: int, span: int) -> None:
        """A MOVE, unless the value stands there already."""
        if slot != value:
            self.emit((ir.MOVE, slot, value, span))

    def type_value(self, node: "Node", dst: int = ir.NOREG) -> int:
        """The register of a type that stands where only a type may."""
        kind = node.type
        if kind == "identifier":
            return self.slot(self.raw(node))
        if kind == "predefined_type":
            word = self.word(node)
            return self.symbol(PREDEFINED.get(word, f"System.{word}"))
        if kind == "generic_name":
            parts = self.children(node)
            return self.type_value(parts[0], dst) if parts else self.unknown()
        if kind in {"qualified_name", "alias_qualified_name"}:
            qualifier, name = node.child_by_field_name("qualifier"), node.child_by_field_name("name")
            if name is None:
                return self.unknown()
            if qualifier is None:
                return self.type_value(name, dst)
            owner = self.type_value(qualifier)
            word = self.word(self.simple_name(name))
            dst = self.target(dst)
            self.called.add(word)
            self.emit((ir.ATTR, dst, owner, word, self.span(node)))
            return dst
        inner = node.child_by_field_name("type")
        if kind == "nullable_type" and inner is not None:
            return self.type_value(inner, dst)
        return self.unknown()
