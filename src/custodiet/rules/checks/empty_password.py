"""Databases that are opened with an empty password: see `empty-password.md`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "empty-password"
_KEYWORDS: Final = ("password", "passwd", "pwd")
_CALLING: Final = frozenset(
    "connect Connect MySQLConnection create_pool create_connection ConnectionPool "
    "ThreadedConnectionPool SimpleConnectionPool PooledMySQLDatabase MySQLDatabase PostgresqlDatabase".split()
)
_SCHEMES: Final = ("postgres", "mysql", "mariadb", "mssql", "oracle")
_ADDRESS: Final = pattern(
    r"^(?:postgres(?:ql)?|mysql|mariadb|mssql|oracle)(?:\+\w+)?://[^\s:@/]+:@[^\s/:@]+", re.IGNORECASE
)


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for calls, settings and addresses with an empty password."""
    del project
    if module.language != "python" or is_test(module.path):
        return
    words = module.identifiers
    if "PASSWORD" not in words and _CALLING.isdisjoint(words) and not any(map(_is_scheme, words)):
        return
    for scope in scopes(module):
        texts = [value for kind, value in scope.function.inits if kind == "c" and isinstance(value, str)]
        empty = "" in texts and ("PASSWORD" in texts or not _CALLING.isdisjoint(scope.function.called))
        if not empty and not any(_ADDRESS.match(text) for text in texts):
            continue
        for ins in scope.instructions():
            if (
                (ins[0] in (ir.CALL, ir.CALLM) and _connects_without(scope, ins))
                or (ins[0] == ir.DICT and _is_database_without(scope, ins))
                or any(_ADDRESS.match(scope.text(register) or "") for register in ir.operands(ins) if register >= 0)
            ):
                yield hit(RULE, scope, ins[-1])


@lru_cache(maxsize=65536)  # the files of a project share most of their words
def _is_scheme(word: str) -> bool:
    return word.lower().startswith(_SCHEMES)


def _connects_without(scope: Scope, ins: ir.Ins) -> bool:
    called = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]
    if called not in _CALLING:
        return False
    keywords = arguments(ins)[1]
    return any(scope.text(keywords[name]) == "" for name in _KEYWORDS if name in keywords)


def _is_database_without(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a dictionary is an entry of Django's `DATABASES` for a server, with an empty password."""
    pairs = {scope.text(key): scope.text(value) for key, value in ins[2] if key != ir.NOREG}
    engine = pairs.get("ENGINE")
    return pairs.get("PASSWORD") == "" and bool(engine) and "sqlite" not in str(engine)
