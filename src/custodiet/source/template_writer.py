"""Writes one IR function: slots, temporaries, blocks and scopes, and the instructions of expressions.

Temporaries are taken and given back as a stack, so that a value that is still needed is never overwritten.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from custodiet.source import ir
from custodiet.source.template_expression import Node, Unreadable

FUNCTIONS: Final = {
    "jinja": {
        "range": ("builtins", "range"),
        "dict": ("builtins", "dict"),
        "lipsum": ("jinja2.utils", "generate_lorem_ipsum"),
        "cycler": ("jinja2.utils", "Cycler"),
        "joiner": ("jinja2.utils", "Joiner"),
        "namespace": ("jinja2.utils", "Namespace"),
        "url_for": ("flask", "url_for"),
        "get_flashed_messages": ("flask", "get_flashed_messages"),
        "csrf_token": ("flask_wtf.csrf", "generate_csrf"),
        "Markup": ("markupsafe", "Markup"),
        "_": ("gettext", "gettext"),
        "gettext": ("gettext", "gettext"),
        "ngettext": ("gettext", "ngettext"),
    },
    "django": {},
    "mako": {
        name: ("builtins", name)
        for name in "str int float bool len range dict list tuple set sorted sum min max enumerate zip reversed repr".split()
    },
}
"""Names that a template may call without being given them: `(module, name)`."""
_FILTERS: Final = {"jinja": "jinja2.filters", "django": "django.template.defaultfilters", "mako": "mako.filters"}
_DJANGO_METHODS: Final = frozenset("items keys values all count first last exists".split())
"""Django calls what it finds: these are never anything but methods."""
_FLASK_REQUEST: Final = "flask.Request"


class Writer:
    """Writes one function. `parent` is the writer of the function around it."""

    def __init__(self, language: str, parent: "Writer | None" = None) -> None:
        self.language = language
        self.parent = parent
        self.names: list[str | None] = []
        self.inits: list[tuple[str, Any]] = []
        self.params: list[ir.Param] = []
        self.scopes: list[dict[str, int]] = [{}]
        self.constants: dict[tuple[type, Any], int] = {}
        self.imports: dict[tuple[str, str], int] = {}
        self.block: list[ir.Ins] = []
        self.called: set[str] = set()
        self.in_use = 0
        self.temporaries = 0
        self.rest = ir.NOREG
        """Slot of `**context`, once something asks for it."""

    # --- registers ---------------------------------------------------------------------------------------------

    def slot(self, name: str | None, init: tuple[str, Any]) -> int:
        """A new slot."""
        self.names.append(name)
        self.inits.append(init)
        return len(self.names) - 1

    def constant(self, value: Any) -> int:
        """The slot of a constant."""
        key = (type(value), repr(value) if isinstance(value, float) else value)
        if key not in self.constants:
            self.constants[key] = self.slot(None, ("c", value))
        return self.constants[key]

    def temporary(self) -> int:
        """A temporary that nothing else holds."""
        self.in_use += 1
        self.temporaries = max(self.temporaries, self.in_use)
        return -self.in_use

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Gives back, at its end, the temporaries that were taken inside."""
        before = self.in_use
        yield
        self.in_use = before

    @contextmanager
    def nested(self) -> Iterator[list[ir.Ins]]:
        """A block of its own, for the instructions that are emitted inside."""
        outer, self.block = self.block, []
        try:
            yield self.block
        finally:
            self.block = outer

    def emit(self, *fields: Any) -> None:
        """Adds an instruction to the current block."""
        self.block.append(fields)

    # --- names -------------------------------------------------------------------------------------------------

    def find(self, name: str) -> int | None:
        """The slot that the name has here, if it has one."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def read(self, name: str, span: int) -> int:
        """The slot of a name that is read: a local, or else a parameter of the template."""
        slot = self.find(name)
        if slot is not None:
            return slot
        if self.parent is None:
            slot = self.param(name, span, 1)
        else:
            self.parent.read(name, span)
            slot = self.scopes[0][name] = self.slot(name, ("n", name))
        return slot

    def param(self, name: str, span: int, flag: int) -> int:
        """A new parameter."""
        slot = self.slot(name, ("p", name))
        annotation = _FLASK_REQUEST if name == "request" and self.language == "jinja" and flag == 1 else None
        self.params.append(ir.Param(name, slot, annotation, flag, span))
        self.scopes[0][name] = slot
        return slot

    def local(self, name: str, *, fresh: bool = False) -> int:
        """The slot that an assignment to the name writes; with `fresh`, a new one of the innermost scope."""
        scope = self.scopes[-1]
        if fresh or name not in scope:
            scope[name] = self.slot(name, ("l", name))
        return scope[name]

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Names that are assigned inside end with it."""
        self.scopes.append({})
        try:
            yield
        finally:
            self.scopes.pop()

    def symbol(self, module: str, name: str) -> int:
        """The slot that holds `module.name`, imported once at the head of the function."""
        if (module, name) not in self.imports:
            self.imports[module, name] = self.slot(f"{module}.{name}", ("l", f"{module}.{name}"))
        self.called.add(name)
        return self.imports[module, name]

    def visible(self) -> list[tuple[str, int]]:
        """Every name that can be read here with its slot, sorted."""
        found: dict[str, int] = {}
        for scope in self.scopes:
            found.update(scope)
        if self.parent is not None:
            for name, _ in self.parent.visible():
                if name not in found:
                    found[name] = self.read(name, 0)
        return sorted((name, slot) for name, slot in found.items() if slot != self.rest)

    # --- expressions -------------------------------------------------------------------------------------------

    def call(self, module: str, name: str, arguments: Sequence[int], span: int, keywords: tuple[Any, ...] = ()) -> int:
        """The result of calling `module.name`."""
        target = self.temporary()
        self.emit(ir.CALL, target, self.symbol(module, name), tuple(arguments), keywords, span)
        return target

    def value(self, node: Node) -> int:
        """The register that holds the node's value."""
        return _KINDS[node.kind](self, node)

    def values(self, nodes: Sequence[Node]) -> tuple[int, ...]:
        """The registers of several nodes."""
        return tuple(self.value(node) for node in nodes)

    def keywords(self, node: Node) -> tuple[tuple[str, int], ...]:
        """The keyword arguments of a call or filter."""
        return tuple((name, self.value(value)) for name, value in node.keywords)

    def unpack(self, target: Node, source: int, *, fresh: bool = False) -> None:
        """Assigns a register to a name, an attribute of a namespace, or a tuple of them."""
        span = span_at(target)
        if target.kind == "name":
            self.emit(ir.MOVE, self.local(target.value, fresh=fresh), source, span)
        elif target.kind == "attribute":
            self.emit(ir.SETATTR, self.value(target.children[0]), target.value, source, span)
        elif target.kind in ("tuple", "list"):
            for index, child in enumerate(target.children):
                part = self.temporary()
                self.emit(ir.INDEX, part, source, self.constant(index), span)
                self.unpack(child, part, fresh=fresh)
        else:
            raise Unreadable(target.kind)

    def function(self, **fields: Any) -> ir.Function:
        """The finished function; `fields` are those that the writer does not know."""
        head = tuple((ir.IMPORT, slot, module, name, ir.span_of(0, 0)) for (module, name), slot in self.imports.items())
        return ir.Function(
            params=tuple(self.params),
            names=tuple(self.names),
            inits=tuple(self.inits),
            temporaries=self.temporaries,
            body=head + tuple(self.block),
            class_index=-1,
            called=tuple(sorted(self.called)),
            globals=(),
            nonlocals=(),
            flags=0,
            returns=None,
            **fields,
        )


