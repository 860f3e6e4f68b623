"""The Python grammar, loaded without what its packages import on the way.

`import tree_sitter` costs 20 ms, nearly all of it for `typing` and `importlib.resources`, which the packages
import for annotations and query files that nobody here reads. The two extension modules alone load in 1 ms, so
they are loaded by their file; where that is not possible (a zipped or unusual install) the plain imports serve.
"""

import sys
from importlib.machinery import PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Language, Parser


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


def _bindings() -> tuple[Any, Any]:
    core, grammar = _extension("tree_sitter"), _extension("tree_sitter_python")
    if core is not None and grammar is not None and hasattr(core, "Parser") and hasattr(grammar, "language"):
        return core, grammar
    import tree_sitter
    import tree_sitter_python  # late, as above: the slow way, for installs where the quick one fails

    return tree_sitter, tree_sitter_python


_CORE, _GRAMMAR = _bindings()

LANGUAGE: "Language" = _CORE.Language(_GRAMMAR.language())

KINDS: tuple[str | None, ...] = tuple(LANGUAGE.node_kind_for_id(kind) for kind in range(LANGUAGE.node_kind_count))
"""Name of each node kind; several kinds share one name."""

ERROR_KIND = 0xFFFF
"""The kind of what the parser could not fit into the grammar."""


def parser() -> "Parser":
    """A fresh parser of Python; it is not to be shared between threads."""
    made: Parser = _CORE.Parser(LANGUAGE)
    return made


def _named_kinds() -> dict[str, frozenset[int]]:
    found: dict[str, list[int]] = {}
    for kind, name in enumerate(KINDS):
        if name is not None and LANGUAGE.node_kind_is_named(kind):
            found.setdefault(name, []).append(kind)
    return {name: frozenset(kinds) for name, kinds in found.items()}


NAMED_KINDS: dict[str, frozenset[int]] = _named_kinds()
"""The kinds of each name that the grammar gives to named nodes."""


def kinds_named(*names: str) -> frozenset[int]:
    """Every named kind that has one of the names.

    Raises:
        KeyError: if the grammar has no such name.
    """
    return frozenset(kind for name in names for kind in NAMED_KINDS[name])


def kind_named(name: str) -> int:
    """The one named kind of this name; the grammar has other names for which `kinds_named` gives several."""
    (kind,) = NAMED_KINDS[name]
    return kind
