"""The Java front end: the bytes of one file in, its `ir.Module` out.

Total by construction: an ERROR node is skipped and counted, the declarations and statements inside it are kept; nesting is
bounded; bytes that are no UTF-8 are read as Latin-1. A module is called as its package.
"""

from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.grammar import ERROR_KIND
from custodiet.source.java_calls import JavaCalls
from custodiet.source.java_names import JAVA
from custodiet.source.java_scope import TYPE_KINDS, ClassScope, FunctionLevel
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

_DOTTED_ANNOTATION: Final = pattern(rb"@\w+(?:\.\w+)*(?=[ \t]*\.\.\.)")
_COMMENTS: Final = frozenset(("line_comment", "block_comment"))
_UNNAMED_IMPORTS: Final = (
    "java.util",
    "java.io",
    "java.nio.file",
    "java.nio.charset",
    "java.net",
    "java.net.http",
    "java.math",
    "java.time",
    "java.util.function",
    "java.util.stream",
    "java.util.regex",
    "java.util.concurrent",
    "java.security",
)
"""Packages of `java.base` that a file without a class, or one that imports the module, sees."""


_USUAL_IMPORTS: Final = (
    "java.sql",
    "javax.sql",
    "javax.crypto",
    "javax.crypto.spec",
    "javax.servlet",
    "javax.servlet.http",
    "javax.servlet.annotation",
    "javax.xml.parsers",
    "javax.naming.directory",
    "org.w3c.dom",
    "org.slf4j",
    "org.springframework.web.bind.annotation",
    "org.springframework.http",
    "org.springframework.stereotype",
    "org.springframework.jdbc.core",
    "org.springframework.beans.factory.annotation",
)
"""Packages that a piece of code without package and imports leaves to its reader, beside those of `java.base`."""
_IMPLIED: Final = frozenset(("java", "lang"))
"""Words of the package that every file sees without naming it."""


class JavaLowerer(JavaCalls):
    """A file."""

    __slots__ = ("implied",)

    def file(self, root: "Node", stem: str) -> None:
        """The module body: imports, classes, static parts."""
        members: list[Node] = []
        types: list[Node] = []
        imports: list[Node] = []
        for node in self._top(root):
            if node.type == "import_declaration":
                imports.append(node)
            elif node.type in TYPE_KINDS:
                types.append(node)
            elif node.type in ("method_declaration", "local_variable_declaration", "field_declaration"):
                members.append(node)
        scopes = [self.declared(node, None) for node in types]
        loose: ClassScope | None = None
        if members:
            loose = ClassScope(stem, "class", root, None)
            self.note_members(members, loose)
            self.file_classes.setdefault(stem, []).append(loose)
        top = ir.span_of(root.start_byte, root.start_byte)
        self.emit((ir.IMPORTALL, "java.lang", top))
        self.implied = _IMPLIED
        is_piece = not imports and self.package(root) is None
        if loose is not None or is_piece or b"import module" in self.source:
            packages = (*_UNNAMED_IMPORTS, *_USUAL_IMPORTS) if is_piece else _UNNAMED_IMPORTS
            self.implied |= {word for package in packages for word in package.split(".")}
            for package in packages:
                self.emit((ir.IMPORTALL, package, top))
        for node in imports:
            self._import(node)
        self.define_all(scopes, self.level_of)
        if loose is not None:
            around = self.around(loose, self.level_of)
            self.make_class(loose, members, [], (), self.bind(stem.encode()), around, top)

    def _top(self, root: "Node") -> "list[Node]":
        """The declarations of the file, those that an error hides among them."""
        found: list[Node] = []
        for child in self.children(root):
            if child.kind_id == ERROR_KIND:
                found.extend(part for part in self.children(child) if part.type in (*TYPE_KINDS, "import_declaration"))
            else:
                found.append(child)
        return found

    def _import(self, node: "Node") -> None:
        """IMPORT or IMPORTALL; a static import names a member of a class."""
        parts = self.children(node)
        if not parts:
            return
        words = "".join(self.text(parts[0]).split()).split(".")
        star = any(part.type == "asterisk" for part in parts)
        static = any(child.type == "static" for child in node.children)
        span = self.span(node)
        if static:
            owner = words if star else words[:-1]
            if not owner:
                return
            name = ".".join(owner)
            self._import_class(owner, self.bind(name.encode()), span)
            if star:
                self.static_stars.append(name)
                self.emit((ir.IMPORTALL, name, span))
            else:
                self.static_imports[words[-1]] = name
            return
        if star:
            self.emit((ir.IMPORTALL, ".".join(words), span))
            return
        self._import_class(words, self.bind(words[-1].encode()), span)

    def _import_class(self, words: list[str], dst: int, span: int) -> None:
        """IMPORT of a class, which may stand in another."""
        start = next((index for index, word in enumerate(words) if word[:1].isupper()), len(words) - 1)
        register = dst if start == len(words) - 1 else self.new_temporary()
        if not start:
            self.emit((ir.IMPORT, dst, words[0], None, span))
            return
        self.emit((ir.IMPORT, register, ".".join(words[:start]), words[start], span))
        for index in range(start + 1, len(words)):
            read = dst if index == len(words) - 1 else self.new_temporary()
            self.emit((ir.ATTR, read, register, words[index], span))
            register = read

    def package(self, root: "Node") -> str | None:
        """The package that the file declares."""
        for child in root.named_children:
            if child.type == "package_declaration":
                for part in self.children(child):
                    if part.type in ("scoped_identifier", "identifier"):
                        return "".join(self.text(part).split())
            elif child.type in TYPE_KINDS:
                break
        return None


def lower_java(source: bytes, *, path: str, name: str, is_package: bool) -> ir.Module:
    """The module that the bytes of a Java file say; never raises for any bytes."""
    refused = refusal(source)
    if refused:
        return without_code(source, path, name, "java", refused)
    parsed, encoding = readable(source)
    if b"..." in parsed and b"@" in parsed:  # the grammar has no annotations of the dots: `String @Nullable ... items`
        parsed = _DOTTED_ANNOTATION.sub(lambda match: b" " * len(match[0]), parsed)
    tree = JAVA.parser().parse(parsed)
    root = tree.root_node
    errors: list[tuple[int, str]] = []
    broken = syntax_errors(root, errors) if root.has_error else 0
    lowerer = JavaLowerer(source, encoding, name, is_package=is_package)
    package = with_room(lambda: _lower_root(lowerer, root, path, len(source)))
    if package is None:
        package = name.rpartition("/")[0].replace("/", ".") or "default"
    return ir.Module(
        package,
        path,
        False,
        "java",
        *lowerer.finished(),
        line_starts(source),
        broken + lowerer.uncovered,
        tuple(errors),
        marked_comments(source, tree, encoding, _COMMENTS),
        identifiers(source) | lowerer.implied,
    )


def _lower_root(lowerer: JavaLowerer, root: "Node", path: str, size: int) -> str | None:
    """The package of the file, which is lowered."""
    level = FunctionLevel(None, has_receiver=False)
    lowerer.enter_function("", -1, level)
    body: list[ir.Ins] = []
    lowerer.emit = body.append
    stem = path.rpartition("/")[2].partition(".")[0] or "Main"
    lowerer.file(root, stem)
    package = lowerer.package(root)
    lowerer.leave_function(level, "<module>", (), body, ir.span_of(0, size))
    return package
