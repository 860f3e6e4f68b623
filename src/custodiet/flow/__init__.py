"""Interprocedural taint analysis over the common representation: pure functions, no I/O.

`analyse` links the modules, solves them on demand and gives hits: a rule, with the steps from source to sink.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from custodiet.domain.finding import Incomplete
from custodiet.domain.rule import Rule
from custodiet.domain.severity import Persona
from custodiet.flow.hit import Hit
from custodiet.flow.judge import Judge
from custodiet.flow.program import Program
from custodiet.flow.solve import Solver
from custodiet.knowledge.tables import Tables
from custodiet.source.ir import Module


class Result(msgspec.Struct, frozen=True):
    """Hits in no particular order, what was not analysed, and how much was."""

    hits: tuple[Hit, ...]
    incomplete: tuple[Incomplete, ...]
    functions: int
    functions_analysed: int


def analyse(
    modules: Sequence[Module],
    tables: Tables,
    rules: Iterable[Rule],
    *,
    persona: Persona = Persona.DEFAULT,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """The hits of the rules in these modules. Deterministic: equal input gives equal output, in every process."""
    judge = Judge(tuple(rules), persona)
    program = Program(modules, tables)
    solver = Solver(program, judge.accepted, judge.guessed)
    solver.run(progress)
    incomplete = tuple(
        Incomplete(
            path=program.modules[module].path,
            reason="internal" if "was not analysed" in detail else "too-complex",
            detail=detail,
        )
        for (module, _), detail in sorted(solver.incomplete.items())
    )
    return Result(
        hits=judge.hits(solver),
        incomplete=incomplete,
        functions=sum(len(module.functions) for module in program.modules),
        functions_analysed=len(solver.analysed),
    )


__all__ = ["Hit", "Result", "analyse"]
