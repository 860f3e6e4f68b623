"""Switches the escaping of a template engine on."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import added, is_spread, keyword
from custodiet.fix.script import Draft, Script
from custodiet.fix.setting import settings_right

_TITLE: Final = "Switch autoescaping on"
_ENVIRONMENTS: Final = frozenset(
    ("Environment", "SandboxedEnvironment", "ImmutableSandboxedEnvironment", "NativeEnvironment")
)


def repair(script: Script, finding: Finding) -> Draft | None:
    """`autoescape=True`."""
    changes = settings_right(script, finding, {"autoescape": {"False": "True", "None": "True"}})
    if changes:
        return Draft(_TITLE, changes)
    for call in script.calls(finding):
        if script.callee(call).rpartition(".")[2] in _ENVIRONMENTS and not is_spread(call):
            if keyword(script, call, "autoescape") is None:
                return Draft(_TITLE, (added(call, "autoescape=True"),))
    return None
