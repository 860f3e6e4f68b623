"""Where values go inside one function: enough for checks that ask what a random number or a password becomes.

`uses` walks a function twice (so that a loop's second round sees the first) and reports each place where a value with
origins gets a name. An origin is any hashable mark; containers take the origins of what is put into them.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Final, NamedTuple

from custodiet.rules.checks.reading import Scope, arguments
from custodiet.source import ir

Origins = frozenset[Hashable]
NOTHING: Final[Origins] = frozenset()
_MUTATORS: Final = frozenset("append add extend insert update appendleft put write setdefault push".split())
_ARITHMETIC: Final = frozenset("+ - * / // % ** @ & | ^ << >>".split())


class Use(NamedTuple):
    """Values with `origins` get the name `name`.

    `kind`: `variable`, `attribute`, `item` (of the container `container`, under a constant key), `key` (under which the
    container `container` keeps something), `keyword` and
    `argument` (of the call `container`), `return`, `compare` (with what `name` names).
    """

    kind: str
    name: str
    container: str
    origins: Origins
    ins: ir.Ins


class Rules(NamedTuple):
    """How origins come and go: `begins` at an instruction, `carries` through a call, `changes` on the way; methods that `fill`
    put what begins there into their first argument.
    """

    begins: Callable[[Scope, ir.Ins], Origins]
    carries: Callable[[Scope, ir.Ins], bool]
    changes: Callable[[Scope, ir.Ins, Origins], Origins]
    fill: frozenset[str] = frozenset()


def uses(make_scope: Callable[[], Scope], rules: Rules, start: dict[int, Origins]) -> Iterator[Use]:
    """Every use of a value with origins; `start` gives those of registers at entry. May say one thing twice."""
    held = dict(start)
    for _ in range(2):
        scope = make_scope()
        for ins in scope.instructions():
            yield from _uses_at(scope, ins, held)
            _step(scope, ins, held, rules)
            yield from _named(scope, ins, held)


def _step(scope: Scope, ins: ir.Ins, held: dict[int, Origins], rules: Rules) -> None:
    """Nothing; `held` says afterwards what the registers carry after the instruction."""
    op = ins[0]
    carried = NOTHING
    if op in (ir.CALL, ir.CALLM):
        inputs = _inputs(ins, held)
        carried = inputs if inputs and rules.carries(scope, ins) else NOTHING
        if op == ir.CALLM and ins[3] in _MUTATORS and inputs:
            held[ins[2]] = held.get(ins[2], NOTHING) | inputs
            _into_variable(scope, ins[2], inputs, held)
        if op == ir.CALLM and ins[3] in rules.fill and ins[4]:
            held[ins[4][0]] = held.get(ins[4][0], NOTHING) | rules.begins(scope, ins)
    elif op == ir.BIN:
        carried = _inputs(ins, held) if ins[2] in _ARITHMETIC else NOTHING
    elif op == ir.INDEX:
        carried = held.get(ins[2], NOTHING) | held.get(ins[3], NOTHING)
    elif op == ir.SHORT:
        carried = held.get(ins[3], NOTHING) | held.get(ins[5], NOTHING)
    elif op in (ir.MOVE, ir.CAST, ir.AWAIT, ir.SLICE, ir.CAT, ir.MAKE, ir.DICT, ir.UN, ir.ENTER):
        carried = _inputs(ins, held)
    elif op == ir.SETINDEX:
        held[ins[1]] = held.get(ins[1], NOTHING) | held.get(ins[3], NOTHING)
    elif op == ir.LOOP:
        held[ins[2]] = held.get(ins[1], NOTHING)
    target = ir.destination(ins)
    if target == ir.NOREG:
        return
    carried = rules.changes(scope, ins, carried) | rules.begins(scope, ins) if carried else rules.begins(scope, ins)
    if target >= 0:
        carried |= held.get(target, NOTHING)
    held[target] = carried


def _into_variable(scope: Scope, register: int, inputs: Origins, held: dict[int, Origins]) -> None:
    """Nothing; what goes into `x.items` also goes into `x`."""
    ins = scope.made(register) if register < 0 else None
    if ins is not None and ins[0] == ir.ATTR and ins[2] >= 0:
        held[ins[2]] = held.get(ins[2], NOTHING) | inputs


def _inputs(ins: ir.Ins, held: dict[int, Origins]) -> Origins:
    return NOTHING.union(*(held.get(register, NOTHING) for register in ir.operands(ins)))


def _named(scope: Scope, ins: ir.Ins, held: dict[int, Origins]) -> Iterator[Use]:
    """The use as a variable, if the instruction writes one."""
    target = ir.destination(ins)
    if target >= 0 and held.get(target) and (name := scope.slot(target)):
        yield Use("variable", name, "", held[target], ins)


def _uses_at(scope: Scope, ins: ir.Ins, held: dict[int, Origins]) -> Iterator[Use]:
    op = ins[0]
    if op == ir.SETATTR:
        if origins := held.get(ins[3]):
            yield Use("attribute", ins[2], "", origins, ins)
    elif op == ir.SETINDEX:
        if origins := held.get(ins[3]):
            yield Use("item", scope.text(ins[2]) or "", scope.name(ins[1]), origins, ins)
        if origins := held.get(ins[2]):
            yield Use("key", "", scope.name(ins[1]), origins, ins)
    elif op == ir.DICT:
        for key, value in ins[2]:
            if key != ir.NOREG and (origins := held.get(value)):
                yield Use("item", scope.text(key) or "", "", origins, ins)
    elif op in (ir.CALL, ir.CALLM):
        called = str(ins[3]) if op == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]
        positional, keywords = arguments(ins)
        for name, register in keywords.items():
            if origins := held.get(register):
                yield Use("keyword", name, called, origins, ins)
        for position, register in enumerate(positional):
            if origins := held.get(register):
                yield Use("argument", str(position), called, origins, ins)
    elif op in (ir.RET, ir.YIELD):
        register = ins[1] if op == ir.RET else ins[2]
        if origins := held.get(register):
            yield Use("return", scope.function.name, "", origins, ins)
    elif op == ir.BIN and ins[2] in ("==", "!=", "in", "notin"):
        for carried, other in ((ins[3], ins[4]), (ins[4], ins[3])):
            if origins := held.get(carried):
                yield Use("compare", scope.dotted(other) or scope.name(other), "", origins, ins)
