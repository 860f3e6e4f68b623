"""Lowers the tags of Django templates."""

from typing import Final

from custodiet.source import ir
from custodiet.source.template_expression import Node, Reader, Unreadable
from custodiet.source.template_expression_django import DjangoReader
from custodiet.source.template_lowering import Lowering
from custodiet.source.template_places import HARMLESS

_IGNORED: Final = frozenset(
    "block endblock endif endfor endwith endautoescape endfilter elif else empty load csrf_token trans translate "
    "endblocktrans endblocktranslate plural spaceless endspaceless ifchanged endifchanged now widthratio templatetag "
    "lorem debug resetcycle localize endlocalize localtime endlocaltime timezone endtimezone language endlanguage "
    "cache endcache static get_static_prefix get_media_prefix get_current_language get_available_languages "
    "get_language_info get_current_timezone verbatim endverbatim partialdef endpartialdef partial "
    "querystring url".split()
)


class DjangoLowering(Lowering):
    """The Django template language."""

    language = "django"
    reader: type[Reader] = DjangoReader

    def statement(self, word: str) -> None:
        """Lowers the current tag and what belongs to it."""
        step = _TAGS.get(word)
        if step is None or (self.is_deep and word in _OPENING):
            if word not in _IGNORED:
                self.uncovered += 1
            self.bound(word)
            return
        step(self)

    def bound(self, word: str) -> None:
        """`{% tag ... as name %}`: the name is a local one from here on."""
        tail = self.text[self.piece.inner_start : self.piece.inner_end].split()
        if len(tail) < 3 or tail[-2] != "as" or not tail[-1].isidentifier():
            return
        name = tail[-1]
        if word in _IGNORED:
            self.writer.emit(ir.MOVE, self.writer.local(name), self.writer.constant(""), self.span)
            self.statuses[name] = HARMLESS
            return
        arguments = self.operands(tail[-2])
        result = self.writer.call("django.templatetags", word, self.writer.values(arguments), self.span)
        self.writer.emit(ir.MOVE, self.writer.local(name), result, self.span)
        self.statuses.pop(name, None)

    def operands(self, end: str = "") -> list[Node]:
        """The operands of the current tag up to the word `end`, names of keyword arguments left out."""
        reader = self.arguments()
        found: list[Node] = []
        while not reader.is_at_end and reader.token.text != end:
            if reader.follows("="):
                reader.take()
                reader.take()
            found.append(reader.expression())
        return found

    def if_(self) -> None:
        """`{% if %}`."""
        self.branches("endif")

    def for_(self) -> None:
        """`{% for a, b in c reversed %}`."""
        reader = self.arguments()
        start = reader.token.start
        names = [Node("name", start, reader.token.end, reader.name())]
        while reader.accept(","):
            names.append(Node("name", reader.token.start, reader.token.end, reader.name()))
        target = names[0] if len(names) == 1 else reader.node("tuple", start, None, *names)
        reader.expect("in")
        self.loop(target, reader.expression(), None, "empty", "endfor")

    def with_(self) -> None:
        """`{% with a=b c=d %}` and `{% with b as a %}`."""
        statuses = dict(self.statuses)
        with self.writer.scope():
            self.bindings(self.arguments())
            self.until("endwith")
        self.statuses = statuses

    def bindings(self, reader: Reader) -> None:
        """`a=b c=d` or `b as a`, up to another word."""
        while not reader.is_at_end:
            if reader.token.text == "and":
                reader.take()
            start = reader.token
            if reader.follows("="):
                name = reader.name()
                reader.take()
                value = reader.expression()
            else:
                value = reader.expression()
                if not reader.accept("as"):
                    return
                start = reader.token
                name = reader.name()
            self.assign(Node("name", start.start, start.end, name), value)

    def translated(self) -> None:
        """`{% blocktranslate with a=b %}`: variables for the text that follows."""
        reader = self.arguments()
        statuses = dict(self.statuses)
        with self.writer.scope():
            while not reader.is_at_end:
                if reader.token.text in ("with", "count"):
                    reader.take()
                    self.bindings(reader)
                else:
                    reader.take()
            self.until("endblocktrans", "endblocktranslate")
        self.statuses = statuses

    def autoescape_(self) -> None:
        """`{% autoescape off %}`."""
        if self.arguments().token.text == "off":
            self.unescaped("endautoescape")
            return
        before, self.autoescape = self.autoescape, True
        self.until("endautoescape")
        self.autoescape = before

    def filter_(self) -> None:
        """`{% filter force_escape|lower %}`: an escaping one neutralises what is inside."""
        before = self.autoescape
        if any(token.text in ("force_escape", "escape") for token in self.arguments().tokens):
            self.autoescape = True
        self.until("endfilter")
        self.autoescape = before

    def include(self) -> None:
        """`{% include "name" with a=b only %}`."""
        reader = self.arguments()
        template = self.writer.value(reader.expression())
        extra: list[tuple[str, int]] = []
        alone = any(token.text == "only" for token in reader.tokens[reader.at :])
        if reader.accept("with"):
            while reader.follows("="):
                name = reader.name()
                reader.take()
                extra.append((name, self.writer.value(reader.expression())))
        self.render(template, extra, alone=alone)

    def extends(self) -> None:
        """`{% extends "name" %}`."""
        self.render(self.writer.value(self.arguments().expression()))

    def firstof(self) -> None:
        """`{% firstof a b "c" %}` and `{% cycle a b as c %}` print one of their operands."""
        tail = self.text[self.piece.inner_start : self.piece.inner_end].split()
        if "as" in tail:
            self.bound("firstof")
            return
        for node in self.operands():
            self.output(node, self.span)

    def regroup(self) -> None:
        """`{% regroup a by b as c %}`: the groups are taken for the list."""
        reader = self.arguments()
        value = reader.expression()
        reader.expect("by")
        reader.expression()
        reader.expect("as")
        token = reader.token
        self.assign(Node("name", token.start, token.end, reader.name()), value)

    def ifequal(self) -> None:
        """`{% ifequal a b %}` of old."""
        word = self.word()
        before = self.writer
        left, right = (before.value(node) for node in self._two())
        test, span, context = before.temporary(), self.span, self.context
        before.emit(ir.BIN, test, "==" if word == "ifequal" else "!=", left, right, span)
        with before.nested() as then:
            reached = self.until("else", "end" + word)
        after, self.context = self.context, context
        with before.nested() as orelse:
            if reached == "else":
                self.until("end" + word)
        self.context = after
        before.emit(ir.IF, test, tuple(then), tuple(orelse), span)

    def _two(self) -> list[Node]:
        found = self.operands()
        if len(found) != 2:
            raise Unreadable("two operands")
        return found


_TAGS: Final = {
    "if": DjangoLowering.if_,
    "for": DjangoLowering.for_,
    "with": DjangoLowering.with_,
    "blocktrans": DjangoLowering.translated,
    "blocktranslate": DjangoLowering.translated,
    "autoescape": DjangoLowering.autoescape_,
    "filter": DjangoLowering.filter_,
    "include": DjangoLowering.include,
    "extends": DjangoLowering.extends,
    "firstof": DjangoLowering.firstof,
    "cycle": DjangoLowering.firstof,
    "regroup": DjangoLowering.regroup,
    "ifequal": DjangoLowering.ifequal,
    "ifnotequal": DjangoLowering.ifequal,
}
_OPENING: Final = frozenset("if for with blocktrans blocktranslate autoescape filter ifequal ifnotequal".split())
