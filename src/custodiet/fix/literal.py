"""Reads a Python literal instead of running what stands there."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import arguments, is_spread, replaced
from custodiet.fix.imports import module_import
from custodiet.fix.script import Draft, Script

_TITLE: Final = "Read a literal instead of evaluating"


def repair(script: Script, finding: Finding) -> Draft | None:
    """`ast.literal_eval` for `eval`; not safe, since expressions that are no literals are refused from then on."""
    for call in script.calls(finding):
        function = call.child_by_field_name("function")
        if function is None or script.callee(call) not in ("eval", "builtins.eval"):
            continue
        needed = module_import(script, "ast")
        if is_spread(call) or len(arguments(call)) != 1 or needed is None:
            return None
        changes = (replaced(function, f"{needed.name}.literal_eval"), *needed.changes)
        return Draft(_TITLE, changes, is_safe=False)
    return None
