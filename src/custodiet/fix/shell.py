"""Starts a program without a shell, its arguments in a list."""

import re
import shlex
from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import HOLE, SEAM, Built, Hole, built_of
from custodiet.fix.call import arguments, is_spread, keyword, positional, removed, replaced
from custodiet.fix.flow import is_text, tainted
from custodiet.fix.imports import module_import
from custodiet.fix.script import Change, Draft, Script
from custodiet.fix.variable import value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Start the program without a shell"
_RUNNERS: Final = frozenset(
    "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen".split()
)
_META: Final = re.compile(r"[|&;<>()$`\\!*?\[\]{}~#\n%=]")
_EQUALS: Final = re.compile(r"(?<=[\w-])=")
_BUILTINS: Final = frozenset(
    "cd export source . alias set unset ulimit umask eval exec exit type time dir copy del".split()
)
_SIMPLE: Final = frozenset("identifier attribute subscript call string integer float".split())


def repair(script: Script, finding: Finding) -> Draft | None:
    """The words of the command as a list; none where the command needs a shell, or the words cannot be told apart."""
    for call in script.calls(finding):
        name = script.callee(call)
        listed = positional(call)
        if is_spread(call) or not listed:
            continue
        if name == "os.system" and len(listed) == 1 and len(arguments(call)) == 1:
            return _system(script, finding, call, listed[0])
        shell = keyword(script, call, "shell")
        if name in _RUNNERS and shell is not None and shell.type == "true":
            words = _words(script, finding, listed[0])
            if words is None:
                return None
            place, text = words
            return Draft(_TITLE, (replaced(place, text), removed(script, call, shell)))
    return None


def _system(script: Script, finding: Finding, call: "Node", argument: "Node") -> Draft | None:
    """`os.system` whose status nobody reads, or is returned."""
    words = _words(script, finding, argument)
    needed = module_import(script, "subprocess")
    function, parent = call.child_by_field_name("function"), call.parent
    if words is None or needed is None or function is None or parent is None:
        return None
    place, text = words
    if parent.type != "expression_statement":
        return None
    changes = [replaced(function, f"{needed.name}.run"), replaced(place, text), *needed.changes]
    listed = call.child_by_field_name("arguments")
    end = listed.end_byte - 1 if listed is not None else call.end_byte
    changes.append(Change(argument.end_byte, end, ", check=False"))
    return Draft(_TITLE, tuple(changes))


def _words(script: Script, finding: Finding, argument: "Node") -> "tuple[Node, str] | None":
    """The expression that builds the command, and the list that takes its place."""
    expression = value_of(script, argument)
    built = built_of(script, expression) if expression is not None else None
    if expression is None or built is None:
        return None
    text = built.text.replace(SEAM, "")
    if _META.search(_EQUALS.sub("", text)):
        return None
    if any(hole.conversion not in ("", "s", "d") or not _is_word(script, hole.node) for hole in built.holes):
        return None
    try:
        words = shlex.split(text.replace(HOLE, "\ue000"))
    except ValueError:
        return None
    if not words or words[0] in _BUILTINS or "\ue000" in words[0] or "=" in words[0]:
        return None
    texts = [hole for hole in built.holes if built.how == "+" or is_text(script, hole.node)]
    listed = _list(script, built, words, [*texts, *tainted(script, finding, built)])
    return (expression, listed) if listed is not None else None


def _is_word(script: Script, node: "Node") -> bool:
    """The value is one word of the command: what is quoted for a shell must stay with the shell."""
    return node.type in _SIMPLE and not (node.type == "call" and script.callee(node) in ("shlex.quote", "pipes.quote"))


def _list(script: Script, built: Built, words: list[str], texts: list[Hole]) -> str | None:
    """The source of the list; `texts` are the holes that hold strings."""
    holes = list(built.holes)
    elements: list[str] = []
    for word in words:
        count = word.count("\ue000")
        element = _element(script, word, holes[:count], texts)
        if element is None:
            return None
        holes = holes[count:]
        elements.append(element)
    return f"[{', '.join(elements)}]"


def _element(script: Script, word: str, holes: list[Hole], texts: list[Hole]) -> str | None:
    if any(char in word for char in "\"'\\\n{}"):
        return None
    if not holes:
        return f'"{word}"'
    if word == "\ue000":
        text = script.text(holes[0].node)
        return text if holes[0] in texts and holes[0].conversion != "d" else f"str({text})"
    result = f'f"{word}"'
    for hole in holes:
        text = script.text(hole.node)
        if '"' in text:
            text = text.replace('"', "'") if "'" not in text else ""
        if not text or "\\" in text:
            return None
        result = result.replace("\ue000", "{" + text + "}", 1)
    return result
