"""Starts a program without a shell, its arguments in a list."""

import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

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
_META: Final = re.compile(r"[|&;<>()$`\\!*?\[\]{}~#\n=]")
_EQUALS: Final = re.compile(r"(?<=[\w-])=")
_BUILTINS: Final = frozenset(
    "cd export source . alias set unset ulimit umask eval exec exit type time dir copy del".split()
)
_ENDINGS: Final = {
    "os.system": ("", ""),
    "os.popen": (", capture_output=True, text=True", ".stdout"),
    "subprocess.getoutput": (", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True", ".stdout.rstrip()"),
}
"""What `subprocess.run` needs besides the command to stand for the call, and what is read of its result."""
_SIMPLE: Final = frozenset("identifier attribute subscript call string integer float".split())


def repair(script: Script, finding: Finding) -> Draft | None:
    """The words of the command as a list; none where the command needs a shell, or the words cannot be told apart."""
    for call in script.calls(finding):
        name = script.callee(call)
        listed = positional(call)
        if is_spread(call) or not listed:
            continue
        if name in _ENDINGS and len(listed) == 1 and len(arguments(call)) == 1:
            return _replaced(script, finding, call, name)
        if name == "asyncio.create_subprocess_shell":
            return _asynchronous(script, finding, call)
        shell = keyword(script, call, "shell")
        if name in _RUNNERS and shell is not None and shell.type == "true":
            if listed[0].type == "list" and [each.type for each in listed[0].named_children[:1]] == ["string"]:
                return Draft(_TITLE, (removed(script, call, shell),))
            words = _words(script, finding, listed[0])
            if words is None:
                return None
            return Draft(_TITLE, (replaced(words.place, words.text), removed(script, call, shell)))
    return None


class _Words(NamedTuple):
    """The expression that builds the command, and the list that takes its place."""

    place: "Node"
    text: str


def _replaced(script: Script, finding: Finding, call: "Node", name: str) -> Draft | None:
    """`subprocess.run` for a function that always asks a shell."""
    argument = positional(call)[0]
    words = _words(script, finding, argument)
    needed = module_import(script, "subprocess")
    function = call.child_by_field_name("function")
    if words is None or needed is None or function is None:
        return None
    options, ending = _ENDINGS[name]
    whole, is_safe = call, True
    if name == "os.popen":
        reading = _read(script, call)
        if reading is None:
            return None
        whole = reading
    elif name == "os.system" and call.parent is not None and call.parent.type != "expression_statement":
        ending, is_safe = ".returncode", False  # the status of `os.system` is shifted by eight bits
    options = options.replace("subprocess.", f"{needed.name}.")
    changes = (
        replaced(function, f"{needed.name}.run"),
        replaced(words.place, words.text),
        Change(argument.end_byte, whole.end_byte, f"{options}, check=False){ending}"),
        *needed.changes,
    )
    return Draft(_TITLE, changes, is_safe=is_safe)


def _read(script: Script, call: "Node") -> "Node | None":
    """The call of `read` around `os.popen(...)`."""
    attribute = call.parent
    outer = attribute.parent if attribute is not None and attribute.type == "attribute" else None
    if outer is None or outer.type != "call" or script.method(outer) != "read" or arguments(outer):
        return None
    return outer


def _asynchronous(script: Script, finding: Finding, call: "Node") -> Draft | None:
    """`asyncio.create_subprocess_exec`, which takes the words as arguments."""
    argument = positional(call)[0]
    words = _words(script, finding, argument)
    function = call.child_by_field_name("function")
    name = function.child_by_field_name("attribute") if function is not None else None
    if words is None or name is None:
        return None
    text = words.text[1:-1] if words.place == argument else words.text
    changes = [replaced(name, "create_subprocess_exec"), replaced(words.place, text)]
    if words.place != argument:
        changes.append(Change(argument.start_byte, argument.start_byte, "*"))
    return Draft(_TITLE, tuple(changes))


def _words(script: Script, finding: Finding, argument: "Node") -> _Words | None:
    """The words of the command that the argument holds; None where they cannot be told apart."""
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
    return _Words(expression, listed) if listed is not None else None


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
