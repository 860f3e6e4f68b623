"""Generators of predictable numbers in languages that declare types: `new Random().nextInt()`, `Math.random()`.

Python's are modules with functions; see `insecure_random.py`.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from custodiet.rules.checks.reading import Scope, scopes
from custodiet.source import ir


class Generators(NamedTuple):
    """The generators of a language by the last word of their names. `functions` and `types` are as the documentation writes them."""

    types: frozenset[str]
    """Classes whose objects draw."""
    secure: frozenset[str]
    """Classes that derive from one of these and do not give themselves away."""
    functions: frozenset[str]
    """Functions that draw, with their class."""
    makers: frozenset[str]
    """Functions and members that give an object that draws, with their class."""
    draws: frozenset[str]
    """Methods that draw."""


GENERATORS: Final[Mapping[str, Generators]] = {
    "java": Generators(
        types=frozenset(("Random", "ThreadLocalRandom", "SplittableRandom")),
        secure=frozenset(("SecureRandom",)),
        functions=frozenset(
            (
                "Math.random",
                *(
                    f"RandomStringUtils.{name}"
                    for name in (
                        "random",
                        "randomAlphanumeric",
                        "randomAlphabetic",
                        "randomNumeric",
                        "randomAscii",
                        "randomGraph",
                    )
                ),
                "RandomUtils.nextInt",
                "RandomUtils.nextLong",
                "RandomUtils.nextBytes",
            )
        ),
        makers=frozenset(("ThreadLocalRandom.current",)),
        draws=frozenset(
            "nextInt nextLong nextDouble nextFloat nextBytes nextBoolean nextGaussian ints longs doubles".split()
        ),
    ),
    "javascript": Generators(
        types=frozenset(),
        secure=frozenset(),
        functions=frozenset(("Math.random",)),
        makers=frozenset(),
        draws=frozenset(),
    ),
    "csharp": Generators(
        types=frozenset(("Random",)),
        secure=frozenset(),
        functions=frozenset(),
        makers=frozenset(("Random.Shared",)),
        draws=frozenset("Next NextInt64 NextDouble NextSingle NextBytes GetItems GetString".split()),
    ),
}
"""By the language of a module."""


def generators_of(language: str) -> Generators | None:
    """The generators of a language, None if it is not one of those here."""
    return GENERATORS.get("javascript" if language == "typescript" else language)


def words_that_draw(known: Generators) -> frozenset[str]:
    """Words one of which occurs wherever something draws."""
    called = {name.rpartition(".")[2] for name in known.functions}
    return known.draws | called


_MOVES: Final = 4
"""Moves that a value is followed through; a variable that is declared with a type is cast into itself."""


def may_draw(module: ir.Module, known: Generators) -> bool:
    """Whether anything in the module can draw."""
    owners = {name.partition(".")[0] for name in (*known.functions, *known.makers)}
    return not module.identifiers.isdisjoint(known.types | owners)


def fields_of(module: ir.Module) -> Mapping[str, str]:
    """The last word of the class that each field of the module's classes is an object of, as far as a constructor or declaration says."""
    found: dict[str, str] = {}
    for made in module.classes:
        for name, declared in made.fields:
            found.setdefault(name, declared.partition("[")[0].rpartition(".")[2])
    for scope in scopes(module):
        for ins in scope.instructions():
            if ins[0] == ir.SETATTR and ins[2] in found and (called := _constructor(scope, ins[3])):
                found[ins[2]] = called
    return found


def draws(scope: Scope, ins: ir.Ins, known: Generators, fields: Mapping[str, str]) -> bool:
    """Whether a call draws a predictable number."""
    called = scope.called(ins)
    if _ends(called, known.functions):
        return True
    if ins[0] != ir.CALLM or ins[3] not in known.draws:
        return False
    return _kind(scope, ins[2], known, fields) in known.types


def _ends(called: str, names: frozenset[str]) -> bool:
    return bool(called) and ".".join(called.split(".")[-2:]) in names


def _constructor(scope: Scope, register: int) -> str:
    """The last word of the class that a register was just made of, `""` if it was not."""
    ins = scope.made(register)
    for _ in range(_MOVES):
        if ins is None or ins[0] not in (ir.CAST, ir.MOVE):
            break
        ins = scope.made(ins[2])
    if ins is None or ins[0] != ir.CALL:
        return ""
    return scope.dotted(ins[2]).rpartition(".")[2]


def _kind(scope: Scope, register: int, known: Generators, fields: Mapping[str, str]) -> str:
    """The last word of the class of a receiver, `""` if nothing tells it."""
    made = _constructor(scope, register)
    if made in known.types or made in known.secure:
        return made
    ins = scope.made(register)
    if ins is not None:
        if ins[0] == ir.CAST:
            inner = _kind(scope, ins[2], known, fields)
            return inner or str(ins[3]).rpartition(".")[2]
        if ins[0] in (ir.CALL, ir.CALLM):
            called = scope.called(ins)
            if _ends(called, known.makers):
                return next(iter(known.types), "")
            return ""
        if ins[0] == ir.ATTR:
            if _ends(scope.dotted(register), known.makers):
                return next(iter(known.types), "")
            return fields.get(str(ins[3]), "")
        if ins[0] == ir.MOVE:
            return _kind(scope, ins[2], known, fields)
    for param in scope.function.params:
        if param.reg == register and param.annotation:
            return param.annotation.rpartition(".")[2]
    return fields.get(scope.slot(register), "") if register >= 0 else ""
