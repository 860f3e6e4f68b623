"""Constants of Python: numbers, strings, their concatenation, and f-strings, which are CAT of their parts."""

from typing import TYPE_CHECKING, Any, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.grammar import kind_named
from custodiet.source.lowerer import DEEPEST, EXPRESSIONS, Lowerer
from custodiet.source.python_expressions import EXTRAS, real_children, span_at
from custodiet.source.python_literals import number_value, split_string, string_value, text_content

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG

STRING: Final = kind_named("string")
CONCATENATED: Final = kind_named("concatenated_string")
INTERPOLATION: Final = kind_named("interpolation")
FORMAT_SPECIFIER: Final = kind_named("format_specifier")
FORMAT_EXPRESSION: Final = kind_named("format_expression")
TYPE_CONVERSION: Final = kind_named("type_conversion")

_NUMERIC_FORMAT: Final = pattern(rb":(?:.?[<>=^])?[-+ ]?z?#?0?\d*[,_]?(?:\.\d+)?([bcdoxXeEfFgGn%])\Z")
"""A format specification that only a number accepts; a string raises ValueError there."""

Part = tuple[str | bytes | None, int]
"""A part of a string: its text and NOREG, or None and the register of an expression."""


def number(lowerer: Lowerer, node: "Node", _dst: int, _depth: int) -> int:
    """The slot of an integer or float."""
    raw = lowerer.source[node.start_byte : node.end_byte]
    found = lowerer.slots.get(raw)
    if found is None:
        if raw not in lowerer.values:
            lowerer.values[raw] = number_value(raw)
        found = lowerer.constant(raw, lowerer.values[raw])
    return found


def keyword_constant(lowerer: Lowerer, node: "Node", _dst: int, _depth: int) -> int:
    """The slot of True, False, None or an ellipsis, which the IR writes as None."""
    raw = lowerer.source[node.start_byte : node.end_byte]
    found = lowerer.slots.get(raw)
    return found if found is not None else lowerer.constant(raw, _KEYWORDS.get(raw))


_KEYWORDS: Final = {b"True": True, b"False": False, b"None": None}


