"""Imports and exports of JavaScript: ES modules, CommonJS, and the paths of both."""

from typing import TYPE_CHECKING, Final

from custodiet.source import ir
from custodiet.source.javascript_functions import DECLARATIONS
from custodiet.source.javascript_markup import Markup
from custodiet.source.javascript_patterns import MODULE_EXPORTS

if TYPE_CHECKING:
    from tree_sitter import Node

NOREG: Final = ir.NOREG
SUFFIXES: Final = (".d.ts", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue")


def module_path(written: str, folder: str, path: str) -> str:
    """The name of the module that an import in `path` names: relative ones and `@/x` by their place in the project,
    packages by their name with dots.
    """
    if written.startswith((".", "/")):
        parts = [] if written.startswith("/") else folder.split("/") if folder else []
        for part in written.split("/"):
            if part == "..":
                if not parts:
                    return written
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return _bare("/".join(parts))
    if written.startswith(("@/", "~/")):
        above, found, _ = f"/{path}".partition("/src/")
        root = f"{above}{found}".strip("/") if found else ""
        return _bare(f"{root}/{written[2:]}" if root else written[2:])
    written = written.removeprefix("node:")
    if written.startswith("@"):
        scope, slash, rest = written.partition("/")
        return scope + slash + rest.replace("/", ".")
    return written.replace("/", ".") if _is_package(written) else _bare(written)


def _is_package(written: str) -> bool:
    return not written.startswith(("src/", "app/", "lib/", "server/", "client/"))


def _bare(name: str) -> str:
    """The name without the suffix of a source file, and a folder instead of its index."""
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            name = name[: -len(suffix)]
            break
    if name == "index":
        return ""
    return name.removesuffix("/index")


class Modules(Markup):
    """Imports and exports."""

    __slots__ = ("_exports",)

    def __init__(self, source: bytes, encoding: str, module_name: str, *, is_package: bool, path: str) -> None:
        super().__init__(source, encoding, module_name, is_package=is_package, path=path)
        self._exports: list[tuple[bytes, bytes, int]] = []

    def resolved(self, written: str) -> str:
        """The name of the module that an import names."""
        return module_path(written, self.folder, self.path)

    def _source(self, node: "Node") -> tuple[str, bool] | None:
        """(module, whether it is a package's) of the `from` of a statement."""
        found = node.child_by_field_name("source")
        if found is None:
            return None
        register = self.expression(found)
        written = str(self.inits[register][1]) if register >= 0 else ""
        return self.resolved(written), not written.startswith((".", "/", "@/", "~/"))

    # -- imports ------------------------------------------------------------------------------------------------------

    def s_import_statement(self, node: "Node") -> None:
        """IMPORT of each name; the default of a package is the package."""
        for child in self.children(node):
            if child.type == "import_require_clause":
                self._import_required(child)
                return
        found = self._source(node)
        if found is None or any(child.type == "type" for child in node.children[:2]):
            return
        module, is_package = found
        for clause in self.children(node):
            if clause.type != "import_clause":
                continue
            for part in self.children(clause):
                span = self.span(part)
                if part.type == "identifier":
                    self.emit((ir.IMPORT, self.bind(self.raw(part)), module, None if is_package else "default", span))
                elif part.type == "namespace_import":
                    for name in self.children(part):
                        self.emit((ir.IMPORT, self.bind(self.raw(name)), module, None, span))
                elif part.type == "named_imports":
                    self._import_names(part, module, is_package=is_package)

    def _import_names(self, node: "Node", module: str, *, is_package: bool) -> None:
        for child in self.children(node):
            name = child.child_by_field_name("name")
            if name is None:
                continue
            bound = child.child_by_field_name("alias") or name
            word: str | None = self.text(name).strip("\"'")
            if word == "default" and is_package:
                word = None
            raw = self.raw(bound)
            if raw:
                self.emit((ir.IMPORT, self.bind(raw), module, word, self.span(child)))

    def _import_required(self, node: "Node") -> None:
        """`import a = require("m")`."""
        found = self._source(node)
        names = [child for child in self.children(node) if child.type == "identifier"]
        if found is not None and names:
            self.emit((ir.IMPORT, self.bind(self.raw(names[0])), found[0], None, self.span(node)))

    def s_import_alias(self, node: "Node") -> None:
        """MOVE: `import a = b.c`."""
        parts = self.children(node)
        if len(parts) < 2:
            return
        words = self.text(parts[1]).split(".")
        held = self.slot(words[0].encode(self.encoding, "replace"))
        span = self.span(node)
        for word in words[1:]:
            read = self.new_temporary()
            self.emit((ir.ATTR, read, held, word, span))
            held = read
        self.emit((ir.MOVE, self.bind(self.raw(parts[0])), held, span))

    # -- exports ------------------------------------------------------------------------------------------------------

    def s_export_statement(self, node: "Node") -> None:
        """The declaration; a default gets the name `default`; names of a list are bound when the module has run."""
        words = {child.type for child in node.children if not child.is_named}
        span = self.span(node)
        declaration = node.child_by_field_name("declaration")
        decorators = [child for child in self.children(node) if child.type == "decorator"]
        if declaration is not None:
            self._export_declaration(declaration, decorators, span, is_default="default" in words)
            return
        if "=" in words:  # `export = value`
            inner = self.children(node)
            if inner:
                register = self.value_of(inner[-1], "", NOREG, MODULE_EXPORTS)
                self.emit((ir.MOVE, self.bind(MODULE_EXPORTS), register, span))
            return
        value = node.child_by_field_name("value")
        if value is not None:
            slot = self.bind(b"default")
            self.value_of(value, "default", slot, b"default")
            return
        if "type" in words:
            return
        found = self._source(node)
        if found is not None and "*" in words and not any(c.type == "namespace_export" for c in self.children(node)):
            self.emit((ir.IMPORTALL, found[0], span))
            return
        for child in self.children(node):
            if child.type == "namespace_export" and found is not None:
                for name in self.children(child):
                    self.emit((ir.IMPORT, self.bind(self._exported(name)), found[0], None, span))
            elif child.type == "export_clause":
                self._export_names(child, found[0] if found is not None else None)

    def _exported(self, name: "Node") -> bytes:
        return self.raw(name).strip(b"\"'")

    def _export_names(self, node: "Node", module: str | None) -> None:
        for child in self.children(node):
            name = child.child_by_field_name("name")
            if name is None:
                continue
            alias = child.child_by_field_name("alias") or name
            raw = self._exported(alias)
            if not raw:
                continue
            if module is not None:
                word = self.text(name).strip("\"'")
                self.emit((ir.IMPORT, self.bind(raw), module, word, self.span(child)))
            elif raw != self.raw(name):
                self._exports.append((raw, self.raw(name), self.span(child)))

    def _export_declaration(self, node: "Node", decorators: "list[Node]", span: int, *, is_default: bool) -> None:
        name = node.child_by_field_name("name")
        if node.type in ("class_declaration", "abstract_class_declaration", "class") and decorators:
            registers = tuple(self.decorator_of(child) for child in decorators)
            raw = self.raw(name) if name is not None else b"default"
            self.define_class(node, raw.decode(self.encoding, "replace"), self.bind(raw), raw, registers)
        else:
            self.statement(node)
        if is_default and name is not None:
            if node.type in DECLARATIONS or node.type.endswith("class_declaration"):
                self.emit((ir.MOVE, self.bind(b"default"), self.slot(self.raw(name)), span))

    def begin_exports(self) -> None:
        """`module.exports` is an object with the name `exports`, too, in a module that uses one of them."""
        source = self.source
        if b"exports" not in source or not (
            b"module.exports" in source or b"exports." in source or b"exports[" in source
        ):
            return
        slot = self.bind(MODULE_EXPORTS)
        start = ir.span_of(0, 0)
        self.emit((ir.DICT, slot, (), start))
        self.emit((ir.MOVE, self.bind(b"exports"), slot, start))

    def end_exports(self) -> None:
        """Binds what `export { a as b }` lists, once everything has its value."""
        for raw, name, span in self._exports:
            self.emit((ir.MOVE, self.bind(raw), self.slot(name), span))
