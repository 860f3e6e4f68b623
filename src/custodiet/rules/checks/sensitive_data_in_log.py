"""Secrets that are given to a logging call under a name that says so: see `sensitive-data-in-log.md`."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import MISSING, Scope, arguments, hit, is_test, scopes
from custodiet.rules.checks.words import Judged, mentions_secret, secret_kind, words_of
from custodiet.source import ir

RULE: Final = "sensitive-data-in-log"
_LEVELS: Final = frozenset(
    (
        "debug info warning warn error critical fatal exception log trace success"
        " Debug Info Information Warning Warn Error Fatal Trace Verbose"
        " LogTrace LogDebug LogInformation LogWarning LogError LogCritical"
    ).split()
)
"""Methods that write a record, as the loggers of all languages spell them."""
_LANGUAGES: Final = frozenset(("python", "java", "javascript", "typescript", "csharp"))
_LOGGER: Final = pattern(
    r"(?:^|[._])(?:log|logger|console|winston|logging|lgr|getLogger|get_logger)(?:\(\))?$", re.IGNORECASE
)
_LOGGERS: Final = Judged(lambda word: word == "console" or word.lower().endswith(("log", "logger", "logging", "lgr")))
_TOKENS: Final = frozenset("access auth refresh bearer api id session reset csrf secret bot jwt".split())
_SAYING: Final = _LEVELS | {"write"}
_PERSONAL: Final = frozenset("ssn cvv cvc".split())
_HEADERS: Final = frozenset(("authorization", "x-api-key", "x-auth-token"))
_STREAMS: Final = frozenset(("sys.stdout", "sys.stderr"))
_DUMPING: Final = frozenset("json.dump yaml.dump yaml.safe_dump pickle.dump toml.dump".split())
_NUMBERS: Final = (("credit", "card"), ("card", "number"), ("social", "security"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for logging calls to which a secret is given, whole or inside the message; for `print` of what came in."""
    del project
    words = module.identifiers
    if module.language not in _LANGUAGES or is_test(module.path):
        return
    stores = "open" in words and not words.isdisjoint(("write", "dump", "safe_dump"))
    prints = not words.isdisjoint(("print", "stdout"))
    logs = not words.isdisjoint(_SAYING) and _LOGGERS.any(words)
    if not logs and not stores and not prints:
        return
    if not mentions_secret(words) and words.isdisjoint(_PERSONAL | {"Authorization"}) and not _NUMBERED.any(words):
        return
    for scope in scopes(module):
        called = scope.function.called
        printing = "print" in called or "stdout" in called
        logging = logs and not _SAYING.isdisjoint(called)
        storing = stores and "open" in called
        if not printing and not logging and not storing:
            continue
        files: set[str] = set()
        holders = _holders(scope) if logging else frozenset[str]()
        for ins in scope.instructions():
            if storing and (opened := _opened(scope, ins)):
                files.add(opened)
            if logging and ins[0] == ir.CALLM and _is_log(scope, ins):
                positional, keywords = arguments(ins)
                given = (*positional, *keywords.values())
                if name := _first(_secret_in(scope, register, holders, 4) for register in given):
                    yield hit(RULE, scope, ins[-1], f"`{name}` is written to the log")
            elif printing and ins[0] == ir.CALL and scope.dotted(ins[2]) == "print":
                if name := _first(_secret_in(scope, register, None, 4) for register in ins[3]):
                    yield hit(RULE, scope, ins[-1], f"`{name}` is written to the output", confidence=Confidence.LOW)
            elif printing and ins[0] == ir.CALLM and ins[3] == "write" and scope.dotted(ins[2]) in _STREAMS:
                if name := _first(_secret_in(scope, register, None, 4) for register in ins[4]):
                    yield hit(RULE, scope, ins[-1], f"`{name}` is written to the output", confidence=Confidence.LOW)
            elif storing and ins[0] == ir.CALLM and scope.called(ins) in _DUMPING and ins[4]:
                if name := _stored_in(scope, ins[4][0]):
                    yield hit(RULE, scope, ins[-1], f"`{name}` is written to a file in clear text")
            elif storing and ins[0] == ir.CALLM and ins[3] == "write" and scope.slot(ins[2]) in files:
                if name := _first(_secret_in(scope, register, None, 4) for register in ins[4]):
                    yield hit(RULE, scope, ins[-1], f"`{name}` is written to a file in clear text")


