"""Routes that change data without the login that their neighbours ask for: see `missing-authorisation.md`."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, scopes
from custodiet.rules.checks.words import Judged, secret_kind, words_of
from custodiet.source import ir

RULE: Final = "missing-authorisation"
LEAST_PROTECTED: Final = 2
"""So many routes that ask for a login make a convention, if they are the majority of those that change data."""

_VERBS: Final = frozenset(("post", "put", "patch", "delete"))
_MARKS: Final = frozenset(
    (
        "route",
        "permission_classes",
        "post",
        "put",
        "patch",
        "delete",
        "methods",
        "api_view",
        "require_POST",
        "require_http_methods",
    )
)
WORDS: Final = frozenset(
    "flask fastapi django rest_framework quart sanic litestar bottle flask_restful flask_appbuilder aiohttp".split()
)
_REGISTERING: Final = _VERBS | {"route", "api_route", "get"}
_AUTHORISES: Final = pattern(
    r"login|logged|auth(?!or(?:s|_id|_name|ed_by)?\b)|permission|require[sd]?_(?:role|admin|user|owner|scope|token|jwt)|"
    r"(?:role|admin|user|owner|scope|token|jwt|staff|superuser|member|session|api_?key)s?_(?:is_)?required|protected|"
    r"user_passes_test|has_access|has_role|access_control|secured?\b|admin_only|staff_only|jwt|current_?user|"
    r"verify_(?:token|user|api|key|jwt|session)|check_(?:token|user|access|role|api)|get_user|api_?key|credential|"
    r"principal|oauth|bearer|signature|hmac",
    re.IGNORECASE,
)
_PUBLIC: Final = frozenset(
    "login logout signin signout signup register registration auth authenticate token refresh webhook webhooks hook "
    "callback health healthz healthcheck ping status contact subscribe unsubscribe forgot reset verify verification "
    "confirm activate activation public oauth sso saml csrf search password newsletter feedback join session sessions "
    "metrics track tracking beacon graphql preview validate index home root".split()
)
_BODY_CHECKS: Final = pattern(
    r"^(?:session|current_user|get_current_user|is_authenticated|is_staff|is_superuser|has_perm|has_perms|authenticate|"
    r"authorization|compare_digest|login_required|current_identity|get_jwt_identity|get_jwt|verify_jwt_in_request)$|"
    r"authori[sz]|permission|check_(?:access|token|auth|admin|owner|user)|require_|verify_|ensure_|is_admin|is_owner|"
    r"validate_token|decode_token",
    re.IGNORECASE,
)


_APPLICATIONS: Final = frozenset("Flask FastAPI Quart Sanic Bottle Starlette Litestar".split())
_PARTS: Final = frozenset(
    ("Blueprint", "APIRouter", "before_request", "before_app_request", "AuthenticationMiddleware")
)
"""Marks of modules whose routes may be protected where the application is put together."""
_MANAGING: Final = frozenset(("admin", "administrator", "superuser", "admins"))
_WRITABLE: Final = (
    "ModelViewSet", "CreateAPIView", "DestroyAPIView", "UpdateAPIView", "RetrieveUpdateDestroyAPIView",
    "RetrieveUpdateAPIView", "RetrieveDestroyAPIView", "ListCreateAPIView",
)  # fmt: skip


_HARMLESS: Final = frozenset(
    "limit cached cache exempt cache_page csrf_exempt require_POST require_GET require_http_methods api_view wraps "
    "cross_origin never_cache shared_limit timed trace".split()
)


class Route(NamedTuple):
    """A function that a decorator registers."""

    number: int
    span: int
    scope: Scope
    path: str
    is_protected: bool
    changes: bool
    """Whether its requests change data."""
    is_wrapped: bool
    """Whether a decorator that is none of the framework's stands on it: it may ask for a login in its own way."""


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits at routes that break the convention of their module, and at open routes of administrators."""
    del project
    words = module.identifiers
    manages = not words.isdisjoint(_APPLICATIONS) and words.isdisjoint(_PARTS) and _MANAGING_WORDS.any(words)
    if (words.isdisjoint(_MARKS) and not manages) or is_test(module.path):
        return
    if "AllowAny" in words or "permission_classes" in words:
        yield from _open_views(module)
    authorises = _AUTHORISING.any(words)
    if not authorises and not manages:
        return
    routes: list[Route] = []
    for scope in scopes(module):
        for ins in scope.instructions():
            if ins[0] == ir.FUNC and ins[3]:
                if (route := _route(scope, ins)) is not None:
                    routes.append(route)
            elif _protects_all(scope, ins):
                return
    for route in _forgotten([route for route in routes if route.changes]) if authorises else ():
        yield hit(RULE, route.scope, route.span)
    for route in routes if manages else ():
        if not route.is_protected and not route.is_wrapped and _is_managing(route) and not _is_public(module, route):
            if not _checks_inside(module, route.number, _AUTHORISES):
                message = "a route for administrators asks for no login"
                yield hit(RULE, route.scope, route.span, message, confidence=Confidence.LOW)


def _forgotten(routes: list[Route]) -> list[Route]:
    """The routes without the login that most of them ask for."""
    private = [route for route in routes if route.is_protected or not _is_public(route.scope.module, route)]
    protected = sum(route.is_protected for route in private)
    if protected < LEAST_PROTECTED or protected * 2 <= len(private):
        return []
    return [
        route
        for route in private
        if not route.is_protected and not _checks_inside(route.scope.module, route.number) and not _is_managing(route)
    ]


_AUTHORISING: Final = Judged(lambda word: _AUTHORISES.search(word) is not None)


def _manages(word: str) -> bool:
    return not _MANAGING.isdisjoint(words_of(word))


_MANAGING_WORDS: Final = Judged(_manages)


def _is_managing(route: Route) -> bool:
    """Whether a route is meant for administrators by its path or its name."""
    return _manages(route.path) or _manages(route.scope.module.functions[route.number].name)


def _route(scope: Scope, ins: ir.Ins) -> Route | None:
    """The route that a FUNC instruction registers, if it does."""
    path: str | None = None
    protected = changes = wrapped = False
    for register in ins[3]:
        made = scope.made(register) if register < 0 else None
        if made is not None and made[0] in (ir.CALL, ir.CALLM):
            name = str(made[3]) if made[0] == ir.CALLM else scope.dotted(made[2]).rpartition(".")[2]
            found = _registered_path(scope, made, name)
            path = found if found is not None else path
            wrapped = wrapped or (found is None and name not in _HARMLESS)
            changes = changes or _changes(scope, made, name)
            told = scope.called(made) if found is None else name  # `@Permissions.SETTINGS.require(403)`
            protected = protected or bool(_AUTHORISES.search(told or name)) or _depends_on_login(scope, made)
        else:
            name = scope.dotted(register).rpartition(".")[2]
            path = "" if name == "require_POST" and path is None else path
            changes = changes or name == "require_POST"
            wrapped = wrapped or name not in _HARMLESS
            protected = protected or bool(_AUTHORISES.search(name))
    if path is None:
        return None
    function = scope.module.functions[ins[2]]
    protected = protected or any(_is_login(scope, register) for _, register in ins[4])
    protected = protected or any(
        param.annotation
        and re.search(r"Depends|Security|Current_?User|Authenticated", param.annotation)
        and _AUTHORISES.search(param.annotation)
        for param in function.params
    )
    return Route(ins[2], ins[-1], scope, path, protected, changes, wrapped)


def _registered_path(scope: Scope, call: ir.Ins, name: str) -> str | None:
    """The path of a registering decorator; `""` if it names none, None if the call is no such decorator."""
    positional, keywords = arguments(call)
    if name in ("require_http_methods", "api_view"):
        return ""
    if name not in _REGISTERING or call[0] != ir.CALLM:
        return None
    return scope.text(positional[0]) if positional else scope.text(keywords["path"]) if "path" in keywords else ""


def _changes(scope: Scope, call: ir.Ins, name: str) -> bool:
    """Whether a registering decorator takes requests that change data, and no others."""
    positional, keywords = arguments(call)
    if name in ("require_http_methods", "api_view"):
        methods = keywords.get("http_method_names", positional[0] if positional else None)
        return methods is not None and _has_verb(scope, methods)
    if name not in _REGISTERING or call[0] != ir.CALLM:
        return False
    return name in _VERBS or ("methods" in keywords and _has_verb(scope, keywords["methods"]))


def _has_verb(scope: Scope, register: int) -> bool:
    made = scope.made(register)
    listed = made[3] if made is not None and made[0] == ir.MAKE else ()
    verbs = {(scope.text(each) or "").lower() for each in listed}
    return bool(verbs & _VERBS) and "get" not in verbs


def _depends_on_login(scope: Scope, call: ir.Ins) -> bool:
    """Whether a registering call lists a dependency that asks for a login."""
    register = arguments(call)[1].get("dependencies")
    made = scope.made(register) if register is not None else None
    return made is not None and made[0] == ir.MAKE and any(_is_login(scope, each) for each in made[3])


def _is_login(scope: Scope, register: int) -> bool:
    """Whether a register holds `Depends(get_current_user)` or `Security(…)`."""
    made = scope.made(register)
    if made is None or made[0] != ir.CALL or scope.dotted(made[2]).rpartition(".")[2] not in ("Depends", "Security"):
        return False
    positional, keywords = arguments(made)
    names = [scope.dotted(each) for each in (*positional, *keywords.values())]
    return any(_AUTHORISES.search(name) for name in names)


def _protects_all(scope: Scope, ins: ir.Ins) -> bool:
    """Whether an instruction protects every route of the module at once."""
    if ins[0] not in (ir.CALL, ir.CALLM):
        return False
    name = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]
    return name in ("before_request", "before_app_request") or (
        name in ("APIRouter", "FastAPI") and _depends_on_login(scope, ins)
    )


def _is_public(module: ir.Module, route: Route) -> bool:
    """Whether a route is public by nature, as its name or path says."""
    words = {*words_of(module.functions[route.number].name), *words_of(route.path)}
    return bool(words & _PUBLIC)


def _checks_inside(module: ir.Module, index: int, also: "re.Pattern[str] | None" = None) -> bool:
    """Whether the body of a route looks at who asks; `also` are more words that say so."""
    function = module.functions[index]
    own = {name for name in function.names if name}
    names = own.union(function.called)
    if "session" not in own and not own & {"request", "req", "self"}:
        names.discard("session")  # that of a database, `db.session`
    texts = {value for kind, value in function.inits if kind == "c" and isinstance(value, str) and len(value) < 40}
    words = names | {text for text in texts if text.replace("-", "_").isidentifier()}
    if also is not None and any(also.search(word) or secret_kind(word) for word in words):
        return True
    return any(map(_BODY_CHECKS.search, words))


def _open_views(module: ir.Module) -> Iterator[Hit]:
    """Hits where a view of Django REST framework that changes data is opened for everyone."""
    for scope in scopes(module):
        index = scope.function.class_index
        if index < 0 or module.classes[index].body != scope.index:
            continue
        declared = module.classes[index]
        if not any(base.rpartition(".")[2] in _WRITABLE for base in declared.bases):
            continue
        if _PUBLIC.intersection(words_of(declared.name)):
            continue
        for ins in scope.instructions():
            if ins[0] == ir.MAKE and ins[1] >= 0 and scope.slot(ins[1]) == "permission_classes":
                names = [scope.dotted(each).rpartition(".")[2] for each in ins[3]]
                if not names or names == ["AllowAny"]:
                    yield hit(RULE, scope, ins[-1], "anyone may change what this view serves")
