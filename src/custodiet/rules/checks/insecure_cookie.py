"""Settings that weaken the cookies of a session: see `insecure-cookie.md`. Calls are told by the knowledge."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import hit, scopes
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


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """A hit for each of the settings that is False."""
    del project
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
