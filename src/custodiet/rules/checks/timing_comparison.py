"""Secrets that are compared byte by byte: see `timing-comparison.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.local_flow import NOTHING, Origins, Rules, uses
from custodiet.rules.checks.reading import MISSING, Scope, hit, is_test, scopes
from custodiet.rules.checks.words import secret_kind, words_of
from custodiet.source import ir

RULE: Final = "timing-comparison"
WORDS: Final = frozenset("hmac request req Header APIKeyHeader headers environ getenv authorization event".split())
_MAKERS: Final = frozenset(("hmac.new", "hmac.digest", "hmac.HMAC"))
_KEEPING: Final = frozenset(
    "hexdigest digest b64encode urlsafe_b64encode hexlify hex decode encode lower upper strip rstrip format str bytes".split()
)
_REQUESTS: Final = frozenset(
    "request.headers request.args request.form request.values request.json request.cookies request.GET request.POST "
    "request.META request.data request.get_json() req.headers req.params self.request.headers self.headers "
    "request.query_params request.query request.match_info websocket.headers websocket.query_params".split()
)
_PASSING: Final = frozenset(
    "get get_json replace removeprefix split strip encode decode getlist str partition lower".split()
)
_CODE: Final = "code"
_SENT: Final = "sent"
_GIVEN: Final = "given"
_KEPT: Final = "kept"
_SETTINGS: Final = frozenset("settings config configuration conf cfg".split())
_PLACES: Final = frozenset("session state cache csrf nonce".split())


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits at each `==` of a message authentication code, or of a secret of the server with what a client sent."""
    del project
    if is_test(module.path):
        return
    makers = _functions_that_make(module) if "hmac" in module.identifiers else frozenset()
    for scope in scopes(module):
        if not _compares(scope.function.body):
            continue
        found = dict.fromkeys(_comparisons(scope, makers))
        for span, confidence in found:
            yield hit(RULE, scope, span, confidence=confidence)


def _compares(block: ir.Block) -> bool:
    """Whether there is a `==` or `!=` in the block."""
    return any(
        (ins[0] == ir.BIN and ins[2] in ("==", "!=")) or any(_compares(inner) for inner in ir.blocks(ins))
        for ins in block
    )


def _functions_that_make(module: ir.Module) -> frozenset[str]:
    """Names of the module's functions that return a message authentication code."""
    found = set()
    for scope in scopes(module):
        if scope.index and not {"new", "digest", "HMAC"}.isdisjoint(scope.function.called):
            rules = Rules(lambda inner, ins: _made(inner, ins, frozenset()), _keeps, _same)
            if any(use.kind == "return" and _CODE in use.origins for use in uses(scope.again, rules, {})):
                found.add(scope.function.name)
    return frozenset(found)


def _comparisons(scope: Scope, makers: frozenset[str]) -> Iterator[tuple[int, Confidence | None]]:
    """Spans of the comparisons, with how sure each is if that is not as usual."""

    def begins(inner: Scope, ins: ir.Ins) -> Origins:
        return _made(inner, ins, makers) | _sent(inner, ins) | _configured(inner, ins)

    def carries(inner: Scope, ins: ir.Ins) -> bool:
        return _keeps(inner, ins) or _last(inner, ins) in _PASSING

    start: dict[int, Origins] = {
        param.reg: frozenset((_GIVEN,)) for param in scope.function.params if _is_injected(param)
    }
    sides: dict[int, Origins] = {}
    for use in uses(scope.again, Rules(begins, carries, _same), start):
        if use.kind != "compare" or use.ins[2] not in ("==", "!="):
            continue
        known = sides[use.ins[-1]] = sides.get(use.ins[-1], NOTHING) | use.origins
        if _CODE in use.origins:
            if not _is_constant(scope, use.ins):
                yield use.ins[-1], Confidence.HIGH
        elif (
            (_KEPT in known and (_SENT in known or _GIVEN in known))
            or (_SENT in use.origins and _is_secret(use.name))
            or (_GIVEN in use.origins and _is_secret(use.name) and _is_setting(use.name))
        ):
            yield use.ins[-1], None


def _made(scope: Scope, ins: ir.Ins, makers: frozenset[str]) -> Origins:
    """A message authentication code that is made here."""
    if ins[0] not in (ir.CALL, ir.CALLM):
        return NOTHING
    if scope.called(ins) in _MAKERS:
        return frozenset((_CODE,))
    is_own = ins[0] == ir.CALL or scope.slot(ins[2]) in ("self", "cls")
    return frozenset((_CODE,)) if is_own and _last(scope, ins) in makers else NOTHING


def _sent(scope: Scope, ins: ir.Ins) -> Origins:
    """Something that a client sent is read here."""
    if ins[0] in (ir.ATTR, ir.CALLM):
        base = scope.dotted(ins[2])
        name = f"{base}.{ins[3]}" if ins[0] == ir.ATTR else base
        if ins[0] == ir.CALLM and ins[3] == "get_json":
            name = f"{base}.get_json()"
        if name.removeprefix("flask.").removeprefix("quart.").removeprefix("bottle.") in _REQUESTS:
            return frozenset((_SENT,))
    return NOTHING


def _configured(scope: Scope, ins: ir.Ins) -> Origins:
    """A secret of the environment or the configuration is read here: `os.environ.get("API_KEY")`."""
    key = None
    if ins[0] == ir.INDEX and scope.dotted(ins[2]).endswith((".environ", ".config")):
        key = ins[3]
    elif ins[0] == ir.CALLM and ins[4] and scope.called(ins).endswith((".environ.get", "os.getenv", ".config.get")):
        key = ins[4][0]
    elif ins[0] == ir.CALL and ins[3] and scope.called(ins) == "os.getenv":
        key = ins[3][0]
    name = scope.text(key) if key is not None else None
    return frozenset((_KEPT,)) if name and secret_kind(name) in ("key", "secret", "token") else NOTHING


def _is_injected(param: ir.Param) -> bool:
    """Whether the parameter is a secret by its name, such as the `x_api_key` that a framework fills from a header."""
    words = words_of(param.name)
    return secret_kind(param.name) in ("key", "secret", "token") and (len(words) > 1 or words == ("apikey",))


def _is_secret(name: str) -> bool:
    """Whether a dotted name is that of a secret which the server knows: `API_KEY`, `settings.api_key`, `os.environ.get()`."""
    owner, _, last = name.rpartition(".")
    if not _PLACES.isdisjoint(words_of(owner)):
        return False
    kind = secret_kind(last)
    return kind in ("key", "secret", "token") and (last.isupper() or bool(owner))


def _is_setting(name: str) -> bool:
    """Whether a dotted name is a constant of the module or a setting: where nobody looks up one of many tokens."""
    owner, _, last = name.rpartition(".")
    return last.isupper() or not _SETTINGS.isdisjoint(words_of(owner))


def _is_constant(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a constant is compared with, as in a test of the function."""
    return scope.constant(ins[3]) is not MISSING or scope.constant(ins[4]) is not MISSING


def _keeps(scope: Scope, ins: ir.Ins) -> bool:
    return _last(scope, ins) in _KEEPING


def _last(scope: Scope, ins: ir.Ins) -> str:
    return str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]


def _same(scope: Scope, ins: ir.Ins, carried: Origins) -> Origins:
    del scope, ins
    return carried
