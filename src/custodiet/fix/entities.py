"""Tells a parser of lxml not to expand entities, nor to fetch what a document names."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import added, is_spread, keyword
from custodiet.fix.script import Draft, Script
from custodiet.fix.setting import keywords_right

_TITLE: Final = "Leave entities unexpanded"
_RIGHT: Final = {
    "resolve_entities": {"True": "False"},
    "no_network": {"False": "True"},
    "load_dtd": {"True": "False"},
    "dtd_validation": {"True": "False"},
    "huge_tree": {"True": "False"},
}
_PARSERS: Final = frozenset(("XMLParser", "ETCompatXMLParser", "XMLPullParser", "iterparse"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """`resolve_entities=False` and the like, where a parser of lxml is made."""
    for call in script.calls(finding):
        module, _, name = script.callee(call).rpartition(".")
        if not module.startswith("lxml") or name not in _PARSERS or is_spread(call):
            continue
        changes = list(keywords_right(script, call, _RIGHT))
        if keyword(script, call, "resolve_entities") is None:
            changes.append(added(call, "resolve_entities=False"))
        return Draft(_TITLE, tuple(changes))
    return None
