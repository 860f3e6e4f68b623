"""What stands in a register as a small tree, and what names stand for as far as single assignments tell.

A `Scope` knows its temporaries only while it walks; an `Expression` keeps what it saw. `Names` remembers the one
expression that each variable, module constant and `self` attribute of a module is assigned, so that a check can follow
`BASE_URL` and `self.base_url`. A name that is assigned twice stands for nothing.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from custodiet.rules.checks.reading import MISSING, Scope, arguments, scopes
from custodiet.source import ir

DEPTH: Final = 8
_ASSIGNING: Final = frozenset(
    (ir.MOVE, ir.CALL, ir.CALLM, ir.CAT, ir.BIN, ir.MAKE, ir.DICT, ir.ATTR, ir.INDEX, ir.AWAIT, ir.SLICE)
)


class Expression(NamedTuple):
    """One value as it is written.

    `kind`: `constant` (`value`), `name` (of a variable or an import: `text`), `attribute` (`text` dotted, `value` the
    last word, `parts` the object), `index` (`parts` object and index), `call` (`text` dotted, `value` the last word,
    `parts` and `keywords` the arguments, `receiver`), `text` (built of `parts`), `binary` (operator `text`, `parts`),
    `sequence` (`parts`), `mapping` (`keywords` by constant keys) or `other`.
    """

    kind: str
    text: str = ""
    value: Any = None
    parts: "tuple[Expression, ...]" = ()
    keywords: "tuple[tuple[str, Expression], ...]" = ()
    receiver: "Expression | None" = None

    @property
    def constant(self) -> str | None:
        """The text, if this is a constant text."""
        value = self.value
        if self.kind != "constant":
            return None
        return (
            value.decode("ascii", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else None
        )

    def within(self) -> "Iterator[Expression]":
        """This expression and all inside it, outer before inner."""
        yield self
        if self.receiver is not None:
            yield from self.receiver.within()
        for part in self.parts:
            yield from part.within()
        for _, part in self.keywords:
            yield from part.within()


OTHER: Final = Expression("other")


def expression(scope: Scope, register: int, depth: int = DEPTH) -> Expression:
    """What stands in a register as of the instruction that the scope's walk has come to."""
    value = scope.constant(register)
    if value is not MISSING:
        return Expression("constant", value=value)
    if register >= 0:
        return Expression("name", scope.dotted(register), scope.slot(register))
    ins = scope.made(register)
    return made_by(scope, ins, depth) if ins is not None and depth else OTHER


def made_by(scope: Scope, ins: ir.Ins, depth: int = DEPTH) -> Expression:
    """What an instruction computes."""
    op = ins[0]

    def of(register: int) -> Expression:
        return expression(scope, register, depth - 1)

    if op == ir.ATTR:
        return Expression("attribute", f"{scope.dotted(ins[2])}.{ins[3]}", ins[3], (of(ins[2]),))
    if op == ir.INDEX:
        return Expression("index", parts=(of(ins[2]), of(ins[3])))
    if op in (ir.CALL, ir.CALLM):
        positional, keywords = arguments(ins)
        called = scope.called(ins)
        return Expression(
            "call",
            called,
            ins[3] if op == ir.CALLM else called.rpartition(".")[2],
            tuple(map(of, positional)),
            tuple((name, of(each)) for name, each in keywords.items()),
            of(ins[2]) if op == ir.CALLM else None,
        )
    if op == ir.CAT:
        return Expression("text", parts=tuple(map(of, ins[2])))
    if op == ir.BIN:
        return Expression("binary", ins[2], parts=(of(ins[3]), of(ins[4])))
    if op == ir.MAKE:
        return Expression("sequence", parts=tuple(map(of, ins[3])))
    if op == ir.DICT:
        return Expression("mapping", keywords=tuple((_key(scope, key), of(each)) for key, each in ins[2]))
    if op in (ir.MOVE, ir.AWAIT, ir.CAST, ir.ENTER):
        return of(ins[2])
    return OTHER


class Names:
    """What the names of one module stand for."""

    def __init__(self, module: ir.Module) -> None:
        self._found: dict[tuple[int, str], Expression | None] = {}
        for scope in scopes(module):
            owner = scope.function.class_index
            for param in scope.function.params:
                self._found[scope.index, param.name] = None
            for ins in scope.instructions():
                op = ins[0]
                if op == ir.SETATTR and owner >= 0 and scope.slot(ins[1]) == "self":
                    self._note((~owner, ins[2]), expression(scope, ins[3]))
                elif op in ir.WRITING and ins[1] >= 0 and (name := scope.slot(ins[1])):
                    made = made_by(scope, ins) if op in _ASSIGNING else OTHER
                    self._note((scope.index, name), made)
                    if owner >= 0 and scope.module.classes[owner].body == scope.index:
                        self._note((~owner, name), made)

    def _note(self, key: tuple[int, str], made: Expression) -> None:
        self._found[key] = None if key in self._found or made.kind == "other" else made

    def followed(self, scope: Scope, value: Expression, depth: int = DEPTH) -> Expression:
        """The expression that a name or an attribute of `self` was assigned; the value itself if it is no such name."""
        if not depth:
            return value
        found: Expression | None = None
        if value.kind == "name":
            at: Scope | None = scope
            while at is not None:
                if (at.index, value.value) in self._found:
                    found = self._found[at.index, value.value]
                    break
                at = at.parent
        elif value.kind == "attribute" and value.parts[0].value in ("self", "cls"):
            found = (
                self._found.get((~scope.function.class_index, value.value)) if scope.function.class_index >= 0 else None
            )
        return value if found is None or found is value else self.followed(scope, found, depth - 1)

    def beginning(self, scope: Scope, value: Expression, depth: int = DEPTH) -> str:
        """The known first characters of a text that is built here, `""` if none are."""
        value = self.followed(scope, value)
        if (text := value.constant) is not None:
            return text
        if not depth or value.kind not in ("text", "binary", "call"):
            return ""
        if value.kind == "call":
            if value.value == "format" and value.receiver is not None:
                return self.beginning(scope, value.receiver, depth - 1).partition("{")[0]
            return (
                self.beginning(scope, value.parts[0], depth - 1)
                if value.text in ("str", "os.path.join") and value.parts
                else ""
            )
        if value.text == "%":
            return self.beginning(scope, value.parts[0], depth - 1).partition("%")[0]
        if value.kind == "binary" and value.text != "+":
            return ""
        begun = ""
        for part in value.parts:
            begun += self.beginning(scope, part, depth - 1)
            if self.followed(scope, part).constant is None:
                break
        return begun


def _key(scope: Scope, register: int) -> str:
    return "" if register == ir.NOREG else scope.text(register) or ""
