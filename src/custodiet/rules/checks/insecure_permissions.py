"""Modes that let everyone write, put together or set by commands: see `insecure-permissions.md`.

Constant modes are told by the knowledge.
"""

import re
from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.expressions import Expression, expression
from custodiet.rules.checks.reading import Scope, argument, hit, is_test, scopes
from custodiet.rules.checks.words import secret_kind
from custodiet.source import ir

RULE: Final = "insecure-permissions"
_EVERYONE: Final = "everyone may change the file"
_FLAGS: Final = frozenset(("stat.S_IWOTH", "stat.S_IRWXO"))
_COMMAND: Final = pattern(r"\bchmod\s+(?:-\w+\s+)*(?:0?[0-7]{2}[2367]\b|(?:[ugo]*o[ugo]*|a)\+[rx]*w)")
_MODE: Final = pattern(r"0?[0-7]{2}[2367]|(?:[ugo]*o[ugo]*|a)\+[rx]*w[rx]*")
_RUNNING: Final = frozenset("system popen run call check_call check_output Popen getoutput getstatusoutput".split())
_KEY_FILE: Final = pattern(
    r"(?:^|[/._-])(?:id_(?:rsa|dsa|ecdsa|ed25519)|private[\w-]*\.(?:pem|key)|[\w-]+\.key)$", re.IGNORECASE
)
_READABLE: Final = 0o044
WORDS: Final = frozenset(("umask", "chmod"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for modes that give everyone the right to write, and keys that everyone may read."""
    del project
    if module.language != "python" or is_test(module.path):
        return
    for scope in scopes(module):
        if "umask" in scope.function.called:
            yield from _masks(scope)
        texts = any(kind == "c" and isinstance(value, str) and "chmod" in value for kind, value in scope.function.inits)
        if not texts and "chmod" not in scope.function.called:
            continue
        for ins in scope.instructions():
            if ins[0] not in (ir.CALL, ir.CALLM):
                continue
            last = scope.called(ins).rpartition(".")[2]
            if last in ("chmod", "fchmod", "lchmod"):
                if what := _opened(scope, ins):
                    yield hit(RULE, scope, ins[-1], what)
            elif texts and last in _RUNNING and _runs_chmod(scope, ins):
                yield hit(RULE, scope, ins[-1], _EVERYONE)


def _masks(scope: Scope) -> Iterator[Hit]:
    """A hit for `os.umask(0)`, unless the function sets the mask back (the way to read it)."""
    calls = [
        (ins, scope.constant(mask))
        for ins in scope.instructions()
        if ins[0] in (ir.CALL, ir.CALLM)
        and scope.called(ins) == "os.umask"
        and (mask := argument(ins, 0, "mask")) is not None
    ]
    if len(calls) == 1 and calls[0][1] == 0:
        yield hit(RULE, scope, calls[0][0][-1], "everyone may write to the files created from here on")


def _opened(scope: Scope, ins: ir.Ins) -> str:
    """What a call of `chmod` opens: a mode to which the right to write is added, a secret that everyone may read."""
    is_method = ins[0] == ir.CALLM and not scope.called(ins).startswith("os.")
    mode = argument(ins, 0 if is_method else 1, "mode")
    path = ins[2] if is_method else argument(ins, 0, "path")
    if mode is None or path is None:
        return ""
    value = expression(scope, mode)
    if value.kind == "binary" and value.text == "|" and any(part.text in _FLAGS for part in value.within()):
        return _EVERYONE
    number = value.value if value.kind == "constant" else None
    if isinstance(number, int) and number & _READABLE and _is_secret_file(expression(scope, path)):
        return "everyone may read the secret in the file"
    return ""


def _is_secret_file(path: Expression) -> bool:
    """Whether a path ends like that of a private key, or its name says that it holds a secret."""
    words = [part.constant or "" for part in path.within()]
    return any(_KEY_FILE.search(word) for word in words if word) or (
        path.kind == "name" and secret_kind(str(path.value).removesuffix("_path").removesuffix("_file")) != ""
    )


def _runs_chmod(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a call runs a `chmod` that lets everyone write."""
    given = argument(ins, 0, "args")
    value = expression(scope, given) if given is not None else None
    if value is None:
        return False
    if value.kind == "sequence":
        words = [part.constant or "" for part in value.parts]
        return words[:1] in (["chmod"], ["/bin/chmod"]) and any(_MODE.fullmatch(word) for word in words[1:3])
    text = "".join(part.constant or "x" for part in (value.parts or (value,)))
    return _COMMAND.search(text) is not None
