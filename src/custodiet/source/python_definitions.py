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


Formal = tuple["Node", int, str | None, int]
"""A parameter as the `def` has it, before the function has begun: name, flag, annotation, register of the default."""


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


def _flags_of(lowerer: Lowerer, name: str, decorators: Decorators) -> int:
    flags = 0
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
    formals: list[Formal] = []
    defaults: tuple[tuple[int, int], ...] = ()
    if parameters is not None and parameters.end_byte - parameters.start_byte > 2:
        formals, defaults = _formals(lowerer, parameters)
    is_accessor = bool(decorators) and decorators[0][1] in _PROPERTIES
    if is_accessor:
        dst = lowerer.new_temporary()
    else:
        dst = lowerer.bind(lowerer.source[name_node.start_byte : name_node.end_byte])
    in_class = lowerer.in_class
    flags = ir.FUNCTION_ASYNC if lowerer.source.startswith(b"async", node.start_byte) else 0
    if decorators or name in _IMPLICIT_CLASSMETHODS:
        flags |= _flags_of(lowerer, name, decorators)
    class_index = lowerer.class_index if in_class else -1
    fields = lowerer.fields
    qualname = lowerer.qualname
    index = lowerer.begin(f"{qualname}.{name}" if qualname else name, class_index)
    lowerer.flags = flags
    instructions: list[ir.Ins] = []
    lowerer.emit = instructions.append
    params = _begin_parameters(lowerer, formals) if formals else ()
    if in_class:
        lowerer.fields = fields
        if params and not flags & (ir.FUNCTION_STATIC | ir.FUNCTION_CLASSMETHOD):
            lowerer.receiver = params[0].name
    if body is not None:
        lower_statements(lowerer, body.named_children)
    lowerer.finish(name, params, instructions, span_at(node), returns)
    if in_class:
        lowerer.methods[f"{name}.{decorators[0][1]}" if is_accessor else name] = index
    registers = tuple(register for register, _ in decorators) if decorators else ()
    start = name_node.start_byte
    lowerer.emit((ir.FUNC, dst, index, registers, defaults, (start << 24) | (name_node.end_byte - start)))


def _qualified(lowerer: Lowerer, name: str) -> str:
    return f"{lowerer.qualname}.{name}" if lowerer.qualname else name


def _formals(lowerer: Lowerer, node: "Node") -> tuple[list[Formal], tuple[tuple[int, int], ...]]:
    """The parameters in order and the (place, register) of their defaults, evaluated in the enclosing function."""
    formals: list[Formal] = []
    defaults: list[tuple[int, int]] = []
    keyword_only = 0
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER or kind in TUPLE_PATTERNS:
            formals.append((child, keyword_only, None, NOREG))
        elif kind == POSITIONAL_SEPARATOR:
            formals = [(name, 4, annotation, default) for name, _, annotation, default in formals]
        elif kind == KEYWORD_SEPARATOR:
            keyword_only = 1
        elif kind not in EXTRAS:
            formal = _formal(lowerer, child, keyword_only)
            if formal is None:
                lowerer.uncovered += 1
                continue
            if formal[3] != NOREG:
                defaults.append((len(formals), formal[3]))
            formals.append(formal)
            if formal[1] == 2:
                keyword_only = 1
    return formals, tuple(defaults)


def _formal(lowerer: Lowerer, node: "Node", keyword_only: int) -> Formal | None:
    kind = node.kind_id
    parts = node.named_children
    if len(parts) != 2:
        parts = real_children(node)
        if not parts:
            return None
    name = parts[0]
    annotation = None
    default = NOREG
    flag = keyword_only
    if kind == LIST_SPLAT_PATTERN:
        flag = 2
    elif kind == DICTIONARY_SPLAT_PATTERN:
        flag = 3
    elif kind not in _DECLARED:
        return None
    for part in parts[1:]:
        part_kind = part.kind_id
        if part_kind == TYPE_KIND:
            annotation = annotation_of(lowerer, part)
        elif kind in _DEFAULTED and part_kind not in EXTRAS:
            default = EXPRESSIONS[part_kind](lowerer, part, NOREG, lowerer.level)
    name_kind = name.kind_id
    if name_kind in _STARRED_NAMES:
        flag = 2 if name_kind == LIST_SPLAT_PATTERN else 3
        inner = real_children(name)
        name = inner[0] if inner else name
    return name, flag, annotation, default


_DEFAULTED: Final = frozenset((DEFAULT_PARAMETER, TYPED_DEFAULT_PARAMETER))
_DECLARED: Final = _DEFAULTED | {TYPED_PARAMETER}
_STARRED_NAMES: Final = frozenset((LIST_SPLAT_PATTERN, DICTIONARY_SPLAT_PATTERN))


_new: Final = tuple.__new__
"""Makes a named tuple in half the time that its class takes."""


def _begin_parameters(lowerer: Lowerer, formals: list[Formal]) -> tuple[ir.Param, ...]:
    """The parameters in the first slots; those in parentheses, which Python 2 had, are unpacked."""
    params = []
    source = lowerer.source
    unpacked = False
    for node, flag, annotation, _ in formals:
        start = node.start_byte
        raw = source[start : node.end_byte]
        register = lowerer.parameter(raw)
        word = lowerer.strings[raw]
        params.append(_new(ir.Param, (word, register, annotation, flag, (start << 24) | len(raw))))
        unpacked = unpacked or word[:1] == "("
    if unpacked:
        for formal, param in zip(formals, params, strict=True):
            if formal[0].kind_id in TUPLE_PATTERNS:
                assign(lowerer, formal[0], param.reg, param.span, lowerer.level)
    return tuple(params)


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
    formals: list[Formal] = []
    defaults: tuple[tuple[int, int], ...] = ()
    if children[0].kind_id == LAMBDA_PARAMETERS:
        formals, defaults = _formals(lowerer, children[0])
    lowerer.level = level
    index = lowerer.begin(_qualified(lowerer, "<lambda>"), -1)
    lowerer.flags = ir.FUNCTION_LAMBDA
    instructions: list[ir.Ins] = []
    lowerer.emit = instructions.append
    params = _begin_parameters(lowerer, formals)
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
    lowerer.methods = {}
    lowerer.fields = {}
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


def _bases(lowerer: Lowerer, node: "Node") -> tuple[tuple[int, ...], tuple[tuple[str, int], ...], tuple[str, ...]]:
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
