"""Functions, lambdas, classes and imports of Python."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.grammar import kind_named, kinds_named
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, Lowerer, lower_statements
from custodiet.source.python_expressions import (
    ARGUMENT_LIST,
    EXTRAS,
    IDENTIFIER,
    KEYWORD_ARGUMENT,
    SUBSCRIPT,
    real_children,
    span_at,
)
from custodiet.source.python_statements import BLOCKS, TYPE_KIND, annotation_of
from custodiet.source.python_targets import assign

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

DECORATOR: Final = kind_named("decorator")
FUNCTION: Final = kind_named("function_definition")
CLASS: Final = kind_named("class_definition")
PARAMETERS: Final = kind_named("parameters")
LAMBDA_PARAMETERS: Final = kind_named("lambda_parameters")
POSITIONAL_SEPARATOR: Final = kind_named("positional_separator")
KEYWORD_SEPARATOR: Final = kind_named("keyword_separator")
LIST_SPLAT_PATTERN: Final = kind_named("list_splat_pattern")
DICTIONARY_SPLAT_PATTERN: Final = kind_named("dictionary_splat_pattern")
TYPED_PARAMETER: Final = kind_named("typed_parameter")
DEFAULT_PARAMETER: Final = kind_named("default_parameter")
TYPED_DEFAULT_PARAMETER: Final = kind_named("typed_default_parameter")
TUPLE_PATTERNS: Final = kinds_named("tuple_pattern")

_PROPERTIES: Final = frozenset(("setter", "deleter"))
_IMPLICIT_CLASSMETHODS: Final = frozenset(("__init_subclass__", "__class_getitem__"))

Decorators = tuple[tuple[int, str], ...]
"""(register, simple name) of each decorator, outermost first."""


class Formal:
    """A parameter as the `def` has it, before the function has begun."""

    __slots__ = ("annotation", "default", "flag", "name")

    def __init__(self, name: "Node", flag: int, annotation: str | None, default: int) -> None:
        self.name = name
        self.flag = flag
        self.annotation = annotation
        self.default = default


def decorated(lowerer: Lowerer, node: "Node") -> None:
    """The definition, with its decorators evaluated first."""
    decorators = []
    for child in node.named_children:
        kind = child.kind_id
        if kind == DECORATOR:
            expressions = real_children(child)
            if expressions:
                decorators.append(_decorator(lowerer, expressions[0]))
        elif kind == FUNCTION:
            define_function(lowerer, child, tuple(decorators))
        elif kind == CLASS:
            define_class(lowerer, child, tuple(decorators))


def _decorator(lowerer: Lowerer, node: "Node") -> tuple[int, str]:
    register = EXPRESSIONS[node.kind_id](lowerer, node, NOREG, lowerer.level)
    word = lowerer.source[node.start_byte : node.end_byte].split(b"(", 1)[0].rsplit(b".", 1)[-1]
    name = word.decode(lowerer.encoding, "replace").strip()
    lowerer.called.add(name)
    return register, name


def function_definition(lowerer: Lowerer, node: "Node") -> None:
    """FUNC of a function without decorators."""
    define_function(lowerer, node, ())


def class_definition(lowerer: Lowerer, node: "Node") -> None:
    """CLASS of a class without decorators."""
    define_class(lowerer, node, ())


def _flags_of(lowerer: Lowerer, node: "Node", name: str, decorators: Decorators) -> int:
    flags = ir.FUNCTION_ASYNC if lowerer.source.startswith(b"async", node.start_byte) else 0
    for _, decorator in decorators:
        if decorator == "staticmethod":
            flags |= ir.FUNCTION_STATIC
        elif decorator in {"classmethod", "abstractclassmethod"}:
            flags |= ir.FUNCTION_CLASSMETHOD
        elif decorator.endswith("property"):
            flags |= ir.FUNCTION_PROPERTY
    if name in _IMPLICIT_CLASSMETHODS and lowerer.in_class:
        flags |= ir.FUNCTION_CLASSMETHOD
    return flags


def define_function(lowerer: Lowerer, node: "Node", decorators: Decorators) -> None:
    """FUNC into the function's name. A property's setter goes elsewhere, so that the name stays the getter."""
    if lowerer.level >= DEEPEST:
        lowerer.uncovered += 1
        return
    name_node: Node | None = None
    parameters: Node | None = None
    body: Node | None = None
    returns: str | None = None
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER and name_node is None:
            name_node = child
        elif kind == PARAMETERS:
            parameters = child
        elif kind == TYPE_KIND:
            returns = annotation_of(lowerer, child)
        elif kind in BLOCKS:
            body = child
    if name_node is None:
        lowerer.uncovered += 1
        return
    name = lowerer.text(name_node)
    formals = _formals(lowerer, parameters) if parameters is not None else []
    defaults = tuple((place, formal.default) for place, formal in enumerate(formals) if formal.default != NOREG)
    is_accessor = bool(decorators) and decorators[0][1] in _PROPERTIES
    if is_accessor:
        dst = lowerer.new_temporary()
    else:
        dst = lowerer.bind(lowerer.source[name_node.start_byte : name_node.end_byte])
    in_class = lowerer.in_class
    flags = _flags_of(lowerer, node, name, decorators)
    class_index = lowerer.class_index if in_class else -1
    fields = lowerer.fields
    index = lowerer.begin(_qualified(lowerer, name), class_index)
    lowerer.flags = flags
    params = _begin_parameters(lowerer, formals)
    instructions: list[ir.Ins] = []
    lowerer.emit = instructions.append
    _unpack_tuples(lowerer, formals, params)
    if in_class:
        lowerer.fields = fields
        if formals and not flags & (ir.FUNCTION_STATIC | ir.FUNCTION_CLASSMETHOD):
            lowerer.receiver = lowerer.source[formals[0].name.start_byte : formals[0].name.end_byte]
    if body is not None:
        lower_statements(lowerer, body.named_children)
    lowerer.finish(name, params, instructions, span_at(node), returns)
    if in_class:
        lowerer.methods[f"{name}.{decorators[0][1]}" if is_accessor else name] = index
    span = span_at(name_node)
    lowerer.emit((ir.FUNC, dst, index, tuple(register for register, _ in decorators), defaults, span))


def _qualified(lowerer: Lowerer, name: str) -> str:
    return f"{lowerer.qualname}.{name}" if lowerer.qualname else name


def _formals(lowerer: Lowerer, node: "Node") -> list[Formal]:
    """The parameters in order; their defaults are evaluated here, in the enclosing function."""
    formals: list[Formal] = []
    keyword_only = 0
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER:
            formals.append(Formal(child, keyword_only, None, NOREG))
        elif kind == POSITIONAL_SEPARATOR:
            for formal in formals:
                formal.flag = 4
        elif kind == KEYWORD_SEPARATOR:
            keyword_only = 1
        elif kind not in EXTRAS:
            formal_of_kind = _formal(lowerer, child, keyword_only)
            if formal_of_kind is None:
                lowerer.uncovered += 1
                continue
            formals.append(formal_of_kind)
            if formal_of_kind.flag == 2:
                keyword_only = 1
    return formals


def _formal(lowerer: Lowerer, node: "Node", keyword_only: int) -> Formal | None:
    kind = node.kind_id
    parts = real_children(node)
    if kind in TUPLE_PATTERNS:
        return Formal(node, keyword_only, None, NOREG)
    if not parts:
        return None
    if kind == LIST_SPLAT_PATTERN:
        return Formal(parts[0], 2, None, NOREG)
    if kind == DICTIONARY_SPLAT_PATTERN:
        return Formal(parts[0], 3, None, NOREG)
    annotation = next((annotation_of(lowerer, part) for part in parts[1:] if part.kind_id == TYPE_KIND), None)
    if kind == TYPED_PARAMETER:
        formal = _formal(lowerer, parts[0], keyword_only) if parts[0].kind_id != IDENTIFIER else None
        formal = formal or Formal(parts[0], keyword_only, None, NOREG)
        formal.annotation = annotation
        return formal
    if kind in {DEFAULT_PARAMETER, TYPED_DEFAULT_PARAMETER}:
        value = parts[-1]
        default = NOREG
        if len(parts) > 1 and value.kind_id != TYPE_KIND:
            default = EXPRESSIONS[value.kind_id](lowerer, value, NOREG, lowerer.level)
        return Formal(parts[0], keyword_only, annotation, default)
    return None


def _begin_parameters(lowerer: Lowerer, formals: list[Formal]) -> tuple[ir.Param, ...]:
    params = []
    for formal in formals:
        raw = lowerer.source[formal.name.start_byte : formal.name.end_byte]
        register = lowerer.parameter(raw)
        params.append(ir.Param(lowerer.strings[raw], register, formal.annotation, formal.flag, span_at(formal.name)))
    return tuple(params)


def _unpack_tuples(lowerer: Lowerer, formals: list[Formal], params: tuple[ir.Param, ...]) -> None:
    """The parameters in parentheses that Python 2 had."""
    for formal, param in zip(formals, params, strict=True):
        if formal.name.kind_id in TUPLE_PATTERNS:
            assign(lowerer, formal.name, param.reg, param.span, lowerer.level)


def lambda_expression(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """FUNC of a function whose body returns the expression."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    children = real_children(node)
    if not children:
        return lowerer.unknown()
    body = children[-1]
    level = lowerer.level
    lowerer.level = depth
    formals = _formals(lowerer, children[0]) if children[0].kind_id == LAMBDA_PARAMETERS else []
    lowerer.level = level
    defaults = tuple((place, formal.default) for place, formal in enumerate(formals) if formal.default != NOREG)
    index = lowerer.begin(_qualified(lowerer, "<lambda>"), -1)
    lowerer.flags = ir.FUNCTION_LAMBDA
    params = _begin_parameters(lowerer, formals)
    instructions: list[ir.Ins] = []
    lowerer.emit = instructions.append
    if body.kind_id != LAMBDA_PARAMETERS:
        register = EXPRESSIONS[body.kind_id](lowerer, body, NOREG, depth + 1)
        lowerer.emit((ir.RET, register, span_at(body)))
    span = span_at(node)
    lowerer.finish("<lambda>", params, instructions, span, None)
    if dst == NOREG:
        dst = lowerer.new_temporary()
    lowerer.emit((ir.FUNC, dst, index, (), defaults, span))
    return dst


