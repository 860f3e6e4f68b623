"""Databases that are opened with an empty password, and accounts that may have a short one: see `empty-password.md`."""

import re
from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.expressions import Names, expression
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, scopes
from custodiet.rules.checks.secret_values import PARAMETERS_BESIDE
from custodiet.rules.checks.settings import is_django, is_local, module_settings
from custodiet.rules.checks.words import secret_kind
from custodiet.source import ir

RULE: Final = "empty-password"
SHORTEST: Final = 8
"""Characters that a password has at least (NIST SP 800-63B, section 5.1.1.2)."""

_LANGUAGES: Final = frozenset(("python", "javascript", "typescript"))
_KEYWORDS: Final = ("password", "passwd", "pwd")
_CALLING: Final = frozenset(
    "connect Connect MySQLConnection create_pool create_connection ConnectionPool "
    "ThreadedConnectionPool SimpleConnectionPool PooledMySQLDatabase MySQLDatabase PostgresqlDatabase".split()
)
_POSITIONAL: Final = frozenset(("MySQLdb.connect", "pymysql.connect", "MySQLdb.Connect", "pymysql.Connect"))
_WHO: Final = frozenset(("user", "username", "login"))
_WHERE: Final = frozenset(("host", "hostname", "server", "database", "db", "dbname"))
_OPENING: Final = _CALLING | frozenset("PASSWORD PWD postgres postgresql mysql mysql2 pg mariadb mssql oracle".split())
_MEASURED: Final = frozenset(
    "password passwd pwd pw passphrase passcode password1 new_password user_password raw_password plain_password".split()
)
_ADDRESS: Final = pattern(
    r"^(?:postgres(?:ql)?|mysql|mariadb|mssql|oracle)(?:\+\w+)?://[^\s:@/]+:@[^\s/:@]+", re.IGNORECASE
)
_PARAMETER: Final = pattern(r"(?:^|[\s;])(?:password|pwd)\s*=\s*(?:''|\"\"|;|$)", re.IGNORECASE)
_SHORT: Final = {"<": 0, ">=": 0, "<=": 1, ">": 1}
_STRICTER: Final = frozenset("isdigit isupper islower isalpha isalnum search match fullmatch zxcvbn".split())


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for calls, settings and addresses with an empty password, and for tests that accept a short one."""
    del project
    if module.language not in _LANGUAGES or is_test(module.path):
        return
    words = module.identifiers
    if "AUTH_PASSWORD_VALIDATORS" in words and not is_local(module.path):
        settings = module_settings(Scope(module, 0))
        value, span = settings.get("AUTH_PASSWORD_VALIDATORS", (None, 0))
        if value == [] and is_django(settings):
            yield hit(RULE, Scope(module, 0), span, "any password is accepted")
    lengths = "len" in words and not words.isdisjoint(_MEASURED)
    if not lengths and words.isdisjoint(_OPENING):
        return
    names: list[Names] = []
    for scope in scopes(module):
        texts = [value for kind, value in scope.function.inits if kind == "c" and isinstance(value, str)]
        connects = not _CALLING.isdisjoint(scope.function.called)
        empty = "" in texts and ("PASSWORD" in texts or not _WHERE.isdisjoint(texts))
        measures = lengths and "len" in scope.function.called and _STRICTER.isdisjoint(scope.function.called)
        if (
            not empty
            and not connects
            and not measures
            and not any(_ADDRESS.match(text) or _is_without(text) for text in texts)
        ):
            continue
        for ins in scope.instructions():
            texts_here = [scope.text(register) or "" for register in ir.operands(ins) if register >= 0]
            if (
                (connects and ins[0] in (ir.CALL, ir.CALLM) and _connects_without(scope, ins, names))
                or (ins[0] == ir.DICT and _is_database_without(scope, ins))
                or any(_ADDRESS.match(text) or _is_without(text) for text in texts_here)
            ):
                yield hit(RULE, scope, ins[-1])
            elif measures and ins[0] == ir.BIN and ins[2] in _SHORT and (least := _least(scope, ins)):
                yield hit(RULE, scope, ins[-1], f"a password of {least} characters is accepted")


def _is_password(word: str) -> bool:
    return secret_kind(word) == "password"


def _is_without(text: str) -> bool:
    """Whether a text lists connection parameters with an empty password."""
    return "=" in text and bool(_PARAMETER.search(text)) and bool(PARAMETERS_BESIDE.search(text))


def _connects_without(scope: Scope, ins: ir.Ins, names: list[Names]) -> bool:
    """Whether a call connects with an empty password; `names` keeps what is read of the module once it is needed."""
    called = scope.called(ins)
    if called.rpartition(".")[2] not in _CALLING:
        return False
    positional, keywords = arguments(ins)
    given = [keywords[name] for name in _KEYWORDS if name in keywords]
    if called in _POSITIONAL and len(positional) > 2:  # host, user, password
        given.append(positional[2])
    for register in given:
        if scope.text(register) == "":
            return True
        if scope.slot(register):
            names[:] = names or [Names(scope.module)]
            if names[0].followed(scope, expression(scope, register)).constant == "":
                return True
    return False


def _is_database_without(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a dictionary opens a database with an empty password: Django's `DATABASES`, or arguments of `connect`."""
    pairs = {scope.text(key): scope.text(value) for key, value in ins[2] if key != ir.NOREG}
    if pairs.get("PASSWORD") == "":
        engine = pairs.get("ENGINE")
        return bool(engine) and "sqlite" not in str(engine)
    if not any(pairs.get(name) == "" for name in _KEYWORDS):
        return False
    who = next((pairs[name] for name in _WHO if name in pairs), None)
    return bool(who) and not _WHERE.isdisjoint(pairs)


def _least(scope: Scope, ins: ir.Ins) -> int:
    """How many characters are enough for a password by a test of its length; 0 if the test is none, or strict enough."""
    made = scope.made(ins[3]) if ins[3] < 0 else None
    if made is None or made[0] != ir.CALL or scope.dotted(made[2]) != "len" or len(made[3]) != 1:
        return 0
    bound = scope.constant(ins[4])
    if not isinstance(bound, int) or isinstance(bound, bool) or not _is_password(scope.name(made[3][0])):
        return 0
    least = bound + _SHORT[ins[2]]
    return least if 2 < least < SHORTEST else 0
