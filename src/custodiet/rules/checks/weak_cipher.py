"""Ciphers that somebody made up: see `weak-cipher.md`. The ciphers of libraries are told by the knowledge."""

from collections.abc import Iterator
from typing import Final

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import MISSING, Scope, hit, is_test, scopes
from custodiet.rules.checks.words import words_of
from custodiet.source import ir

RULE: Final = "weak-cipher"
WORDS: Final = frozenset(("key", "shift", "password", "secret", "pad"))
_MEANT: Final = frozenset("encrypt decrypt encipher decipher cipher crypt encryption decryption".split())
_KEYS: Final = WORDS | {"k", "secret_key", "encryption_key", "keystream"}


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """A hit at the first operation of a function that encrypts by its name, with `^` and a key."""
    del project
    if module.language != "python" or is_test(module.path):
        return
    for scope in scopes(module):
        title = _title(scope)
        if "cipher" not in title.lower() and "crypt" not in title.lower():
            continue
        if _MEANT.isdisjoint(words_of(title)) or not _knows_key(scope):
            continue
        for ins in scope.instructions():
            if ins[0] == ir.BIN and ins[2] == "^" and _is_open(scope, ins[3]) and _is_open(scope, ins[4]):
                yield hit(
                    RULE, scope, ins[-1], "a cipher that somebody made up hides little", confidence=Confidence.LOW
                )
                break


def _title(scope: Scope) -> str:
    """The name of the function, or of the one around it (a comprehension or lambda says nothing)."""
    name = scope.function.name
    return scope.parent.function.name if name.startswith("<") and scope.parent else name


def _knows_key(scope: Scope) -> bool:
    """Whether something in the function, or around it, is called a key."""
    names = {*scope.function.names, *(scope.parent.function.names if scope.parent and scope.parent.index else ())}
    return not _KEYS.isdisjoint(names) or "key" in scope.function.called


def _is_open(scope: Scope, register: int) -> bool:
    return scope.constant(register) is MISSING
