"""Expressions of Java: literals, names, fields, operators, assignments."""

from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.java_literals import floating, integer, text_block, unescaped
from custodiet.source.java_names import IDENTIFIER, JAVA, TYPE_IDENTIFIER, JavaNames
from custodiet.source.lowerer import SPINE

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
BINARY: Final = JAVA.kind_named("binary_expression")
CALL: Final = JAVA.kind_named("method_invocation")
FIELD: Final = JAVA.kind_named("field_access")
ARRAY_ACCESS: Final = JAVA.kind_named("array_access")
PARENTHESIZED: Final = JAVA.kind_named("parenthesized_expression")
THIS: Final = JAVA.kind_named("this")
SUPER: Final = JAVA.kind_named("super")
TYPE_KINDS: Final = JAVA.kinds_named(
    "type_identifier",
    "scoped_type_identifier",
    "generic_type",
    "array_type",
    "annotated_type",
    "integral_type",
    "floating_point_type",
    "boolean_type",
    "void_type",
)
LITERALS: Final = JAVA.kinds_named(
    "string_literal",
    "character_literal",
    "decimal_integer_literal",
    "hex_integer_literal",
    "octal_integer_literal",
    "binary_integer_literal",
    "decimal_floating_point_literal",
    "hex_floating_point_literal",
    "true",
    "false",
    "null_literal",
)
_LINKED: Final = frozenset((CALL, FIELD, ARRAY_ACCESS))
_PACKAGE: Final = pattern(r"[a-z]\w*(?:\.[a-z]\w*)*\Z")
_PACKAGE_ROOTS: Final = frozenset("java javax jakarta com org net io edu dev me de uk co".split())
_LONGEST_PATH: Final = 200


