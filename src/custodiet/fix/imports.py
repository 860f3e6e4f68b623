"""Where an import that a repair needs goes, in the order that import sorters keep."""

import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from custodiet.fix.script import Change, Script

if TYPE_CHECKING:
    from tree_sitter import Node

_IMPORTS: Final = ("import_statement", "import_from_statement")


class Needed(NamedTuple):
    """How the thing is called in the file, and what must be changed so that it can be."""

    name: str
    changes: tuple[Change, ...]


def module_import(script: Script, module: str) -> Needed | None:
    """`import module`; None if the name means something else in the file."""
    for local, dotted in script.imports.items():
        if dotted == module and "." not in local and _is_at_top(script, local):
            return Needed(local, ())
    if module in script.imports or _is_bound(script, module.partition(".")[0]):
        return None
    return Needed(module, (_insertion(script, module, f"import {module}"),))


def name_import(script: Script, module: str, name: str) -> Needed | None:
    """`from module import name`; None if the name means something else in the file."""
    for local, dotted in script.imports.items():
        if dotted == f"{module}.{name}" and "." not in local and _is_at_top(script, local):
            return Needed(local, ())
    if name in script.imports or _is_bound(script, name):
        return None
    for node in _block(script):
        source = node.child_by_field_name("module_name")
        if node.type == "import_from_statement" and source is not None and script.text(source) == module:
            names = node.children_by_field_name("name")
            if names:
                return Needed(name, (Change(names[-1].end_byte, names[-1].end_byte, f", {name}"),))
    return Needed(name, (_insertion(script, module, f"from {module} import {name}"),))


def _is_at_top(script: Script, local: str) -> bool:
    """The import stands at module level, so that every function sees it."""
    for node in script.root.children:
        if node.type in _IMPORTS:
            for name in node.children_by_field_name("name"):
                alias = name.child_by_field_name("alias")
                bound = script.text(alias if alias is not None else name)
                if bound == local or (alias is None and bound.partition(".")[0] == local):
                    return True
    return False


def _is_bound(script: Script, name: str) -> bool:
    """The name is a variable, a parameter, a function or an import somewhere in the file."""
    return bool(script.occurrences(name, script.root))


def _block(script: Script) -> "list[Node]":
    """The import statements at the head of the file, up to the first statement that is something else."""
    found: list[Node] = []
    for node in script.root.children:
        if node.type in _IMPORTS:
            found.append(node)
        elif node.type not in ("comment", "future_import_statement") and (found or not _is_text(node)):
            break
    return found


def _is_text(node: "Node") -> bool:
    kinds = [child.type for child in node.named_children[:1]]
    return node.type == "expression_statement" and kinds in (["string"], ["concatenated_string"])


def _key(module: str, *, is_from: bool) -> tuple[int, int, str]:
    """Sections in order: standard library, others, the project's own by dots; `import` before `from`."""
    top = module.partition(".")[0]
    section = 3 if module.startswith(".") else 0 if top in sys.stdlib_module_names else 1
    return section, int(is_from), module.lower()


def _key_of(script: Script, node: "Node") -> tuple[int, int, str]:
    source = node.child_by_field_name("module_name")
    if source is not None:
        return _key(script.text(source), is_from=True)
    name = node.child_by_field_name("name")
    inner = name.child_by_field_name("name") if name is not None else None
    return _key(script.text(inner if inner is not None else name) if name is not None else "", is_from=False)


def _insertion(script: Script, module: str, statement: str) -> Change:
    block = _block(script)
    if not block:
        return _first_import(script, statement)
    key = _key(module, is_from=statement.startswith("from"))
    same = [node for node in block if _key_of(script, node)[0] == key[0]]
    if same:
        before = next((node for node in same if _key_of(script, node) > key), None)
        if before is not None:
            start = _line_start(script.source, before.start_byte)
            return Change(start, start, f"{statement}\n")
        return _after_line(script.source, same[-1].end_byte, f"{statement}\n")
    earlier = [node for node in block if _key_of(script, node)[0] < key[0]]
    if earlier:
        return _after_line(script.source, earlier[-1].end_byte, f"\n{statement}\n")
    start = _line_start(script.source, block[0].start_byte)
    return Change(start, start, f"{statement}\n\n")


def _first_import(script: Script, statement: str) -> Change:
    """The place for the only import: after the docstring and `__future__` imports, before everything else."""
    last: Node | None = None
    for node in script.root.children:
        if node.type == "future_import_statement" or (last is None and _is_text(node)):
            last = node
        elif node.type != "comment" or node.start_point[0] > 1:
            break
    if last is not None:
        return _after_line(script.source, last.end_byte, f"\n{statement}\n")
    start = 0
    for node in script.root.children:
        if node.type != "comment" or not script.text(node).startswith(("#!", "# -*-", "# coding")):
            following = node
            break
        start = _line_end(script.source, node.end_byte)
    else:
        return Change(start, start, f"{statement}\n")
    gap = "\n\n\n" if following.type in ("function_definition", "class_definition", "decorated_definition") else "\n\n"
    return Change(start, start, f"{statement}{gap}")


def _line_start(source: bytes, offset: int) -> int:
    return source.rfind(b"\n", 0, offset) + 1


def _line_end(source: bytes, offset: int) -> int:
    """The offset after the end of the line."""
    end = source.find(b"\n", offset)
    return len(source) if end < 0 else end + 1


def _after_line(source: bytes, offset: int, text: str) -> Change:
    end = _line_end(source, offset)
    return Change(end, end, text if source[end - 1 : end] == b"\n" else f"\n{text.rstrip()}")
