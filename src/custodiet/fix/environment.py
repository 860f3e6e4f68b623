"""Reads a secret from the environment instead of the source."""

import re
from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import arguments, replaced
from custodiet.fix.imports import module_import
from custodiet.fix.script import Draft, Script

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Read the secret from the environment"
_SECRET: Final = re.compile(r"(?i)pass|pwd|secret|token|key|credential|auth")


def repair(script: Script, finding: Finding) -> Draft | None:
    """`os.environ["NAME"]` for the literal; not safe, since the variable has to be set from then on."""
    assignment = script.assignment(finding)
    if assignment is not None:
        target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        return _read(script, _name(script, target), value) if target is not None and value is not None else None
    for call in script.calls(finding):
        for argument in arguments(call):
            key, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
            if key is None or value is None or not _SECRET.search(script.text(key)):
                continue
            if (draft := _read(script, script.text(key), value)) is not None:
                return draft
    return None


def _read(script: Script, name: str, value: "Node") -> Draft | None:
    """The literal replaced by the variable of that name."""
    if value.type != "string" or not name or script.text(value)[:1] not in ('"', "'"):
        return None
    needed = module_import(script, "os")
    if needed is None:
        return None
    variable = re.sub(r"\W+", "_", name).strip("_").upper()
    return Draft(_TITLE, (replaced(value, f'{needed.name}.environ["{variable}"]'), *needed.changes), is_safe=False)


def _name(script: Script, target: "Node") -> str:
    """The name that is set: a variable, an attribute, or a key."""
    if target.type == "subscript":
        key = target.child_by_field_name("subscript")
        return script.text(key).strip("\"'") if key is not None and key.type == "string" else ""
    if target.type == "attribute":
        name = target.child_by_field_name("attribute")
        return script.text(name) if name is not None else ""
    return script.text(target) if target.type == "identifier" else ""
