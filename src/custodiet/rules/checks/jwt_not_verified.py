"""Tokens that are taken apart by hand or choose their own algorithm: see `jwt-not-verified.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.expressions import Names, expression
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, scopes
from custodiet.rules.checks.words import words_of
from custodiet.source import ir

RULE: Final = "jwt-not-verified"
WORDS: Final = frozenset(("split", "algorithms"))
_DECODING: Final = frozenset("urlsafe_b64decode b64decode base64url_decode standard_b64decode".split())
_CHECKING: Final = frozenset("compare_digest verify new verify_signature verify_compact_jws".split())
_TOKEN: Final = frozenset("jwt token bearer".split())
_HEADER: Final = frozenset(("header", "headers", "head"))
_LIBRARIES: Final = ("jwt.", "jose.")


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for claims that are decoded without a library, and for algorithms that the token names."""
    del project
    words = module.identifiers
    by_hand = "split" in words and not _DECODING.isdisjoint(words)
    chosen = "algorithms" in words and "alg" in words
    if not (by_hand or chosen) or module.language != "python" or is_test(module.path):
        return
    names = Names(module) if chosen else None
    for scope in scopes(module):
        called = set(scope.function.called)
        if by_hand and "split" in called and called & _DECODING and "loads" in called and not called & _CHECKING:
            yield from _taken_apart(scope)
        if names is not None and "decode" in called:
            yield from _chosen(scope, names)


def _taken_apart(scope: Scope) -> Iterator[Hit]:
    """A hit where the second part of a token is decoded in a function that checks no signature."""
    is_split = False
    for ins in scope.instructions():
        if ins[0] == ir.CALLM and ins[3] in ("split", "rsplit") and ins[4] and scope.text(ins[4][0]) == ".":
            is_split = is_split or bool(
                _TOKEN.intersection(words_of(scope.name(ins[2]))) or "jwt" in words_of(scope.function.name)
            )
        elif is_split and ins[0] in (ir.CALL, ir.CALLM) and scope.called(ins).rpartition(".")[2] in _DECODING:
            if any(not _HEADER.isdisjoint(words_of(scope.name(register))) for register in arguments(ins)[0]):
                continue  # the header says how the token was signed, and claims nothing
            message = "the claims are read without checking the signature"
            yield hit(RULE, scope, ins[-1], message, confidence=Confidence.MEDIUM)
            return


def _chosen(scope: Scope, names: Names) -> Iterator[Hit]:
    """A hit for each call that takes the algorithm from the token's own header."""
    for ins in scope.instructions():
        if ins[0] not in (ir.CALL, ir.CALLM) or not scope.called(ins).startswith(_LIBRARIES):
            continue
        register = arguments(ins)[1].get("algorithms")
        if register is None:
            continue
        value = names.followed(scope, expression(scope, register))
        for part in value.parts if value.kind == "sequence" else (value,):
            each = names.followed(scope, part)
            keys = (each.parts[-1].constant,) if each.kind == "index" else ()
            if each.kind == "call" and each.value == "get" and each.parts:
                keys = (each.parts[0].constant,)
            if "alg" in keys:
                yield hit(RULE, scope, ins[-1], "the token itself chooses how it is verified")
                break
