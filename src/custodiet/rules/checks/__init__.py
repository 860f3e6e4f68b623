"""Checks: code that finds what is not a flow, one module for each rule.

A check module is named after its rule (`hard_coded_credentials` for `hard-coded-credentials`) and has one function:

    def check(module: ir.Module, project: Project) -> Iterator[Hit]

It is called once for each module of the project, gives hits of that module only, and reads nothing but its
arguments. `custodiet.rules.checks.reading` holds what several checks read out of a module.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module

import msgspec

from custodiet.domain.rule import Rule
from custodiet.flow.hit import Hit
from custodiet.source import ir


class Project(msgspec.Struct, frozen=True):
    """What a check may see beside its own module."""

    modules: Mapping[str, ir.Module]
    """Every module of the project by dotted name (templates by path)."""


Check = Callable[[ir.Module, Project], Iterator[Hit]]
"""The form of the function `check` of every check module."""


def checks_of(rules: Iterable[Rule]) -> tuple[Check, ...]:
    """The check functions of the rules that have one, in the order of the rules."""
    present = {name.removesuffix(".py") for name in os.listdir(os.path.dirname(__file__))}
    found = []
    for rule in rules:
        name = rule.id.replace("-", "_")
        if rule.check and name in present:
            check: Check = import_module(f"{__name__}.{name}").check
            found.append(check)
    return tuple(found)