class JavaExpressions(JavaNames):
    """Expressions without calls, lambdas and patterns."""

    __slots__ = ()

    # -- literals -----------------------------------------------------------------------------------------------------

    def e_string_literal(self, node: "Node", _dst: int) -> int:
        """A constant."""
        raw = self.source[node.start_byte : node.end_byte]
        found = self.slots.get(raw)
        if found is not None:
            return found
        text = raw.decode(self.encoding, "replace")
        if text[:3] == '"""' and len(text) >= 6:
            value = text_block(text[3:-3])
        else:
            value = unescaped(text[1:-1])
        return self.constant(raw, value)

    def e_character_literal(self, node: "Node", _dst: int) -> int:
        """A constant text of one character."""
        raw = self.source[node.start_byte : node.end_byte]
        return self.constant(raw, unescaped(raw.decode(self.encoding, "replace")[1:-1]))

    def e_decimal_integer_literal(self, node: "Node", _dst: int) -> int:
        """A constant number."""
        raw = self.source[node.start_byte : node.end_byte]
        return self.constant(raw, integer(raw.decode("ascii", "replace")))

    e_hex_integer_literal = e_octal_integer_literal = e_binary_integer_literal = e_decimal_integer_literal

    def e_decimal_floating_point_literal(self, node: "Node", _dst: int) -> int:
        """A constant number."""
        raw = self.source[node.start_byte : node.end_byte]
        return self.constant(raw, floating(raw.decode("ascii", "replace")))

    e_hex_floating_point_literal = e_decimal_floating_point_literal

    def e_true(self, _node: "Node", _dst: int) -> int:
        """The constant True."""
        return self.constant(b"(true)", value=True)

    def e_false(self, _node: "Node", _dst: int) -> int:
        """The constant False."""
        return self.constant(b"(false)", value=False)

    def e_null_literal(self, _node: "Node", _dst: int) -> int:
        """The constant None."""
        return self.constant(b"(null)", value=None)

    def e_template_expression(self, node: "Node", dst: int) -> int:
        """CAT of the pieces of a string template of Java 21 and 22."""
        parts: list[int] = []
        for child in self.children(node):
            if child.type == "string_literal":
                for piece in self.children(child):
                    if piece.type == "string_interpolation":
                        inner = self.children(piece)
                        parts.extend(self.expression(part) for part in inner)
                    else:
                        parts.append(self.string(unescaped(self.text(piece))))
        target = self.target(dst)
        self.emit((ir.CAT, target, tuple(parts), self.span(node)))
        return target

    # -- names --------------------------------------------------------------------------------------------------------

    def e_identifier(self, node: "Node", dst: int) -> int:
        """A variable, a field of a class around, a name that is imported or inherited, or a class."""
        return self.named(self.source[node.start_byte : node.end_byte], self.span(node), dst)

    def named(self, raw: bytes, span: int, dst: int = NOREG, *, qualifies: bool = False) -> int:
        """The register of what a simple name stands for; `qualifies` says that a dot follows it."""
        found = self.variable(raw)
        if found is not None:
            return found
        word = self.strings.get(raw) or self.intern(raw)
        owner = self.owner_of(word, method=False)
        if owner is not None:
            scope, member = owner
            register = None if member.is_static else self.instance_of(scope, span)
            if register is None:
                if member.is_static or scope.outer is None:
                    register = self.class_register(scope, span)
                else:
                    register = self.instance_guess(scope.qualname, span)
            return self._field(register, word, span, dst)
        known = self.class_named(word)
        if known is not None:
            return self.class_register(known, span)
        imported = self.static_imports.get(word)
        if imported is not None:
            return self._field(self.slot(imported.encode()), word, span, dst)
        if not qualifies or not word[:1].isupper():
            heir = self.heir_around()
            if heir is not None and not (qualifies and word in _PACKAGE_ROOTS):
                register = self.instance_of(heir, span)
                if register is None:
                    register = self.class_register(heir, span)
                return self._field(register, word, span, dst)
            if len(self.static_stars) == 1 and not qualifies:
                return self._field(self.slot(self.static_stars[0].encode()), word, span, dst)
        self.called.add(word)
        return self.slot(raw)

    def instance_guess(self, typename: str, span: int) -> int:
        """A register of an instance of the type of which nothing else is known."""
        made = self.new_temporary()
        self.emit((ir.CAST, made, self.unknown(), typename, span))
        return made

    def _field(self, register: int, word: str, span: int, dst: int) -> int:
        target = self.target(dst)
        self.called.add(word)
        self.emit((ir.ATTR, target, register, word, span))
        return target

    def e_this(self, node: "Node", _dst: int) -> int:
        """The receiver."""
        found = self.capture_receiver()
        if found is None:
            scope = self.class_around()
            return self.unknown() if scope is None else self.instance_guess(scope.qualname, self.span(node))
        return found

    def e_super(self, node: "Node", _dst: int) -> int:
        """The value of `super()`."""
        return self.super_value(self.span(node))

    def super_value(self, span: int) -> int:
        """The register of `super()`; in a lambda, of the receiver that it captured."""
        if self.level_of.has_receiver:
            target = self.new_temporary()
            self.emit((ir.CALL, target, self.symbol("builtins.super"), (), (), span))
            return target
        found = self.capture_receiver()
        return found if found is not None else self.unknown()

    def e_parenthesized_expression(self, node: "Node", dst: int) -> int:
        """What stands in the parentheses."""
        inner = self.children(node)
        return self.expression(inner[0], dst) if inner else self.unknown()

    # -- parts --------------------------------------------------------------------------------------------------------

    def left_operand(self, node: "Node") -> int:
        """The register of what a dot or bracket follows; long chains are lowered from their left end in a loop."""
        if self.left_id == node.id:
            self.left_id = -1
            return self.left
        if self._depth < SPINE or node.kind_id not in _LINKED:
            return self.qualifier(node)
        links: list[Node] = []
        while node.kind_id in _LINKED:
            inner = node.child_by_field_name("array" if node.kind_id == ARRAY_ACCESS else "object")
            if inner is None or inner.kind_id == SUPER:
                break
            links.append(node)
            node = inner
        register = self.qualifier(node)
        inner = node
        for link in reversed(links):
            self.left_id = inner.id
            self.left = register
            register = self.expression(link)
            inner = link
        self.left_id = -1
        return register

    def qualifier(self, node: "Node") -> int:
        """The register of what stands before a dot: a value, a class, or a class with its package."""
        kind = node.kind_id
        if kind == IDENTIFIER:
            return self.named(self.source[node.start_byte : node.end_byte], self.span(node), qualifies=True)
        if kind in TYPE_KINDS:
            return self.class_of_type(node)
        return self.expression(node)

    def e_field_access(self, node: "Node", dst: int) -> int:
        """ATTR; `Outer.this` is the instance around, `a.length` the length of an array, `com.shop.Cart` a class."""
        owner = node.child_by_field_name("object")
        field = node.child_by_field_name("field")
        if owner is None or field is None:
            return self.unknown()
        if field.kind_id == THIS:
            return self._outer_instance(owner)
        word = self.text(field)
        span = self.span(node)
        if word[:1].isupper() and self.left_id != owner.id:
            package = self._package_of(owner)
            if package:
                return self._imported(package, word, span, dst)
        register = self.left_operand(owner)
        if word == "length" and owner.kind_id != THIS and not self._has_field("length"):
            target = self.target(dst)
            self.called.add("length")
            self.emit((ir.CALL, target, self.symbol("builtins.len"), (register,), (), span))
            return target
        return self._field(register, word, span, dst)

    def _has_field(self, name: str) -> bool:
        return any(name in scope.fields for scopes in self.file_classes.values() for scope in scopes)

    def _outer_instance(self, node: "Node") -> int:
        """`Outer.this`."""
        span = self.span(node)
        scope = self.class_named(self.text(node).rpartition(".")[2])
        register = self.instance_of(scope, span) if scope is not None else None
        if register is not None:
            return register
        return self.instance_guess(scope.qualname if scope is not None else self.text(node), span)

    def _package_of(self, node: "Node") -> str:
        """The package that the text before a class name spells; empty if it is a value."""
        if node.end_byte - node.start_byte > _LONGEST_PATH or node.kind_id not in (IDENTIFIER, FIELD):
            return ""
        text = "".join(self.text(node).split())
        if not _PACKAGE.match(text):
            return ""
        first = text.partition(".")[0]
        if "." not in text and first not in _PACKAGE_ROOTS:
            return ""
        raw = first.encode()
        if self.variable(raw) is not None or self.owner_of(first, method=False) is not None:
            return ""
        return text

    def _imported(self, package: str, name: str, span: int, dst: int = NOREG) -> int:
        target = self.target(dst)
        self.called.add(name)
        self.emit((ir.IMPORT, target, package, name, span))
        return target

    def class_of_type(self, node: "Node") -> int:
        """The register of the class that a type names."""
        kind = node.kind_id
        span = self.span(node)
        if kind == TYPE_IDENTIFIER or kind == IDENTIFIER:
            return self.class_called(self.text(node), span)
        parts = self.children(node)
        if node.type == "generic_type" and parts:
            return self.class_of_type(parts[0])
        if node.type == "annotated_type" and parts:
            return self.class_of_type(parts[-1])
        if node.type in ("scoped_type_identifier", "scoped_identifier") and len(parts) >= 2:
            text = "".join(self.text(node).split())
            words = text.split(".")
            start = next((index for index, word in enumerate(words) if word[:1].isupper()), 0)
            if start and "<" not in text and "@" not in text:
                register = self._imported(".".join(words[:start]), words[start], span)
                words = words[start + 1 :]
            else:
                register = self.class_of_type(parts[0])
                words = [self.text(parts[-1])]
            for word in words:
                register = self._field(register, word, span, NOREG)
            return register
        if node.type == "array_type":
            return self.symbol("builtins.list")
        return self.symbol(f"java.lang.{self.text(node)}") if kind in TYPE_KINDS else self.expression(node)

    def class_called(self, name: str, span: int) -> int:
        """The register of the class with this simple name."""
        self.called.add(name)
        known = self.class_named(name)
        return self.class_register(known, span) if known is not None else self.slot(name.encode())

    def e_class_literal(self, node: "Node", _dst: int) -> int:
        """The class itself."""
        parts = self.children(node)
        return self.class_of_type(parts[0]) if parts else self.unknown()

    def e_array_access(self, node: "Node", dst: int) -> int:
        """INDEX."""
        parts = self.children(node)
        if len(parts) < 2:
            return self.unknown()
        register = self.left_operand(parts[0])
        index = self.expression(parts[1])
        target = self.target(dst)
        self.emit((ir.INDEX, target, register, index, self.span(node)))
        return target