def _stored_in(scope: Scope, register: int) -> str:
    """The key under which a mapping made here holds a password that came in."""
    made = scope.made(register)
    for key, value in made[2] if made and made[0] == ir.DICT else ():
        name = scope.text(key) or "" if key != ir.NOREG else ""
        if secret_kind(name) == "password" and _secret_in(scope, value, None, 2):
            return name
    return ""


def _opened(scope: Scope, ins: ir.Ins) -> str:
    """The variable that an instruction gives an open file, `""` if it gives none."""
    if ins[0] not in (ir.CALL, ir.ENTER) or ins[1] < 0:
        return ""
    made = ins if ins[0] == ir.CALL else scope.made(ins[2])
    return scope.slot(ins[1]) if made and made[0] == ir.CALL and scope.dotted(made[2]) == "open" else ""


def _is_log(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a method call writes a record of a log, or a line of a file that is one by its name."""
    if ins[3] in _LEVELS:
        return _LOGGER.search(_receiver(scope, ins[2])) is not None
    return ins[3] == "write" and "log" in words_of(scope.slot(ins[2]))


def _first(names: Iterable[str]) -> str:
    return next(filter(None, names), "")


def _holders(scope: Scope) -> frozenset[str]:
    """Dotted names of the mappings from which the function reads a password: `data` with `data["password"]`."""
    found = set()
    for ins in scope.instructions():
        key = ""
        if ins[0] == ir.INDEX:
            key = scope.text(ins[3]) or ""
        elif ins[0] == ir.CALLM and ins[3] == "get" and ins[4]:
            key = scope.text(ins[4][0]) or ""
        if key and secret_kind(key) == "password":
            found.add(scope.dotted(ins[2]))
    return frozenset(found - {""})


def _receiver(scope: Scope, register: int) -> str:
    ins = scope.made(register) if register < 0 else None
    if ins is not None and ins[0] == ir.ATTR:
        return str(ins[3])
    return scope.dotted(register)


def _is_secret(name: str) -> bool:
    """Whether a value of this name must not be logged; a bare `token` may be a word of a language."""
    kind = secret_kind(name)
    words = words_of(name)
    if name.lower() in _HEADERS or words[-3:] == ("private", "key", "pem"):
        return True
    if kind == "token":
        return bool(_TOKENS.intersection(words))
    if kind == "key" and "session" in words:
        return False
    return bool(kind or _PERSONAL.intersection(words)) or _is_number(name)


def _is_number(name: str) -> bool:
    """Whether a value of this name is the number of a card or of a person."""
    words = words_of(name)
    return any(words[at : at + 2] in _NUMBERS for at in range(len(words) - 1)) and words[-1] in (
        "card",
        "number",
        "security",
        "no",
    )


_NUMBERED: Final = Judged(_is_number)


def _secret_in(scope: Scope, register: int, holders: frozenset[str] | None, depth: int) -> str:
    """The name of the secret that a register holds or is built from, `""` if none.

    `holders` None counts only what came from outside: parameters, attributes and items, of kind password or number.
    """
    if not depth or scope.text(register) is not None:
        return ""
    name = scope.name(register)
    if name and not name.isupper() and _is_secret(name) and (holders is not None or _came_in(scope, register, name)):
        return name
    ins = scope.made(register)
    if holders and scope.dotted(register) in holders:
        return "password"
    if ins is None:
        return ""
    if ins[0] == ir.DICT and holders is not None:
        keys = (scope.text(key) or "" for key, value in ins[2] if key != ir.NOREG and scope.constant(value) is MISSING)
        return _first(key for key in keys if secret_kind(key) == "password")
    for part in _parts(scope, ins, register):
        if found := _secret_in(scope, part, holders, depth - 1):
            return found
    return ""


def _came_in(scope: Scope, register: int, name: str) -> bool:
    """Whether a value was handed to the function, and is worth more than a line on a terminal."""
    if secret_kind(name) != "password" and not _is_number(name) and _PERSONAL.isdisjoint(words_of(name)):
        return False
    return register < 0 or scope.function.inits[register][0] == "p"


def _parts(scope: Scope, ins: ir.Ins, register: int) -> tuple[int, ...]:
    """The registers of which a text is put together."""
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
    return parts
