"""Weak settings that a caller asks for: an option of a library is no mistake of the library.

    if not verify:
        context.check_hostname = False

is what `verify` is for. It is a finding when the option is so from the start (`verify=False` in the signature), and the
call that chooses it is one of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules import CHOOSABLE
from custodiet.rules.checks.reading import MISSING, Scope, scopes
from custodiet.source import ir

_OPTION: Final = pattern(r"(?i)verif|valid|insecure|trust|cert|self_?signed|check_?host|ssl_opt")
"""How options are called that switch the check of certificates off."""
_TESTS: Final = frozenset((ir.UN, ir.BIN, ir.SHORT))
_CALLS: Final = frozenset((ir.CALL, ir.CALLM))
_DEPTH: Final = 6


class Test(NamedTuple):
    """Something a condition looks at: its name, and whether it is true where the branch is taken (None: not known)."""

    name: str
    truth: bool | None
    is_parameter: bool


def without_choices(hits: Sequence[Hit], modules: Mapping[str, ir.Module]) -> list[Hit]:
    """The hits without those that stand in a branch which a caller's option leads into."""
    return [hit for hit in hits if hit.rule not in CHOOSABLE or not _is_chosen(hit, modules.get(hit.steps[-1].path))]


def _is_chosen(hit: Hit, module: ir.Module | None) -> bool:
    if module is None:
        return False
    defaults: dict[str, list[tuple[int, Any]]] | None = None
    for scope in scopes(module):
        for tests in _conditions(scope, scope.function.body, hit.steps[-1].span):
            for test in tests:
                if _OPTION.search(test.name) is None:
                    continue
                defaults = _defaults(module) if defaults is None else defaults
                given = [
                    value
                    for function, value in defaults.get(test.name, ())
                    if function == scope.index or not test.is_parameter
                ]
                if not any(bool(value) == test.truth for value in given):
                    return True
    return False


def _conditions(scope: Scope, body: ir.Block, span: int) -> Iterator[list[Test]]:
    """For each branch around the instruction with this span: what its condition looks at."""
    for ins in body:
        if ins[0] == ir.IF:
            for truth, block in ((True, ins[2]), (False, ins[3])):
                if _holds(block, span):
                    yield list(_tests(scope, ins[1], truth, _DEPTH))
                    yield from _conditions(scope, block, span)
        elif any(_holds(block, span) for block in ir.blocks(ins)):
            for block in ir.blocks(ins):
                yield from _conditions(scope, block, span)
        if ins[0] in ir.WRITING and ins[1] != ir.NOREG:
            scope.written[ins[1]] = ins
        for block in ir.blocks(ins):
            _note(scope, block)


def _note(scope: Scope, block: ir.Block) -> None:
    """Remember what wrote the temporaries of a nested block."""
    for ins in block:
        if ins[0] in ir.WRITING and ins[1] < 0:
            scope.written.setdefault(ins[1], ins)
        for inner in ir.blocks(ins):
            _note(scope, inner)


def _holds(block: Iterable[ir.Ins], span: int) -> bool:
    """Whether an instruction with this span stands in the block or in one inside it."""
    return any(ins[-1] == span or any(_holds(inner, span) for inner in ir.blocks(ins)) for ins in block)


def _tests(scope: Scope, register: int, truth: bool | None, depth: int) -> Iterator[Test]:
    """What a condition looks at: a parameter, an attribute or an item, with the truth that it must have."""
    made = scope.made(register) if register < 0 else None
    if made is not None and made[0] in _TESTS and depth:
        if made[0] == ir.UN:
            yield from _tests(scope, made[3], None if truth is None else not truth, depth - 1)
        elif made[0] == ir.SHORT:
            kept = truth if truth == (made[2] == "and") else None
            yield from _tests(scope, made[3], kept, depth - 1)
            yield from _tests(scope, made[5], kept, depth - 1)
        elif made[0] == ir.BIN:
            yield from _tests(scope, made[3], None, depth - 1)
            yield from _tests(scope, made[4], None, depth - 1)
        return
    if made is not None and made[0] in _CALLS:
        return  # what a call says is no option that a caller set
    if register >= 0 and not any(param.reg == register for param in scope.function.params):
        return  # a variable of the function's own
    if name := scope.name(register):
        yield Test(name, truth, register >= 0)


def _defaults(module: ir.Module) -> dict[str, list[tuple[int, Any]]]:
    """(function, constant) of the parameters in signatures of the module that need not be given, by their names."""
    found: dict[str, list[tuple[int, Any]]] = {}
    for scope in scopes(module):
        for ins in scope.instructions():
            if ins[0] != ir.FUNC:
                continue
            params = module.functions[ins[2]].params
            for position, register in ins[4]:
                value = scope.constant(register)
                if position < len(params) and value is not MISSING:
                    found.setdefault(params[position].name, []).append((ins[2], value))
    return found
