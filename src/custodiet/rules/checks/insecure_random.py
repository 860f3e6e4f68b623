"""Values of the module `random` that protect something: see `insecure-random.md`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from custodiet.domain.severity import Confidence
from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.clock import CLOCK_WORDS, clock_spans
from custodiet.rules.checks.generators import Generators, draws, fields_of, generators_of, may_draw, words_that_draw
from custodiet.rules.checks.local_flow import NOTHING, Origins, Rules, Use, uses
from custodiet.rules.checks.reading import Scope, argument, arguments, hit, is_test, scopes
from custodiet.rules.checks.security_names import protects, protects_if_spelled
from custodiet.rules.checks.words import words_of
from custodiet.source import ir

RULE: Final = "insecure-random"
_NUMBERS: Final = frozenset(
    "random randint randrange getrandbits randbytes uniform triangular normalvariate gauss betavariate expovariate "
    "lognormvariate vonmisesvariate gammavariate paretovariate weibullvariate".split()
)
_CHOICES: Final = frozenset("choice choices sample".split())
_NUMPY: Final = frozenset("bytes rand randn random_sample ranf integers random_integers choice".split()) | _NUMBERS
_DRAWING: Final = _NUMBERS | _CHOICES | _NUMPY | {"uuid1"}
_HARMLESS: Final = frozenset("sleep uniform len print isinstance wait".split())
_SECURE_CALLS: Final = frozenset(
    "set_cookie set_password make_password set_secure_cookie set_signed_cookie encrypt CBC GCM CTR OFB CFB Fernet AESGCM "
    "ChaCha20Poly1305 pbkdf2_hmac scrypt hashpw Cookie addCookie SecretKeySpec IvParameterSpec".split()
)
_FILLING: Final = frozenset(("nextBytes", "NextBytes"))
"""Methods that draw into their argument."""
_RECEIVERS: Final = frozenset(("self", "cls", "this"))


_BESIDE: Final = frozenset(
    "retry delay wait jitter timeout sleep seconds backoff interval request trace correlation attempt index after".split()
)
"""Words of names that have nothing to do with the secret that the function makes."""
_KEPT: Final = frozenset("tokens token sessions otps invites resets".split())
"""Mappings whose keys are what a client has to know."""
_MODULES: Final = frozenset(("random", "numpy", "uuid"))


class Origin(NamedTuple):
    """A call of the generator. `is_element`: one element of a collection, not yet put together with others."""

    span: int
    function: int
    is_element: bool
    is_spelled: bool
    """Letters and digits were drawn from an alphabet and put together."""


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits at each call of `random` whose value protects something."""
    del project
    known = generators_of(module.language)
    if known is not None:
        if not is_test(module.path) and may_draw(module, known):
            fields = fields_of(module)
            yield from _secrets(
                list(scopes(module)),
                words_that_draw(known),
                lambda scope, ins: _typed(scope, ins, known, fields),
            )
        return
    words = module.identifiers
    draws, tells = not words.isdisjoint(("random", "uuid1")), not words.isdisjoint(CLOCK_WORDS)
    if not (draws or tells) or is_test(module.path):
        return
    every = list(scopes(module))
    for scope in every if tells else ():
        for span in clock_spans(scope):
            yield hit(RULE, scope, span, "the value is made of the time, which everyone knows")
    if not draws:
        return
    if "Math" not in words and not any(
        name.partition(".")[0] in _MODULES for scope in every for name in scope.imports.values()
    ):
        return
    yield from _secrets(every, _DRAWING, _drawn)


