"""Expressions of JavaScript and TypeScript: names, members, calls, literals and what wraps them."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.javascript_classes import Classes
from custodiet.source.javascript_literals import number_value, python_pattern, text_value
from custodiet.source.javascript_patterns import MODULE_EXPORTS
from custodiet.source.lowerer import SPINE

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
_CHAINS: Final = frozenset(
    ("member_expression", "subscript_expression", "call_expression", "non_null_expression", "binary_expression")
)
_BORROWED: Final = frozenset(("Object", "Array", "String", "Function"))
"""Classes whose prototypes' methods are called on other objects: `Array.prototype.slice.call(x, 1)`."""

Arguments = tuple[tuple[int, ...], tuple[tuple[str, int], ...]]


class Expressions(Classes):
    """Expressions apart from operators, functions, classes and markup."""

    __slots__ = ()

    # -- names and literals -------------------------------------------------------------------------------------------

    def e_identifier(self, node: "Node", _dst: int) -> int:
        """The slot of the name."""
        raw = self.source[node.start_byte : node.end_byte]
        found = self.slots.get(raw)
        if found is not None:
            return found
        if raw == b"undefined":
            return self.none()
        if raw == b"arguments" and self.index:
            return self._all_arguments(node)
        return self.new_slot(raw)

    e_shorthand_property_identifier = e_identifier
    e_property_identifier = e_identifier
    e_type_identifier = e_identifier

    def _all_arguments(self, node: "Node") -> int:
        """A list of the parameters: `arguments`."""
        registers = [slot for slot, (kind, name) in enumerate(self.inits) if kind == "p" and name != "this"]
        made = self.new_temporary()
        self.emit((ir.MAKE, made, "l", tuple(registers), self.span(node)))
        return made

    def e_this(self, _node: "Node", _dst: int) -> int:
        """The slot of `this`."""
        return self.this_slot()

    def e_super(self, node: "Node", dst: int) -> int:
        """CALL of the core's `super`."""
        made = self.target(dst)
        self.emit((ir.CALL, made, self.symbol("builtins.super"), (), (), self.span(node)))
        return made

    def e_number(self, node: "Node", _dst: int) -> int:
        """The slot of the number."""
        raw = self.raw(node)
        found = self.slots.get(raw)
        return found if found is not None else self.constant(raw, number_value(raw))

    def e_true(self, _node: "Node", _dst: int) -> int:
        """The slot of the constant."""
        return self.constant(b"=true", True)

    def e_false(self, _node: "Node", _dst: int) -> int:
        """The slot of the constant."""
        return self.constant(b"=false", False)

    def e_null(self, _node: "Node", _dst: int) -> int:
        """The slot of None."""
        return self.none()

    e_undefined = e_null

    def e_string(self, node: "Node", _dst: int) -> int:
        """The slot of the text."""
        raw = self.source[node.start_byte : node.end_byte]
        found = self.slots.get(raw)
        if found is not None:
            return found
        content = raw[1:-1] if len(raw) >= 2 and raw[-1] == raw[0] else raw[1:]
        return self.constant(raw, text_value(content.decode(self.encoding, "replace")))

    def e_jsx_text(self, node: "Node", _dst: int) -> int:
        """The slot of the text."""
        return self.string(self.raw(node).decode(self.encoding, "replace"))

    def e_template_string(self, node: "Node", dst: int) -> int:
        """CAT of the parts, or one constant."""
        parts, _ = self._template(node)
        if all(
            register >= 0 and self.inits[register][0] == "c" and isinstance(self.inits[register][1], str)
            for register in parts
        ):
            return self.string("".join(self.inits[register][1] for register in parts))
        made = self.target(dst)
        self.emit((ir.CAT, made, tuple(parts), self.span(node)))
        return made

    def _template(self, node: "Node") -> tuple[list[int], list[int]]:
        """(all parts, only the substituted ones) of a template."""
        parts: list[int] = []
        values: list[int] = []
        position = node.start_byte + 1
        for child in node.named_children:
            if child.type != "template_substitution":
                continue
            if child.start_byte > position:
                parts.append(self._template_text(position, child.start_byte))
            position = child.end_byte
            inner = self.children(child)
            register = self.expression(inner[0]) if inner else self.unknown()
            parts.append(register)
            values.append(register)
        end = node.end_byte - 1
        if end > position:
            parts.append(self._template_text(position, end))
        return parts, values

    def _template_text(self, start: int, end: int) -> int:
        return self.string(text_value(self.source[start:end].decode(self.encoding, "replace").replace("\r\n", "\n")))

    def e_regex(self, node: "Node", dst: int) -> int:
        """CALL of `re.compile` with the pattern as Python writes it."""
        body = node.child_by_field_name("pattern")
        flags = node.child_by_field_name("flags")
        text = self.raw(body).decode(self.encoding, "replace") if body is not None else ""
        letters = self.text(flags) if flags is not None else ""
        made = self.target(dst)
        arguments = (self.string(python_pattern(text, letters)),)
        once = () if "g" in letters else (("once", self.constant(b"=true", True)),)
        self.called.add("compile")
        self.has_patterns = True
        self.emit((ir.CALL, made, self.symbol("re.compile"), arguments, once, self.span(node)))
        return made

    def e_meta_property(self, _node: "Node", _dst: int) -> int:
        """Unknown: `new.target`, `import.meta`."""
        return self.unknown()

    def e_import(self, _node: "Node", _dst: int) -> int:
        """The library's name `import`."""
        return self.symbol("import")

    # -- wrappers -----------------------------------------------------------------------------------------------------

    def e_parenthesized_expression(self, node: "Node", dst: int) -> int:
        """The value inside."""
        inner = self.children(node)
        return self.expression(inner[0], dst) if inner else self.unknown()

    def e_sequence_expression(self, node: "Node", dst: int) -> int:
        """The last value."""
        inner = self.children(node)
        for child in inner[:-1]:
            self.expression(child)
        return self.expression(inner[-1], dst) if inner else self.unknown()

    def e_non_null_expression(self, node: "Node", dst: int) -> int:
        """The value itself."""
        inner = self.children(node)
        return self.operand_into(inner[0], dst) if inner else self.unknown()

    def operand_into(self, node: "Node", _dst: int) -> int:
        """The register of the leftmost operand."""
        return self.operand(node)

    def e_as_expression(self, node: "Node", dst: int) -> int:
        """CAST to a class; a cast to a plain type converts nothing."""
        inner = self.children(node)
        if not inner:
            return self.unknown()
        return self._cast(inner[0], inner[-1] if len(inner) > 1 else None, dst, self.span(node))

    e_satisfies_expression = e_as_expression

    def e_type_assertion(self, node: "Node", dst: int) -> int:
        """CAST: `<T>x`."""
        inner = self.children(node)
        if len(inner) < 2:
            return self.unknown()
        types = self.children(inner[0])
        return self._cast(inner[-1], types[0] if types else None, dst, self.span(node))

    def _cast(self, value: "Node", typed: "Node | None", dst: int, span: int) -> int:
        word = self.type_of(typed)
        if word is None or not word[:1].isupper() or word.startswith(("Record", "Date")):
            return self.expression(value, dst)
        held = self.expression(value)
        made = self.target(dst)
        self.emit((ir.CAST, made, held, word, span))
        return made

    def e_instantiation_expression(self, node: "Node", dst: int) -> int:
        """The function that is instantiated."""
        inner = self.children(node)
        return self.expression(inner[0], dst) if inner else self.unknown()

    def e_await_expression(self, node: "Node", dst: int) -> int:
        """AWAIT."""
        inner = self.children(node)
        held = self.expression(inner[0]) if inner else self.unknown()
        made = self.target(dst)
        self.emit((ir.AWAIT, made, held, self.span(node)))
        return made

    def e_yield_expression(self, node: "Node", dst: int) -> int:
        """YIELD or YIELDALL."""
        self.flags |= ir.FUNCTION_GENERATOR
        inner = self.children(node)
        held = self.expression(inner[0]) if inner else NOREG
        delegates = held != NOREG and any(child.type == "*" for child in node.children)
        made = self.target(dst)
        self.emit((ir.YIELDALL if delegates else ir.YIELD, made, held, self.span(node)))
        return made

    # -- members ------------------------------------------------------------------------------------------------------

    def operand(self, node: "Node | None") -> int:
        """The register of the leftmost operand of a chain; a long chain is lowered from its left end."""
        if node is None:
            return self.unknown()
        if self._depth < SPINE or node.type not in _CHAINS:
            if self.left_id == node.id:
                self.left_id = -1
                return self.left
            return self.expression(node)
        if self.left_id == node.id:
            self.left_id = -1
            return self.left
        links = []
        while node.type in _CHAINS:
            inner = _leftmost(node)
            if inner is None:
                break
            links.append((node, inner))
            node = inner
        register = self.expression(node)
        for link, inner in reversed(links):
            self.left_id, self.left = inner.id, register
            register = self.expression(link)
        self.left_id = -1
        return register

    def e_member_expression(self, node: "Node", dst: int) -> int:
        """ATTR."""
        if self.is_module_exports(node):
            return self.slot(MODULE_EXPORTS)
        held, name, _ = self.member(node)
        made = self.target(dst)
        self.emit((ir.ATTR, made, held, name, self.span(node)))
        return made

    def e_subscript_expression(self, node: "Node", dst: int) -> int:
        """INDEX, or ATTR of a constant name."""
        held, name, key = self.member(node)
        made = self.target(dst)
        if key == NOREG:
            self.emit((ir.ATTR, made, held, name, self.span(node)))
        else:
            self.emit((ir.INDEX, made, held, key, self.span(node)))
        return made

    # -- calls --------------------------------------------------------------------------------------------------------

    def e_call_expression(self, node: "Node", dst: int) -> int:
        """CALL or CALLM; IMPORT of a module that is required by a constant name."""
        function = node.child_by_field_name("function")
        listed = node.child_by_field_name("arguments")
        if function is None or listed is None:
            inner = self.children(node)
            return self.expression(inner[0], dst) if inner else self.unknown()
        span = self.span(node)
        if function.type == "await_expression" and self.children(function):
            # The grammar reads `await f<T>(x)` as `(await f)<T>(x)`, which would stand in parentheses.
            awaited = self.children(function)[0]
            held = self._called(awaited, listed, NOREG, ir.span_of(awaited.start_byte, node.end_byte))
            made = self.target(dst)
            self.emit((ir.AWAIT, made, held, span))
            return made
        return self._called(function, listed, dst, span)

    def _called(self, function: "Node", listed: "Node", dst: int, span: int) -> int:
        """The register of what a call of `function` with the arguments returns."""
        if listed.type == "template_string":
            return self._tagged(function, listed, dst, span)
        kind = function.type
        if kind in ("identifier", "import"):
            module = self._required(function, listed)
            if module is not None:
                made = self.target(dst)
                self.emit((ir.IMPORT, made, module, None, span))
                return made
        elif kind == "super":
            held = self.expression(function)
            positional, keyword = self.arguments(listed)
            made = self.target(dst)
            self.called.add("__init__")
            self.emit((ir.CALLM, made, held, "__init__", positional, keyword, span))
            return made
        elif kind == "member_expression":
            special = self._borrowed(function, listed, dst, span)
            if special is not None:
                return special
        return self._call(function, listed, dst, span)

    def _call(self, function: "Node", listed: "Node | None", dst: int, span: int) -> int:
        kind = function.type
        while kind in ("parenthesized_expression", "non_null_expression", "instantiation_expression"):
            inner = self.children(function)
            if not inner or inner[0].type not in (
                "member_expression",
                "identifier",
                "non_null_expression",
                "subscript_expression",
            ):
                break
            function = inner[0]
            kind = function.type
        if kind in ("member_expression", "subscript_expression") and not self.is_module_exports(function):
            if self.left_id == function.id:
                self.left_id = -1
                return self._call_register(self.left, listed, dst, span)
            held, name, key = self.member(function)
            if key != NOREG:
                read = self.new_temporary()
                self.emit((ir.INDEX, read, held, key, self.span(function)))
                return self._call_register(read, listed, dst, span)
            positional, keyword = self.arguments(listed)
            made = self.target(dst)
            self.emit((ir.CALLM, made, held, name, positional, keyword, span))
            return made
        register = self.operand(function)
        if kind == "identifier":
            word = self.names[register] if register >= 0 else None
            if word is not None:
                self.called.add(word)
        return self._call_register(register, listed, dst, span)

    def _call_register(self, register: int, listed: "Node | None", dst: int, span: int) -> int:
        positional, keyword = self.arguments(listed)
        made = self.target(dst)
        self.emit((ir.CALL, made, register, positional, keyword, span))
        return made

    def e_new_expression(self, node: "Node", dst: int) -> int:
        """CALL of the class."""
        made = node.child_by_field_name("constructor")
        if made is None:
            return self.unknown()
        return self._call(made, node.child_by_field_name("arguments"), dst, self.span(node))

    def arguments(self, listed: "Node | None") -> Arguments:
        """(registers, spreads) of the arguments."""
        if listed is None:
            return (), ()
        positional = []
        keyword = []
        for child in self.children(listed):
            if child.type == "spread_element":
                inner = self.children(child)
                keyword.append(("*", self.expression(inner[0]) if inner else self.unknown()))
            else:
                positional.append(self.expression(child))
        return tuple(positional), tuple(keyword)

    def _tagged(self, function: "Node", template: "Node", dst: int, span: int) -> int:
        """CALL of the tag with its texts as a list and the values."""
        held, name = NOREG, ""
        if function.type in ("member_expression", "subscript_expression"):
            held, name, key = self.member(function)
            if key != NOREG:
                name = ""
        else:
            held = self.operand(function)
            word = self.names[held] if held >= 0 else None
            if word is not None:
                self.called.add(word)
        parts, values = self._template(template)
        texts = [part for part in parts if part not in values]
        listed = self.new_temporary()
        self.emit((ir.MAKE, listed, "l", tuple(texts), self.span(template)))
        made = self.target(dst)
        if name == "raw" and function.type == "member_expression" and self.raw(function) == b"String.raw":
            self.emit((ir.CAT, made, tuple(parts), span))
        elif name:
            self.emit(
                (ir.CALLM, made, held, name, (listed, *values), (("tagged", self.constant(b"=true", True)),), span)
            )
        else:
            self.emit((ir.CALL, made, held, (listed, *values), (("tagged", self.constant(b"=true", True)),), span))
        return made

    def _required(self, function: "Node", listed: "Node") -> str | None:
        """The module that `require("m")` or `import("m")` names, None if it is another call."""
        word = self.raw(function)
        if word not in (b"require", b"import"):
            return None
        inner = self.children(listed)
        if not inner or inner[0].type not in ("string", "template_string"):
            return None
        register = self.expression(inner[0])
        if register < 0 or self.inits[register][0] != "c":
            return None
        return self.resolved(str(self.inits[register][1]))

    def resolved(self, written: str) -> str:
        """The name of the module that an import names."""
        return written

    def _borrowed(self, function: "Node", listed: "Node", dst: int, span: int) -> int | None:
        """`f.bind(this)` is `f`, `f.call(this, a)` is `f(a)`, `Array.prototype.slice.call(x, 1)` is `x.slice(1)`."""
        last = function.child_by_field_name("property")
        owner = function.child_by_field_name("object")
        word = self.raw(last) if last is not None else b""
        if owner is None or word not in (b"bind", b"call", b"apply"):
            return None
        given = self.children(listed)
        if not given or given[0].type == "spread_element":
            return None
        if word == b"bind":
            bound = len(given) == 1 and given[0].type in ("this", "identifier", "member_expression")
            return self.operand(owner) if bound else None
        if owner.type == "member_expression":
            borrowed = self._prototype_name(owner)
            if borrowed:
                held = self.expression(given[0])
                made = self.target(dst)
                self.called.add(borrowed)
                if word == b"apply":
                    rest = tuple(("*", self.expression(child)) for child in given[1:2])
                    self.emit((ir.CALLM, made, held, borrowed, (), rest, span))
                else:
                    registers = tuple(self.expression(child) for child in given[1:])
                    self.emit((ir.CALLM, made, held, borrowed, registers, (), span))
                return made
        if given[0].type not in ("this", "null", "undefined"):
            return None
        register = self.expression(owner)
        positional: tuple[int, ...] = ()
        keyword: tuple[tuple[str, int], ...] = ()
        if word == b"apply":
            keyword = tuple(("*", self.expression(child)) for child in given[1:2])
        else:
            positional = tuple(self.expression(child) for child in given[1:] if child.type != "spread_element")
        made = self.target(dst)
        self.emit((ir.CALL, made, register, positional, keyword, span))
        return made

    def _prototype_name(self, owner: "Node") -> str:
        """`slice` of `Array.prototype.slice` and `[].slice`, else the empty text."""
        name = owner.child_by_field_name("property")
        inner = owner.child_by_field_name("object")
        if name is None or inner is None:
            return ""
        if inner.type == "member_expression":
            base = inner.child_by_field_name("object")
            last = inner.child_by_field_name("property")
            if (
                base is not None
                and last is not None
                and self.raw(last) == b"prototype"
                and self.text(base) in _BORROWED
            ):
                return self.text(name)
        return self.text(name) if self.raw(inner) in (b"[]", b"{}") else ""

    def e_spread_element(self, node: "Node", dst: int) -> int:
        """What is spread."""
        inner = self.children(node)
        return self.expression(inner[0], dst) if inner else self.unknown()

    def e_computed_property_name(self, node: "Node", dst: int) -> int:
        """The value of the key."""
        return self.e_spread_element(node, dst)


def _leftmost(node: "Node") -> "Node | None":
    """The operand that the node's own lowering hands to `operand`."""
    kind = node.type
    if kind == "call_expression":
        function = node.child_by_field_name("function")
        if function is not None and function.type in ("member_expression", "subscript_expression"):
            return function.child_by_field_name("object")
        return function
    if kind == "binary_expression":
        return node.child_by_field_name("left")
    if kind == "non_null_expression":
        return node.named_children[0] if node.named_children else None
    return node.child_by_field_name("object")
