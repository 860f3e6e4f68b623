"""Every origin together with credentials: see `insecure-cors.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, scopes
from custodiet.rules.checks.settings import module_settings
from custodiet.source import ir

RULE: Final = "insecure-cors"
_CREDENTIALS: Final = frozenset(("allow_credentials", "supports_credentials", "CORS_ALLOW_CREDENTIALS"))
_ORIGINS: Final = ("allow_origins", "origins", "allow_origin_regex")
_ALL: Final = frozenset(("*", ".*", "https?://.*", "^.*$", "https://.*"))
_ALL_SETTINGS: Final = ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for calls and settings that allow every origin with credentials."""
    del project
    if not _CREDENTIALS.intersection(module.identifiers) or is_test(module.path):
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


def _allows_all(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a call gives credentials to a list of origins that holds a wildcard."""
    keywords = arguments(ins)[1]
    if not any(scope.constant(keywords[name]) is True for name in _CREDENTIALS.intersection(keywords)):
        return False
    return any(_has_wildcard(scope, keywords[name]) for name in _ORIGINS if name in keywords)


def _has_wildcard(scope: Scope, register: int) -> bool:
    if (text := scope.text(register)) is not None:
        return text in _ALL
    ins = scope.made(register)
    return bool(ins and ins[0] == ir.MAKE and any(scope.text(each) in _ALL for each in ins[3]))
