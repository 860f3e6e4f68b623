"""The C# front end: the bytes of one file in, its `ir.Module` out.

A module is called as the first namespace that its file declares, or `global`. The namespaces around
it are star imports after those of the file.
"""

import re
from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.csharp_definitions import CSharpDefinitions
from custodiet.source.csharp_shapes import PREPROCESSED, TYPE_KINDS, base_nodes, last_name, name_of, shapes_of
from custodiet.source.grammar import ERROR_KIND, Grammar
from custodiet.source.reading import (
    identifiers,
    line_starts,
    marked_comments,
    readable,
    refusal,
    syntax_errors,
    with_room,
    without_code,
)

if TYPE_CHECKING:
    from tree_sitter import Node

GLOBAL: Final = "global"
"""The module name of files without a namespace."""


class CSharp(CSharpDefinitions):
    """A file."""

    grammar = Grammar("tree_sitter_c_sharp")

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package)
        self.nested: list[tuple[bytes, bytes, int]] = []
        self.usings: list[Node] = []
        self.types: list[Node] = []
        self.top: list[Node] = []
        """Statements outside of any type."""

    def gather(self, root: "Node") -> str:
        """Sorts what stands in the file; gives the first namespace, empty if there is none."""
        namespace = ""
        waiting = list(reversed(root.named_children))
        while waiting:
            node = waiting.pop()
            kind = node.type
            if kind in TYPE_KINDS:
                self.types.append(node)
            elif kind == "using_directive":
                self.usings.append(node)
            elif kind in {"namespace_declaration", "file_scoped_namespace_declaration"}:
                name = node.child_by_field_name("name")
                if name is not None:
                    namespace = namespace or "".join(self.decoded(name).split())
                    self.roots.add(self.decoded(name).partition(".")[0].encode())
                waiting.extend(reversed(node.named_children[1:]))
            elif kind in _TRANSPARENT:
                inner = node.named_children
                waiting.extend(reversed(inner[1:] if kind in _CONDITIONAL else inner))
            elif kind not in _SILENT:
                self.top.append(node)
        return namespace

    def run(self, namespace: str) -> None:
        """Emits the body of the module: imports, types, statements."""
        self.shapes = shapes_of(self.types, self.source)
        self._imports(namespace)
        for node in self._in_order():
            self.define_type(node)
            self._name_nested()
        self.sequence([node for node in self.top if node.kind_id != ERROR_KIND])

    def _imports(self, namespace: str) -> None:
        """Emits the imports of the file, then what it sees without them."""
        stars: set[str] = set()
        for node in self.usings:
            alias = node.child_by_field_name("name")
            parts = self.children(node)
            if not parts:
                continue
            words = "".join(self.decoded(parts[-1]).replace("global::", "").split()).partition("<")[0]
            span = self.span(node)
            if alias is not None:
                raw = self.raw(alias)
                self.aliases.add(raw)
                module, _, last = words.rpartition(".")
                if module:
                    self.emit((ir.IMPORT, self.declare(raw), module, last, span))
                else:
                    self.emit((ir.MOVE, self.declare(raw), self.type_value(parts[-1]), span))
                continue
            if any(child.type == "static" for child in node.children):
                self.static_imports = True
            self.roots.add(words.partition(".")[0].encode())
            stars.add(words)
            self.emit((ir.IMPORTALL, words, span))
        levels = namespace.split(".")
        around = [".".join(levels[:count]) for count in range(len(levels) - 1, 0, -1)]
        for name in (*around, *(() if namespace == GLOBAL else (GLOBAL,))):
            if name not in stars:
                self.emit((ir.IMPORTALL, name, 0))

    def _in_order(self) -> "list[Node]":
        """The types, bases before what derives from them."""
        by_name: dict[bytes, list[Node]] = {}
        for node in self.types:
            by_name.setdefault(name_of(node, self.source), []).append(node)
        found: list[Node] = []
        seen: set[int] = set()
        waiting: list[tuple[Node, bool]] = [(node, False) for node in reversed(self.types)]
        while waiting:
            node, is_ready = waiting.pop()
            if is_ready:
                found.append(node)
                continue
            if node.id in seen:
                continue
            seen.add(node.id)
            waiting.append((node, True))
            for base in base_nodes(node):
                waiting.extend((other, False) for other in by_name.get(last_name(base, self.source), ()))
        return found

    def _name_nested(self) -> None:
        """The types inside a type are names of the module, too."""
        for outer, inner, span in reversed(self.nested):
            if inner and inner not in self.scope.locals:
                word = self.strings.get(inner) or self.intern(inner)
                self.emit((ir.ATTR, self.declare(inner), self.slot(outer), word, span))
        self.nested.clear()


_CONDITIONAL: Final = frozenset(("preproc_if", "preproc_elif"))
_TRANSPARENT: Final = PREPROCESSED | {"declaration_list", "global_statement"}
_SILENT: Final = frozenset(
    ("comment", "extern_alias_directive", "global_attribute", "delegate_declaration", "shebang_directive")
    + ("preproc_region", "preproc_endregion", "preproc_line", "preproc_pragma", "preproc_nullable", "preproc_error")
    + ("preproc_warning", "preproc_define", "preproc_undef", "identifier", "qualified_name", "preproc_arg")
)


_EXTENSION: Final = pattern(
    rb"\bextension(\s*<[^(){};]*?>)?\s*\([^(){};]*\)(\s*where\s[^(){};]*)?(?=\s*\{)", re.IGNORECASE
)
_CONDITIONAL_DOT: Final = pattern(rb"\?\.(?=[A-Za-z_@])")
_TYPE_WORD: Final = b"class _"


def older(source: bytes) -> bytes:
    """The same file of the same length in the words of C# 13, which the grammar knows: a block of extensions is a class,
    `a?.b = c` is `a .b = c`. Names and constants are read from the file as it is.
    """
    source = _EXTENSION.sub(lambda found: _TYPE_WORD.ljust(len(found[0])), source)
    return _CONDITIONAL_DOT.sub(b" .", source)


def lower_csharp(source: bytes, *, path: str, name: str, is_package: bool) -> ir.Module:  # noqa: ARG001 -- the interface
    """The module that the bytes of a C# file say; never raises for any bytes."""
    refused = refusal(source)
    if refused:
        return without_code(source, path, GLOBAL, "csharp", refused)
    parsed, encoding = readable(source)
    tree = CSharp.grammar.parser().parse(parsed)
    if tree.root_node.has_error and (rewritten := older(parsed)) != parsed:
        tree = CSharp.grammar.parser().parse(rewritten)
    root = tree.root_node
    errors: list[tuple[int, str]] = []
    broken = syntax_errors(root, errors) if root.has_error else 0
    lowerer = CSharp(source, encoding, GLOBAL, is_package=False)
    namespace = with_room(lambda: _lower_root(lowerer, root, len(source)))
    return ir.Module(
        namespace,
        path,
        False,
        "csharp",
        *lowerer.finished(),
        line_starts(source),
        broken + lowerer.uncovered,
        tuple(errors),
        marked_comments(source, tree, encoding),
        identifiers(source),
    )


def _lower_root(lowerer: CSharp, root: "Node", size: int) -> str:
    """The namespace of the file, which is lowered."""
    lowerer.begin("", -1)
    body: list[ir.Ins] = []
    lowerer.emit = body.append
    namespace = lowerer.gather(root) or GLOBAL
    lowerer.run(namespace)
    lowerer.finish("<module>", (), body, ir.span_of(0, size), None)
    return namespace
