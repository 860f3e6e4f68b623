"""Classes of JavaScript, written as such or as a constructor function with a prototype."""

from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.javascript_functions import FUNCTIONS, Functions, Shape
from custodiet.source.javascript_scopes import NO_THIS, THIS
from custodiet.source.lowerer import DEEPEST

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
CONSTRUCTOR: Final = "__init__"
_PROTOCOL: Final = {
    "toString": "__str__",
    "Symbol.iterator": "__iter__",
    "Symbol.asyncIterator": "__aiter__",
}
"""Methods that play a part in the protocol of the core are listed under its name, too."""
_PROTOTYPE: Final = pattern(rb"([A-Za-z_$][\w$]*)\.prototype\b")
_DERIVED: Final = pattern(
    rb"(?:inherits|setPrototypeOf)\(\s*([A-Za-z_$][\w$]*)(?:\.prototype)?\s*,\s*([A-Za-z_$][\w$.]*?)(?:\.prototype)?\s*\)"
    rb"|([A-Za-z_$][\w$]*)\.prototype\s*=\s*(?:Object\.create\(\s*|new\s+)([A-Za-z_$][\w$]*)"
)
FIELDS: Final = frozenset(("field_definition", "public_field_definition"))
_SIGNATURES: Final = frozenset(
    ("method_signature", "index_signature", "abstract_method_signature", "class_static_block", "decorator")
)