def _secrets(
    every: list[Scope], drawing_words: frozenset[str], drawn: Callable[[Scope, ir.Ins], Origins]
) -> Iterator[Hit]:
    """Hits at the draws whose values protect something."""
    returned: dict[str, Origins] = {}
    drawing = [scope for scope in every if not drawing_words.isdisjoint(scope.function.called)]
    for scope in drawing:
        given = [use.origins for use in _uses(scope, {}, drawn) if use.kind == "return"]
        if given and scope.index:
            returned[scope.function.name] = NOTHING.union(*given)
    found: dict[int, tuple[Scope, bool]] = {}
    for scope in every:
        if drawing_words.isdisjoint(scope.function.called) and returned.keys().isdisjoint(scope.function.called):
            continue
        by_name = protects(_title(scope), is_function=True)
        stored = _stored_under_keys_of_cookies(scope)
        every_use = _uses(scope, returned, drawn)
        beside = NOTHING.union(*(use.origins for use in every_use if not _BESIDE.isdisjoint(words_of(use.name))))
        for use in every_use:
            sure = (
                by_name and use.kind in ("return", "attribute", "item", "variable") and use.container not in _HARMLESS
            )
            for origin in use.origins:
                if not isinstance(origin, Origin):
                    continue
                is_made = sure and origin.function == scope.index and origin not in beside
                if _is_secret(use, origin, stored) or _is_kept_as(scope, use) or is_made:
                    found[origin.span] = (every[origin.function], False)
                elif use.kind == "return" and origin.is_spelled and protects_if_spelled(use.name):
                    found.setdefault(origin.span, (every[origin.function], True))
    for span, (scope, is_guess) in sorted(found.items()):
        yield hit(RULE, scope, span, confidence=Confidence.LOW if is_guess else None)


def _uses(scope: Scope, returned: dict[str, Origins], drawn: Callable[[Scope, ir.Ins], Origins]) -> list[Use]:
    def begins(at: Scope, ins: ir.Ins) -> Origins:
        return _begins(at, ins, returned, drawn)

    return list(uses(scope.again, Rules(begins, _carries, _changes, _FILLING), {}))


def _begins(
    scope: Scope, ins: ir.Ins, returned: dict[str, Origins], drawn: Callable[[Scope, ir.Ins], Origins]
) -> Origins:
    """The origin of a call of the generator, or those that a function of this module returns."""
    if ins[0] not in (ir.CALL, ir.CALLM):
        return NOTHING
    if found := drawn(scope, ins):
        return found
    last = str(ins[3]) if ins[0] == ir.CALLM else scope.called(ins).rpartition(".")[2]
    own = ins[0] == ir.CALL or (
        ins[0] == ir.CALLM and (scope.slot(ins[2]) in _RECEIVERS or _is_own_class(scope, ins[2]))
    )
    return returned.get(last, NOTHING) if own and last in returned else NOTHING


def _is_own_class(scope: Scope, register: int) -> bool:
    """Whether a receiver is a class of the module: a call of a static method."""
    name = scope.slot(register)
    return bool(name) and any(made.name == name for made in scope.module.classes)


def _typed(scope: Scope, ins: ir.Ins, known: Generators, fields: Mapping[str, str]) -> Origins:
    """The origin of a draw in a language that declares types."""
    if not draws(scope, ins, known, fields):
        return NOTHING
    return frozenset((Origin(ins[-1], scope.index, is_element=False, is_spelled=False),))


def _drawn(scope: Scope, ins: ir.Ins) -> Origins:
    """The origin of a draw of Python's generators."""
    called = _called(scope, ins)
    last = called.rpartition(".")[2]
    if called.startswith(("numpy.random.", "uuid.uuid1")):
        if last == "uuid1" or last in _NUMPY:
            return frozenset((Origin(ins[-1], scope.index, is_element=last == "choice", is_spelled=False),))
    elif called == "Math.random":
        return frozenset((Origin(ins[-1], scope.index, is_element=False, is_spelled=False),))
    elif called.startswith("random.") and called.count(".") <= 2 and "SystemRandom" not in called:
        if last in _NUMBERS:
            return frozenset((Origin(ins[-1], scope.index, is_element=False, is_spelled=False),))
        if last in _CHOICES:
            population = argument(ins, 0, "population" if last != "choice" else "seq")
            spelled = population is not None and _is_alphabet(scope, population)
            return frozenset((Origin(ins[-1], scope.index, is_element=True, is_spelled=spelled),))
    return NOTHING


