"""Checks: code that finds what is not a flow, one module for each rule.

A check module is named after its rule (`hard_coded_credentials` for `hard-coded-credentials`) and has one function:

    def check(module: ir.Module, project: Project) -> Iterator[Hit]

It gives hits of that module only, and reads nothing but its arguments. It may also have a constant

    WORDS = frozenset(("umask", "chmod"))

A module in which none of these words occurs (in code, texts or comments) is then never shown to it, and where none
occurs in any scanned file it is not even imported: most checks have nothing to say about most files.
`custodiet.rules.checks.reading` holds what several checks read out of a module.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

import msgspec

from custodiet.compiled import Texts, records, texts_beside
from custodiet.domain.rule import Rule
from custodiet.flow.hit import Hit
from custodiet.source import ir


class Project(msgspec.Struct, frozen=True):
    """What a check may see beside its own module."""

    modules: Mapping[str, ir.Module]
    """Every module of the project by dotted name (templates by path)."""


Function = Callable[[ir.Module, Project], Iterator[Hit]]
"""The form of the function `check` of every check module."""


class Check(NamedTuple):
    """A check module."""

    name: str
    words: frozenset[str]
    """A module has one of them if the check finds anything in it; empty: nothing is said about that."""
    function: Function

    def hits(self, module: ir.Module, project: Project) -> Iterable[Hit]:
        """What the check finds in the module."""
        if self.words and self.words.isdisjoint(module.identifiers):
            return ()
        return self.function(module, project)


def checks_of(rules: Iterable[Rule], identifiers: frozenset[str] | None = None) -> tuple[Check, ...]:
    """The checks of the rules that have one, in the order of the rules.

    With `identifiers` (all words of the scanned files) without those that have nothing to find there.
    """
    known = _words_of_checks()
    found = []
    for rule in rules:
        name = rule.id.replace("-", "_")
        if rule.check and name in known:
            words = known[name]
            if not words or identifiers is None or not words.isdisjoint(identifiers):
                found.append(Check(name, words, import_module(f"{__name__}.{name}").check))
    return tuple(found)


@cache
def _words_of_checks() -> dict[str, frozenset[str]]:
    """The words of every check module by name, without importing the modules."""
    decode = msgspec.msgpack.Decoder(tuple[str, list[str]] | None).decode
    return {name: frozenset(words) for name, words in filter(None, map(decode, records(texts(), record_of)))}


def texts() -> Texts:
    """The check modules, as files whose words are compiled."""
    return texts_beside(__file__, __spec__.cached, folder=os.path.dirname(__file__), suffix=".py")


def record_of(name: str, _text: str) -> bytes:
    """The compiled record of a Python file of this folder: name and words of a check module, nothing for others."""
    stem = os.path.basename(name).removesuffix(".py")
    module = import_module(f"{__name__}.{stem}") if stem != "__init__" else None
    if not hasattr(module, "check"):
        return msgspec.msgpack.encode(None)
    return msgspec.msgpack.encode((stem, sorted(getattr(module, "WORDS", ()))))
