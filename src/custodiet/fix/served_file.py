"""Keeps the files that Flask sends and stores inside of their folder."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import HOLE, built_of
from custodiet.fix.call import arguments, is_spread, keyword, positional, replaced
from custodiet.fix.imports import name_import
from custodiet.fix.script import Change, Draft, Script, ancestors, walk
from custodiet.fix.variable import value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SEND: Final = "Send the file from its folder"
_STORE: Final = "Store the file under a harmless name"


def repair(script: Script, finding: Finding) -> Draft | None:
    """`send_from_directory` for `send_file`, `secure_filename` around the name of an uploaded file."""
    if not script.packages & {"flask", "werkzeug"}:
        return None
    for call in script.calls(finding):
        if script.callee(call) == "flask.send_file":
            return _sent(script, call)
        if script.method(call) == "save" and len(positional(call)) == 1:
            return _stored(script, call)
    return None


def _sent(script: Script, call: "Node") -> Draft | None:
    """Folder and name as two arguments."""
    listed = positional(call)
    function = call.child_by_field_name("function")
    if len(listed) != 1 or is_spread(call) or function is None or listed[0].type == "identifier":
        return None
    parts = _folder_and_name(script, listed[0])
    if parts is None:
        return None
    if function.type == "attribute":
        name = function.child_by_field_name("attribute")
        if name is None:
            return None
        changes: tuple[Change, ...] = (replaced(name, "send_from_directory"),)
    else:
        needed = name_import(script, "flask", "send_from_directory")
        if needed is None:
            return None
        changes = (replaced(function, needed.name), *needed.changes)
    return Draft(_SEND, (*changes, replaced(listed[0], ", ".join(parts))))


def _folder_and_name(script: Script, node: "Node") -> tuple[str, str] | None:
    """What `os.path.join(folder, name)` or `f"folder/{name}"` joins."""
    if node.type == "call" and script.callee(node) == "os.path.join":
        joined = positional(node)
        if len(joined) == 2 and len(arguments(node)) == 2:
            return script.text(joined[0]), script.text(joined[1])
        return None
    built = built_of(script, node)
    if built is None or len(built.holes) != 1 or built.holes[0].conversion:
        return None
    folder = built.text.removesuffix(HOLE)
    if not folder.endswith("/") or len(folder) < 2 or HOLE in folder or any(char in folder for char in '"\\\n'):
        return None
    return f'"{folder.removesuffix("/")}"', script.text(built.holes[0].node)


def _stored(script: Script, call: "Node") -> Draft | None:
    """The name that the client gave, made harmless."""
    value = value_of(script, positional(call)[0])
    names = [node for node in walk(value) if _is_given_name(script, node)] if value is not None else []
    if value is not None and not names:
        names = [node for each in walk(value) if (node := _behind(script, each)) is not None]
    needed = name_import(script, "werkzeug.utils", "secure_filename")
    if len(names) != 1 or needed is None or keyword(script, call, "name") is not None:
        return None
    change = replaced(names[0], f"{needed.name}({script.text(names[0])})")
    return Draft(_STORE, (change, *needed.changes))


def _is_given_name(script: Script, node: "Node") -> bool:
    """`file.filename`, not yet made harmless."""
    name = node.child_by_field_name("attribute") if node.type == "attribute" else None
    if name is None or script.text(name) != "filename":
        return False
    return not any(each.type == "call" and "secure_filename" in script.callee(each) for each in ancestors(node))


def _behind(script: Script, node: "Node") -> "Node | None":
    """The name given by the client that a variable was set to."""
    if node.type != "identifier":
        return None
    value = value_of(script, node, is_shared=True)
    return value if value is not None and value != node and _is_given_name(script, value) else None
