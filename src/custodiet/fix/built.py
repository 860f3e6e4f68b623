"""A text that an expression builds: f-string, `%`, `str.format` or `+`, taken apart into characters and holes.

Each character knows the bytes of the source that write it, so that a repair can say what to replace in terms of the
text that comes out.
"""

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from custodiet.fix.call import arguments, is_spread
from custodiet.fix.script import Change, Script, bare

if TYPE_CHECKING:
    from tree_sitter import Node

HOLE: Final = "\0"
SEAM: Final = "\1"
"""Stands between two literals: what crosses it cannot be replaced in one piece."""

_PREFIX: Final = re.compile(r"([A-Za-z]*)(\"\"\"|'''|\"|')")
_FIELD: Final = re.compile(r"%(?:\((\w+)\))?([-#0 +]*)(\d*|\*)((?:\.\d+)?)([a-zA-Z%])")
_FORMAT: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "\n": ""}


class Letter(NamedTuple):
    """A character of the text (or `HOLE`, `SEAM`) and the bytes that write it."""

    char: str
    start: int
    end: int


class Hole(NamedTuple):
    """A value in the text. `node` is its expression, `conversion` a letter of `%` or `!`, or empty."""

    node: "Node"
    conversion: str


class Built(NamedTuple):
    """The text. `changes` turn what is left into a plain literal once the holes are replaced."""

    how: str
    """`f`, `%`, `format`, `+` or `plain`."""
    letters: tuple[Letter, ...]
    holes: tuple[Hole, ...]
    changes: tuple[Change, ...]
    quote: str
    """The delimiter of the (last) literal."""
    closing: str = ""
    """What must follow the replacement of the last hole: it takes the end of the literal with it."""

    @property
    def text(self) -> str:
        """The characters in order, `HOLE` for each value."""
        return "".join(letter.char for letter in self.letters)

    def change(self, first: int, last: int, text: str) -> Change:
        """The characters from index `first` to `last` (inclusive) replaced by `text`."""
        ends = self.closing if last == len(self.letters) - 1 and self.letters[last].char == HOLE else ""
        return Change(self.letters[first].start, self.letters[last].end, text + ends)


class _Unknown(Exception):  # noqa: N818 -- says what the expression is
    """The expression builds no text that can be taken apart."""


def built_of(script: Script, node: "Node") -> Built | None:
    """The text that the expression builds; None if it is none, or one that cannot be taken apart."""
    node = bare(node)
    try:
        if node.type in ("string", "concatenated_string"):
            return _literal(script, node)
        if node.type == "binary_operator":
            operator = node.child_by_field_name("operator")
            if operator is not None and script.text(operator) == "%":
                return _percent(script, node)
            if operator is not None and script.text(operator) == "+":
                return _sum(script, node)
        if node.type == "call":
            return _format(script, node)
    except _Unknown:
        return None
    return None


def parts(node: "Node") -> "list[Node]":
    """The string literals of a literal."""
    return [each for each in node.named_children if each.type == "string"] if node.type != "string" else [node]


def delimiter(script: Script, node: "Node") -> tuple[str, str]:
    """Prefix (lower case) and quotes of a string literal."""
    match = _PREFIX.match(script.text(node.children[0]))
    if not match:
        raise _Unknown
    return match.group(1).lower(), match.group(2)


def _letters(script: Script, node: "Node", *, raw: bool) -> list[Letter]:
    """The characters of a `string_content`, escapes decoded."""
    letters: list[Letter] = []
    escapes = {child.start_byte: child for child in node.children}
    at = node.start_byte
    while at < node.end_byte:
        child = escapes.get(at)
        if child is not None and child.type == "escape_sequence" and not raw:
            char = _ESCAPES.get(script.text(child)[1:])
            if char is None:
                raise _Unknown
            if char:
                letters.append(Letter(char, at, child.end_byte))
            at = child.end_byte
        elif child is not None and child.type == "escape_interpolation":
            letters.append(Letter(script.text(child)[0], at, child.end_byte))
            at = child.end_byte
        else:
            length = 1
            while at + length < node.end_byte and script.source[at + length] & 0xC0 == 0x80:
                length += 1
            letters.append(Letter(script.source[at : at + length].decode("utf-8", "replace"), at, at + length))
            at += length
    return letters


