"""Refuses hosts whose key is not known."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import arguments, replaced
from custodiet.fix.imports import name_import
from custodiet.fix.script import Draft, Script

_TITLE: Final = "Refuse unknown hosts"
_POLICIES: Final = frozenset(("AutoAddPolicy", "WarningPolicy"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """`RejectPolicy`: hosts that nobody has recorded are refused from then on."""
    for call in script.calls(finding):
        for argument in arguments(call):
            node = argument.child_by_field_name("function") if argument.type == "call" else argument
            if node is None or script.dotted(node).rpartition(".")[2] not in _POLICIES:
                continue
            if node.type == "attribute" and (attribute := node.child_by_field_name("attribute")) is not None:
                return Draft(_TITLE, (replaced(attribute, "RejectPolicy"),))
            needed = name_import(script, script.dotted(node).rpartition(".")[0], "RejectPolicy")
            if needed is not None:
                return Draft(_TITLE, (replaced(node, needed.name), *needed.changes))
    return None
