"""Imports of Python, relative ones made absolute."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.grammar import kind_named
from custodiet.source.lowerer import Lowerer
from custodiet.source.python_expressions import real_children, span_at

if TYPE_CHECKING:
    from tree_sitter import Node

ALIASED: Final = kind_named("aliased_import")
WILDCARD: Final = kind_named("wildcard_import")
DOTTED: Final = kind_named("dotted_name")
RELATIVE: Final = kind_named("relative_import")


def absolute(written: str, module_name: str, *, is_package: bool) -> str:
    """The module that a relative import means, e.g. `..db` in `shop.web.views` is `shop.db`.

    What leads out of the known packages stays as written, dots in front.
    """
    path = written.lstrip(".")
    above = len(written) - len(path)
    if not above:
        return written
    package = module_name.split(".") if module_name else []
    drop = above - 1 if is_package else above
    if drop > len(package) or (drop == len(package) and not path):
        return written
    kept = package[: len(package) - drop]
    if not kept and drop:
        return written
    return ".".join([*kept, path] if path else kept)


def _dotted(lowerer: Lowerer, node: "Node") -> str:
    """The dotted name without the blanks and comments that may stand in it."""
    word = lowerer.text(node)
    if word.isidentifier():
        return word
    if node.kind_id == RELATIVE:
        parts = real_children(node)
        tail = next((_dotted(lowerer, part) for part in parts if part.kind_id == DOTTED), "")
        prefix = lowerer.text(parts[0]) if parts else "."
        return "." * prefix.count(".") + tail
    return ".".join(lowerer.text(part) for part in real_children(node))


def import_statement(lowerer: Lowerer, node: "Node") -> None:
    """IMPORT of each module; `import a.b` binds `a` and loads `a.b`."""
    for child in real_children(node):
        span = span_at(child)
        if child.kind_id == ALIASED:
            parts = real_children(child)
            if len(parts) >= 2:
                slot = lowerer.bind(lowerer.source[parts[-1].start_byte : parts[-1].end_byte])
                lowerer.emit((ir.IMPORT, slot, _dotted(lowerer, parts[0]), None, span))
            continue
        name = _dotted(lowerer, child)
        first = name.split(".", 1)[0]
        if not first:
            continue
        lowerer.emit((ir.IMPORT, lowerer.bind(first.encode()), first, None, span))
        if first != name:
            lowerer.emit((ir.IMPORT, lowerer.new_temporary(), name, None, span))


def import_from(lowerer: Lowerer, node: "Node") -> None:
    """IMPORT of each name, or IMPORTALL."""
    children = real_children(node)
    if not children:
        return
    written = _dotted(lowerer, children[0])
    module = absolute(written, lowerer.module_name, is_package=lowerer.is_package)
    for child in children[1:]:
        span = span_at(child)
        if child.kind_id == WILDCARD:
            lowerer.emit((ir.IMPORTALL, module, span))
            continue
        name = bound = child
        if child.kind_id == ALIASED:
            parts = real_children(child)
            if len(parts) < 2:
                continue
            name, bound = parts[0], parts[-1]
        raw = lowerer.source[bound.start_byte : bound.end_byte]
        if raw:
            lowerer.emit((ir.IMPORT, lowerer.bind(raw), module, lowerer.text(name), span))


def future_import(_lowerer: Lowerer, _node: "Node") -> None:
    """Lowers to nothing: `from __future__ import ...` speaks to the compiler."""


LOWERINGS: Final = {
    "import_statement": import_statement,
    "import_from_statement": import_from,
    "future_import_statement": future_import,
}
"""What lowers each kind of statement in this file."""
