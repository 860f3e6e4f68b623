"""What the types of a file declare: the members that an unqualified name may mean."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node

TYPE_KINDS: Final = frozenset(
    (
        "class_declaration",
        "struct_declaration",
        "record_declaration",
        "interface_declaration",
        "enum_declaration",
    )
)
"""Kinds of nodes that declare a type with members."""
PREPROCESSED: Final = frozenset(("preproc_if", "preproc_else", "preproc_elif"))


class Shape:
    """The members of one type of the file, all its parts together."""

    __slots__ = ("bases", "instance", "name", "partial", "static", "types")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.instance: set[bytes] = set()
        self.static: set[bytes] = set()
        self.types: set[bytes] = set()
        self.bases: list[bytes] = []
        self.partial = False


def declarations(node: "Node") -> "Iterator[Node]":
    """The children of a list of declarations, those in branches of the preprocessor too."""
    for child in node.named_children:
        if child.type in PREPROCESSED:
            yield from declarations(child)
        else:
            yield child


def has_modifier(node: "Node", source: bytes, *words: bytes) -> bool:
    """Whether the declaration has one of the modifiers."""
    for child in node.children:
        kind = child.type
        if kind == "modifier":
            if source[child.start_byte : child.end_byte] in words:
                return True
        elif kind not in {"attribute_list", "comment"} and child.is_named:
            return False
    return False


def name_of(node: "Node", source: bytes) -> bytes:
    """The declared name, empty if the grammar found none."""
    name = node.child_by_field_name("name")
    if name is None:
        return b""
    raw = source[name.start_byte : name.end_byte]
    return raw[1:] if raw[:1] == b"@" else raw


def base_nodes(node: "Node") -> "list[Node]":
    """The types that the declaration derives from, in order."""
    found = []
    for child in node.named_children:
        if child.type == "base_list":
            for base in child.named_children:
                if base.type == "primary_constructor_base_type":
                    inner = base.child_by_field_name("type")
                    if inner is not None:
                        found.append(inner)
                elif base.type not in {"argument_list", "comment"}:
                    found.append(base)
    return found


def last_name(node: "Node", source: bytes) -> bytes:
    """The last simple name of a type: `B` of `A.B<T>`."""
    while node.type != "identifier":
        inner = node.child_by_field_name("name") or (node.named_children[0] if node.named_child_count else None)
        if inner is None:
            break
        node = inner
    return source[node.start_byte : node.end_byte]


def shapes_of(types: "list[Node]", source: bytes) -> dict[bytes, Shape]:
    """The shapes of the types of a file and of the types inside them, by simple name."""
    found: dict[bytes, Shape] = {}
    waiting = list(types)
    while waiting:
        node = waiting.pop()
        name = name_of(node, source)
        shape = found.get(name)
        if shape is None:
            shape = found[name] = Shape(name)
        shape.partial = shape.partial or has_modifier(node, source, b"partial")
        if node.type != "enum_declaration":
            shape.bases.extend(last_name(base, source) for base in base_nodes(node))
        for child in node.named_children:
            if child.type == "parameter_list":  # of a primary constructor
                shape.instance.update(name_of(parameter, source) for parameter in child.named_children)
        body = node.child_by_field_name("body")
        if body is None:
            continue
        for member in declarations(body):
            if member.type in TYPE_KINDS:
                shape.types.add(name_of(member, source))
                waiting.append(member)
            else:
                _add_member(shape, member, source)
    return found


def _add_member(shape: Shape, member: "Node", source: bytes) -> None:
    kind = member.type
    if kind == "enum_member_declaration":
        shape.static.add(name_of(member, source))
    elif kind in {"field_declaration", "event_field_declaration"}:
        target = shape.static if has_modifier(member, source, b"static", b"const") else shape.instance
        for child in member.named_children:
            if child.type == "variable_declaration":
                for declarator in child.named_children:
                    if declarator.type == "variable_declarator":
                        target.add(name_of(declarator, source))
    elif kind in {"method_declaration", "property_declaration", "event_declaration"}:
        target = shape.static if has_modifier(member, source, b"static") else shape.instance
        target.add(name_of(member, source))
