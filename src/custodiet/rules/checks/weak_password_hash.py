"""Passwords that are hashed with a fast algorithm: see `weak-password-hash.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.local_flow import NOTHING, Origins, Rules, uses
from custodiet.rules.checks.reading import MISSING, Scope, argument, hit, is_test, scopes
from custodiet.rules.checks.words import PASSWORD_WORDS, secret_kind, words_of
from custodiet.source import ir

RULE: Final = "weak-password-hash"
_FAST: Final = frozenset("sha224 sha256 sha384 sha512 sha3_224 sha3_256 sha3_384 sha3_512 blake2b blake2s new".split())
_CALLS: Final = _FAST | {"pbkdf2_hmac"}
_HASHES: Final = ("hashlib.", "Crypto.Hash.", "Cryptodome.Hash.")
_LEAST_ROUNDS: Final = 10_000
_MARK: Final = "password"
_PASSING: Final = frozenset("encode str bytes bytearray strip format join lower digest hexdigest b64encode get".split())


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits at each fast hash of a value that is a password by its name."""
    del project
    if "hashlib" not in module.identifiers and "Hash" not in module.identifiers:
        return
    if is_test(module.path):
        return
    for scope in scopes(module):
        if _CALLS.isdisjoint(scope.function.called):
            continue
        places = dict.fromkeys(_fast_hashes(scope))
        for span in places:
            yield hit(RULE, scope, span)
        yield from _few_rounds(scope)


def _fast_hashes(scope: Scope) -> Iterator[int]:
    """Spans of the calls that hash a password."""
    function = scope.function
    start: dict[int, Origins] = {
        param.reg: frozenset((_MARK,)) for param in function.params if _is_password(param.name)
    }

    makers: dict[str, int] = {}
    for use in uses(scope.again, Rules(_begins, _carries, _changes), start):
        if use.kind not in ("argument", "keyword"):
            continue
        ins = use.ins
        called = _called(scope, ins)
        if called:
            yield ins[-1]
        elif ins[0] == ir.CALLM and ins[3] == "update":
            makers = makers or _makers(scope)
            name = scope.slot(ins[2])
            if name in makers:
                yield makers[name]


def _makers(scope: Scope) -> dict[str, int]:
    """Variables that hold a fast hash, with the span of the call that made it."""
    again = scope.again()
    found = {}
    for ins in again.instructions():
        if ins[0] in (ir.CALL, ir.CALLM) and ins[1] >= 0 and _is_fast(again, ins):
            found[again.slot(ins[1])] = ins[-1]
    return found


def _called(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a call hashes fast. The walk is over, so only names and constants are read."""
    return _is_fast(scope, ins)


def _is_fast(scope: Scope, ins: ir.Ins) -> bool:
    called = scope.called(ins)
    if not called.startswith(_HASHES):
        return False
    words = called.split(".")
    if words[0] != "hashlib":
        return words[-1] == "new" and words[-2].lower().replace("-", "_") in _FAST
    if words[-1] == "new":
        name = argument(ins, 0, "name")
        text = scope.text(name) if name is not None else None
        return text is not None and text.lower().replace("-", "_") in _FAST
    return words[-1] in _FAST


def _is_password(name: str) -> bool:
    words = words_of(name)
    return secret_kind(name) == "password" or (
        bool(words)
        and words[0] in PASSWORD_WORDS
        and words[-1] in ("bytes", "text", "str", "string", "raw", "plain", "encoded", "input", "salted")
    )


def _begins(scope: Scope, ins: ir.Ins) -> Origins:
    """A password read under its name: `form["password"]`, `self.password`, `form.get("password")`, `getpass()`."""
    if ins[0] == ir.ATTR:
        return frozenset((_MARK,)) if _is_password(str(ins[3])) else NOTHING
    if ins[0] == ir.INDEX:
        return frozenset((_MARK,)) if _is_password(scope.text(ins[3]) or "") else NOTHING
    if ins[0] == ir.CALLM and ins[3] == "get" and ins[4]:
        return frozenset((_MARK,)) if _is_password(scope.text(ins[4][0]) or "") else NOTHING
    if ins[0] in (ir.CALL, ir.CALLM) and scope.called(ins) in ("getpass.getpass", "getpass.getpass.getpass"):
        return frozenset((_MARK,))
    target = ir.destination(ins)
    if ins[0] in (ir.CALL, ir.CALLM, ir.MOVE) and target >= 0 and _is_password(scope.slot(target)):
        if ins[0] == ir.MOVE:
            return frozenset((_MARK,)) if scope.constant(ins[2]) is MISSING else NOTHING
        last = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2])
        return frozenset((_MARK,)) if last in ("input", "getpass") else NOTHING
    return NOTHING


def _carries(scope: Scope, ins: ir.Ins) -> bool:
    """Only what keeps the text carries it: what a slow derivation gives back is no password."""
    last = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]
    return last in _PASSING


def _changes(scope: Scope, ins: ir.Ins, carried: Origins) -> Origins:
    del scope, ins
    return carried


def _few_rounds(scope: Scope) -> Iterator[Hit]:
    """`pbkdf2_hmac` with far too few rounds."""
    for ins in scope.instructions():
        if ins[0] in (ir.CALL, ir.CALLM) and scope.called(ins) == "hashlib.pbkdf2_hmac":
            rounds = argument(ins, 3, "iterations")
            count = scope.constant(rounds) if rounds is not None else MISSING
            if isinstance(count, int) and count < _LEAST_ROUNDS:
                yield hit(RULE, scope, ins[-1], f"{count} rounds are too few for a password")
