"""Lowers the statements of Jinja2."""

from typing import Final

from custodiet.source import ir
from custodiet.source.template_expression import Node, Reader, Unreadable
from custodiet.source.template_lowering import UNKNOWN, Lowering
from custodiet.source.template_places import SILENT

_IGNORED: Final = frozenset(
    "block endblock endif endfor endmacro endcall endwith endautoescape endset endfilter endtrans elif else raw endraw "
    "pluralize debug break continue trans endcache cache spaceless endspaceless htmlcompress endhtmlcompress".split()
)


class JinjaLowering(Lowering):
    """Jinja2, as Flask, Starlette and FastAPI use it too."""

    language = "jinja"
    reader: type[Reader] = Reader

    def statement(self, word: str) -> None:
        """Lowers the current statement and what belongs to it."""
        if word in _IGNORED or (self.is_deep and word in _OPENING):
            if word == "trans":
                self.translated()
            return
        step = _STATEMENTS.get(word)
        if step is None:
            self.uncovered += 1
            return
        step(self)

    def translated(self) -> None:
        """`{% trans a=b %}`: variables for the text that follows."""
        reader = self.arguments()
        while not reader.is_at_end:
            reader.accept(",")
            if not reader.follows("="):
                return
            name = reader.name()
            reader.take()
            self.assign(Node("name", reader.token.start, reader.token.start, name), reader.expression())

    def if_(self) -> None:
        """`{% if %}`."""
        self.branches("endif")

    def for_(self) -> None:
        """`{% for a, b in c if d %}`."""
        reader = self.arguments()
        target = target_of(reader)
        reader.expect("in")
        iterable = reader.expression(choice=False)
        if reader.token.text == ",":
            elements = [iterable]
            while reader.accept(","):
                elements.append(reader.expression(choice=False))
            iterable = reader.node("tuple", iterable.start, None, *elements)
        condition = reader.expression() if reader.accept("if") else None
        self.loop(target, iterable, condition, "else", "endfor")

    def set_(self) -> None:
        """`{% set a = b %}` and `{% set a %}...{% endset %}`."""
        reader = self.arguments()
        target = target_of(reader)
        if reader.accept("="):
            self.assign(target, reader.tuple_or_expression())
            return
        self.until("endset")
        self.writer.unpack(target, self.writer.constant(""))
        if target.kind == "name":
            self.statuses[target.value] = SILENT

    def with_(self) -> None:
        """`{% with a = b, c = d %}`."""
        reader = self.arguments()
        statuses = dict(self.statuses)
        with self.writer.scope():
            while not reader.is_at_end:
                target = target_of(reader)
                reader.expect("=")
                self.assign(target, reader.expression())
                if not reader.accept(","):
                    break
            self.until("endwith")
        self.statuses = statuses

    def autoescape_(self) -> None:
        """`{% autoescape false %}`."""
        node = self.arguments().whole()
        if node.kind == "constant" and not node.value:
            self.unescaped("endautoescape")
            return
        before = self.autoescape
        self.autoescape = node.kind == "constant" or before
        self.until("endautoescape")
        self.autoescape = before

    def filter_(self) -> None:
        """`{% filter f %}`: an escaping one neutralises what is inside."""
        before = self.autoescape
        if self.arguments().token.text in ("e", "escape", "forceescape"):
            self.autoescape = True
        self.until("endfilter")
        self.autoescape = before

    def include(self) -> None:
        """`{% include "name" ignore missing without context %}`."""
        reader = self.arguments()
        template = reader.expression()
        alone = any(token.text == "without" for token in reader.tokens[reader.at :])
        self.render(self.writer.value(template), alone=alone)

    def extends(self) -> None:
        """`{% extends "name" %}`."""
        self.render(self.writer.value(self.arguments().whole()))

    def import_(self) -> None:
        """`{% import "name" as forms %}`."""
        reader = self.arguments()
        template = reader.expression()
        reader.expect("as")
        name = reader.name()
        if template.kind == "constant" and isinstance(template.value, str):
            self.writer.emit(ir.IMPORT, self.writer.local(name), template.value, None, self.span)
        else:
            self.writer.emit(ir.MOVE, self.writer.local(name), self.writer.symbol(*UNKNOWN), self.span)
        self.statuses[name] = SILENT

    def from_(self) -> None:
        """`{% from "name" import a, b as c %}`."""
        reader = self.arguments()
        template = reader.expression()
        reader.expect("import")
        while reader.token.kind == "name" and reader.token.text not in ("with", "without"):
            imported = reader.name()
            name = reader.name() if reader.accept("as") else imported
            if template.kind == "constant" and isinstance(template.value, str):
                self.writer.emit(ir.IMPORT, self.writer.local(name), template.value, imported, self.span)
            else:
                self.writer.emit(ir.MOVE, self.writer.local(name), self.writer.symbol(*UNKNOWN), self.span)
            self.statuses[name] = SILENT
            if not reader.accept(","):
                break

    def macro_(self) -> None:
        """`{% macro field(name, value="") %}`."""
        reader = self.arguments()
        name = reader.name()
        reader.expect("(")
        self.macro(name, signature(reader), "endmacro")

    def call_(self) -> None:
        """`{% call(item) macro(x) %}`: the body is read once, with nothing known of its parameters."""
        reader = self.arguments()
        params = signature(reader) if reader.accept("(") else []
        self.writer.value(reader.expression())
        with self.writer.scope():
            for name, _ in params:
                self.writer.local(name, fresh=True)
            self.until("endcall")

    def do(self) -> None:
        """`{% do x.append(y) %}`."""
        self.writer.value(self.arguments().whole())

    def print_(self) -> None:
        """`{% print x %}`."""
        self.output(self.arguments().whole(), self.span)


def target_of(reader: Reader) -> Node:
    """The target of an assignment: a name, `namespace.name`, or several with commas between."""
    start = reader.token.start
    if reader.accept("("):
        target = target_of(reader)
        reader.expect(")")
        targets = [target]
    else:
        name = Node("name", start, reader.token.end, reader.name())
        if reader.accept("."):
            name = reader.node("attribute", start, reader.name(), name)
        targets = [name]
    while reader.accept(","):
        if reader.token.kind != "name" and reader.token.text != "(":
            break
        nested = target_of(reader)
        targets.extend(nested.children if nested.kind == "tuple" else [nested])
    return targets[0] if len(targets) == 1 else reader.node("tuple", start, None, *targets)


def signature(reader: Reader) -> list[tuple[str, Node | None]]:
    """The rest of `(a, b=c)` as parameters with their defaults."""
    params: list[tuple[str, Node | None]] = []
    while not reader.accept(")"):
        name = reader.name()
        params.append((name, reader.expression() if reader.accept("=") else None))
        if not reader.accept(","):
            reader.expect(")")
            break
    if len({name for name, _ in params}) != len(params):
        raise Unreadable("two parameters of one name")
    return params


_STATEMENTS: Final = {
    "if": JinjaLowering.if_,
    "for": JinjaLowering.for_,
    "set": JinjaLowering.set_,
    "with": JinjaLowering.with_,
    "autoescape": JinjaLowering.autoescape_,
    "filter": JinjaLowering.filter_,
    "include": JinjaLowering.include,
    "extends": JinjaLowering.extends,
    "import": JinjaLowering.import_,
    "from": JinjaLowering.from_,
    "macro": JinjaLowering.macro_,
    "call": JinjaLowering.call_,
    "do": JinjaLowering.do,
    "print": JinjaLowering.print_,
}
_OPENING: Final = frozenset(("if", "for", "with", "autoescape", "filter", "macro", "call"))
