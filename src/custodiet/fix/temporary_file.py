"""Creates a temporary file instead of making up its name."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import added, is_spread, positional, replaced
from custodiet.fix.imports import Needed, name_import
from custodiet.fix.script import Draft, Script, function_around
from custodiet.fix.variable import assigned

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Create the temporary file at once"


def repair(script: Script, finding: Finding) -> Draft | None:
    """`NamedTemporaryFile(delete=False).name`, where the name is opened for writing right after."""
    for call in script.calls(finding):
        function = call.child_by_field_name("function")
        if script.callee(call) != "tempfile.mktemp" or function is None:
            continue
        if is_spread(call) or positional(call) or not _is_written(script, call):
            return None
        name = function.child_by_field_name("attribute")
        needed = Needed("NamedTemporaryFile", ()) if name is not None else None
        needed = needed or name_import(script, "tempfile", "NamedTemporaryFile")
        if needed is None:
            return None
        addition = added(call, "delete=False")
        listed = call.child_by_field_name("arguments")
        end = listed.end_byte if listed is not None else call.end_byte
        tail = script.source[addition.start : end].decode("utf-8", "replace")
        changes = (
            replaced(name if name is not None else function, needed.name),
            addition._replace(end=end, text=f"{addition.text}{tail}.name"),
            *needed.changes,
        )
        return Draft(_TITLE, changes)
    return None


def _is_written(script: Script, call: "Node") -> bool:
    """The name goes into `open(name, "w")`, directly or as a variable that is set once."""
    parent = call.parent
    if parent is not None and parent.type == "argument_list":
        return _opens(script, call)
    if parent is None or parent.type != "assignment":
        return False
    target = parent.child_by_field_name("left")
    if target is None or target.type != "identifier":
        return False
    used = script.occurrences(script.text(target), function_around(call))
    if sum(assigned(each) is not None for each in used) != 1:
        return False
    return any(_opens(script, each) for each in used)


def _opens(script: Script, argument: "Node") -> bool:
    listed = argument.parent
    call = listed.parent if listed is not None and listed.type == "argument_list" else None
    if call is None or call.type != "call" or script.callee(call) != "open":
        return False
    given = positional(call)
    return (
        len(given) > 1
        and given[0] == argument
        and script.text(given[1]).strip("\"'") in ("w", "wb", "w+", "w+b", "wb+", "wt")
    )
