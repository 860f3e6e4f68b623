"""Settings that weaken the cookies of a session, and cookies made by hand: see `insecure-cookie.md`.

Calls of frameworks are told by the knowledge.
"""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.expressions import expression
from custodiet.rules.checks.reading import Scope, hit, is_test, scopes
from custodiet.rules.checks.settings import class_settings, is_django, is_local, module_settings, updated_settings
from custodiet.source import ir

RULE: Final = "insecure-cookie"
_NAMES: Final = {
    "SESSION_COOKIE_SECURE": "the session cookie is sent over unencrypted connections too",
    "CSRF_COOKIE_SECURE": "the cookie against forged requests is sent over unencrypted connections too",
    "REMEMBER_COOKIE_SECURE": "the login cookie is sent over unencrypted connections too",
    "JWT_COOKIE_SECURE": "the token cookie is sent over unencrypted connections too",
    "SESSION_COOKIE_HTTPONLY": "scripts can read the session cookie",
    "REMEMBER_COOKIE_HTTPONLY": "scripts can read the login cookie",
}
_JARS: Final = frozenset(("SimpleCookie", "BaseCookie"))
_HEADER: Final = frozenset("send_header add_header append set setdefault start_response putheader".split())
_BARE: Final = "the cookie is made without `Secure` and `HttpOnly`"
_MADE: Final = pattern(r"^\s*[\w.-]+=")
WORDS: Final = frozenset((*_NAMES, *_JARS, "Cookie"))
_GUARDED: Final = pattern(r"(?=.*;\s*secure)(?=.*;\s*httponly)|max-age=0|expires=thu, 0?1[ -]jan[ -]1970")


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """A hit for each of the settings that is False, and for cookies that are put together without their flags."""
    del project
    if not is_test(module.path) and module.language == "python":
        yield from _made_by_hand(module)
    if not any(name in module.identifiers for name in _NAMES) or is_local(module.path):
        return
    for scope in scopes(module):
        settings = module_settings(scope)
        if is_django(settings):
            for name, (value, span) in settings.items():
                if name in _NAMES and value is False:
                    yield hit(RULE, scope, span, _NAMES[name])
        for name, value, span in (*class_settings(scope), *updated_settings(scope)):
            if name in _NAMES and value is False:
                yield hit(RULE, scope, span, _NAMES[name])


def _made_by_hand(module: ir.Module) -> Iterator[Hit]:
    """Hits for headers `Set-Cookie`, and for items of a `SimpleCookie`, that are set without flags."""
    jars, header = not _JARS.isdisjoint(module.identifiers), "Cookie" in module.identifiers
    if not jars and not header:
        return
    for scope in scopes(module):
        texts = {str(value).lower() for kind, value in scope.function.inits if kind == "c"}
        if header and "set-cookie" in texts:
            yield from _headers(scope)
        if jars and not _JARS.isdisjoint(scope.function.called) and not {"secure", "httponly"} <= texts:
            yield from _jars(scope)


def _headers(scope: Scope) -> Iterator[Hit]:
    for ins in scope.instructions():
        pairs: list[tuple[int, int]] = []
        if ins[0] == ir.CALLM and ins[3] in _HEADER and len(ins[4]) >= 2:
            pairs.append((ins[4][0], ins[4][1]))
        elif ins[0] == ir.SETINDEX:
            pairs.append((ins[2], ins[3]))
        elif ins[0] == ir.DICT:
            pairs.extend(pair for pair in ins[2] if pair[0] != ir.NOREG)
        elif ins[0] == ir.MAKE and len(ins[3]) == 2:
            pairs.append((ins[3][0], ins[3][1]))
        for name, value in pairs:
            if (scope.text(name) or "").lower() == "set-cookie":
                made = "".join(
                    part.constant or "x" for part in expression(scope, value).within() if part.kind in _LEAVES
                )
                if _MADE.match(made) and not _GUARDED.search(made.lower()):
                    yield hit(RULE, scope, ins[-1], _BARE)


_LEAVES: Final = frozenset(("constant", "name", "call", "attribute", "index"))


def _jars(scope: Scope) -> Iterator[Hit]:
    """A hit where an empty jar gets its first cookie; a jar made of a text reads the client's cookies."""
    made: set[str] = set()
    for ins in scope.instructions():
        if ins[0] in (ir.CALL, ir.CALLM) and scope.called(ins).rpartition(".")[2] in _JARS:
            if ins[1] >= 0 and not ins[3 if ins[0] == ir.CALL else 4]:
                made.add(scope.slot(ins[1]))
        elif ins[0] == ir.SETINDEX and scope.slot(ins[1]) in made and scope.text(ins[2]):
            made.discard(scope.slot(ins[1]))
            yield hit(RULE, scope, ins[-1], _BARE)