def string(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """The slot of the constant, or CAT of the parts of an f-string."""
    raw = lowerer.source[node.start_byte : node.end_byte]
    found = lowerer.slots.get(raw)
    if found is not None:
        return found
    if len(raw) < 2:
        return lowerer.constant(raw, "")
    if raw[0] in b"\"'":
        if raw in lowerer.values:
            return lowerer.constant(raw, lowerer.values[raw])
        if b"\\" not in raw and raw[1] != raw[0] and raw[-1] == raw[0] and raw.isascii() and b"\r" not in raw:
            value = lowerer.values[raw] = raw[1:-1].decode()
            return lowerer.constant(raw, value)
    elif is_formatted(raw):
        return _cat(lowerer, node, _formatted_parts(lowerer, node, raw, depth), dst)
    return lowerer.constant(raw, _plain_value(lowerer, raw))


def is_formatted(raw: bytes) -> bool:
    """Whether the literal is an f-string or a t-string."""
    for byte in raw[:3]:
        if byte in b"fFtT":
            return True
        if byte in b"\"'`":
            return False
    return False


def _plain_value(lowerer: Lowerer, raw: bytes) -> Any:
    values = lowerer.values
    if raw in values:
        return values[raw]
    value = values[raw] = string_value(raw, lowerer.encoding)
    return value


def concatenated(lowerer: Lowerer, node: "Node", dst: int, depth: int) -> int:
    """One constant, or CAT if an f-string takes part."""
    parts: list[Part] = []
    for child in node.named_children:
        if child.kind_id == STRING:
            raw = lowerer.source[child.start_byte : child.end_byte]
            if is_formatted(raw):
                parts.extend(_formatted_parts(lowerer, child, raw, depth))
            else:
                parts.append((_plain_value(lowerer, raw), NOREG))
    return _cat(lowerer, node, parts, dst)


def _cat(lowerer: Lowerer, node: "Node", parts: list[Part], dst: int) -> int:
    """Neighbouring constants become one; a CAT remains if an expression is among the parts."""
    registers: list[int] = []
    dynamic = False
    held: list[str | bytes] = []
    for text, register in parts:
        if text is not None:
            held.append(text)
            continue
        dynamic = True
        if held:
            registers.append(_constant_of(lowerer, held))
            held = []
        registers.append(register)
    if not dynamic:
        return lowerer.string(_joined(held))
    if held:
        registers.append(_constant_of(lowerer, held))
    if dst == NOREG:
        dst = lowerer.new_temporary()
    lowerer.emit((ir.CAT, dst, tuple(registers), span_at(node)))
    return dst


def _constant_of(lowerer: Lowerer, held: list[str | bytes]) -> int:
    return lowerer.string(_joined(held))


def _joined(held: list[str | bytes]) -> str | bytes:
    """The pieces as one; `b"a" "b"`, which Python refuses, gives text."""
    if held and all(isinstance(piece, bytes) for piece in held):
        return b"".join(piece for piece in held if isinstance(piece, bytes))
    return "".join(piece if isinstance(piece, str) else piece.decode("latin-1") for piece in held)


def _formatted_parts(lowerer: Lowerer, node: "Node", raw: bytes, depth: int) -> list[Part]:
    prefix, first, last = split_string(raw)
    base = node.start_byte
    is_raw = b"r" in prefix
    parts: list[Part] = []
    position = first
    for child in node.named_children:
        if child.kind_id != INTERPOLATION:
            continue
        begins = child.start_byte - base
        if begins > position:
            parts.append((_text_between(lowerer, raw[position:begins], is_raw=is_raw), NOREG))
        position = child.end_byte - base
        _interpolation(lowerer, child, parts, depth + 1)
    if last > position:
        parts.append((_text_between(lowerer, raw[position:last], is_raw=is_raw), NOREG))
    return parts


def _text_between(lowerer: Lowerer, content: bytes, *, is_raw: bool) -> str:
    content = content.replace(b"{{", b"{").replace(b"}}", b"}")
    return text_content(content, lowerer.encoding, raw=is_raw)


def _interpolation(lowerer: Lowerer, node: "Node", parts: list[Part], depth: int) -> None:
    """Adds what `{value!r:spec}` contributes: the text before `=`, the value, and the values of the specification."""
    if depth > DEEPEST:
        parts.append((None, lowerer.too_deep()))
        return
    children = node.children
    if len(children) == 3 and children[1].kind_id not in EXTRAS:
        value = children[1]
        parts.append((None, EXPRESSIONS[value.kind_id](lowerer, value, NOREG, depth)))
        return
    register = NOREG
    conversion = b""
    specification: Node | None = None
    for child in children:
        kind = child.kind_id
        if not child.is_named:
            if child.type == "=":
                shown = _shown_text(lowerer, node, child)
                parts.append((text_content(shown, lowerer.encoding, raw=True), NOREG))
        elif kind == TYPE_CONVERSION:
            conversion = lowerer.source[child.start_byte : child.end_byte]
        elif kind == FORMAT_SPECIFIER:
            specification = child
        elif kind not in EXTRAS:
            register = EXPRESSIONS[kind](lowerer, child, NOREG, depth)
    if register == NOREG:
        return
    if conversion in {b"!r", b"!a"}:
        name = b"repr" if conversion == b"!r" else b"ascii"
        shown_as = lowerer.new_temporary()
        lowerer.called.add(name.decode())
        lowerer.emit((ir.CALL, shown_as, lowerer.slot(name), (register,), (), span_at(node)))
        register = shown_as
    if specification is None:
        parts.append((None, register))
        return
    _specified(lowerer, specification, register, parts, depth)


def _shown_text(lowerer: Lowerer, node: "Node", equals: "Node") -> bytes:
    """What `{value = }` prints before the value: everything up to and with the blanks after `=`."""
    end = equals.end_byte
    stop = node.end_byte
    source = lowerer.source
    while end < stop and source[end] in b" \t\r\n\f":
        end += 1
    return source[node.start_byte + 1 : end]


def _specified(lowerer: Lowerer, node: "Node", register: int, parts: list[Part], depth: int) -> None:
    """A value with a format specification; a numeric one is a cast, as a string would raise there."""
    raw = lowerer.source[node.start_byte : node.end_byte]
    numeric = _NUMERIC_FORMAT.match(raw)
    if numeric:
        cast = lowerer.new_temporary()
        typename = "int" if numeric[1] in b"bcdoxXn" else "float"
        lowerer.emit((ir.CAST, cast, register, typename, span_at(node)))
        register = cast
    parts.append((None, register))
    for child in node.named_children:
        if child.kind_id in {FORMAT_EXPRESSION, INTERPOLATION}:
            inner: list[Part] = []
            _interpolation(lowerer, child, inner, depth + 1)
            parts.extend(part for part in inner if not _is_constant(lowerer, part))


def _is_constant(lowerer: Lowerer, part: Part) -> bool:
    """Whether a value of a format specification is a literal, which only shapes the text."""
    text, register = part
    return text is not None or (register >= 0 and lowerer.inits[register][0] == "c")


def docstring_only(node: "Node") -> bool:
    """Whether an expression statement's expression has no effect: a constant string or number, or a name."""
    return node.kind_id in _EFFECTLESS


_EFFECTLESS: Final = frozenset(
    kind_named(name) for name in ("integer", "float", "true", "false", "none", "ellipsis", "identifier")
)


def print_statement(lowerer: Lowerer, node: "Node", _dst: int, depth: int) -> int:
    """CALL of `print` or `exec`: the statements of Python 2."""
    if depth > DEEPEST:
        return lowerer.too_deep()
    name = lowerer.source[node.start_byte : node.end_byte].split(None, 1)[0]
    word = b"exec" if name.startswith(b"exec") else b"print"
    positional = tuple(EXPRESSIONS[child.kind_id](lowerer, child, NOREG, depth + 1) for child in real_children(node))
    dst = lowerer.new_temporary()
    lowerer.called.add(word.decode())
    lowerer.emit((ir.CALL, dst, lowerer.slot(word), positional, (), span_at(node)))
    return dst


LOWERINGS: Final = {
    "integer": number,
    "float": number,
    "true": keyword_constant,
    "false": keyword_constant,
    "none": keyword_constant,
    "ellipsis": keyword_constant,
    "string": string,
    "concatenated_string": concatenated,
    "print_statement": print_statement,
    "exec_statement": print_statement,
}
"""What lowers each kind of expression in this file."""