class Classes(Functions):
    """Classes."""

    __slots__ = ("_bases_of", "_prototype_methods", "_prototyped", "_prototypes")

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool, path: str) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package, path=path)
        self._prototyped: frozenset[bytes] = frozenset()
        self._bases_of: dict[bytes, bytes] = {}
        self._prototypes: dict[bytes, int] = {}
        self._prototype_methods: dict[int, dict[str, int]] = {}
        if b".prototype" in source:
            self._prototyped = frozenset(found[1] for found in _PROTOTYPE.finditer(source))
        if self._prototyped or b"inherits(" in source:
            for found in _DERIVED.finditer(source):
                self._bases_of[found[1] or found[3]] = found[2] or found[4]

    # -- class declarations -------------------------------------------------------------------------------------------

    def s_class_declaration(self, node: "Node") -> None:
        """CLASS into the class's name."""
        name = node.child_by_field_name("name")
        if name is not None:
            self.define_class(node, self.text(name), self.bind(self.raw(name)), self.raw(name), ())

    s_abstract_class_declaration = s_class_declaration

    def e_class(self, node: "Node", dst: int) -> int:
        """CLASS."""
        name = node.child_by_field_name("name")
        register = self.target(dst)
        self.define_class(node, self.text(name) if name is not None else "<anonymous>", register, NO_THIS, ())
        return register

    def decorator_of(self, node: "Node") -> int:
        """The register of a decorator; a bare name is called all the same."""
        inner = self.children(node)
        if not inner:
            return self.unknown()
        register = self.expression(inner[0])
        word = self.text(inner[0]).partition("(")[0].rpartition(".")[2].strip()
        self.called.add(word)
        if inner[0].type != "call_expression":
            made = self.new_temporary()
            self.emit((ir.CALL, made, register, (), (), self.span(inner[0])))
            return made
        return register

    def define_class(self, node: "Node", name: str, dst: int, raw: bytes, outer: tuple[int, ...]) -> None:
        """CLASS; its body is a function that the class runs."""
        decorators = (*outer, *(self.decorator_of(child) for child in self.children(node) if child.type == "decorator"))
        bases: list[int] = []
        base_names: list[str] = []
        for child in self.children(node):
            if child.type == "class_heritage":
                self._heritage(child, bases, base_names)
        body = node.child_by_field_name("body")
        qualname = self.qualified(name)
        number = len(self.classes)
        self.classes.append(None)
        index = self.open(qualname, number, NO_THIS)
        self.in_class = True
        self.methods = {}
        self.fields = {}
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        if body is not None and self._depth < DEEPEST:
            self._depth += 1
            self._members(body, number, raw)
            self._depth -= 1
        methods, fields = tuple(self.methods.items()), tuple(self.fields.items())
        span = self.span(node)
        self.close("<class>", (), instructions, span, None)
        self.classes[number] = ir.Class(name, qualname, methods, tuple(base_names), index, fields, span)
        named = node.child_by_field_name("name")
        where = self.span(named) if named is not None else ir.span_of(node.start_byte, node.start_byte + 5)
        self.emit((ir.CLASS, dst, number, tuple(bases), (), decorators, where))
        if body is not None:
            self._static_blocks(body, raw)

    def _heritage(self, node: "Node", bases: list[int], names: list[str]) -> None:
        for child in self.children(node):
            if child.type == "implements_clause":
                continue
            value = child.child_by_field_name("value") if child.type == "extends_clause" else child
            if value is not None:
                bases.append(self.expression(value))
                names.append(self.text(value))

    def _static_blocks(self, body: "Node", raw: bytes) -> None:
        for child in self.children(body):
            if child.type == "class_static_block":
                block = child.child_by_field_name("body")
                before, self.this_raw = self.this_raw, raw
                if block is not None:
                    self.statements(block.named_children)
                self.this_raw = before

    # -- members ------------------------------------------------------------------------------------------------------

    def _members(self, body: "Node", number: int, raw: bytes) -> None:
        """Methods and fields; what a field starts with that needs `this` is assigned by the constructor."""
        members = self.children(body)
        late = [
            member
            for member in members
            if member.type in FIELDS and not _is_static(member) and self._needs_this(member)
        ]
        decorators: list[int] = []
        has_constructor = False
        for member in members:
            kind = member.type
            if kind == "decorator":
                decorators.append(self.decorator_of(member))
                continue
            if kind == "method_definition":
                decorators.extend(
                    self.decorator_of(child) for child in self.children(member) if child.type == "decorator"
                )
                has_constructor = self._method(member, number, raw, tuple(decorators), late) or has_constructor
            elif kind in FIELDS:
                decorators.extend(
                    self.decorator_of(child) for child in self.children(member) if child.type == "decorator"
                )
                if member not in late:
                    self._field(member, number, raw, tuple(decorators))
                else:
                    self._declare_field(member)
            elif kind == "abstract_method_signature":
                self._abstract(member, number)
            elif kind not in _SIGNATURES:
                self.uncovered += 1
            decorators = []
        if late and not has_constructor:
            for member in late:
                self._field(member, number, raw, ())

    def _declare_field(self, member: "Node") -> str:
        name = member.child_by_field_name("name") or member.child_by_field_name("property")
        word = self.key_name(name) if name is not None else ""
        annotation = self.annotation(member.child_by_field_name("type"))
        if annotation is not None:
            self.fields[word] = annotation
        return word

    def _needs_this(self, member: "Node") -> bool:
        value = member.child_by_field_name("value")
        if value is None or value.type in FUNCTIONS:
            return False
        return b"this" in self.source[value.start_byte : value.end_byte] or value.type not in (
            "string",
            "number",
            "true",
            "false",
            "null",
            "undefined",
            "template_string",
        )

    def _method(self, node: "Node", number: int, raw: bytes, decorators: tuple[int, ...], late: "list[Node]") -> bool:
        """FUNC of a method into its name; whether it is the constructor."""
        key = node.child_by_field_name("name")
        if key is None:
            self.uncovered += 1
            return False
        name = self.key_name(key)
        words = {child.type for child in node.children if not child.is_named}
        is_static = "static" in words
        is_constructor = name == "constructor" and not is_static
        flags = (ir.FUNCTION_STATIC if is_static else 0) | (ir.FUNCTION_PROPERTY if "get" in words else 0)

        def prologue() -> None:
            for field in late:
                self._assign_field(field)

        shape = Shape(
            CONSTRUCTOR if is_constructor else name,
            raw if is_static else THIS,
            number,
            flags,
            has_receiver=not is_static,
            prologue=prologue if is_constructor and late else None,
            span=self.span(node.parent) if is_constructor and late and node.parent is not None else 0,
        )
        is_setter = "set" in words
        dst = self.new_temporary() if is_setter or not name else self.bind(shape.name.encode())
        index, defaults = self.function(node, shape)
        self._enlist(f"{name}.setter" if is_setter else shape.name, index)
        self.emit((ir.FUNC, dst, index, decorators, defaults, self.span(key)))
        return is_constructor

    def _enlist(self, name: str, index: int) -> None:
        self.methods[name] = index
        protocol = _PROTOCOL.get(name)
        if protocol is not None:
            self.methods[protocol] = index

    def _assign_field(self, member: "Node") -> None:
        name = member.child_by_field_name("name") or member.child_by_field_name("property")
        value = member.child_by_field_name("value")
        if name is not None and value is not None:
            base = self.temporary
            word = self.key_name(name)
            self.emit(
                (ir.SETATTR, self.this_slot(), word, self.named(value, word, NOREG, self.this_raw), self.span(member))
            )
            if self.temporary < self.lowest:
                self.lowest = self.temporary
            self.temporary = base

    def _field(self, member: "Node", number: int, raw: bytes, decorators: tuple[int, ...]) -> None:
        """A field is a class attribute; one that is a function is a method."""
        word = self._declare_field(member)
        value = member.child_by_field_name("value")
        if value is None or not word:
            return
        slot = self.bind(word.encode())
        if value.type in FUNCTIONS:
            is_static = _is_static(member)
            flags = ir.FUNCTION_STATIC if is_static else 0
            shape = Shape(word, raw if is_static else THIS, number, flags, has_receiver=not is_static)
            index, defaults = self.function(value, shape)
            self._enlist(word, index)
            self.emit((ir.FUNC, slot, index, decorators, defaults, self.span(value)))
            return
        self.expression(value, slot)

    def _abstract(self, node: "Node", number: int) -> None:
        key = node.child_by_field_name("name")
        if key is None:
            return
        name = self.key_name(key)
        shape = Shape(name, THIS, number, ir.FUNCTION_ABSTRACT, has_receiver=True)
        index, defaults = self.function(node, shape)
        self._enlist(name, index)
        self.emit((ir.FUNC, self.bind(name.encode()), index, (), defaults, self.span(key)))

    # -- constructor functions ----------------------------------------------------------------------------------------

    def constructor(self, node: "Node", raw: bytes, slot: int) -> bool:
        """Whether the function is a class, which is then defined: it has a prototype or puts fields into `this`."""
        if raw not in self._prototyped and not (
            65 <= raw[0] <= 90 and b"this." in self.source[node.start_byte : node.end_byte]
        ):
            return False
        name = raw.decode(self.encoding, "replace")
        qualname = self.qualified(name)
        number = len(self.classes)
        self.classes.append(None)
        index = self.open(qualname, number, NO_THIS)
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        made, defaults = self.function(node, Shape(CONSTRUCTOR, THIS, number, has_receiver=True))
        span = self.span(node)
        self.emit((ir.FUNC, self.bind(CONSTRUCTOR.encode()), made, (), defaults, span))
        self.close("<class>", (), instructions, span, None)
        self._prototypes[raw] = number
        methods = {CONSTRUCTOR: made}
        self._prototype_methods[number] = methods
        base = self._bases_of.get(raw)
        bases: tuple[int, ...] = ()
        names: tuple[str, ...] = ()
        if base is not None and b"." not in base and base != raw:
            bases, names = (self.slot(base),), (base.decode(self.encoding, "replace"),)
        self.classes[number] = ir.Class(name, qualname, (), names, index, (), span)
        self.emit((ir.CLASS, slot, number, bases, (), (), span))
        return True

    def prototype_method(self, target: "Node", value: "Node") -> bool:
        """Whether `target = value` puts methods into the prototype of a class of this file, which it then has."""
        if target.type != "member_expression":
            return False
        owner = target.child_by_field_name("object")
        last = target.child_by_field_name("property")
        if owner is None or last is None:
            return False
        if value.type == "object" and self.raw(last) == b"prototype":
            number = self._prototypes.get(self.raw(owner))
            if number is None:
                return False
            self._add_methods(value, number)
            return True
        if value.type in FUNCTIONS and owner.type == "member_expression":
            name = owner.child_by_field_name("property")
            holder = owner.child_by_field_name("object")
            if name is None or holder is None or self.raw(name) != b"prototype":
                return False
            number = self._prototypes.get(self.raw(holder))
            if number is None:
                return False
            self._add_method(value, self.text(last), number)
            return True
        return False

    def _add_methods(self, node: "Node", number: int) -> None:
        for child in self.children(node):
            if child.type == "method_definition":
                key, value = child.child_by_field_name("name"), child
            elif child.type == "pair":
                key, found = child.child_by_field_name("key"), child.child_by_field_name("value")
                if found is None or found.type not in FUNCTIONS:
                    continue
                value = found
            else:
                continue
            if key is not None:
                self._add_method(value, self.key_name(key), number)

    def _add_method(self, node: "Node", name: str, number: int) -> None:
        index, defaults = self.function(node, Shape(name, THIS, number, has_receiver=True))
        methods = self._prototype_methods[number]
        methods[name] = index
        protocol = _PROTOCOL.get(name)
        if protocol is not None:
            methods[protocol] = index
        self.emit((ir.FUNC, self.new_temporary(), index, (), defaults, self.span(node)))

    def settle(self) -> None:
        """Gives the classes with prototypes the methods that were found."""
        super().settle()
        for number, methods in self._prototype_methods.items():
            made = self.classes[number]
            if made is not None:
                self.classes[number] = made._replace(methods=tuple(methods.items()))


def _is_static(member: "Node") -> bool:
    return any(child.type == "static" for child in member.children)
