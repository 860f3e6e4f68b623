"""Takes the line breaks out of untrusted values in a log record."""

import re
from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import HOLE, Built, Hole, built_of
from custodiet.fix.call import is_spread, positional
from custodiet.fix.flow import is_text, tainted
from custodiet.fix.script import Change, Draft, Script, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Take line breaks out of the value"
_LEVELS: Final = frozenset("debug info warning warn error critical exception fatal log".split())
_SIMPLE: Final = frozenset(("identifier", "attribute", "subscript", "call"))
_BREAK: Final = re.compile(r"\\[nr]")
_CLEAN: Final = '.replace("\\r", "").replace("\\n", "")'


def repair(script: Script, finding: Finding) -> Draft | None:
    """Both line breaks replaced by nothing; an f-string becomes a text with arguments, as logging wants it."""
    for call in script.calls(finding):
        listed = positional(call)
        method = script.method(call)
        if method not in _LEVELS or is_spread(call) or not listed:
            continue
        if method == "log":
            listed = listed[1:]
        if not listed:
            return None
        built = built_of(script, listed[0])
        if built is None:
            return _message(script, listed)
        if built.holes:
            return _built(script, finding, built, listed)
        return _lazy(script, finding, listed[1:])
    return None


def _built(script: Script, finding: Finding, built: Built, listed: "list[Node]") -> Draft | None:
    """The message is built in the call: its first argument."""
    holes = tainted(script, finding, built)
    if not holes or any(hole.conversion not in ("", "s") for hole in holes) or _has_clean(script, holes[0].node):
        return None
    if built.how != "f":
        changes = [_cleaned(script, hole.node, is_string=built.how == "+") for hole in holes]
        return Draft(_TITLE, tuple(changes))
    # Quotes and backslashes inside the braces of an f-string need Python 3.12: the values move behind the text.
    if len(listed) != 1 or "loguru" in script.packages or any(hole.conversion for hole in built.holes):
        return None
    changes = list(built.changes)
    values: list[str] = []
    at = 0
    for index, letter in enumerate(built.letters):
        if letter.char == HOLE:
            changes.append(built.change(index, index, "%s"))
            hole = built.holes[at]
            at += 1
            values.append(
                _cleaned(script, hole.node, is_string=False).text if hole in holes else script.text(hole.node)
            )
        elif letter.char == "%":
            changes.append(Change(letter.start, letter.end, "%%"))
    end = listed[0].end_byte
    changes.append(Change(end, end, "".join(f", {value}" for value in values)))
    return Draft(_TITLE, tuple(changes))


def _message(script: Script, listed: "list[Node]") -> Draft | None:
    """A message that comes whole out of a variable or a call."""
    node = listed[0]
    if len(listed) != 1 or node.type not in _SIMPLE or _has_clean(script, node):
        return None
    return Draft(_TITLE, (_cleaned(script, node, is_string=False),))


def _lazy(script: Script, finding: Finding, values: "list[Node]") -> Draft | None:
    """`logger.info("%s", value)`."""
    fake = Built("plain", (), tuple(_hole(value) for value in values), (), "")
    holes = tainted(script, finding, fake)
    if not holes or any(_has_clean(script, hole.node) for hole in holes):
        return None
    return Draft(_TITLE, tuple(_cleaned(script, hole.node, is_string=False) for hole in holes))


def _hole(node: "Node") -> Hole:
    return Hole(node, "")


def _cleaned(script: Script, node: "Node", *, is_string: bool) -> Change:
    text = script.text(node)
    simple = node.type in _SIMPLE
    if (is_string and simple) or (simple and is_text(script, node)):
        return Change(node.start_byte, node.end_byte, f"{text}{_CLEAN}")
    return Change(node.start_byte, node.end_byte, f"str({text}){_CLEAN}")


def _has_clean(script: Script, node: "Node") -> bool:
    """Line breaks are taken out here already."""
    return any(
        each.type == "call" and script.method(each) == "replace" and _BREAK.search(script.text(each))
        for each in walk(node)
    )
