"""Types of C# and their members."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.csharp_functions import Formal
from custodiet.source.csharp_names import Scope
from custodiet.source.csharp_shapes import TYPE_KINDS, base_nodes, declarations, has_modifier, name_of
from custodiet.source.csharp_statements import CSharpStatements
from custodiet.source.lowerer import DEEPEST

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

_PROTOCOL: Final = {"ToString": "__str__", "GetEnumerator": "__iter__", "GetAsyncEnumerator": "__iter__"}
"""Methods that the core knows by another name."""
_MEMBERS_WITH_CODE: Final = frozenset(
    (
        "method_declaration",
        "property_declaration",
        "indexer_declaration",
        "operator_declaration",
        "conversion_operator_declaration",
        "destructor_declaration",
        "event_declaration",
    )
)
_IMMUTABLE: Final = frozenset(
    (
        "string_literal",
        "verbatim_string_literal",
        "raw_string_literal",
        "integer_literal",
        "real_literal",
        "boolean_literal",
        "character_literal",
        "null_literal",
    )
)
"""Initial values that all instances may share."""


class TypeInProgress:
    """What is gathered of one type while its parts are lowered."""

    __slots__ = ("fields", "index", "initial", "methods", "node", "primary")

    def __init__(self, node: "Node", index: int) -> None:
        self.node = node
        self.index = index
        self.methods: list[tuple[str, int]] = []
        self.fields: dict[str, str] = {}
        self.initial: list[tuple[bytes, Node, Node | None]] = []
        """(name, value, type) of instance members that a constructor sets first."""
        self.primary: list[Formal] = []


class CSharpDefinitions(CSharpStatements):
    """Classes, structs, records, interfaces, enumerations."""

    def define_type(self, node: "Node") -> None:
        """CLASS into the type's name; its body is a function that the type runs."""
        raw = name_of(node, self.source)
        if not raw or self.level >= DEEPEST:
            self.uncovered += 1
            return
        self.level += 1
        decorators = self.decorators(node)
        bases = base_nodes(node)
        registers = tuple(self.type_value(base) for base in bases)
        name = self.strings.get(raw) or self.intern(raw)
        dst = self.declare(raw) if self.scope.is_module else self.bind(raw)
        number = len(self.classes)
        self.classes.append(None)
        made = TypeInProgress(node, number)
        shape = self.shapes.get(raw)
        if shape is not None:
            self.enclosing.append(shape)
        qualname = self.qualified(name)
        index = self.open(qualname, number, Scope(has_this=False, is_body=True))
        self.in_class = True
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        if node.type == "enum_declaration":
            self._enumeration(node)
        else:
            self._members(made)
        span = self.span(node)
        self.close("<class>", (), instructions, span, None)
        if shape is not None:
            self.enclosing.pop()
        names = tuple(self.type_text(base) or "" for base in bases)
        if node.type == "enum_declaration":
            names, registers = ("enum.Enum",), (self.symbol("enum.Enum"),)
        self.classes[number] = ir.Class(
            name,
            qualname,
            tuple(made.methods),
            names,
            index,
            tuple(made.fields.items()),
            span,
            shape is not None and shape.partial,
        )
        name_node = node.child_by_field_name("name") or node
        self.emit((ir.CLASS, dst, number, registers, (), decorators, self.span(name_node)))
        self.level -= 1

    def _enumeration(self, node: "Node") -> None:
        body = node.child_by_field_name("body")
        for member in declarations(body) if body is not None else ():
            name = member.child_by_field_name("name")
            if name is not None:
                self.store(self.bind(self.raw(name)), self.string(self.word(name)), self.span(member))

    # -- members ------------------------------------------------------------------------------------------------------

    def _extended(self, made: TypeInProgress, member: "Node") -> list[Formal]:
        """The parameter that the methods of a block `extension(string text) { ... }` are called on; empty elsewhere."""
        start = made.node.start_byte
        if member.type != "method_declaration" or not self.source.startswith(b"extension", start):
            return []
        head = self.source[start : self.source.find(b"{", start)]
        words = head[head.find(b"(") + 1 : head.rfind(b")")].split()
        return [Formal(words[-1], made.node, None, 0, None, is_reference=False)] if len(words) > 1 else []

    def _members(self, made: TypeInProgress) -> None:
        """Methods first, then the types inside, then static fields, then constructors."""
        node = made.node
        body = node.child_by_field_name("body")
        members = list(declarations(body)) if body is not None else []
        for child in node.named_children:
            if child.type == "parameter_list":
                made.primary = self.formals(child)
        for formal in made.primary:
            made.fields[formal.raw.decode(self.encoding, "replace")] = formal.annotation or "object"
        for member in members:
            self._note_fields(made, member)
        for member in members:
            if member.type in _MEMBERS_WITH_CODE:
                self._member_with_code(made, member)
        for member in members:
            if member.type in TYPE_KINDS:
                self.define_type(member)
                self.nested.append((name_of(node, self.source), name_of(member, self.source), self.span(member)))
        for member in members:
            self._static(member)
        constructors = [member for member in members if member.type == "constructor_declaration"]
        for member in constructors:
            if has_modifier(member, self.source, b"static"):
                inner = member.child_by_field_name("body")
                self.body(inner, gives=False)
            else:
                self._constructor(made, member)
        if all(has_modifier(member, self.source, b"static") for member in constructors) or made.primary:
            self._implicit_constructor(made)

    def _note_fields(self, made: TypeInProgress, member: "Node") -> None:
        """The declared fields with their types, and the values that instances start with."""
        kind = member.type
        is_static = has_modifier(member, self.source, b"static", b"const")
        if kind in {"field_declaration", "event_field_declaration"}:
            for declaration in member.named_children:
                if declaration.type != "variable_declaration":
                    continue
                declared = declaration.child_by_field_name("type")
                for declarator in declaration.named_children:
                    name = declarator.child_by_field_name("name")
                    if declarator.type != "variable_declarator" or name is None:
                        continue
                    made.fields[self.word(name)] = self.type_text(declared) or "object"
                    value = self.initial(declarator)
                    if value is not None and not is_static:
                        made.initial.append((self.raw(name), value, declared))
        elif kind == "property_declaration" and self.is_automatic(member):
            name, declared = member.child_by_field_name("name"), member.child_by_field_name("type")
            if name is not None:
                marks = [child for child in member.named_children if child.type == "attribute_list"]
                made.fields[self.word(name)] = self.annotation(declared, marks) or "object"
                value = member.child_by_field_name("value")
                if value is not None and not is_static:
                    made.initial.append((self.raw(name), value, declared))

    def is_automatic(self, member: "Node") -> bool:
        """Whether the property is a field: its accessors have no bodies."""
        accessors = member.child_by_field_name("accessors")
        if accessors is None:
            return False
        return all(
            accessor.child_by_field_name("body") is None
            for accessor in accessors.named_children
            if accessor.type == "accessor_declaration"
        )

    def _static(self, member: "Node") -> None:
        """Static fields are names of the type; so are constants that instances start with."""
        is_static = has_modifier(member, self.source, b"static", b"const")
        if member.type == "field_declaration":
            for declaration in member.named_children:
                if declaration.type != "variable_declaration":
                    continue
                kind = declaration.child_by_field_name("type")
                for declarator in declaration.named_children:
                    name = declarator.child_by_field_name("name")
                    value = self.initial(declarator) if declarator.type == "variable_declarator" else None
                    if name is not None and value is not None and (is_static or value.type in _IMMUTABLE):
                        self._class_name(name, value, kind)
        elif member.type == "property_declaration" and self.is_automatic(member):
            name, value = member.child_by_field_name("name"), member.child_by_field_name("value")
            if name is not None and value is not None and (is_static or value.type in _IMMUTABLE):
                self._class_name(name, value, member.child_by_field_name("type"))

    def _class_name(self, name: "Node", value: "Node", kind: "Node | None") -> None:
        base = self.temporary
        self.typed(value, kind, self.bind(self.raw(name)))
        if self.temporary < self.lowest:
            self.lowest = self.temporary
        self.temporary = base

    # -- members with code --------------------------------------------------------------------------------------------

    def _member_with_code(self, made: TypeInProgress, member: "Node") -> None:
        kind = member.type
        if kind in {"property_declaration", "indexer_declaration", "event_declaration"}:
            self._accessors(made, member)
            return
        body = member.child_by_field_name("body")
        if kind == "method_declaration":
            name = member.child_by_field_name("name")
            if name is None:
                self.uncovered += 1
                return
            word = self.word(name)
            if body is None and has_modifier(member, self.source, b"partial", b"extern"):
                return
        elif kind == "destructor_declaration":
            word = "Finalize"
        elif kind == "operator_declaration":
            sign = member.child_by_field_name("operator")
            word = f"operator {sign.type if sign is not None else ''}"
        else:
            word = "operator convert"
        returns = member.child_by_field_name("returns")
        formals = self.formals(member.child_by_field_name("parameters"))
        flags = 0
        extended = self._extended(made, member)
        if extended and not has_modifier(member, self.source, b"static"):
            formals = [*extended, *formals]
            flags |= ir.FUNCTION_STATIC | ir.FUNCTION_EXTENSION
        if has_modifier(member, self.source, b"static"):
            flags |= ir.FUNCTION_STATIC
        if has_modifier(member, self.source, b"async"):
            flags |= ir.FUNCTION_ASYNC
        if body is None:
            flags |= ir.FUNCTION_ABSTRACT
        if not has_modifier(member, self.source, b"public"):
            flags |= ir.FUNCTION_PRIVATE
        parameters = member.child_by_field_name("parameters")
        if parameters is not None and self.is_extension(parameters):
            flags |= ir.FUNCTION_EXTENSION
        self._method(made, word, member, formals, lambda: self.body(body), flags, self.type_text(returns))

    def _method(
        self,
        made: TypeInProgress,
        word: str,
        member: "Node",
        formals: list[Formal],
        body: Callable[[], None],
        flags: int,
        returns: str | None,
    ) -> None:
        """FUNC of a method into its name."""
        base = self.temporary
        decorators = self.decorators(member) if member.type not in TYPE_KINDS else ()
        is_static = bool(flags & ir.FUNCTION_STATIC)
        defaults = self.defaults(formals, 0 if is_static else 1)
        if returns == "void":
            returns = None
        index = self.function(
            word,
            made.node if word == "__init__" else member,  # initial values stand outside of the constructor
            formals,
            body,
            class_index=made.index,
            has_this=not is_static,
            flags=flags,
            returns=returns,
        )
        made.methods.append((word, index))
        if word in _PROTOCOL:
            made.methods.append((_PROTOCOL[word], index))
        name = member.child_by_field_name("name") or member
        dst = self.new_temporary() if word.endswith(".setter") else self.bind(word.encode())
        self.emit((ir.FUNC, dst, index, decorators, defaults, self.span(name)))
        if self.temporary < self.lowest:
            self.lowest = self.temporary
        self.temporary = base

    def _accessors(self, made: TypeInProgress, member: "Node") -> None:
        """A getter is a property, a setter a method; an indexer has both under the names of the core."""
        kind = member.type
        if kind == "property_declaration" and self.is_automatic(member):
            return
        name = member.child_by_field_name("name")
        word = self.word(name) if name is not None else "this"
        returns = self.type_text(member.child_by_field_name("type"))
        keys = self.formals(member.child_by_field_name("parameters"))
        static = ir.FUNCTION_STATIC if has_modifier(member, self.source, b"static") else 0
        is_indexer = kind == "indexer_declaration"
        arrow = member.child_by_field_name("value")
        accessors = member.child_by_field_name("accessors")
        if accessors is None:
            if arrow is not None and arrow.type == "arrow_expression_clause":
                getter = "__getitem__" if is_indexer else word
                flags = static if is_indexer else static | ir.FUNCTION_PROPERTY
                self._method(made, getter, member, keys, lambda: self.body(arrow), flags, returns)
            return
        for accessor in accessors.named_children:
            sign = accessor.child_by_field_name("name")
            if accessor.type != "accessor_declaration" or sign is None:
                continue
            body = accessor.child_by_field_name("body")
            how = self.decoded(sign)
            if body is None and (how != "get" or kind != "property_declaration" or static):
                continue
            self.backing = f"_{word}"
            if how == "get":
                getter = "__getitem__" if is_indexer else word
                flags = static if is_indexer else static | ir.FUNCTION_PROPERTY
                read = partial(self.body, body) if body is not None else partial(self._read_backing, accessor)
                self._method(made, getter, accessor, keys, read, flags, returns)
            elif how in {"set", "init"}:
                setter = "__setitem__" if is_indexer else f"{word}.setter"
                value = Formal(b"value", sign, returns, 0, None, is_reference=False)
                write = partial(self.body, body, gives=False)
                self._method(made, setter, accessor, [*keys, value], write, static, None)
            else:
                value = Formal(b"value", sign, returns, 0, None, is_reference=False)
                write = partial(self.body, body, gives=False)
                self._method(made, f"{how}_{word}", accessor, [value], write, static, None)
        self.backing = ""
        initial = member.child_by_field_name("value")
        if initial is not None and name is not None and has_modifier(member, self.source, b"static"):
            self.expression(initial)

    def _read_backing(self, accessor: "Node") -> None:
        """What `get;` does beside a setter with code."""
        made = self.new_temporary()
        self.emit((ir.ATTR, made, self.this(), self.backing, self.span(accessor)))
        self.emit((ir.RET, made, self.span(accessor)))

    # -- constructors -------------------------------------------------------------------------------------------------

    def _constructor(self, made: TypeInProgress, member: "Node") -> None:
        formals = self.formals(member.child_by_field_name("parameters"))
        chained = next((child for child in member.named_children if child.type == "constructor_initializer"), None)
        body = member.child_by_field_name("body")

        def run() -> None:
            is_same = False
            if chained is not None:
                is_same = any(child.type == "this" for child in chained.children)
                given = next((child for child in chained.named_children if child.type == "argument_list"), None)
                args, kw, references = self.arguments(given)
                span = self.span(chained)
                owner = self.this() if is_same else self.parent_of_this(span)
                self.called.add("__init__")
                self.emit((ir.CALLM, self.new_temporary(), owner, "__init__", args, kw, span))
                self.read_back(references)
            if not is_same:
                self._initial_values(made)
            self.body(body, gives=False)

        self._method(made, "__init__", member, formals, run, 0, None)

    def _initial_values(self, made: TypeInProgress) -> None:
        for raw, value, kind in made.initial:
            base = self.temporary
            register = self.typed(value, kind)
            word = self.strings.get(raw) or self.intern(raw)
            self.called.add(word)
            self.emit((ir.SETATTR, self.this(), word, register, self.span(value)))
            if self.temporary < self.lowest:
                self.lowest = self.temporary
            self.temporary = base

    def _implicit_constructor(self, made: TypeInProgress) -> None:
        """The constructor of a type that declares none but has initial values or primary parameters."""
        node = made.node
        if node.type == "interface_declaration" or not (made.primary or made.initial):
            return
        given: Node | None = None
        for child in node.named_children:
            if child.type == "base_list":
                for part in (
                    *child.named_children,
                    *(inner for b in child.named_children for inner in b.named_children),
                ):
                    if part.type == "argument_list":
                        given = part
                        break

        def run() -> None:
            if base_nodes(node):
                args, kw, references = self.arguments(given)
                span = self.span(node)
                owner = self.parent_of_this(span)
                self.called.add("__init__")
                self.emit((ir.CALLM, self.new_temporary(), owner, "__init__", args, kw, span))
                self.read_back(references)
            for formal in made.primary:
                word = self.strings.get(formal.raw) or self.intern(formal.raw)
                self.called.add(word)
                self.emit((ir.SETATTR, self.this(), word, self.slot(formal.raw), self.span(formal.node)))
            self._initial_values(made)

        self._method(made, "__init__", node, made.primary, run, 0, None)
        if node.type == "record_declaration" and made.primary:
            key = Formal(b"index", node, "int", 0, None, is_reference=False)
            self._method(made, "__getitem__", node, [key], partial(self._parts, made), 0, None)

    def _parts(self, made: TypeInProgress) -> None:
        """What a record gives to `var (a, b) = record`, by position."""
        for place, formal in enumerate(made.primary):
            span = self.span(formal.node)
            outcome, value = self.new_temporary(), self.new_temporary()
            self.emit((ir.BIN, outcome, "==", self.slot(b"index"), self.number(place), span))
            word = self.strings.get(formal.raw) or self.intern(formal.raw)
            self.called.add(word)
            found = ((ir.ATTR, value, self.this(), word, span), (ir.RET, value, span))
            self.emit((ir.IF, outcome, found, (), span))

    nested: list[tuple[bytes, bytes, int]]