def _literal(script: Script, node: "Node") -> Built:
    """A plain literal or an f-string, also several in a row."""
    letters: list[Letter] = []
    holes: list[Hole] = []
    changes: list[Change] = []
    how, quote = "plain", ""
    strings = parts(node)
    for string in strings:
        prefix, quote = delimiter(script, string)
        if "b" in prefix or "t" in prefix:
            raise _Unknown
        if letters:
            letters.append(Letter(SEAM, string.start_byte, string.start_byte))
        if "f" in prefix:
            how = "f"
            at = script.text(string).lower().index("f")
            changes.append(Change(string.start_byte + at, string.start_byte + at + 1, ""))
        for child in string.children:
            if child.type == "string_content":
                content = _letters(script, child, raw="r" in prefix)
                letters += content
                if "f" in prefix:
                    changes += [Change(one.start, one.start + 1, "") for one in content if _is_doubled(one)]
            elif child.type == "interpolation":
                letters.append(Letter(HOLE, child.start_byte, child.end_byte))
                holes.append(_interpolated(script, child))
    return Built(how, tuple(letters), tuple(holes), tuple(changes), quote)


def _is_doubled(letter: Letter) -> bool:
    return letter.end - letter.start == 2 and letter.char in "{}"


def _interpolated(script: Script, node: "Node") -> Hole:
    expression = node.child_by_field_name("expression")
    conversion = ""
    for child in node.children:
        if child.type == "type_conversion":
            conversion = script.text(child)[1:]
        elif child.type == "format_specifier" or (not child.is_named and script.text(child) == "="):
            conversion = "?"
    if expression is None:
        raise _Unknown
    return Hole(expression, conversion)


