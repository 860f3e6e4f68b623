"""What every front end reads of a file beside its syntax: bytes for the parser, lines, words, comments, errors."""

import re
import sys
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeVar

from custodiet.pattern import pattern
from custodiet.source import ir
from custodiet.source.grammar import ERROR_KIND
from custodiet.source.lowerer import LARGEST_BYTES

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

_STACK_FRAMES: Final = 6000
"""Room for the deepest nesting that is lowered, whatever calls us."""

_MOST_ERRORS: Final = 10
_WORD_BYTES: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
_WORDS_ONLY: Final = bytes(byte if byte in _WORD_BYTES else 0x20 for byte in range(256))
_DIGITS: Final = b"0123456789"
_MARKS: Final = (b"custodiet", b"nosec", b"noqa", b"error:")
_MARKED: Final = pattern(rb"custodiet|nosec|noqa|error:", re.IGNORECASE)
_LONE_RETURN: Final = pattern(rb"\r(?!\n)")
_MASK: Final = bytes.maketrans(bytes(range(128, 256)), b"_" * 128)


T = TypeVar("T")


def with_room(lower: Callable[[], T]) -> T:
    """What `lower` gives, with frames enough for the deepest nesting that is lowered."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _STACK_FRAMES))
    try:
        return lower()
    finally:
        sys.setrecursionlimit(limit)


def refusal(source: bytes) -> str:
    """Why a file is not read at all; empty if it is."""
    if len(source) > LARGEST_BYTES:
        return "larger than 16 MiB"
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16, which is not read"
    return ""


def without_code(source: bytes, path: str, name: str, language: str, why: str) -> ir.Module:
    """The module of a file that is not read."""
    body = ir.Function("<module>", "", (), (), (), 0, (), -1, -1, ir.span_of(0, len(source)), (), (), (), 0, None)
    return ir.Module(name, path, False, language, (body,), (), (0,), 1, ((1, why),), (), frozenset())


def readable(source: bytes) -> tuple[bytes, str]:
    """(bytes that the parser reads, encoding of names and texts): UTF-8 or else Latin-1, at the same offsets."""
    if b"\0" in source:
        source = source.replace(b"\0", b" ")
    if b"\r" in source and source.count(b"\r") != source.count(b"\r\n"):
        source = _LONE_RETURN.sub(b"\n", source)
    try:
        source.decode()
    except UnicodeDecodeError:
        return source.translate(_MASK), "latin-1"
    return source, "utf-8"


def syntax_errors(root: "Node", errors: list[tuple[int, str]]) -> int:
    """How many ERROR and missing nodes there are; the first ones are added to `errors`, in source order."""
    count = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_missing:
            count += 1
            _note(errors, node, f"missing `{node.type}`")
            continue
        if node.kind_id == ERROR_KIND:
            count += 1
            _note(errors, node, "syntax error")
        if node.child_count:
            waiting.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)
    return count


def _note(errors: list[tuple[int, str]], node: "Node", what: str) -> None:
    if len(errors) < _MOST_ERRORS:
        errors.append((node.start_point[0] + 1, what))


def line_starts(source: bytes) -> tuple[int, ...]:
    """Byte offsets at which lines start."""
    lines = source.splitlines(keepends=True)
    if not lines:
        return (0,)
    if not lines[-1].endswith((b"\n", b"\r")):
        lines.pop()
    return (0, *accumulate(map(len, lines)))


def identifiers(source: bytes) -> frozenset[str]:
    r"""Every identifier word of the file, those in strings and comments too: what `[A-Za-z_]\w*` finds."""
    words = set(source.translate(_WORDS_ONLY).split())
    numbers = [word for word in words if word[0] <= 0x39]
    words.difference_update(numbers)
    words.update(word.lstrip(_DIGITS) for word in numbers)
    return frozenset(b" ".join(words).decode("ascii").split())


def marked_comments(
    source: bytes, tree: "Tree", encoding: str, kinds: frozenset[str] = frozenset(("comment",))
) -> tuple[tuple[int, str], ...]:
    """The comments with a word that suppressions or expectations use, in any case of letters, in source order."""
    lowered = source.lower()  # seven times as quick as a search that ignores case
    if not any(word in lowered for word in _MARKS):
        return ()
    found: list[tuple[int, str]] = []
    root = tree.root_node
    end = 0
    for match in _MARKED.finditer(source):
        if match.start() < end:
            continue
        node = root.descendant_for_byte_range(match.start(), match.end())
        if node is not None and node.type in kinds:
            text = source[node.start_byte : node.end_byte].rstrip(b"\r\n")
            found.append((ir.span_of(node.start_byte, node.start_byte + len(text)), text.decode(encoding, "replace")))
            end = node.end_byte
    return tuple(found)
