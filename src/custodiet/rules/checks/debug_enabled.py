"""Debug mode as a constant of the settings: see `debug-enabled.md`. Calls and attributes are told by the knowledge."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import hit, scopes
from custodiet.rules.checks.settings import class_settings, is_django, is_local, module_settings, updated_settings
from custodiet.source import ir

RULE: Final = "debug-enabled"
WORDS: Final = frozenset(("DEBUG", "TEMPLATE_DEBUG"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """A hit for `DEBUG = True` in settings that are not for development."""
    del project
    if is_local(module.path):
        return
    for scope in scopes(module):
        settings = module_settings(scope)
        if is_django(settings) or "ALLOWED_HOSTS" in settings:
            for name in sorted(WORDS.intersection(settings)):
                value, span = settings[name]
                if value is True:
                    yield hit(RULE, scope, span)
        for name, value, span in (*class_settings(scope), *updated_settings(scope)):
            if name in WORDS and value is True:
                yield hit(RULE, scope, span)
