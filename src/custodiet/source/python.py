"""The Python front end: the bytes of one file in, its `ir.Module` out.

Total by construction: an ERROR node is skipped and counted, the statements inside it are kept; nesting is bounded;
bytes that are not UTF-8 are read by the declared encoding or else as Latin-1, at the same offsets.
"""

import re
from typing import TYPE_CHECKING, Final

from custodiet.pattern import pattern
from custodiet.source import (
    ir,
    python_comprehensions,
    python_definitions,
    python_expressions,
    python_imports,
    python_operators,
    python_patterns,
    python_statements,
    python_strings,
)
from custodiet.source.grammar import ERROR_KIND, NAMED_KINDS, kinds_named, parser
from custodiet.source.lowerer import EXPRESSIONS, STATEMENTS, Lowerer, lower_statements
from custodiet.source.reading import identifiers, line_starts, refusal, syntax_errors, with_room, without_code

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

_EXPRESSION_LOWERINGS: Final = {
    **python_expressions.LOWERINGS,
    **python_operators.LOWERINGS,
    **python_strings.LOWERINGS,
    **python_comprehensions.LOWERINGS,
    **python_statements.EXPRESSION_LOWERINGS,
    **python_definitions.EXPRESSION_LOWERINGS,
}
_STATEMENT_LOWERINGS: Final = {
    **python_statements.LOWERINGS,
    **python_definitions.LOWERINGS,
    **python_imports.LOWERINGS,
    **python_patterns.LOWERINGS,
}

_COMMENT_WORDS: Final = (b"custodiet", b"nosec", b"noqa", b"error:")
_COMMENT: Final = pattern(rb"#[^\r\n]*?(?:custodiet|nosec|noqa|error:)[^\r\n]*")
_ENCODING: Final = pattern(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_SINGLE_BYTE: Final = pattern(r"(?i)(iso|latin|l\d|cp|windows|koi8|mac|euc|gb|big5|shift|sjis)[-\w]*\Z")
_LONE_RETURN: Final = pattern(rb"\r(?!\n)")
_MASK: Final = bytes.maketrans(bytes(range(128, 256)), b"_" * 128)


def _fill_tables() -> None:
    for name, kinds in NAMED_KINDS.items():
        expression = _EXPRESSION_LOWERINGS.get(name)
        statement = _STATEMENT_LOWERINGS.get(name)
        for kind in kinds:
            if expression is not None:
                EXPRESSIONS[kind] = expression
            if statement is not None:
                STATEMENTS[kind] = statement
    for kind in kinds_named("print_statement", "exec_statement"):
        STATEMENTS[kind] = _expression_as_statement
    STATEMENTS[ERROR_KIND] = python_statements.misplaced


def _expression_as_statement(lowerer: Lowerer, node: "Node") -> None:
    EXPRESSIONS[node.kind_id](lowerer, node, ir.NOREG, lowerer.level)


_fill_tables()


def lower_python(source: bytes, *, path: str, name: str, is_package: bool) -> ir.Module:
    """The module that the bytes of a Python file say; never raises for any bytes."""
    refused = refusal(source)
    if refused:
        return without_code(source, path, name, "python", refused)
    parsed, encoding = _readable(source)
    tree = parser().parse(parsed)
    root = tree.root_node
    errors: list[tuple[int, str]] = []
    broken = syntax_errors(root, errors) if root.has_error else 0
    lowerer = Lowerer(source, encoding, name, is_package=is_package)
    with_room(lambda: _lower_root(lowerer, root, len(source)))
    return ir.Module(
        name,
        path,
        is_package,
        "python",
        *lowerer.finished(),
        line_starts(source),
        broken + lowerer.uncovered,
        tuple(errors),
        _comments(source, tree, encoding),
        identifiers(source),
    )


def _lower_root(lowerer: Lowerer, root: "Node", size: int) -> None:
    lowerer.begin("", -1)
    body: list[ir.Ins] = []
    lowerer.emit = body.append
    if root.kind_id == ERROR_KIND:
        python_statements.misplaced(lowerer, root)
    else:
        lower_statements(lowerer, root.named_children)
    lowerer.finish("<module>", (), body, ir.span_of(0, size), None)


def _readable(source: bytes) -> tuple[bytes, str]:
    """(bytes that the parser reads, encoding of names and strings); both have the same offsets."""
    if b"\0" in source:
        source = source.replace(b"\0", b" ")
    if b"\r" in source and source.count(b"\r") != source.count(b"\r\n"):
        source = _LONE_RETURN.sub(b"\n", source)
    if source.isascii():
        return source, "utf-8"
    encoding = _declared_encoding(source)
    if encoding is None:
        try:
            source.decode()
        except UnicodeDecodeError:
            encoding = "latin-1"
        else:
            return source, "utf-8"
    return source.translate(_MASK), encoding


def _declared_encoding(source: bytes) -> str | None:
    """The encoding that the first two lines declare, if it is one of the usual ones and not UTF-8."""
    head = b"\n".join(source[:400].split(b"\n", 2)[:2])
    declared = _ENCODING.search(head)
    if declared is None:
        return None
    encoding = declared[1].decode("ascii", "replace")
    if not _SINGLE_BYTE.match(encoding):
        return None
    try:
        b"".decode(encoding)
    except LookupError:
        return None
    return encoding


def _comments(source: bytes, tree: "Tree", encoding: str) -> tuple[tuple[int, str], ...]:
    """The comments with a word that suppressions or expectations use, in any case of letters."""
    lowered = source.lower()
    if not any(word in lowered for word in _COMMENT_WORDS):
        return ()
    found = []
    root = tree.root_node
    for match in _COMMENT.finditer(lowered):
        for position in _hashes(lowered, match.start(), match.end()):
            node = root.descendant_for_byte_range(position, position + 1)
            if node is not None and node.type == "comment" and node.start_byte == position:
                text = source[position : node.end_byte].decode(encoding, "replace").rstrip("\r")
                found.append((ir.span_of(position, position + len(text.encode(encoding, "replace"))), text))
                break
    return tuple(found)


def _hashes(source: bytes, start: int, end: int) -> list[int]:
    """Where `#` stands: a comment may begin after one that a string contains."""
    return [place for place in range(start, end) if source[place] == 0x23]
