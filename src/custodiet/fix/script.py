"""A Python file under repair: its tree, its imports, and the places of findings in it."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from custodiet.domain.finding import Finding
from custodiet.domain.place import Place

if TYPE_CHECKING:
    from tree_sitter import Node


class Change(NamedTuple):
    """Replace the bytes from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


class Draft(NamedTuple):
    """A repair before it is checked and given places. `is_safe` as in `domain.finding.Fix`."""

    title: str
    changes: tuple[Change, ...]
    is_safe: bool = True


class Script:
    """The source of one file and its syntax tree."""

    def __init__(self, source: bytes, path: str) -> None:
        from custodiet.source.grammar import parser  # late: loads the grammar, which templates do not need

        self.source = source
        self.path = path
        self.root: Node = parser().parse(source).root_node

    # --- places ------------------------------------------------------------------------------------------------

    def text(self, node: "Node") -> str:
        """The source of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def starts(self, finding: Finding) -> "Iterator[Node]":
        """Every node that starts where the finding stands, the one that ends there too first, then from small to large."""
        start, end = range_of(self.source, finding.place)
        node = self.root.named_descendant_for_byte_range(start, min(start + 1, len(self.source)))
        found: list[Node] = []
        while node is not None and node.start_byte == start:
            if node.is_named and node.type != "module":
                found.append(node)
            node = node.parent
        found.sort(key=lambda each: (each.end_byte != end, each.end_byte))
        return iter(found)

    def calls(self, finding: Finding) -> "Iterator[Node]":
        """The calls that start where the finding stands, in the order of `starts`."""
        return (node for node in self.starts(finding) if node.type == "call")

    def assignment(self, finding: Finding) -> "Node | None":
        """The assignment that starts where the finding stands."""
        return next((node for node in self.starts(finding) if node.type == "assignment"), None)

    # --- names -------------------------------------------------------------------------------------------------

    @cached_property
    def imports(self) -> dict[str, str]:
        """Dotted name of each imported local name: `{"md5": "hashlib.md5", "np": "numpy"}`."""
        found: dict[str, str] = {}
        for node in walk(self.root):
            if node.type not in ("import_statement", "import_from_statement"):
                continue
            module = node.child_by_field_name("module_name")
            prefix = f"{self.text(module)}." if module is not None else ""
            for name in node.children_by_field_name("name"):
                alias = name.child_by_field_name("alias")
                inner = name.child_by_field_name("name")
                dotted = self.text(inner if inner is not None else name)
                if alias is not None:
                    found[self.text(alias)] = prefix + dotted
                elif module is not None:
                    found[dotted] = prefix + dotted
                else:
                    found[dotted.partition(".")[0]] = dotted.partition(".")[0]
                    found.setdefault(dotted, dotted)
        return found

    @cached_property
    def packages(self) -> frozenset[str]:
        """Dotted names of everything that is imported, and of what it is part of."""
        names: set[str] = set()
        for dotted in self.imports.values():
            parts = dotted.split(".")
            names.update(".".join(parts[: count + 1]) for count in range(len(parts)))
        return frozenset(names)

    def dotted(self, node: "Node | None") -> str:
        """The library name of `a.b.c`, through the imports; empty if it is no dotted name."""
        parts: list[str] = []
        while node is not None and node.type == "attribute":
            name = node.child_by_field_name("attribute")
            if name is None:
                return ""
            parts.append(self.text(name))
            node = node.child_by_field_name("object")
        if node is None or node.type != "identifier":
            return ""
        first = self.text(node)
        return ".".join([self.imports.get(first, first), *reversed(parts)])

    def callee(self, call: "Node") -> str:
        """The library name of what is called."""
        return self.dotted(call.child_by_field_name("function"))

    def method(self, call: "Node") -> str:
        """The last name of what is called: `execute` of `a.b().execute(...)`."""
        function = call.child_by_field_name("function")
        if function is None:
            return ""
        if function.type == "attribute":
            name = function.child_by_field_name("attribute")
            return self.text(name) if name is not None else ""
        return self.text(function) if function.type == "identifier" else ""

    def occurrences(self, name: str, within: "Node") -> "list[Node]":
        """The identifiers of this name in a node, in source order; names of keyword arguments and attributes left out."""
        return [node for node in walk(within) if node.type == "identifier" and self.text(node) == name and is_use(node)]


def is_use(identifier: "Node") -> bool:
    """The identifier names a variable: it is no attribute and no keyword."""
    parent = identifier.parent
    if parent is None:
        return True
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") != identifier
    if parent.type == "keyword_argument":
        return parent.child_by_field_name("name") != identifier
    return True


def walk(node: "Node") -> "Iterator[Node]":
    """The node and all below it, in source order."""
    pending = [node]
    while pending:
        each = pending.pop()
        yield each
        pending.extend(reversed(each.children))


def ancestors(node: "Node") -> "Iterator[Node]":
    """What the node stands in, from the inside out."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def function_around(node: "Node") -> "Node":
    """The function that the node stands in, or the module."""
    last = node
    for each in ancestors(node):
        last = each
        if each.type in ("function_definition", "lambda"):
            break
    return last


def statement_around(node: "Node") -> "Node":
    """The statement of a block that holds the node."""
    last = node
    for each in ancestors(node):
        if each.type in ("block", "module"):
            break
        last = each
    return last


def bare(node: "Node") -> "Node":
    """The expression inside of brackets around it."""
    while node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def range_of(source: bytes, place: Place) -> tuple[int, int]:
    """The bytes that the place covers; inverse of `place_of`."""
    starts = line_starts(source)
    return _offset(source, starts, place.line, place.column), _offset(source, starts, place.end_line, place.end_column)


def place_of(source: bytes, path: str, start: int, end: int) -> Place:
    """The place of the bytes from `start` to `end`; inverse of `range_of`."""
    starts = line_starts(source)
    line, column = _position(source, starts, start)
    return Place(path, line, column, *_position(source, starts, end))


def line_starts(source: bytes) -> list[int]:
    """The offset at which each line starts."""
    starts, at = [0], source.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = source.find(b"\n", at + 1)
    return starts


def _offset(source: bytes, starts: list[int], line: int, column: int) -> int:
    if line > len(starts):
        return len(source)
    start = starts[max(0, line - 1)]
    end = starts[line] if line < len(starts) else len(source)
    text = source[start:end].decode("utf-8", "surrogateescape")
    return start + len(text[: max(0, column - 1)].encode("utf-8", "surrogateescape"))


def _position(source: bytes, starts: list[int], offset: int) -> tuple[int, int]:
    line = bisect_right(starts, offset)
    start = starts[line - 1]
    return line, len(source[start:offset].decode("utf-8", "surrogateescape")) + 1
