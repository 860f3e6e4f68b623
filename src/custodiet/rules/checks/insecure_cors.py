"""Every origin together with credentials: see `insecure-cors.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.expressions import Names, expression
from custodiet.rules.checks.reading import Scope, always_true, arguments, hit, is_test, scopes
from custodiet.rules.checks.settings import module_settings
from custodiet.source import ir

RULE: Final = "insecure-cors"
_ORIGIN_TEST: Final = "SetIsOriginAllowed"
WORDS: Final = frozenset(
    (_ORIGIN_TEST, "allow_credentials", "supports_credentials", "CORS_ALLOW_CREDENTIALS", "Credentials")
)
_CREDENTIALS: Final = frozenset(("allow_credentials", "supports_credentials", "CORS_ALLOW_CREDENTIALS"))
_HEADER: Final = "access-control-allow-origin"
_CREDENTIALS_HEADER: Final = "access-control-allow-credentials"
_ORIGINS: Final = ("allow_origins", "origins", "allow_origin_regex", "resources")
_ALL: Final = frozenset(("*", ".*", "https?://.*", "^.*$", "https://.*"))
_ALL_SETTINGS: Final = ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for calls and settings that allow every origin with credentials."""
    del project
    if is_test(module.path):
        return
    if _ORIGIN_TEST in module.identifiers:
        yield from _accepting(module)
    if module.language != "python":
        return
    if "Credentials" in module.identifiers and "Origin" in module.identifiers:
        yield from _echoes(module)
    if not _CREDENTIALS.intersection(module.identifiers):
        return
    for scope in scopes(module):
        for ins in scope.instructions():
            if ins[0] in (ir.CALL, ir.CALLM) and _allows_all(scope, ins):
                yield hit(RULE, scope, ins[-1])
        settings = module_settings(scope)
        if settings.get("CORS_ALLOW_CREDENTIALS", (None, 0))[0] is True:
            for name in _ALL_SETTINGS:
                value, span = settings.get(name, (None, 0))
                if value is True:
                    yield hit(RULE, scope, span)


def _accepting(module: ir.Module) -> Iterator[Hit]:
    """Hits for tests of the origin that accept every one."""
    for scope in scopes(module):
        for ins in scope.instructions():
            if ins[0] == ir.CALLM and ins[3] == _ORIGIN_TEST and ins[4] and always_true(scope, ins[4][0]):
                yield hit(RULE, scope, ins[-1])


def _allows_all(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a call gives credentials to a list of origins that holds a wildcard."""
    keywords = arguments(ins)[1]
    if not any(scope.constant(keywords[name]) is True for name in _CREDENTIALS.intersection(keywords)):
        return False
    return any(_has_wildcard(scope, keywords[name]) for name in _ORIGINS if name in keywords)


def _has_wildcard(scope: Scope, register: int) -> bool:
    if (text := scope.text(register)) is not None:
        return text in _ALL
    made = expression(scope, register)
    if made.kind == "mapping":
        # resources={r"/api/*": {"origins": "*"}}
        return any(
            name in _ORIGINS and any(part.constant in _ALL for part in each.within())
            for _, resource in made.keywords
            for name, each in resource.keywords
        )
    return made.kind == "sequence" and any(part.constant in _ALL for part in made.parts)


def _echoes(module: ir.Module) -> Iterator[Hit]:
    """Hits where a function answers with the origin that was sent, and allows credentials, without comparing it."""
    names = Names(module)
    for scope in scopes(module):
        texts = {value.lower() for kind, value in scope.function.inits if kind == "c" and isinstance(value, str)}
        if _HEADER not in texts or _CREDENTIALS_HEADER not in texts or _compares(scope):
            continue
        for ins in scope.instructions():
            for key, value in _headers(ins):
                if (scope.text(key) or "").lower() != _HEADER:
                    continue
                allowed = names.followed(scope, expression(scope, value))
                if any(
                    part.constant == "*" or (part.constant or "").lower() in ("origin", "http_origin")
                    for part in allowed.within()
                ):
                    yield hit(RULE, scope, ins[-1])


def _headers(ins: ir.Ins) -> list[tuple[int, int]]:
    """(name, value) registers of the headers that an instruction sets."""
    if ins[0] == ir.SETINDEX:
        return [(ins[2], ins[3])]
    if ins[0] == ir.DICT:
        return [pair for pair in ins[2] if pair[0] != ir.NOREG]
    if ins[0] == ir.CALLM and ins[3] in ("add", "set", "append", "send_header", "set_header", "setdefault"):
        return [(ins[4][0], ins[4][1])] if len(ins[4]) >= 2 else []
    return []


def _compares(scope: Scope) -> bool:
    """Whether the function compares a text with something: an origin with those that are allowed."""
    return any(
        (ins[0] == ir.BIN and ins[2] in ("in", "notin", "==", "!="))
        or (ins[0] == ir.CALLM and ins[3] in ("endswith", "startswith", "match", "fullmatch", "search"))
        for ins in scope.instructions()
    )
