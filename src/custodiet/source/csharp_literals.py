"""Literals and interpolated strings of C#."""

import re
from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.csharp_names import CSharpNames

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPE: Final = pattern(r"\\(?:x([0-9a-fA-F]{1,4})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_CHARACTERS: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
}
_SUFFIXES: Final = "uUlLfFdDmM"


def unescaped(text: str) -> str:
    """The text of a regular string without its backslashes."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return _CHARACTERS.get(match[4], match[4])
    number = int(code, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def raw_content(text: str) -> str:
    """The content of a raw string over several lines, without the indentation of its last line."""
    if "\n" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() or lines[-1].strip():
        return text
    indent = len(lines[-1])
    return "\n".join(line[indent:] for line in lines[1:-1])


class CSharpLiterals(CSharpNames):
    """Constants, and texts with expressions inside."""

    def decoded(self, node: "Node") -> str:
        """The node's text as written."""
        return self.source[node.start_byte : node.end_byte].decode(self.encoding, "replace")

    def literal(self, node: "Node", value: object) -> int:
        """The slot of the constant that the node is."""
        return self.constant(self.source[node.start_byte : node.end_byte], value)

    def e_null_literal(self, _node: "Node", _dst: int) -> int:
        """The register of a null literal."""
        return self.none()

    def e_boolean_literal(self, node: "Node", _dst: int) -> int:
        """The register of a boolean literal."""
        return self.truth(self.source[node.start_byte : node.end_byte] == b"true")

    def truth(self, value: bool) -> int:
        """The slot of a truth value."""
        return self.constant(b"True" if value else b"False", value)

    def e_integer_literal(self, node: "Node", _dst: int) -> int:
        """The register of an integer literal."""
        text = self.decoded(node).replace("_", "").rstrip("uUlL")
        try:
            value = int(text, 0) if text[:2] in {"0x", "0X", "0b", "0B"} else int(text)
        except ValueError:
            return self.unknown()
        return self.literal(node, value)

    def e_real_literal(self, node: "Node", _dst: int) -> int:
        """The register of a real literal."""
        try:
            value = float(self.decoded(node).replace("_", "").rstrip(_SUFFIXES))
        except ValueError:
            return self.unknown()
        return self.literal(node, value)

    def e_character_literal(self, node: "Node", _dst: int) -> int:
        """The register of a character literal."""
        return self.literal(node, unescaped(self.decoded(node)[1:-1]))

    def e_string_literal(self, node: "Node", _dst: int) -> int:
        """The register of a string literal."""
        text = self.decoded(node)
        return self.literal(node, unescaped(text[1 : text.rfind('"')]))

    def e_verbatim_string_literal(self, node: "Node", _dst: int) -> int:
        """The register of a verbatim string literal."""
        text = self.decoded(node)
        return self.literal(node, text[2 : text.rfind('"')].replace('""', '"'))

    def e_raw_string_literal(self, node: "Node", _dst: int) -> int:
        """The register of a raw string literal."""
        content = next((child for child in node.named_children if child.type == "raw_string_content"), None)
        return self.literal(node, raw_content(self.decoded(content)) if content is not None else "")

    def e_interpolated_string_expression(self, node: "Node", dst: int) -> int:
        """CAT of the pieces in order; neighbours of constant text are one piece."""
        start = node.named_children[0]
        opening = self.source[start.start_byte : start.end_byte]
        is_verbatim = b"@" in opening
        is_raw = any(child.type == "interpolation_quote" for child in node.named_children)
        parts: list[int] = []
        text: list[str] = []

        def flush() -> None:
            if text:
                parts.append(self.string("".join(text)))
                text.clear()

        for child in node.named_children:
            kind = child.type
            if kind == "string_content":
                piece = self.decoded(child)
                if not is_raw:
                    piece = piece.replace("{{", "{").replace("}}", "}")
                    piece = piece.replace('""', '"') if is_verbatim else unescaped(piece)
                text.append(piece)
            elif kind == "escape_sequence":
                text.append(unescaped(self.decoded(child)))
            elif kind == "interpolation":
                flush()
                inside = self.operands(child)
                if inside:
                    parts.append(self.expression(inside[0]))
        flush()
        if not parts:
            return self.string("")
        if len(parts) == 1 and self.is_constant_text(parts[0]):
            return parts[0]
        dst = self.target(dst)
        self.emit((ir.CAT, dst, tuple(parts), self.span(node)))
        return dst

    def is_constant_text(self, register: int) -> bool:
        """Whether the register is the slot of a string."""
        return register >= 0 and self.inits[register][0] == "c" and isinstance(self.inits[register][1], str)

    def operands(self, node: "Node") -> "list[Node]":
        """The children that are values, `this` and `base` too, in order."""
        anywhere = self._anywhere
        return [
            child
            for child in node.children
            if (child.is_named and child.kind_id not in anywhere and child.type not in _MARKS)
            or child.type in {"this", "base"}
        ]


_MARKS: Final = frozenset(
    (
        "interpolation_brace",
        "interpolation_alignment_clause",
        "interpolation_format_clause",
        "modifier",
        "attribute_list",
    )
)
