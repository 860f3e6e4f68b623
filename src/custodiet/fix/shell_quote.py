"""Quotes the untrusted words of a command that needs its shell."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.built import HOLE, SEAM, Built, built_of
from custodiet.fix.call import keyword, positional
from custodiet.fix.flow import is_text, tainted
from custodiet.fix.imports import module_import
from custodiet.fix.script import Change, Draft, Script
from custodiet.fix.variable import value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Quote the value for the shell"
_SHELLS: Final = frozenset(
    "os.system os.popen subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell".split()
)
_MODULES: Final = frozenset(("run", "call", "check_call", "check_output", "Popen"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """`shlex.quote(value)` for each untrusted value that is, or begins or ends, a word of the command."""
    for call in script.calls(finding):
        module, _, name = script.callee(call).rpartition(".")
        shell = keyword(script, call, "shell")
        asks = module == "subprocess" and name in _MODULES and shell is not None and shell.type == "true"
        if not positional(call) or not (asks or script.callee(call) in _SHELLS):
            continue
        value = value_of(script, positional(call)[0])
        built = built_of(script, value) if value is not None else None
        return _quoted(script, finding, built) if built is not None and built.holes else None
    return None


def _quoted(script: Script, finding: Finding, built: Built) -> Draft | None:
    holes = tainted(script, finding, built)
    needed = module_import(script, "shlex")
    if not holes or needed is None or any(hole.conversion not in ("", "s") for hole in holes):
        return None
    changes: list[Change] = []
    at = -1
    for hole in built.holes:
        at = built.text.index(HOLE, at + 1)
        if hole not in holes:
            continue
        around = _around(built.text, at)
        if around is None or _is_quoted(script, hole.node):
            return None
        changes += [built.change(index, index, "") for index in around]
        text = script.text(hole.node)
        inner = text if built.how == "+" or is_text(script, hole.node) else f"str({text})"
        changes.append(Change(hole.node.start_byte, hole.node.end_byte, f"{needed.name}.quote({inner})"))
    return Draft(_TITLE, (*changes, *needed.changes))


def _around(text: str, at: int) -> tuple[int, ...] | None:
    """Indexes of the quotes right around the hole, which `quote` brings itself; None if it stands inside of others."""
    before = text[:at].replace(SEAM, "")
    opened = ""
    for char in before:
        if char in "\"'" and (not opened or opened == char):
            opened = "" if opened else char
    if not opened:
        return () if not before.endswith(("$", "`", "\\", "$(")) and before.strip() else None
    return (at - 1, at + 1) if text[at - 1] == opened and text[at + 1 : at + 2] == opened else None


def _is_quoted(script: Script, node: "Node") -> bool:
    return node.type == "call" and script.method(node) == "quote"
