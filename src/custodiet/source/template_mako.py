"""Cuts and lowers Mako templates: `${...}`, `% if` lines, `<%def>` and the other tags."""

import re
from typing import Final

from custodiet.source import ir
from custodiet.source.template_expression import Node, Reader, Unreadable
from custodiet.source.template_jinja import signature, target_of
from custodiet.source.template_lowering import UNKNOWN, Lowering
from custodiet.source.template_pieces import Piece, Pieces
from custodiet.source.template_places import SILENT

_OPEN: Final = re.compile(
    r"(?P<expression>\$\{)"
    r"|(?P<comment>^[ \t]*\#\#[^\n]*\n?)"
    r"|(?P<control>^[ \t]*%(?!%)(?P<line>[^\n]*(?:\\\r?\n[^\n]*)*)\n?)"
    r"|(?P<doc><%doc>(?P<doc_text>.*?)</%doc>)"
    r"|(?P<text><%text\b[^>]*>(?P<text_text>.*?)</%text>)"
    r"|(?P<code><%!?(?=\s)(?P<code_text>.*?)%>)"
    r"|(?P<tag></?%(?P<tag_text>[A-Za-z_][\w.:]*(?:\s+[\w:]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*/?>)",
    re.MULTILINE | re.DOTALL,
)
_STEP: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{}]", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ASSIGNMENT: Final = re.compile(r"^[ \t]*([A-Za-z_]\w*)\s*=(?!=)([^\n;]+)", re.MULTILINE)
_NAME: Final = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\w|\s*=[^=])")
_STRING: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
_KEYWORDS: Final = frozenset("and or not if else in is for lambda None True False f r b u".split())
_IGNORED: Final = frozenset(
    "endif endfor endwhile endwith endtry elif else try except finally block endblock enddef endcall def page doc text "
    "while with endpage endnamespace endinclude endinherit pass continue break".split()
)
_REACH: Final = 20_000


def mako_pieces(text: str) -> Pieces:
    """The pieces of a Mako template; control lines, tags and program blocks are statements."""
    pieces: list[Piece] = []
    errors: list[tuple[int, str]] = []
    position = 0
    at = 0
    while match := _OPEN.search(text, at):
        kind = match.lastgroup or ""
        start, end = match.span()
        kind = next(name for name in _KINDS if match.group(name) is not None)
        if kind == "expression":
            end = _end_of(text, start + 2)
            if end < 0:
                errors.append((start, "`${` is not closed"))
                break
            inner = (start + 2, end - 1)
        else:
            inner = match.span(_KINDS[kind]) if _KINDS[kind] else (start, end)
        if start > position:
            pieces.append(Piece("text", position, start, position, start))
        role = {"expression": "output", "comment": "comment", "doc": "comment", "text": "text"}.get(kind, "statement")
        pieces.append(Piece(role, start, end, *inner))
        position = at = end
        if end == start:
            at += 1
    if position < len(text):
        pieces.append(Piece("text", position, len(text), position, len(text)))
    return Pieces(tuple(pieces), tuple(errors))


_KINDS: Final = {
    "expression": "",
    "comment": "",
    "control": "line",
    "doc": "doc_text",
    "text": "text_text",
    "code": "code_text",
    "tag": "tag_text",
}


def _end_of(text: str, at: int) -> int:
    """Offset after the brace that closes what opens before `at`, or -1."""
    depth, limit = 1, min(len(text), at + _REACH)
    while match := _STEP.search(text, at, limit):
        at = match.end()
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
            if not depth:
                return at
    return -1


class MakoReader(Reader):
    """Python expressions, as far as the tree of nodes can say them, and the filters after `|`."""

    def whole(self) -> Node:
        """The expression with its filters, which must take up everything that is left."""
        node = self.tuple_or_expression()
        if self.accept("|"):
            while True:
                name = self.name()
                while self.accept("."):
                    name += "." + self.name()
                if self.accept("("):
                    self.arguments()
                node = self.node("filter", node.start, name, node)
                if not self.accept(","):
                    break
        self.accept(":")
        if not self.is_at_end:
            raise Unreadable(self.token.text)
        return node

    def postfix(self, node: Node) -> Node:
        """`node` with everything that follows it: `.x`, `[x]`, `(x)`."""
        start = node.start
        while True:
            if self.accept("."):
                node = self.node("attribute", start, self.name(), node)
            elif self.accept("["):
                node = self.subscript(node)
            elif self.accept("("):
                arguments, keywords = self.arguments()
                node = self.node("call", start, None, node, *arguments, keywords=keywords)
            elif self.accept("is"):
                operator = "isnot" if self.accept("not") else "is"
                node = self.node("binary", start, operator, node, self.sum())
            else:
                return node