def _percent(script: Script, node: "Node") -> Built:
    """`"..." % values`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or bare(left).type not in ("string", "concatenated_string"):
        raise _Unknown
    literal = _literal(script, bare(left))
    if literal.how != "plain":
        raise _Unknown
    values = bare(right)
    named: dict[str, Node] = {}
    if values.type == "tuple":
        listed = [child for child in values.named_children if child.type != "comment"]
    elif values.type == "dictionary":
        listed = []
        for pair in values.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type != "pair" or key is None or value is None or key.type != "string":
                raise _Unknown
            named["".join(one.char for one in _literal(script, key).letters)] = value
    else:
        listed = [values]
    text = literal.text
    letters: list[Letter] = []
    holes: list[Hole] = []
    at = 0
    for match in _FIELD.finditer(text):
        letters += literal.letters[at : match.start()]
        covered = literal.letters[match.start() : match.end()]
        at = match.end()
        span = covered[0].start, covered[-1].end
        if match.group() == "%%":
            letters.append(Letter("%", *span))
            continue
        word, flags, width, precision, kind = match.groups()
        if flags or width or precision or kind not in "sdir" or SEAM in match.group():
            raise _Unknown
        filled = named.get(word) if word else (listed.pop(0) if listed else None)
        if filled is None or filled.type == "list_splat":
            raise _Unknown
        letters.append(Letter(HOLE, *span))
        holes.append(Hole(filled, "" if kind == "s" else kind))
    letters += literal.letters[at:]
    if listed or not holes:
        raise _Unknown
    tail = Change(left.end_byte, node.end_byte, "")
    return Built("%", tuple(letters), tuple(holes), (tail,), literal.quote)


def _format(script: Script, node: "Node") -> Built:
    """`"...".format(values)`."""
    function = node.child_by_field_name("function")
    base = function.child_by_field_name("object") if function is not None else None
    if base is None or script.method(node) != "format" or bare(base).type not in ("string", "concatenated_string"):
        raise _Unknown
    literal = _literal(script, bare(base))
    if literal.how != "plain" or is_spread(node):
        raise _Unknown
    listed: list[Node] = []
    named: dict[str, Node] = {}
    for argument in arguments(node):
        word, given = argument.child_by_field_name("name"), argument.child_by_field_name("value")
        if argument.type == "keyword_argument" and word is not None and given is not None:
            named[script.text(word)] = given
        else:
            listed.append(argument)
    letters: list[Letter] = []
    holes: list[Hole] = []
    changes: list[Change] = []
    at, automatic = 0, 0
    for match in _FORMAT.finditer(literal.text):
        letters += literal.letters[at : match.start()]
        covered = literal.letters[match.start() : match.end()]
        at = match.end()
        span = covered[0].start, covered[-1].end
        field = match.group(1)
        if field is None:
            letters.append(Letter(match.group()[0], *span))
            changes.append(Change(span[0], span[0] + 1, ""))
            continue
        if not field:
            field, automatic = str(automatic), automatic + 1
        index = int(field) if field.isdecimal() else -1
        value = named.get(field) if index < 0 else (listed[index] if index < len(listed) else None)
        if value is None or SEAM in match.group():
            raise _Unknown
        letters.append(Letter(HOLE, *span))
        holes.append(Hole(value, ""))
    letters += literal.letters[at:]
    if not holes or {id(hole.node) for hole in holes} != {id(value) for value in (*listed, *named.values())}:
        raise _Unknown
    tail = Change(base.end_byte, node.end_byte, "")
    return Built("format", tuple(letters), tuple(holes), (*changes, tail), literal.quote)


def _operands(script: Script, node: "Node") -> "list[Node]":
    """The operands of a chain of `+`."""
    found: list[Node] = []
    pending = [node]
    while pending:
        each = pending.pop()
        operator = each.child_by_field_name("operator") if each.type == "binary_operator" else None
        left, right = each.child_by_field_name("left"), each.child_by_field_name("right")
        if operator is not None and script.text(operator) == "+" and left is not None and right is not None:
            pending += [right, left]
        else:
            found.append(each)
    return found


def _sum(script: Script, node: "Node") -> Built:
    """`"..." + value + "..."`: the literals around a value become one."""
    letters: list[Letter] = []
    holes: list[Hole] = []
    changes: list[Change] = []
    requoted: Change | None = None
    opened = quote = ""  # how the literal began that the next one is joined to
    literal_end = hole_start = -1
    for operand in _operands(script, node):
        if operand.type != "string":
            if operand.type == "concatenated_string" or hole_start >= 0 or literal_end < 0:
                raise _Unknown
            hole_start, requoted = literal_end, None
            holes.append(Hole(operand, ""))
            continue
        prefix, own = delimiter(script, operand)
        if set(prefix) - {"r", "u"}:
            raise _Unknown
        content = next((child for child in operand.children if child.type == "string_content"), None)
        inner = _letters(script, content, raw="r" in prefix) if content is not None else []
        start, end = operand.children[0], operand.children[-1]
        style = prefix.replace("u", "") + own
        if requoted is not None:
            changes.append(requoted)
            requoted = None
        if hole_start >= 0:
            letters.append(Letter(HOLE, hole_start, start.end_byte))
            hole_start = -1
            if style != opened:
                if opened != quote or any(
                    one.char in "\"'\\\n" or one.end - one.start > len(one.char.encode()) for one in inner
                ):
                    raise _Unknown
                requoted = Change(end.start_byte, end.end_byte, quote)
        else:
            if letters:
                letters.append(Letter(SEAM, operand.start_byte, operand.start_byte))
            opened, quote = style, own
        letters += inner
        literal_end = end.start_byte
    if requoted is not None:
        changes.append(requoted)
    closing = ""
    if hole_start >= 0:
        letters.append(Letter(HOLE, hole_start, node.end_byte))
        closing = quote
    if not holes:
        raise _Unknown
    return Built("+", tuple(letters), tuple(holes), tuple(changes), quote, closing)
