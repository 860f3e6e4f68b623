"""Settings without protection against forged requests: see `csrf-disabled.md`. Decorators are told by the knowledge."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, scopes
from custodiet.rules.checks.settings import class_settings, is_django, is_local, module_settings, updated_settings
from custodiet.source import ir

RULE: Final = "csrf-disabled"
_SETTINGS: Final = frozenset(("WTF_CSRF_ENABLED", "JWT_COOKIE_CSRF_PROTECT"))
WORDS: Final = frozenset((*_SETTINGS, "MIDDLEWARE", "MIDDLEWARE_CLASSES", "csrf", "csrf_enabled"))
_ARGUMENTS: Final = frozenset(("meta", "csrf_enabled"))
_NEEDING: Final = ("SessionMiddleware", "AuthenticationMiddleware")
_FORGED: Final = "forms are accepted from other sites"


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for settings that switch the protection off, and for a list of middleware that lacks it."""
    del project
    if is_test(module.path):
        return
    for scope in scopes(module):
        settings = module_settings(scope)
        if is_django(settings) and not is_local(module.path):
            for name in ("MIDDLEWARE", "MIDDLEWARE_CLASSES"):
                value, span = settings.get(name, (None, 0))
                if isinstance(value, list) and _lacks(value):
                    yield hit(RULE, scope, span, "the list of middleware has sessions, but not `CsrfViewMiddleware`")
        for name, value, span in (*class_settings(scope), *updated_settings(scope)):
            if name in _SETTINGS and value is False and not is_local(module.path):
                yield hit(RULE, scope, span, _FORGED)
        yield from _form_meta(scope)
        if not _ARGUMENTS.isdisjoint(module.identifiers):
            yield from _form_arguments(scope)


def _lacks(middleware: list[str | None]) -> bool:
    """Whether a list of middleware keeps sessions, is known to the last item, and has no protection."""
    if None in middleware:
        return False
    names = [name or "" for name in middleware]
    return any(name.endswith(_NEEDING) for name in names) and not any("csrf" in name.lower() for name in names)


def _form_meta(scope: Scope) -> Iterator[Hit]:
    """`class Meta: csrf = False` inside a form of Flask-WTF."""
    index = scope.function.class_index
    if index < 0 or scope.module.classes[index].body != scope.index or scope.module.classes[index].name != "Meta":
        return
    for ins in scope.instructions():
        if ins[0] == ir.MOVE and scope.slot(ins[1]) == "csrf" and scope.constant(ins[2]) is False:
            yield hit(RULE, scope, ins[-1], _FORGED)


def _form_arguments(scope: Scope) -> Iterator[Hit]:
    """`ProfileForm(meta={"csrf": False})`, and the older `csrf_enabled=False`."""
    for ins in scope.instructions():
        if ins[0] not in (ir.CALL, ir.CALLM):
            continue
        keywords = arguments(ins)[1]
        meta = scope.made(keywords["meta"]) if "meta" in keywords else None
        switched = meta is not None and meta[0] == ir.DICT and _says_no(scope, meta[2])
        if switched or ("csrf_enabled" in keywords and scope.constant(keywords["csrf_enabled"]) is False):
            yield hit(RULE, scope, ins[-1], _FORGED)


def _says_no(scope: Scope, pairs: tuple[tuple[int, int], ...]) -> bool:
    return any(key != ir.NOREG and scope.text(key) == "csrf" and scope.constant(value) is False for key, value in pairs)
