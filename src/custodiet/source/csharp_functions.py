"""Functions of C#: parameters, bodies, lambdas, calls."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.csharp_names import THIS, Scope
from custodiet.source.csharp_patterns import CSharpPatterns
from custodiet.source.csharp_shapes import has_modifier

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG


_GIVING: Final = pattern(rb"Deserialize|ReadFromJson|GetFromJson|GetRequiredService$|GetService$")


class Formal(NamedTuple):
    """A parameter as it is declared."""

    raw: bytes
    node: "Node"
    annotation: str | None
    flag: int
    default: "Node | None"
    is_reference: bool


class CSharpFunctions(CSharpPatterns):
    """Definition and call of functions."""

    # -- parameters ---------------------------------------------------------------------------------------------------

    def formals(self, node: "Node | None") -> list[Formal]:
        """The parameters in order."""
        if node is None:
            return []
        if node.type in {"identifier", "implicit_parameter"}:
            return [Formal(self.raw(node), node, None, 0, None, is_reference=False)]
        found: list[Formal] = []
        attributes: list[Node] = []
        kind: Node | None = None
        is_rest = False
        for child in node.children:
            what = child.type
            if what == "parameter":
                formal = self._formal(child)
                if formal is not None:
                    found.append(formal)
            elif what == "implicit_parameter":
                found.append(Formal(self.raw(child), child, None, 0, None, is_reference=False))
            elif what == "attribute_list":
                attributes.append(child)
            elif what == "params":
                is_rest = True
            elif is_rest and what == "identifier" and kind is not None:
                annotation = self.annotation(kind, attributes)
                found.append(Formal(self.raw(child), child, annotation, 2, None, is_reference=False))
                is_rest, kind = False, None
            elif is_rest and child.is_named and what != "comment":
                kind = child
        return found

    def _formal(self, node: "Node") -> Formal | None:
        name, kind = node.child_by_field_name("name"), node.child_by_field_name("type")
        if name is None:
            return None
        attributes = [child for child in node.named_children if child.type == "attribute_list"]
        default: Node | None = None
        after = False
        for child in node.children:
            if child.type == "=":
                after = True
            elif after and child.is_named and child.type != "comment":
                default = child
        is_reference = has_modifier(node, self.source, b"ref", b"out") and not has_modifier(node, self.source, b"in")
        return Formal(self.raw(name), name, self.annotation(kind, attributes), 0, default, is_reference)

    def annotation(self, kind: "Node | None", attributes: "list[Node]") -> str | None:
        """The type of a parameter; with attributes it is `Annotated[string, FromQuery("q")]`."""
        text = self.type_text(kind)
        if not attributes:
            return text
        words = []
        for group in attributes:
            for attribute in group.named_children:
                if attribute.type == "attribute":
                    words.append(" ".join(self.decoded(attribute).replace("[", "(").replace("]", ")").split()))
        return f"Annotated[{text or 'object'}, {', '.join(words)}]" if words else text

    def is_extension(self, node: "Node") -> bool:
        """Whether the first parameter is marked `this`."""
        first = node.named_children[0] if node.named_child_count else None
        return first is not None and first.type == "parameter" and has_modifier(first, self.source, b"this")

    def defaults(self, formals: list[Formal], offset: int) -> tuple[tuple[int, int], ...]:
        """The (place, register) of default values, evaluated in the enclosing function."""
        return tuple(
            (place + offset, self.expression(formal.default))
            for place, formal in enumerate(formals)
            if formal.default is not None
        )

    # -- definitions --------------------------------------------------------------------------------------------------

    def function(
        self,
        name: str,
        node: "Node",
        formals: list[Formal],
        body: "Callable[[], None]",
        *,
        class_index: int = -1,
        has_this: bool = False,
        flags: int = 0,
        returns: str | None = None,
    ) -> int:
        """The index of a function whose body `body` emits; the receiver is parameter 0 of a method."""
        is_method = class_index >= 0
        scope = Scope(has_this=has_this or (not is_method and self.scope.has_this))
        index = self.open(self.qualified(name), class_index, scope)
        self.flags |= flags
        waiting, self.updates = self.updates, []
        switches, self.switches = self.switches, []
        breaks, self.breaks = self.breaks, []
        instructions: list[ir.Ins] = []
        self.emit = instructions.append
        span = self.span(node)
        params = []
        if has_this:
            params.append(ir.Param("this", self.parameter(THIS), None, 0, ir.span_of(node.start_byte, node.start_byte)))
        for formal in formals:
            if formal.raw == b"_" or not formal.raw:
                raw = b"_%d" % len(params)
            else:
                raw = formal.raw
            register = self.parameter(raw)
            scope.locals.add(raw)
            if formal.is_reference:
                scope.boxed.add(raw)
            word = self.names[register] or ""
            params.append(ir.Param(word, register, formal.annotation, formal.flag, self.span(formal.node)))
        body()
        self.updates, self.switches, self.breaks = waiting, switches, breaks
        self.close(name, tuple(params), instructions, span, returns)
        return index

    def body(self, node: "Node | None", *, gives: bool = True) -> None:
        """The statements of a body, or the one expression after `=>`, which a function that `gives` returns."""
        if node is None:
            return
        if node.type == "block":
            self.sequence(self.children(node))
            return
        operands = self.operands(node) if node.type == "arrow_expression_clause" else [node]
        if not operands:
            return
        value = self.expression(operands[-1])
        if gives:
            self.emit((ir.RET, value, self.span(operands[-1])))

    def e_lambda_expression(self, node: "Node", dst: int) -> int:
        """FUNC of a function that shares the locals around it."""
        body = node.child_by_field_name("body")
        return self._anonymous(node, node.child_by_field_name("parameters"), body, dst)

    def e_anonymous_method_expression(self, node: "Node", dst: int) -> int:
        """The register of an anonymous method."""
        body = next((child for child in node.named_children if child.type == "block"), None)
        return self._anonymous(node, node.child_by_field_name("parameters"), body, dst)

    def _anonymous(self, node: "Node", parameters: "Node | None", body: "Node | None", dst: int) -> int:
        formals = self.formals(parameters)
        defaults = self.defaults(formals, 0)
        is_async = any(
            child.type == "modifier" and self.source[child.start_byte : child.end_byte] == b"async"
            for child in node.children
        )
        flags = ir.FUNCTION_LAMBDA | (ir.FUNCTION_ASYNC if is_async else 0)
        decorators = self.decorators(node)
        index = self.function("<lambda>", node, formals, lambda: self.body(body), flags=flags)
        dst = self.target(dst)
        self.emit((ir.FUNC, dst, index, decorators, defaults, self.span(node)))
        return dst

    def local_function(self, node: "Node") -> None:
        """FUNC into the name of a function inside a function."""
        name = node.child_by_field_name("name")
        if name is None:
            self.uncovered += 1
            return
        formals = self.formals(node.child_by_field_name("parameters"))
        defaults = self.defaults(formals, 0)
        slot = self.declare(self.raw(name))
        flags = ir.FUNCTION_ASYNC if has_modifier(node, self.source, b"async") else 0
        decorators = self.decorators(node)
        index = self.function(
            self.word(name),
            node,
            formals,
            lambda: self.body(node.child_by_field_name("body")),
            flags=flags,
            returns=self.type_text(node.child_by_field_name("type")),
        )
        self.emit((ir.FUNC, slot, index, decorators, defaults, self.span(name)))

    def decorators(self, node: "Node") -> tuple[int, ...]:
        """The registers of the attributes of a declaration: each is a call."""
        found: list[int] = []
        for group in node.named_children:
            if group.type == "attribute_list":
                found.extend(self.attribute(child) for child in group.named_children if child.type == "attribute")
            elif group.type not in {"modifier", "comment", "preproc_if"}:
                break
        return tuple(found)

    def attribute(self, node: "Node") -> int:
        """CALL of the attribute's name, without `Attribute` at its end."""
        name = node.child_by_field_name("name")
        if name is None:
            return self.unknown()
        simple = self.simple_name(name)
        raw = self.raw(simple)
        raw = raw[:-9] if raw.endswith(b"Attribute") and len(raw) > 9 else raw
        owner = self.slot(raw)
        self.called.add(self.strings.get(raw) or self.intern(raw))
        positional: list[int] = []
        named: list[tuple[str, int]] = []
        for group in node.named_children:
            if group.type != "attribute_argument_list":
                continue
            for argument in group.named_children:
                operands = self.operands(argument)
                if argument.type != "attribute_argument" or not operands:
                    continue
                label = argument.child_by_field_name("name")
                value = self.expression(operands[-1])
                if label is not None and label.start_byte != operands[-1].start_byte:
                    named.append((self.word(label), value))
                else:
                    positional.append(value)
        made = self.new_temporary()
        self.emit((ir.CALL, made, owner, tuple(positional), tuple(named), self.span(node)))
        return made

    # -- calls --------------------------------------------------------------------------------------------------------

    def e_invocation_expression(self, node: "Node", dst: int) -> int:
        """The register of an invocation."""
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None:
            return self.unknown()
        kind = function.type
        if kind == "conditional_access_expression":
            binding = function.named_children[-1]
            name = binding.child_by_field_name("name") if binding.type == "member_binding_expression" else None
            owner = function.child_by_field_name("condition")
            if name is not None and owner is not None:
                return self.method_call(self.expression(owner), name, given, node, dst)
        elif kind == "member_access_expression":
            name, owner = function.child_by_field_name("name"), function.child_by_field_name("expression")
            if name is not None and owner is not None:
                return self.method_call(self.expression(owner), name, given, node, dst)
        elif kind in {"identifier", "generic_name"}:
            return self._unqualified(function, given, node, dst)
        target = self.expression(function)
        return self._call(target, given, node, dst)

    def _call(self, target: int, given: "Node | None", node: "Node", dst: int) -> int:
        args, kw, references = self.arguments(given)
        dst = self.target(dst)
        self.emit((ir.CALL, dst, target, args, kw, self.span(node)))
        self.read_back(references)
        return dst

    def given_type(self, name: "Node") -> "Node | None":
        """The one type argument of a method whose name says that it gives a value of that type."""
        if name.type != "generic_name" or not _GIVING.match(self.raw(self.simple_name(name))):
            return None
        arguments = self.children(name)[-1]
        types = self.children(arguments) if arguments.type == "type_argument_list" else []
        return types[0] if len(types) == 1 else None

    def method_call(self, owner: int, name: "Node", given: "Node | None", node: "Node", dst: int) -> int:
        """CALLM; what `TryGetValue(key, out x)` finds is the item of the key."""
        word = self.word(self.simple_name(name))
        args, kw, references = self.arguments(given)
        if dst == NOREG or (references and dst >= 0):
            dst = self.new_temporary()
        self.called.add(word)
        span = self.span(node)
        self.emit((ir.CALLM, dst, owner, word, args, kw, span))
        if word == "TryGetValue" and len(args) == 2 and len(references) == 1:
            found, kept, either = self.new_temporary(), self.new_temporary(), self.new_temporary()
            self.emit((ir.INDEX, found, owner, args[0], span))
            self.emit((ir.INDEX, kept, references[0][1], self.number(0), span))
            self.emit((ir.SHORT, either, "or", found, (), kept, span))
            self.emit((ir.SETINDEX, references[0][1], self.number(0), either, span))
        elif word == "TryCreate" and args and len(references) == 1:
            made = self.new_temporary()  # `Uri.TryCreate(text, kind, out uri)` makes what `new Uri(text)` makes
            self.emit((ir.CALL, made, owner, args[:1], (), span))
            self.emit((ir.SETINDEX, references[0][1], self.number(0), made, span))
        self.read_back(references)
        kind = self.given_type(name)
        if kind is not None:
            return self.cast(dst, kind, node, NOREG)
        return dst

    def _unqualified(self, function: "Node", given: "Node | None", node: "Node", dst: int) -> int:
        """A call by a bare name: a local, a method of this or a base, of the class around, or `nameof`."""
        name = self.simple_name(function)
        raw = self.raw(name)
        if raw == b"nameof" and not self.is_local(raw):
            operands = self.children(given) if given is not None else []
            inner = self.operands(operands[0]) if operands else []
            return (
                self.string(self.decoded(inner[-1]).rpartition(".")[2].partition("<")[0]) if inner else self.string("")
            )
        self.called.add(self.word(name))
        if self.is_local(raw):
            return self._call(self.name_value(raw, function, NOREG), given, node, dst)
        how, owner = self.owner_of(raw)
        if not how and self.enclosing and not self.static_imports:
            how, owner = ("this" if self.scope.has_this else "class"), self.enclosing[-1].name
        if not how or (self.scope.is_body and how == "class" and owner == self.enclosing[-1].name):
            return self._call(self.slot(raw), given, node, dst)
        return self.method_call(self.this() if how == "this" else self.slot(owner), name, given, node, dst)

    updates: "list[tuple[Node, ...]]"
