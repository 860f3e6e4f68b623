"""Passwords that are hashed with a fast algorithm: see `weak-password-hash.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.local_flow import NOTHING, Origins, Rules, uses
from custodiet.rules.checks.reading import MISSING, Scope, argument, arguments, hit, is_test, scopes
from custodiet.rules.checks.settings import is_local, module_settings
from custodiet.rules.checks.words import PASSWORD_WORDS, secret_kind, words_of
from custodiet.source import ir

RULE: Final = "weak-password-hash"
WORDS: Final = frozenset(("hashlib", "Hash", "PASSWORD_HASHERS", "createHash"))
_FAST: Final = frozenset(
    "md5 sha1 sha224 sha256 sha384 sha512 sha3_224 sha3_256 sha3_384 sha3_512 blake2b blake2s new".split()
)
_WEAK_HASHERS: Final = (
    ".MD5PasswordHasher", ".SHA1PasswordHasher", ".UnsaltedMD5PasswordHasher", ".UnsaltedSHA1PasswordHasher",
    ".CryptPasswordHasher",
)  # fmt: skip
_CALLS: Final = _FAST | {"pbkdf2_hmac"}
_HASHES: Final = ("hashlib.", "Crypto.Hash.", "Cryptodome.Hash.")
_LEAST_ROUNDS: Final = 10_000
_MARK: Final = "password"
_HASHING: Final = frozenset("hash hashed digest encrypt encode hashing".split())
_LEAVING: Final = frozenset("upgrade migrate rehash legacy deprecated".split())
"""Words of functions that check a password against what an older version stored, to store it better."""
_STORED: Final = frozenset("salt stored hash hashed user username db conn cursor email request path file".split())
_PASSING: Final = frozenset("encode str bytes bytearray strip format join lower digest hexdigest b64encode get".split())


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits at each fast hash of a value that is a password by its name."""
    del project
    if is_test(module.path):
        return
    if "PASSWORD_HASHERS" in module.identifiers and not is_local(module.path):
        yield from _weak_hashers(Scope(module, 0))
    if "createHash" in module.identifiers:
        for scope in scopes(module):
            if "createHash" in scope.function.called and _LEAVING.isdisjoint(words_of(scope.function.name)):
                yield from _chained(scope)
    if "hashlib" not in module.identifiers and "Hash" not in module.identifiers:
        return
    if "pwnedpasswords" in module.identifiers:
        return  # that service is asked by the beginning of a SHA-1
    handed = _handed(module)
    for scope in scopes(module):
        if _CALLS.isdisjoint(scope.function.called) or not _LEAVING.isdisjoint(words_of(scope.function.name)):
            continue
        places = dict.fromkeys(_fast_hashes(scope, handed.get(scope.index, frozenset())))
        for span in places:
            yield hit(RULE, scope, span)
        yield from _few_rounds(scope)


def _chained(scope: Scope) -> Iterator[Hit]:
    """`createHash("sha256").update(password)`, in one expression or with the hash in a variable."""
    makers: dict[str, ir.Ins] = {}
    for ins in scope.instructions():
        if ins[0] not in (ir.CALL, ir.CALLM):
            continue
        if _creates_fast(scope, ins) and ins[1] >= 0:
            makers[scope.slot(ins[1])] = ins
        if ins[0] != ir.CALLM or ins[3] != "update" or not ins[4]:
            continue
        maker = makers.get(scope.slot(ins[2])) if ins[2] >= 0 else scope.made(ins[2])
        if maker is None or maker[0] not in (ir.CALL, ir.CALLM) or not _creates_fast(scope, maker):
            continue
        if _holds_password(scope, ins[4][0], 3):
            yield hit(RULE, scope, maker[-1])


def _creates_fast(scope: Scope, ins: ir.Ins) -> bool:
    name = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]
    first = argument(ins, 0, "algorithm")
    text = scope.text(first) if name == "createHash" and first is not None else None
    return text is not None and text.lower().replace("-", "") in _FAST


def _holds_password(scope: Scope, register: int, depth: int) -> bool:
    """Whether a register holds a password by its name, or a text made with one."""
    if scope.text(register) is not None or not depth:
        return False
    if _is_password(_given_name(scope, register)):
        return True
    param = next((each for each in scope.function.params if each.reg == register), None)
    if param is not None and _is_meant(scope.function, param):
        return True
    made = scope.made(register)
    if made is None:
        return False
    parts = made[2] if made[0] == ir.CAT else made[3:5] if made[0] == ir.BIN and made[2] == "+" else ()
    return any(_holds_password(scope, part, depth - 1) for part in parts)


def _weak_hashers(scope: Scope) -> Iterator[Hit]:
    """A hit for settings whose first hasher, the one for new passwords, is fast."""
    value, span = module_settings(scope).get("PASSWORD_HASHERS", (None, 0))
    if isinstance(value, list) and value and (value[0] or "").endswith(_WEAK_HASHERS):
        yield hit(RULE, scope, span, "new passwords get the first hasher of the list, which is fast")


def _handed(module: ir.Module) -> dict[int, frozenset[int]]:
    """For each function that hashes fast: the registers of parameters that callers in this module give a password."""
    hashing = {
        function.name: index
        for index, function in enumerate(module.functions)
        if index and not _CALLS.isdisjoint(function.called)
    }
    found: dict[int, frozenset[int]] = {}
    if not hashing:
        return found
    for scope in scopes(module):
        if hashing.keys().isdisjoint(scope.function.called):
            continue
        for ins in scope.instructions():
            if ins[0] not in (ir.CALL, ir.CALLM):
                continue
            index = hashing.get(scope.called(ins).rpartition(".")[2])
            if index is None or (ins[0] == ir.CALLM and scope.slot(ins[2]) not in ("self", "cls")):
                continue
            params = module.functions[index].params
            first = 1 if ins[0] == ir.CALLM and params and params[0].name in ("self", "cls") else 0
            for register, param in zip(arguments(ins)[0], params[first:], strict=False):
                if _is_password(_given_name(scope, register)):
                    found[index] = found.get(index, frozenset()) | {param.reg}
    return found


def _given_name(scope: Scope, register: int) -> str:
    """The name of an argument, also of `password.encode()`."""
    made = scope.made(register) if register < 0 else None
    if made is not None and made[0] == ir.CALLM and made[3] in _PASSING and made[3] != "get":
        return scope.name(made[2])
    return scope.name(register)


def _is_meant(function: ir.Function, param: ir.Param) -> bool:
    """Whether a function hashes passwords by its name, and this parameter is the password by its position."""
    words = frozenset(words_of(function.name))
    first = next((each for each in function.params if each.name not in ("self", "cls")), None)
    return (
        param is first
        and not _HASHING.isdisjoint(words)
        and not PASSWORD_WORDS.isdisjoint(words)
        and _STORED.isdisjoint(words_of(param.name))
    )


def _fast_hashes(scope: Scope, handed: frozenset[int]) -> Iterator[int]:
    """Spans of the calls that hash a password."""
    function = scope.function
    start: dict[int, Origins] = {
        param.reg: frozenset((_MARK,)) for param in function.params if _is_password(param.name) or param.reg in handed
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
    protects = arguments(ins)[1].get("usedforsecurity")
    if protects is not None and scope.constant(protects) is False:
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
