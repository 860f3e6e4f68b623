"""Tells a parser of lxml not to expand entities, nor to fetch what a document names."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import added, arguments, is_spread, keyword
from custodiet.fix.script import Draft, Script
from custodiet.fix.setting import keywords_right

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Leave entities unexpanded"
_RIGHT: Final = {
    "resolve_entities": {"True": "False"},
    "no_network": {"False": "True"},
    "load_dtd": {"True": "False"},
    "dtd_validation": {"True": "False"},
    "huge_tree": {"True": "False"},
}
_PARSERS: Final = frozenset(("XMLParser", "ETCompatXMLParser", "XMLPullParser", "iterparse"))


_READERS: Final = frozenset(("parse", "fromstring", "XML", "fromstringlist"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """`resolve_entities=False` and the like, where a parser of lxml is made."""
    for call in script.calls(finding):
        module, _, name = script.callee(call).rpartition(".")
        if module == "lxml.etree" and name in _READERS and (draft := _with_parser(script, call)):
            return draft
        if not module.startswith("lxml") or name not in _PARSERS or is_spread(call):
            continue
        changes = list(keywords_right(script, call, _RIGHT))
        if keyword(script, call, "resolve_entities") is None:
            changes.append(added(call, "resolve_entities=False"))
        return Draft(_TITLE, tuple(changes))
    return None


def _with_parser(script: Script, call: "Node") -> Draft | None:
    """A parser given to a function of lxml that has none."""
    function = call.child_by_field_name("function")
    base = function.child_by_field_name("object") if function is not None else None
    if base is None or is_spread(call) or len(arguments(call)) != 1:
        return None
    parser = f"parser={script.text(base)}.XMLParser(resolve_entities=False)"
    return Draft(_TITLE, (added(call, parser),))
