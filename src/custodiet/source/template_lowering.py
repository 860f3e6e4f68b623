"""What all template languages share in lowering: outputs, branches, loops, macros, included templates.

A language derives from `Lowering` and gives `statement`, which reads one `{% ... %}`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from custodiet.source import ir
from custodiet.source.template_expression import Node, Reader, Unreadable, dotted_name
from custodiet.source.template_markup import Context, advance, after_output
from custodiet.source.template_pieces import Piece, Pieces, decoded
from custodiet.source.template_places import HARMLESS, MARKED, PLAIN, SILENT, place_of, status_of
from custodiet.source.template_writer import Writer, span_at

MARKUP_MODULE: Final = "custodiet.markup"
RENDER: Final = ("custodiet.template", "render")
UNKNOWN: Final = ("custodiet.template", "unknown")
"""A value that nothing is known of."""
_DEEPEST: Final = 30
"""Statements nested deeper than this are read as if they stood side by side."""
_COMMENT_WORDS: Final = re.compile(r"custodiet|nosec|noqa|error:")
_HTML_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)


def _is_variable(node: Node) -> bool:
    """Whether an expression is a variable of the template or an item under a constant key, perhaps filtered."""
    while node.kind == "filter":
        node = node.children[0]
    return node.kind in ("name", "index", "or", "choice")


class Lowering:
    """Lowers one template. After `run`, `functions` holds everything but function 0."""

    language = "jinja"
    reader: type[Reader] = Reader

    def __init__(self, text: str, pieces: Pieces, *, is_markup: bool, autoescape: bool, names: Sequence[str]) -> None:
        self.text = text
        self.pieces = pieces.pieces
        self.errors = list(pieces.errors)
        self.is_markup = is_markup
        self.autoescape = autoescape
        self.context = Context()
        self.writer = Writer(self.language)
        for name in names:
            self.writer.param(name, 0, 1)
        self.functions: list[ir.Function | None] = [None]
        self.index = 1
        """Index in the module of the function that is being written."""
        self.statuses: dict[str, str] = {}
        self.at = 0
        self.piece = Piece("text", 0, 0, 0, 0)
        self.depth = 0
        self.uncovered = 0
        self.includes = False
        self.bare = 0
        """Outputs so far that are raw only because autoescaping is off."""

    # --- walking -----------------------------------------------------------------------------------------------

    def run(self) -> tuple[ir.Function, ...]:
        """The functions of the template: itself first, then its macros."""
        while self.at < len(self.pieces):
            self.until()
        span = ir.span_of(0, len(self.text))
        self.functions[0] = self.writer.function(name="<template>", qualname="<template>", parent=0, span=span)
        return tuple(function for function in self.functions if function is not None)

    def until(self, *ends: str) -> str:
        """Lowers pieces up to a statement whose word is one of `ends`, which is returned; empty at the end."""
        self.depth += 1
        try:
            while self.at < len(self.pieces):
                piece = self.piece = self.pieces[self.at]
                self.at += 1
                if piece.kind == "text":
                    if self.is_markup:
                        self.context = advance(self.context, self.text[piece.start : piece.end])
                elif piece.kind == "output":
                    self.attempt(self.output_piece)
                elif piece.kind == "statement":
                    word = self.word()
                    if word in ends:
                        return word
                    self.attempt(lambda word=word: self.statement(word))  # type: ignore[misc]
            return ""
        finally:
            self.depth -= 1

    def attempt(self, step: Callable[[], None]) -> None:
        """Runs one step of lowering; what it cannot read is counted."""
        in_use = self.writer.in_use
        try:
            step()
        except Unreadable:
            self.uncovered += 1
        self.writer.in_use = in_use

    def word(self) -> str:
        """The first word of the current statement."""
        match = _WORD.match(self.text, self.piece.inner_start, self.piece.inner_end)
        return match.group(1) if match else ""

    def arguments(self) -> Reader:
        """A reader of what follows the first word of the current statement."""
        return self.reader(self.text, self.arguments_start(), self.piece.inner_end)

    def arguments_start(self) -> int:
        """The offset of what follows the first word of the current statement."""
        match = _WORD.match(self.text, self.piece.inner_start, self.piece.inner_end)
        return match.end() if match else self.piece.inner_start

    @property
    def is_deep(self) -> bool:
        """Blocks are nested so deeply that no further one is opened."""
        return self.depth > _DEEPEST

    @property
    def span(self) -> int:
        """The span of the current piece."""
        return ir.span_of(self.piece.start, self.piece.end)

    def statement(self, word: str) -> None:
        """Lowers the current statement and what belongs to it; one that no language knows is counted."""
        self.uncovered += bool(word)

    # --- outputs -----------------------------------------------------------------------------------------------

    def output_piece(self) -> None:
        """Lowers `{{ ... }}`."""
        piece = self.piece
        try:
            node = dotted_name(self.text, piece.inner_start, piece.inner_end)
            if node is not None:
                self.output(node, self.span)
            elif self.text[piece.inner_start : piece.inner_end].strip():
                self.output(self.reader(self.text, piece.inner_start, piece.inner_end).whole(), self.span)
        finally:
            if self.is_markup:
                self.context = after_output(self.context)

    def output(self, node: Node, span: int) -> None:
        """Lowers the printing of a value: a branch per alternative, a place per part that differs."""
        writer = self.writer
        status = self.status(node)
        if status == MARKED and node.kind == "choice":
            condition, then, orelse = node.children
            test = writer.value(condition)
            branches = []
            for branch in (then, orelse):
                with writer.nested() as block:
                    self.output(branch, span)
                branches.append(tuple(block))
            writer.emit(ir.IF, test, *branches, span)
            return
        if status == MARKED and (node.kind == "concat" or (node.kind == "binary" and node.value == "+")):
            for part in node.children:
                self.output(part, span)
            return
        value = writer.value(node)
        place = place_of(status, self.context, autoescape=self.autoescape)
        if place == "address" and not _is_variable(node):
            place = "escaped"  # a part of an object, which the application made: `{{ page.url }}`
        self.bare += place == "raw" and status == PLAIN
        if place and self.is_markup:
            writer.emit(ir.CALL, writer.temporary(), writer.symbol(MARKUP_MODULE, place), (value,), (), span)

    def status(self, node: Node) -> str:
        """What the node's value is, as far as filters tell."""
        return status_of(node, self.statuses, self.language, autoescape=self.autoescape)

    # --- parts of statements -----------------------------------------------------------------------------------

    def branches(self, *ends: str, elif_words: tuple[str, ...] = ("elif",)) -> None:
        """Lowers `if`: the reader stands at the condition; `ends` are the words that end the statement."""
        writer, span = self.writer, self.span
        condition = self.condition()
        before = self.context
        with writer.nested() as then:
            word = self.until(*elif_words, "else", *ends)
        after, self.context = self.context, before
        with writer.nested() as orelse:
            if word in elif_words and not self.is_deep:
                self.depth += 1
                self.attempt(lambda: self.branches(*ends, elif_words=elif_words))
                self.depth -= 1
            elif word in elif_words or word == "else":
                self.until(*ends)
        self.context = after
        writer.emit(ir.IF, condition, tuple(then), tuple(orelse), span)

    def condition(self) -> int:
        """The register of the condition of the current statement; a constant where it is unreadable."""
        try:
            start = self.arguments_start()
            node = dotted_name(self.text, start, self.piece.inner_end)
            return self.writer.value(node or self.reader(self.text, start, self.piece.inner_end).whole())
        except Unreadable:
            self.uncovered += 1
            return self.writer.symbol(*UNKNOWN)

    def loop(self, target: Node, iterable: Node, condition: Node | None, middle: str, end: str) -> None:
        """Lowers `for target in iterable [if condition]` up to its end; `middle` is the word for `else`."""
        writer, span = self.writer, self.span
        sequence = writer.value(iterable)
        element = writer.temporary()
        shadowed = {name: self.statuses.pop(name) for name in names_of(target) if name in self.statuses}
        with writer.scope():
            writer.local("loop" if self.language != "django" else "forloop", fresh=True)
            with writer.nested() as body:
                writer.unpack(target, element, fresh=True)
                if condition is None:
                    word = self.until(middle, end)
                else:
                    test = writer.value(condition)
                    with writer.nested() as inner:
                        word = self.until(middle, end)
                    writer.emit(ir.IF, test, tuple(inner), (), span_at(condition))
        self.statuses.update(shadowed)
        with writer.nested() as orelse:
            if word == middle:
                self.until(end)
        writer.emit(ir.LOOP, sequence, element, tuple(body), tuple(orelse), span)

    def assign(self, target: Node, value: Node) -> None:
        """Lowers the setting of a variable."""
        status = self.status(value)
        self.writer.unpack(target, self.writer.value(value))
        for name in names_of(target):
            self.remember(name, status if target.kind == "name" else PLAIN)

    def remember(self, name: str, status: str) -> None:
        """Notes what the variable's value is; a literal that was set stays a literal."""
        if status == PLAIN:
            self.statuses.pop(name, None)
        else:
            self.statuses[name] = HARMLESS if status == SILENT else status

    def unescaped(self, end: str) -> None:
        """Lowers up to the end with autoescaping off; `template_checks` reads the mark that is left if that matters."""
        before, bare, span = self.autoescape, self.bare, self.span
        self.autoescape = False
        self.until(end)
        self.autoescape = before
        if self.is_markup and self.bare > bare:
            self.writer.call(MARKUP_MODULE, "autoescape_off", (), span)

    def render(self, template: int, extra: Sequence[tuple[str, int]] = (), *, alone: bool = False) -> int:
        """Lowers the rendering of another template with everything that is visible here."""
        self.includes = True
        writer = self.writer
        names = {} if alone else dict(writer.visible())
        names.update(extra)
        keywords = sorted(names.items())
        if not alone:
            if writer.rest == ir.NOREG and writer.parent is None:
                writer.rest = writer.param("**context", self.span, 3)
            if writer.rest != ir.NOREG:
                keywords.append(("**", writer.rest))
        return writer.call(*RENDER, (template,), self.span, tuple(keywords))

    def macro(self, name: str, params: Sequence[tuple[str, Node | None]], end: str) -> None:
        """Lowers a macro up to its end, as a function in the template."""
        outer, span, outer_context = self.writer, self.span, self.context
        defaults = tuple((index, outer.value(value)) for index, (_, value) in enumerate(params) if value is not None)
        slot = outer.local(name)
        self.statuses[name] = SILENT
        index = len(self.functions)
        self.functions.append(None)
        inner = self.writer = Writer(self.language, outer)
        start = self.piece.start
        parent, self.index = self.index, index + 1
        statuses = dict(self.statuses)
        for param, _ in params:
            inner.param(param, span, 0)
            self.statuses.pop(param, None)
        for implicit in ("varargs", "kwargs", "caller"):
            inner.local(implicit)
        try:
            self.until(end)
        finally:
            self.writer, self.index = outer, parent
        self.statuses = statuses
        self.context = outer_context
        self.functions[index] = inner.function(
            name=name, qualname=name, parent=parent, span=ir.span_of(start, self.piece.end)
        )
        outer.emit(ir.FUNC, slot, index + 1, (), defaults, span)

    def comments(self) -> tuple[tuple[int, str], ...]:
        """The comments that speak to tools, in source order."""
        found: list[tuple[int, str]] = []
        for piece in self.pieces:
            if piece.kind == "comment":
                ranges = [(piece.start, piece.end)]
            elif piece.kind == "text":
                ranges = [match.span() for match in _HTML_COMMENT.finditer(self.text, piece.start, piece.end)]
            else:
                continue
            for start, end in ranges:
                text = self.text[start:end]
                if _COMMENT_WORDS.search(text):
                    found.append((ir.span_of(start, end), decoded(text)))
        return tuple(found)


_WORD: Final = re.compile(r"\s*([A-Za-z_]\w*)")


def names_of(target: Node) -> list[str]:
    """The names that an assignment to the target sets."""
    if target.kind == "name":
        return [str(target.value)]
    return [name for child in target.children for name in names_of(child)] if target.kind in ("tuple", "list") else []
