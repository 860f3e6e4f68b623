"""Unpacks archives with the filter that refuses members outside of the target."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import added, is_spread, keyword, replaced
from custodiet.fix.script import Draft, Script, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = 'Unpack with filter="data"'
_OPEN: Final = ("fully_trusted", "fully_trusted_filter")
_OPENERS: Final = frozenset(("tarfile.open", "tarfile.TarFile", "tarfile.TarFile.open", "tarfile.open.open"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """`filter="data"`, which Python has since 3.12 and its security releases since 3.8."""
    for call in script.calls(finding):
        method = script.method(call)
        is_tar = method in ("extractall", "extract") and _is_tar(script, call)
        if is_spread(call) or not (is_tar or script.callee(call) == "shutil.unpack_archive"):
            continue
        given = keyword(script, call, "filter")
        if given is None:
            return Draft(_TITLE, (added(call, 'filter="data"'),))
        if given.type == "none" or script.text(given).strip("\"'").rpartition(".")[2] in _OPEN:
            return Draft(_TITLE, (replaced(given, '"data"'),))
        return None
    return None


def _is_tar(script: Script, call: "Node") -> bool:
    """The receiver is an archive of `tarfile`: opened so in the file, or the file knows no other archives."""
    function = call.child_by_field_name("function")
    receiver = function.child_by_field_name("object") if function is not None else None
    if receiver is None or "tarfile" not in script.packages:
        return False
    if "zipfile" not in script.packages:
        return True
    if receiver.type == "call":
        return script.callee(receiver) in _OPENERS
    name = script.text(receiver)
    for node in walk(script.root):
        if node.type == "assignment":
            target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        elif node.type == "as_pattern":
            target, value = node.child_by_field_name("alias"), node.named_child(0)
        else:
            continue
        if target is not None and value is not None and script.text(target) == name and value.type == "call":
            return script.callee(value) in _OPENERS
    return False
