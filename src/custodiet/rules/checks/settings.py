"""Modules and classes that configure a web application, and the settings in them."""

from collections.abc import Iterator
from typing import Any, Final

from custodiet.rules.checks.reading import MISSING, Scope, arguments, is_test
from custodiet.rules.checks.words import words_of
from custodiet.source import ir

_DJANGO: Final = frozenset(("ROOT_URLCONF", "INSTALLED_APPS", "MIDDLEWARE", "MIDDLEWARE_CLASSES", "WSGI_APPLICATION"))
_CONFIGURES: Final = frozenset(("config", "settings", "configuration"))
_LOCAL: Final = frozenset("dev development local test tests testing debug ci sandbox".split())


def module_settings(scope: Scope) -> dict[str, tuple[Any, int]]:
    """Upper-case names of a module body with (constant or list of texts, span) of their last assignment."""
    found: dict[str, tuple[Any, int]] = {}
    if scope.index:
        return found
    for ins in scope.instructions():
        if ins[0] in (ir.MOVE, ir.MAKE):
            name = scope.slot(ins[1]) if ins[1] >= 0 else ""
            if name.isupper():
                found[name] = (_value(scope, ins), ins[-1])
    return found


def is_django(settings: dict[str, tuple[Any, int]]) -> bool:
    """Whether these settings configure a Django site (the empty lists of a module of defaults do not)."""
    return any(name in _DJANGO and value and value is not MISSING for name, (value, _) in settings.items())


def class_settings(scope: Scope) -> Iterator[tuple[str, Any, int]]:
    """(name, constant, span) of the upper-case names that a class body such as `Config` sets."""
    function = scope.function
    if function.name != "<class>" and not _is_class_body(scope):
        return
    words = words_of(scope.module.classes[function.class_index].name) if function.class_index >= 0 else ()
    if not _CONFIGURES.intersection(words) or _LOCAL.intersection(words):
        return
    for ins in scope.instructions():
        if ins[0] == ir.MOVE and (name := scope.slot(ins[1])).isupper():
            yield name, scope.constant(ins[2]), ins[-1]


def updated_settings(scope: Scope) -> Iterator[tuple[str, Any, int]]:
    """(name, constant, span) of the keywords of `app.config.update(NAME=value)`."""
    for ins in scope.instructions():
        if ins[0] == ir.CALLM and ins[3] in ("update", "from_mapping") and scope.name(ins[2]) in _CONFIGURES:
            for name, register in arguments(ins)[1].items():
                if name.isupper():
                    yield name, scope.constant(register), ins[-1]


def is_local(path: str) -> bool:
    """Whether a settings file serves development or tests by its path."""
    return is_test(path) or bool(_LOCAL.intersection(words_of(path.rpartition("/")[2].removesuffix(".py"))))


def _is_class_body(scope: Scope) -> bool:
    index = scope.function.class_index
    return index >= 0 and scope.module.classes[index].body == scope.index


def _value(scope: Scope, ins: ir.Ins) -> Any:
    """The constant that is assigned, the texts of a list that is, or `MISSING`."""
    if ins[0] == ir.MAKE:
        return [scope.text(register) for register in ins[3]]
    return scope.constant(ins[2])