def span_at(node: Node) -> int:
    """The span of a node."""
    return ir.span_of(node.start, node.end)


def _constant(writer: Writer, node: Node) -> int:
    return writer.constant(node.value)


def _name(writer: Writer, node: Node) -> int:
    return writer.read(node.value, span_at(node))


def _attribute(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    name = node.value
    writer.called.add(name)
    receiver = writer.value(node.children[0])
    if writer.language == "django" and (name in _DJANGO_METHODS or name.startswith("get_")):
        writer.emit(ir.CALLM, target, receiver, name, (), (), span_at(node))
    else:
        writer.emit(ir.ATTR, target, receiver, name, span_at(node))
    return target


def _index(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    container, index = writer.values(node.children)
    writer.emit(ir.INDEX, target, container, index, span_at(node))
    return target


def _slice(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    container = writer.value(node.children[0])
    low, high = (
        ir.NOREG if bound.kind == "constant" and bound.value is None else writer.value(bound)
        for bound in node.children[1:]
    )
    writer.emit(ir.SLICE, target, container, low, high, span_at(node))
    return target


def _call(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    callee, *rest = node.children
    if callee.kind == "attribute":
        receiver = writer.value(callee.children[0])
        arguments, keywords = writer.values(rest), writer.keywords(node)
        writer.called.add(callee.value)
        writer.emit(ir.CALLM, target, receiver, callee.value, arguments, keywords, span_at(node))
        return target
    known = FUNCTIONS[writer.language].get(callee.value) if callee.kind == "name" else None
    if callee.kind == "name":
        writer.called.add(callee.value)
    if known and writer.find(callee.value) is None:
        function = writer.symbol(*known)
    else:
        function = writer.value(callee)
    arguments, keywords = writer.values(rest), writer.keywords(node)
    writer.emit(ir.CALL, target, function, arguments, keywords, span_at(node))
    return target


def _filter(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    function = writer.symbol(_FILTERS[writer.language], node.value)
    arguments, keywords = writer.values(node.children), writer.keywords(node)
    writer.emit(ir.CALL, target, function, arguments, keywords, span_at(node))
    return target


def _test(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    function = writer.symbol("jinja2.tests", node.value)
    writer.emit(ir.CALL, target, function, writer.values(node.children), (), span_at(node))
    return target


def _binary(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    left, right = writer.values(node.children)
    writer.emit(ir.BIN, target, node.value, left, right, span_at(node))
    return target


def _unary(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    writer.emit(ir.UN, target, node.value, writer.value(node.children[0]), span_at(node))
    return target


def _short(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    left = writer.value(node.children[0])
    with writer.nested() as block:
        right = writer.value(node.children[1])
    writer.emit(ir.SHORT, target, node.kind, left, tuple(block), right, span_at(node))
    return target


def _concat(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    writer.emit(ir.CAT, target, writer.values(node.children), span_at(node))
    return target


def _choice(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    condition, then, orelse = node.children
    test = writer.value(condition)
    branches: list[ir.Block] = []
    for branch in (then, orelse):
        with writer.nested() as block:
            writer.emit(ir.MOVE, target, writer.value(branch), span_at(branch))
        branches.append(tuple(block))
    writer.emit(ir.IF, test, branches[0], branches[1], span_at(node))
    return target


def _collection(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    writer.emit(ir.MAKE, target, node.kind[0], writer.values(node.children), span_at(node))
    return target


def _dict(writer: Writer, node: Node) -> int:
    target = writer.temporary()
    registers = writer.values(node.children)
    writer.emit(ir.DICT, target, tuple(zip(registers[::2], registers[1::2], strict=True)), span_at(node))
    return target


_KINDS: Final = {
    "name": _name,
    "constant": _constant,
    "attribute": _attribute,
    "index": _index,
    "slice": _slice,
    "call": _call,
    "filter": _filter,
    "test": _test,
    "binary": _binary,
    "unary": _unary,
    "and": _short,
    "or": _short,
    "concat": _concat,
    "choice": _choice,
    "list": _collection,
    "tuple": _collection,
    "set": _collection,
    "dict": _dict,
}
