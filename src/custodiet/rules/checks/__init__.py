"""Checks: code that finds what is not a flow, one module for each rule.

A check module is named after its rule (`hard_coded_credentials` for `hard-coded-credentials`) and has one function:

    def check(module: ir.Module, project: Project) -> Iterator[Hit]

It is called once for each module of the project, gives hits of that module only, and reads nothing but its
arguments. `custodiet.rules.checks.reading` holds what several checks read out of a module.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from custodiet.flow.hit import Hit
from custodiet.source import ir


class Project(msgspec.Struct, frozen=True):
    """What a check may see beside its own module."""

    modules: Mapping[str, ir.Module]
    """Every module of the project by dotted name (templates by path)."""


Check = Callable[[ir.Module, Project], Iterator[Hit]]
"""The form of the function `check` of every check module."""