def _called(scope: Scope, ins: ir.Ins) -> str:
    """What a call calls; methods of a generator in a variable are those of its class."""
    called = scope.called(ins)
    if ins[0] == ir.CALLM and ins[2] >= 0 and (made := scope.made(ins[2])) and made[0] in (ir.CALL, ir.CALLM):
        generator = scope.called(made)
        return f"{generator}().{ins[3]}" if generator.startswith(("random.Random", "numpy.random.")) else called
    return called


def _carries(scope: Scope, ins: ir.Ins) -> bool:
    last = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2])
    return last not in _HARMLESS


def _changes(scope: Scope, ins: ir.Ins, carried: Origins) -> Origins:
    """Elements that are put together are elements no longer."""
    del scope
    if ins[0] == ir.INDEX:
        return frozenset(
            origin._replace(is_element=True) if isinstance(origin, Origin) else origin for origin in carried
        )
    joins = ins[0] == ir.CAT or (ins[0] == ir.BIN and ins[2] in "+*") or (ins[0] == ir.CALLM and ins[3] == "join")
    if not joins:
        return carried
    return frozenset(origin._replace(is_element=False) if isinstance(origin, Origin) else origin for origin in carried)


def _is_alphabet(scope: Scope, register: int, depth: int = 4) -> bool:
    """Whether a register holds letters and digits to draw from."""
    text = scope.text(register)
    if text is not None:
        return len(text) >= 10 and text.isascii() and " " not in text
    if scope.dotted(register).startswith("string."):
        return True
    ins = scope.made(register)
    if ins is None or not depth or ins[0] not in (ir.BIN, ir.MOVE):
        return False
    return any(_is_alphabet(scope, each, depth - 1) for each in ir.operands(ins))


def _is_secret(use: Use, origin: Origin, stored: frozenset[str]) -> bool:
    """Whether a use makes the value protect something."""
    if use.kind in ("variable", "attribute", "keyword"):
        if use.container in _SECURE_CALLS:
            return True
        return protects(use.name) and not (origin.is_element and not origin.is_spelled)
    if use.kind == "item":
        words = use.container.lower()
        return protects(use.name) or words in ("session", "sessions", "cookies") or use.container in stored
    if use.kind == "key":
        return not origin.is_element and not _KEPT.isdisjoint(words_of(use.container))
    if use.kind == "argument":
        return use.container in _SECURE_CALLS
    if use.kind == "compare":
        return ".cookies" in use.name or ".headers" in use.name
    return False


def _is_kept_as(scope: Scope, use: Use) -> bool:
    """Whether a call keeps the value under a name that says what it protects: `setResetToken(x)`, `put("token", x)`."""
    if use.kind != "argument" or scope.module.language == "python":
        return False
    words = words_of(use.container)
    if words[:1] == ("set",) and protects(use.container):
        return True
    if use.name == "0" or words[:1] not in (("put",), ("set",), ("add",), ("append",), ("cookie",)):
        return False
    first = scope.text(arguments(use.ins)[0][0]) or ""
    return protects(first)


def _stored_under_keys_of_cookies(scope: Scope) -> frozenset[str]:
    """Mappings whose items this function compares with a cookie: what they hold is known to a client alone."""
    found = set()
    again = scope.again()
    for ins in again.instructions():
        if ins[0] == ir.BIN and ins[2] in ("==", "!="):
            for cookie, item in ((ins[3], ins[4]), (ins[4], ins[3])):
                made = again.made(item)
                if made and made[0] == ir.INDEX and ".cookies" in again.dotted(cookie):
                    found.add(again.name(made[2]))
    return frozenset(found - {""})


def _title(scope: Scope) -> str:
    """The names of a function and its class, which say what it makes."""
    function = scope.function
    if function.name in ("__init__", "generate", "create", "make", "new", "__call__", "get", "run", "build"):
        return function.qualname.replace(".", "_") if function.qualname else ""
    return function.name if scope.index else ""
