"""Switches debugging off."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import keyword, positional, removed, replaced
from custodiet.fix.script import Draft, Script
from custodiet.fix.setting import assigned_right, keywords_right, pairs_right

_TITLE: Final = "Switch debugging off"
_OFF: Final = {"True": "False", "1": "False"}
_NAMES: Final = ("debug", "use_debugger", "use_evalex", "flask_debug", "template_debug", "propagate_exceptions")
_RIGHT: Final = dict.fromkeys(_NAMES, _OFF)


def repair(script: Script, finding: Finding) -> Draft | None:
    """`debug=True` taken away, or the setting made false."""
    change = assigned_right(script, finding, _RIGHT)
    if change is not None:
        return Draft(_TITLE, (change,))
    for call in script.calls(finding):
        if script.callee(call) == "bottle.debug" and [node.type for node in positional(call)] == ["true"]:
            return Draft(_TITLE, (replaced(positional(call)[0], "False"),))
        value = keyword(script, call, "debug")
        if value is not None and script.text(value) in _OFF:
            return Draft(_TITLE, (removed(script, call, value),))
        changes = (*keywords_right(script, call, _RIGHT), *pairs_right(script, call, _RIGHT))
        if changes:
            return Draft(_TITLE, changes)
    return None
