"""Secrets that are made of the time, which everyone knows: the second half of `insecure-random.md`."""

from collections.abc import Iterator
from typing import Final

from custodiet.rules.checks.local_flow import NOTHING, Origins, Rules, Use, uses
from custodiet.rules.checks.reading import Scope, names_in
from custodiet.rules.checks.words import Judged, words_of
from custodiet.source import ir

CLOCK_WORDS: Final = frozenset(("time", "time_ns", "now", "utcnow"))
_CLOCKS: Final = frozenset(
    "time.time time.time_ns datetime.datetime.now datetime.datetime.utcnow datetime.now datetime.utcnow".split()
)
_KEEPING: Final = frozenset(
    "str int round hex repr format encode decode hexdigest digest md5 sha1 sha224 sha256 sha384 sha512 b64encode "
    "urlsafe_b64encode timestamp strftime isoformat replace join upper lower bytes".split()
)
_UNKNOWN: Final = frozenset(
    "urandom token_hex token_bytes token_urlsafe randbelow randbits uuid4 get_random_bytes SystemRandom getrandbits "
    "get_random_string choice".split()
)
_SECRET: Final = frozenset("token sid sessionid otp password passwd secret apikey".split())
_PAIRS: Final = frozenset((("session", "id"), ("api", "key"), ("secret", "key"), ("reset", "code"), ("session", "key")))
_MAKING: Final = frozenset("generate create make new get build issue".split())
_MARK: Final[Origins] = frozenset(("clock",))


def clock_spans(scope: Scope) -> Iterator[int]:
    """Spans of the instructions that give a secret a value made of the time and of nothing that is unknown."""
    called = scope.function.called
    if CLOCK_WORDS.isdisjoint(called) or not _UNKNOWN.isdisjoint(called):
        return
    words = words_of(scope.function.name)
    by_name = bool(words) and words[0] in _MAKING and _is_secret(scope.function.name)
    if not by_name and not _SECRETS.any(names_in(scope)):
        return
    seen: set[int] = set()
    for use in uses(scope.again, Rules(_begins, _carries, _changes), {}):
        if (_names_secret(use) or (by_name and use.kind == "return")) and use.ins[-1] not in seen:
            seen.add(use.ins[-1])
            yield use.ins[-1]


def _names_secret(use: Use) -> bool:
    return use.kind in ("variable", "attribute", "item", "keyword") and _is_secret(use.name)


def _is_secret(name: str) -> bool:
    """Whether a name is that of a secret itself, not of something about one."""
    words = words_of(name)
    return bool(words) and (words[-1] in _SECRET or words[-2:] in _PAIRS)


_SECRETS: Final = Judged(_is_secret)


def _begins(scope: Scope, ins: ir.Ins) -> Origins:
    return _MARK if ins[0] in (ir.CALL, ir.CALLM) and scope.called(ins) in _CLOCKS else NOTHING


def _carries(scope: Scope, ins: ir.Ins) -> bool:
    """Only what spells or hashes the time keeps it: what is signed or looked up by it is something else."""
    last = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]
    return last in _KEEPING


def _changes(scope: Scope, ins: ir.Ins, carried: Origins) -> Origins:
    """A mapping or list that holds a time is no secret made of it."""
    del scope
    return NOTHING if ins[0] in (ir.DICT, ir.MAKE, ir.INDEX) else carried
