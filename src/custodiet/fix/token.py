"""Verifies the signature of a JSON Web Token."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import is_spread, keyword, positional, removed, replaced
from custodiet.fix.script import Change, Draft, Script
from custodiet.fix.setting import keywords_right, pairs_right

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Verify the signature"
_CHECKS: Final = {
    name: {"False": "True"}
    for name in "verify_signature verify_exp verify_nbf verify_iat verify_aud verify_iss verify_at_hash".split()
}


def _without_none(script: Script, algorithms: "Node") -> Draft | None:
    """The list of algorithms without that which signs nothing, if another one is left."""
    kept = [script.text(node) for node in algorithms.named_children if script.text(node).strip("\"'").lower() != "none"]
    if algorithms.type != "list" or not kept or any(text[0] not in "\"'" for text in kept):
        return None
    return Draft(_TITLE, (replaced(algorithms, f"[{', '.join(kept)}]"),))


def repair(script: Script, finding: Finding) -> Draft | None:
    """The checks switched on; only where key and algorithms are given, without which nothing can be verified."""
    for call in script.calls(finding):
        if script.method(call) != "decode" or is_spread(call):
            continue
        listed = positional(call)
        key = listed[1] if len(listed) > 1 else keyword(script, call, "key")
        algorithms = listed[2] if len(listed) > 2 else keyword(script, call, "algorithms")
        if key is None or script.text(key) in ("None", '""', "''"):
            return None
        if algorithms is None:
            return None
        if "none" in script.text(algorithms).lower():
            return _without_none(script, algorithms)
        changes: list[Change] = [*pairs_right(script, call, _CHECKS), *keywords_right(script, call, _CHECKS)]
        verify = keyword(script, call, "verify")
        if verify is not None and verify.type == "false":
            changes.append(removed(script, call, verify))
        return Draft(_TITLE, tuple(changes)) if changes else None
    return None
