"""Debug mode as a constant of the settings: see `debug-enabled.md`. Calls and attributes are told by the knowledge."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import hit, scopes
from custodiet.rules.checks.settings import class_settings, is_django, is_local, module_settings, updated_settings
from custodiet.source import ir

RULE: Final = "debug-enabled"
_NAMES: Final = frozenset(("DEBUG", "TEMPLATE_DEBUG"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """A hit for `DEBUG = True` in settings that are not for development."""
    del project
    if not _NAMES.intersection(module.identifiers) or is_local(module.path):
        return
    for scope in scopes(module):
        settings = module_settings(scope)
        if is_django(settings):
            for name in sorted(_NAMES.intersection(settings)):
                value, span = settings[name]
                if value is True:
                    yield hit(RULE, scope, span)
        for name, value, span in (*class_settings(scope), *updated_settings(scope)):
            if name in _NAMES and value is True:
                yield hit(RULE, scope, span)
