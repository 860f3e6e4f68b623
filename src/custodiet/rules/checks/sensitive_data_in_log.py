"""Secrets that are given to a logging call under a name that says so: see `sensitive-data-in-log.md`."""

import re
from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, scopes
from custodiet.rules.checks.words import mentions_secret, secret_kind, words_of
from custodiet.source import ir

RULE: Final = "sensitive-data-in-log"
_LEVELS: Final = frozenset("debug info warning warn error critical fatal exception log trace success".split())
_LOGGER: Final = pattern(r"(?:^|[._])(?:log|logger|logging|lgr)(?:\(\))?$", re.IGNORECASE)
_LOGS: Final = pattern(r"log(?:ger|ging)?$|lgr$", re.IGNORECASE | re.MULTILINE)
_TOKENS: Final = frozenset("access auth refresh bearer api id session reset csrf secret bot jwt".split())
_PERSONAL: Final = frozenset("ssn cvv cvc".split())
_NUMBERS: Final = (("credit", "card"), ("card", "number"), ("social", "security"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for logging calls to which a secret is given, whole or inside the message."""
    del project
    if (
        module.identifiers.isdisjoint(_LEVELS)
        or not _LOGS.search("\n".join(module.identifiers))
        or is_test(module.path)
    ):
        return
    if not mentions_secret(module.identifiers) and not mentions_secret(_literals(module)):
        return
    for scope in scopes(module):
        if _LEVELS.isdisjoint(scope.function.called):
            continue
        for ins in scope.instructions():
            if ins[0] == ir.CALLM and ins[3] in _LEVELS and _LOGGER.search(_receiver(scope, ins[2])):
                positional, _ = arguments(ins)
                for register in positional:
                    if name := _secret_in(scope, register, 4):
                        yield hit(RULE, scope, ins[-1], f"`{name}` is written to the log")
                        break


def _literals(module: ir.Module) -> frozenset[str]:
    """Short text constants of a module: keys such as `password`."""
    return frozenset(
        value
        for function in module.functions
        for kind, value in function.inits
        if kind == "c" and isinstance(value, str) and value.isidentifier()
    )


def _receiver(scope: Scope, register: int) -> str:
    ins = scope.made(register) if register < 0 else None
    if ins is not None and ins[0] == ir.ATTR:
        return str(ins[3])
    return scope.dotted(register)


def _is_secret(name: str) -> bool:
    """Whether a value of this name must not be logged; a bare `token` may be a word of a language."""
    kind = secret_kind(name)
    words = words_of(name)
    if kind == "token":
        return bool(_TOKENS.intersection(words))
    if kind == "key" and "session" in words:
        return False
    if kind or _PERSONAL.intersection(words):
        return True
    return any(words[at : at + 2] in _NUMBERS for at in range(len(words) - 1)) and words[-1] in (
        "card",
        "number",
        "security",
        "no",
    )


def _secret_in(scope: Scope, register: int, depth: int) -> str:
    """The name of the secret that a register holds or is built from, `""` if none."""
    if not depth or scope.text(register) is not None:
        return ""
    name = scope.name(register)
    if name and not name.isupper() and _is_secret(name):
        return name
    ins = scope.made(register)
    if ins is None:
        return ""
    parts: tuple[int, ...] = ()
    if ins[0] == ir.CAT:
        parts = ins[2]
    elif ins[0] == ir.BIN and ins[2] in ("+", "%"):
        parts = (ins[3], ins[4])
    elif ins[0] == ir.MAKE and ins[2] == "t":
        parts = ins[3]
    elif ins[0] == ir.CALLM and ins[3] == "format":
        parts = (*ins[4], *(value for _, value in ins[5]))
    elif ins[0] == ir.CALLM and ins[3] in ("decode", "encode", "strip"):
        parts = (ins[2],)
    elif ins[0] == ir.CALL and scope.dotted(ins[2]) in ("str", "repr"):
        parts = ins[3]
    elif ins[0] in (ir.MOVE, ir.CAST) and register < 0:
        parts = (ins[2],)
    for part in parts:
        if found := _secret_in(scope, part, depth - 1):
            return found
    return ""
