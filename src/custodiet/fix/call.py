"""Arguments of a call: found, added, replaced and taken away."""

from typing import TYPE_CHECKING

from custodiet.fix.script import Change, Script

if TYPE_CHECKING:
    from tree_sitter import Node


def arguments(call: "Node") -> "list[Node]":
    """The arguments in source order, comments left out."""
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "argument_list":
        return []
    return [node for node in listed.named_children if node.type != "comment"]


def positional(call: "Node") -> "list[Node]":
    """The positional arguments up to the first spread one."""
    found: list[Node] = []
    for node in arguments(call):
        if node.type == "list_splat":
            break
        if node.type not in ("keyword_argument", "dictionary_splat"):
            found.append(node)
    return found


def is_spread(call: "Node") -> bool:
    """Some arguments come out of a list or a mapping, or cannot be read."""
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "argument_list":
        return True
    return any(node.type in ("list_splat", "dictionary_splat") for node in arguments(call))


def keyword(script: Script, call: "Node", name: str) -> "Node | None":
    """The value of a keyword argument."""
    for node in arguments(call):
        if node.type == "keyword_argument":
            key = node.child_by_field_name("name")
            if key is not None and script.text(key) == name:
                return node.child_by_field_name("value")
    return None


def added(call: "Node", *texts: str) -> Change:
    """Arguments put behind all others."""
    existing = arguments(call)
    text = ", ".join(texts)
    if existing:
        return Change(existing[-1].end_byte, existing[-1].end_byte, f", {text}")
    listed = call.child_by_field_name("arguments")
    start = listed.start_byte + 1 if listed is not None else call.end_byte
    return Change(start, start, text)


def replaced(node: "Node", text: str) -> Change:
    """Other source for a node."""
    return Change(node.start_byte, node.end_byte, text)


def removed(script: Script, call: "Node", value: "Node") -> Change:
    """The argument (or the keyword argument of this value) taken away together with one comma."""
    parent = value.parent
    node = parent if parent is not None and parent.type == "keyword_argument" else value
    listed = arguments(call)
    index = listed.index(node)
    if index:
        return Change(listed[index - 1].end_byte, node.end_byte, "")
    if len(listed) > 1:
        return Change(node.start_byte, listed[1].start_byte, "")
    end = node.end_byte
    while script.source[end : end + 1] in (b" ", b","):
        end += 1
    return Change(node.start_byte, end, "")