class MakoLowering(Lowering):
    """Mako. Nothing is escaped unless a filter or `default_filters` says so."""

    language = "mako"
    reader: type[Reader] = MakoReader

    def word(self) -> str:
        """`if` of a control line, `def` of a tag, `enddef` of a closing tag."""
        start, text = self.piece.start, self.text
        if text.startswith("</%", start):
            return "end" + super().word()
        if text.startswith("<%", start) and text[start + 2 : start + 3] in ("!", " ", "\n", "\t", "\r"):
            return "<%"
        return super().word()

    def output_piece(self) -> None:
        """Lowers `${...}`; of Python that is not readable, the names are taken for what is printed."""
        try:
            super().output_piece()
        except Unreadable:
            self.uncovered += 1
            piece = self.piece
            body, _, filters = self.text[piece.inner_start : piece.inner_end].partition("|")
            words = sorted(set(_NAME.findall(_STRING.sub('""', body))) - _KEYWORDS)
            parts = tuple(Node("name", piece.start, piece.end, word) for word in words)
            node = Node("concat", piece.start, piece.end, None, parts)
            for name in filters.split(","):
                if name.strip().isidentifier():
                    node = Node("filter", piece.start, piece.end, name.strip(), (node,))
            if parts:
                self.output(node, self.span)

    def statement(self, word: str) -> None:
        """Lowers the current control line, tag or program block and what belongs to it."""
        attributes = self.attributes()
        if word == "if" and not self.is_deep:
            self.branches("endif")
        elif word == "for" and not self.is_deep:
            reader = self.arguments()
            target = target_of(reader)
            reader.expect("in")
            iterable = reader.tuple_or_expression()
            self.loop(target, iterable, None, "else", "endfor")
        elif word == "<%":
            self.program()
        elif word in ("include", "inherit") and "file" in attributes:
            name = attributes["file"]
            known = self.writer.symbol(*UNKNOWN) if "${" in name else self.writer.constant(name)
            self.render(known)
        elif word == "def" and "name" in attributes and not self.is_deep:
            start = self.text.find(attributes["name"], self.piece.start)
            reader = MakoReader(self.text, start, start + len(attributes["name"]))
            name = reader.name()
            reader.expect("(")
            self.macro(name, signature(reader), "enddef")
        elif word == "page":
            if "h" in attributes.get("expression_filter", "").replace(" ", "").split(","):
                self.autoescape = True
        elif word == "namespace" and "name" in attributes:
            name = attributes["name"]
            if name.isidentifier():
                self.writer.emit(ir.IMPORT, self.writer.local(name), attributes.get("file", name), None, self.span)
                self.statuses[name] = SILENT
        elif word == "block":
            self.block_filter(attributes)
        elif word not in _IGNORED:
            self.uncovered += 1

    def block_filter(self, attributes: dict[str, str]) -> None:
        """`<%block filter="h">`: what is inside is escaped."""
        if "h" in attributes.get("filter", "").split(",") and not self.is_deep:
            before, self.autoescape = self.autoescape, True
            self.until("endblock")
            self.autoescape = before

    def attributes(self) -> dict[str, str]:
        """The attributes of the current tag."""
        inner = self.text[self.piece.inner_start : self.piece.inner_end]
        return {name: one or two for name, one, two in _ATTRIBUTE.findall(inner)}

    def program(self) -> None:
        """`<% ... %>`: assignments of one line; the rest is counted."""
        piece = self.piece
        found = False
        base = piece.inner_start
        for match in _ASSIGNMENT.finditer(self.text[base : piece.inner_end]):
            found = True
            reader = MakoReader(self.text, base + match.start(2), base + match.end(2))
            name = Node("name", base + match.start(1), base + match.end(1), match.group(1))
            self.assign(name, reader.tuple_or_expression())
        self.uncovered += not found