def define_class(lowerer: Lowerer, node: "Node", decorators: Decorators) -> None:
    """CLASS into the class's name; its body is a function that the class runs."""
    if lowerer.level >= DEEPEST:
        lowerer.uncovered += 1
        return
    name_node: Node | None = None
    bases: tuple[int, ...] = ()
    keywords: tuple[tuple[str, int], ...] = ()
    base_names: tuple[str, ...] = ()
    body: Node | None = None
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER and name_node is None:
            name_node = child
        elif kind == ARGUMENT_LIST:
            bases, keywords, base_names = _bases(lowerer, child)
        elif kind in BLOCKS:
            body = child
    if name_node is None:
        lowerer.uncovered += 1
        return
    name = lowerer.text(name_node)
    dst = lowerer.bind(lowerer.source[name_node.start_byte : name_node.end_byte])
    qualname = _qualified(lowerer, name)
    number = len(lowerer.classes)
    lowerer.classes.append(None)
    index = lowerer.begin(qualname, number)
    lowerer.in_class = True
    instructions: list[ir.Ins] = []
    lowerer.emit = instructions.append
    if body is not None:
        lower_statements(lowerer, body.named_children)
    methods = tuple(lowerer.methods.items())
    fields = tuple(lowerer.fields.items())
    span = span_at(node)
    lowerer.finish("<class>", (), instructions, span, None)
    lowerer.classes[number] = ir.Class(name, qualname, methods, base_names, index, fields, span)
    registers = tuple(register for register, _ in decorators)
    lowerer.emit((ir.CLASS, dst, number, bases, keywords, registers, span_at(name_node)))


def _bases(
    lowerer: Lowerer, node: "Node"
) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...], tuple[str, ...]]:
    """(registers, keywords, names) of what stands in the parentheses of a class; `B[T]` counts as `B`."""
    registers: list[int] = []
    keywords: list[tuple[str, int]] = []
    names: list[str] = []
    for child in real_children(node):
        base = child
        if base.kind_id == KEYWORD_ARGUMENT:
            parts = real_children(base)
            if len(parts) >= 2:
                value = EXPRESSIONS[parts[-1].kind_id](lowerer, parts[-1], NOREG, lowerer.level)
                keywords.append((lowerer.text(parts[0]), value))
            continue
        while base.kind_id == SUBSCRIPT:
            inner = real_children(base)
            if not inner:
                break
            base = inner[0]
        registers.append(EXPRESSIONS[base.kind_id](lowerer, base, NOREG, lowerer.level))
        names.append(lowerer.text(base))
    return tuple(registers), tuple(keywords), tuple(names)


EXPRESSION_LOWERINGS: Final = {"lambda": lambda_expression}

LOWERINGS: Final = {
    "decorated_definition": decorated,
    "function_definition": function_definition,
    "class_definition": class_definition,
}
"""What lowers each kind of statement in this file."""
