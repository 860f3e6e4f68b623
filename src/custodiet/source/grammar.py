"""Grammars, loaded without what their packages import on the way.

`import tree_sitter` costs 20 ms, nearly all of it for `typing` and `importlib.resources`, which the packages
import for annotations and query files that nobody here reads. The extension modules alone load in 1 ms, so
they are loaded by their file; where that is not possible (a zipped or unusual install) the plain imports serve.
"""

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tree_sitter import Language, Parser

ERROR_KIND: Final = 0xFFFF
"""The kind of what the parser could not fit into the grammar."""


def _extension(package: str) -> ModuleType | None:
    """The extension module `<package>._binding` alone; None if it cannot be had without its package."""
    name = f"{package}._binding"
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    found = PathFinder.find_spec(package)
    locations = found.submodule_search_locations if found else None
    spec = PathFinder.find_spec(name, locations) if locations else None
    if spec is None or spec.loader is None:
        return None
    try:
        module = spec.loader.create_module(spec)
        if module is None:
            return None
        spec.loader.exec_module(module)
    except ImportError:
        return None
    module.__spec__ = spec
    sys.modules[name] = module
    return module


def _bindings(package: str, function: str) -> tuple[Any, Any]:
    core, grammar = _extension("tree_sitter"), _extension(package)
    if core is not None and grammar is not None and hasattr(core, "Parser") and hasattr(grammar, function):
        return core, grammar
    # the slow way, for installs where the quick one fails
    return import_module("tree_sitter"), import_module(package)


class Grammar:
    """The grammar that `function` of a grammar's package gives, with its kinds of nodes."""

    def __init__(self, package: str, function: str = "language") -> None:
        self._core, module = _bindings(package, function)
        self.language: Language = self._core.Language(getattr(module, function)())
        language = self.language
        self.kinds: tuple[str | None, ...] = tuple(
            language.node_kind_for_id(kind) for kind in range(language.node_kind_count)
        )
        """Name of each node kind; several kinds share one name."""
        found: dict[str, list[int]] = {}
        for kind, name in enumerate(self.kinds):
            if name is not None and language.node_kind_is_named(kind):
                found.setdefault(name, []).append(kind)
        self.named_kinds: dict[str, frozenset[int]] = {name: frozenset(kinds) for name, kinds in found.items()}
        """The kinds of each name that the grammar gives to named nodes."""

    def parser(self) -> "Parser":
        """A fresh parser; it is not to be shared between threads."""
        made: Parser = self._core.Parser(self.language)
        return made

    def kinds_named(self, *names: str) -> frozenset[int]:
        """Every named kind that has one of the names.

        Raises:
            KeyError: if the grammar has no such name.
        """
        return frozenset(kind for name in names for kind in self.named_kinds[name])

    def kind_named(self, name: str) -> int:
        """The one named kind of this name; the grammar has other names for which `kinds_named` gives several."""
        (kind,) = self.named_kinds[name]
        return kind


PYTHON: Final = Grammar("tree_sitter_python")
"""The grammar of Python."""
LANGUAGE: "Language" = PYTHON.language
KINDS: tuple[str | None, ...] = PYTHON.kinds
NAMED_KINDS: dict[str, frozenset[int]] = PYTHON.named_kinds
parser = PYTHON.parser
kinds_named = PYTHON.kinds_named
kind_named = PYTHON.kind_named
