"""The front end of JavaScript and TypeScript: the bytes of one file in, its `ir.Module` out.

One lowering serves three grammars: JavaScript (with JSX), TypeScript and TSX. Total by construction: an ERROR node is
counted and the statements inside it are kept, nesting is bounded, bytes that are not UTF-8 are read as Latin-1.
"""

from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.grammar import ERROR_KIND, Grammar
from custodiet.source.javascript_scopes import NO_THIS
from custodiet.source.javascript_statements import Statements
from custodiet.source.javascript_vue import script_of
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

_HARMLESS: Final = "missing `!`"
"""How the grammar reads the type arguments of a tagged template: nothing is lost."""
_TYPESCRIPT: Final = (".ts", ".mts", ".cts")
_PACKAGE: Final = pattern(rb"(?:from|require\(|import\(|import)\s*[\"'`]([@\w][-@\w./:]*)[\"'`]")


class JavaScriptLowerer(Statements):
    """JavaScript and JSX."""

    __slots__ = ()
    grammar = Grammar("tree_sitter_javascript")


class TypeScriptLowerer(Statements):
    """TypeScript."""

    __slots__ = ()
    grammar = Grammar("tree_sitter_typescript", "language_typescript")


class TsxLowerer(Statements):
    """TypeScript with JSX."""

    __slots__ = ()
    grammar = Grammar("tree_sitter_typescript", "language_tsx")


def lower_javascript(source: bytes, *, path: str, name: str, is_package: bool) -> ir.Module:
    """The module that the bytes of a JavaScript or TypeScript file say; never raises for any bytes."""
    suffix = path[path.rfind(".") :].lower() if "." in path else ""
    language = "typescript" if suffix in (*_TYPESCRIPT, ".tsx") else "javascript"
    refused = refusal(source)
    if refused:
        return without_code(source, path, name, language, refused)
    parsed, encoding = readable(source)
    texts = [parsed]
    front: type[Statements] = JavaScriptLowerer
    if suffix == ".vue":
        texts, is_typed = script_of(parsed)
        front = TypeScriptLowerer if is_typed else JavaScriptLowerer
    elif suffix in _TYPESCRIPT:
        front = TypeScriptLowerer
    elif suffix == ".tsx":
        front = TsxLowerer
    parser = front.grammar.parser()
    trees = [parser.parse(text) for text in texts]
    if trees[0].root_node.has_error and suffix in (".js", ".jsx"):
        typed = TsxLowerer.grammar.parser().parse(texts[0])  # annotations of Flow read like TypeScript's
        if syntax_errors(typed.root_node, []) < syntax_errors(trees[0].root_node, []):
            front, trees = TsxLowerer, [typed]
    errors: list[tuple[int, str]] = []
    broken = sum(syntax_errors(tree.root_node, errors) for tree in trees if tree.root_node.has_error)
    harmless = sum(what == _HARMLESS for _, what in errors)
    lowerer = front(texts[0], encoding, name, is_package=is_package, path=path)
    with_room(lambda: _lower_roots(lowerer, [(text, tree.root_node) for text, tree in zip(texts, trees, strict=True)]))
    return ir.Module(
        name,
        path,
        is_package,
        language,
        *lowerer.finished(),
        line_starts(source),
        broken - harmless + lowerer.uncovered,
        tuple(error for error in errors if error[1] != _HARMLESS),
        marked_comments(source, trees[0], encoding),
        identifiers(source) | _packages(source) | ({"re"} if lowerer.has_patterns else frozenset()),
    )


def _lower_roots(lowerer: Statements, roots: "list[tuple[bytes, Node]]") -> None:
    """The module body: imports first, then functions, then the rest in order."""
    lowerer.open("", -1, NO_THIS)
    body: list[ir.Ins] = []
    lowerer.emit = body.append
    size = len(roots[0][0])
    lowerer.begin_exports()
    for text, root in roots:
        lowerer.source = text
        if root.kind_id == ERROR_KIND:
            lowerer.statements([root])
            continue
        nodes = root.named_children
        first = [node for node in nodes if node.type == "import_statement"]
        lowerer.statements(first)
        lowerer.scope([node for node in nodes if node.type != "import_statement"])
    lowerer.end_exports()
    lowerer.close("<module>", (), body, ir.span_of(0, size), None)
    lowerer.settle()


def _packages(source: bytes) -> frozenset[str]:
    """The packages that the file imports, as the imports spell them: `@nestjs/common`, `body-parser`."""
    found = set()
    for match in _PACKAGE.finditer(source):
        words = match[1].decode("latin-1").removeprefix("node:").split("/")
        found.add("/".join(words[:2]) if words[0].startswith("@") else words[0])
    return frozenset(found)
