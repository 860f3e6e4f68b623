"""Credentials that stand in the source as constants: see `hard-coded-credentials.md`."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, arguments, hit, is_test, names_in, scopes
from custodiet.rules.checks.secret_values import (
    ADDRESS,
    KNOWN_FORMS,
    KNOWN_MARKS,
    PARAMETERS,
    PARAMETERS_BESIDE,
    WEAK_PASSWORDS,
    is_label,
    is_placeholder,
    is_working_placeholder,
    looks_random,
    looks_secret,
)
from custodiet.rules.checks.words import LONGEST_NAME, Judged, may_name_secret, secret_kind, words_of
from custodiet.source import ir

RULE: Final = "hard-coded-credentials"
_IN_VALUE: Final = "the value of `{}` stands in the source"
_CONNECTING: Final = frozenset(
    "connect connectionpool login authenticate client server create_engine create_connection "
    "create_pool mongoclient redis strictredis smtp ftp session auth httpbasicauth httpdigestauth".split()
)
_LOGINS: Final = {
    "login": 1, "HTTPBasicAuth": 1, "HTTPDigestAuth": 1, "BasicAuth": 1, "basic_auth": 1, "PlainCredentials": 1,
    "PlainTextAuthProvider": 1, "simple_bind_s": 1, "simple_bind": 1, "bind_s": 1, "create_superuser": 2,
    "set_password": 0, "make_password": 0, "username_pw_set": 1,
}  # fmt: skip
"""Calls that take a password, with its position."""
_OPENING: Final = {
    "MySQLdb.connect": 2, "pymysql.connect": 2, "MySQLdb.Connect": 2, "pymysql.Connect": 2, "ftplib.FTP": 2,
    "ftplib.FTP_TLS": 2, "cx_Oracle.connect": 1, "oracledb.connect": 1, "jsonwebtoken.sign": 1, "jsonwebtoken.verify": 1,
    "crypto.createHmac": 1, "crypto.createCipheriv": 1, "crypto.createDecipheriv": 1, "crypto.createCipher": 1,
}  # fmt: skip
"""Calls by their whole name that take a password, with its position."""
_KEYED: Final = frozenset("sign verify createHmac createCipheriv createDecipheriv createCipher".split())
"""Those of them whose argument is a key, whatever it looks like."""
_SHORTEST_KEY: Final = 4
_OPENED: Final = frozenset(name.rpartition(".")[2] for name in _OPENING)
_BESIDE: Final = frozenset("host hostname server user username engine database db dbname".split())
_PAIRS: Final = frozenset("auth credentials creds login".split())
_APP_PASSWORD: Final = pattern(r"[a-z]{4}(?: [a-z]{4}){3}")
_DIGEST: Final = pattern(
    r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})", re.IGNORECASE
)
_COMMON: Final = frozenset(("password", "secret", "passwd", "pass", "test", "default"))
_SERVICES: Final = frozenset(
    "db database mysql postgres postgresql pg mongo redis smtp mail email ftp sftp ssh ldap admin root rabbitmq".split()
)
_QUERY: Final = pattern(r"[?&](?:api_?key|access_token|token|key|secret|appid|password)=([\w.-]{12,})", re.IGNORECASE)
_DIGESTING: Final = frozenset(("hexdigest", "hex"))
_PUTTING: Final = frozenset(("put", "setProperty", "putIfAbsent"))
_EQUALS: Final = frozenset(("equals", "equalsIgnoreCase", "contentEquals", "Equals"))
_DEFAULTING: Final = frozenset(("setdefault", "getenv", "get", "config", "env"))
_WRAPPING: Final = frozenset(("Field", "field", "SecretStr", "Secret", "Fernet", "bytes", "str"))
_BARE: Final = frozenset(("key", "auth", "credential", "credentials", "authorization"))
_SIGNING: Final = pattern(
    r"^(?:app_|flask_|django_)?secret_?key$|jwt_?secret|signing_?key|secret_?key_?base", re.IGNORECASE
)
_EXAMPLES: Final = pattern(r"(?:^|[_-])examples?$", re.IGNORECASE)
_ANONYMOUS: Final = frozenset(("guest", "anonymous", "anonymous@"))
_SCHEMED: Final = pattern(r"(?:Bearer|Basic|Token)\s+([A-Za-z0-9+/=_.-]{12,})")


_LANGUAGES: Final = frozenset(("python", "java", "javascript", "typescript", "csharp"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for each constant credential of a module that is no test; one at most for each place."""
    del project
    if is_test(module.path) or module.language not in _LANGUAGES:
        return
    named = _NAMING_WORDS.any(module.identifiers)
    texts_of = [_texts(function) for function in module.functions]
    marked = _is_marked(itertools.chain.from_iterable(texts_of))
    if not named and not marked and not _NAMING_WORDS.any(_short(itertools.chain.from_iterable(texts_of))):
        return
    seen: set[int] = set()
    said: set[tuple[str, str]] = set()
    for scope, texts in zip(scopes(module), texts_of, strict=True):
        if not texts and not (named and _NAMING_WORDS.any({name for name in scope.function.names if name})):
            continue
        known = marked and _is_marked(texts)
        if not known and not named and not _NAMING_WORDS.any(_short(texts)):
            continue
        if not known and not _is_named(scope):
            continue
        examples: list[int] = []
        for span, what in list(_places(scope, known=known, examples=examples)):
            once = (scope.place.partition(".<")[0], what)
            if span in seen or once in said or any(_covers(example, span) for example in examples):
                continue
            seen.add(span)
            if scope.index:
                said.add(once)  # a function that lists many of one kind is told once
            yield hit(RULE, scope, span, what)


def _covers(outer: int, inner: int) -> bool:
    """Whether one span stands within another."""
    start, end = ir.span_range(outer)
    begin, stop = ir.span_range(inner)
    return start <= begin and stop <= end


def _is_marked(texts: Iterable[str]) -> bool:
    """Whether one of the texts may be a key by its own form, or an address."""
    joined = "\n".join(texts)
    return any(mark in joined for mark in KNOWN_MARKS)


_NAMING: Final = frozenset(
    "MySQLdb pymysql cx_Oracle oracledb FTP FTP_TLS credentials creds keys tokens jsonwebtoken createHmac "
    "createCipheriv createDecipheriv createCipher".split()
)


def _may_name(text: str) -> bool:
    """Whether something of this name is judged by its value: a secret, or a call that takes one."""
    if len(text) > LONGEST_NAME:
        return False
    return (
        text in _LOGINS
        or text in _NAMING
        or (may_name_secret(text) and (secret_kind(text) != "" or not _BARE.isdisjoint(words_of(text)[-1:])))
    )


_NAMING_WORDS: Final = Judged(_may_name)


def _short(texts: Iterable[str]) -> set[str]:
    """The texts that may be names."""
    return {text for text in texts if len(text) <= LONGEST_NAME}


_TAKING: Final = _LOGINS.keys() | _OPENED
_BY_POSITION: Final = _TAKING | _DEFAULTING | _WRAPPING | {"compare_digest"}
"""Calls whose arguments need no keyword to be judged."""


def _is_named(scope: Scope) -> bool:
    """Whether anything in a function is judged by its name.

    Only such a function is worth a walk; in the others, `_places` finds nothing but texts of known form.
    """
    if _HOLDING.any(names_in(scope)):
        return True
    imports = scope.imports
    return any(name in imports and imports[name].rpartition(".")[2] in _TAKING for name in scope.function.names if name)


_HOLDING: Final = Judged(lambda name: name in _TAKING or may_name_secret(name))


def _texts(function: ir.Function) -> list[str]:
    """The text constants of a function that are long enough to be a credential."""
    found = []
    for kind, value in function.inits:
        if kind == "c" and isinstance(value, (str, bytes)) and len(value) >= 3:
            found.append(value if isinstance(value, str) else value.decode("ascii", "replace"))
    return found


_JUDGED: Final = frozenset(
    (ir.CAST, ir.MOVE, ir.SETATTR, ir.SETINDEX, ir.DICT, ir.CALL, ir.CALLM, ir.BIN, ir.FUNC, ir.MAKE, ir.SHORT)
)


def _places(scope: Scope, *, known: bool, examples: list[int]) -> Iterator[tuple[int, str]]:
    """(span, message) of each place where a credential is stored, given, compared or simply stands.

    `examples` receives the spans of what stands under a key that says so: `"connection_examples": […]`.
    """
    for ins in scope.instructions():
        op = ins[0]
        if op not in _JUDGED and not known:
            continue
        if op in (ir.MOVE, ir.CAST):
            yield from _stored(scope, scope.slot(ins[1]), ins[2], ins[-1])
        elif op == ir.SHORT:
            if ins[2] == "or" and ins[1] >= 0:
                yield from _stored(scope, scope.slot(ins[1]), ins[5], ins[-1])
        elif op == ir.SETATTR:
            yield from _stored(scope, ins[2], ins[3], ins[-1])
        elif op == ir.SETINDEX:
            yield from _stored(scope, scope.text(ins[2]) or "", ins[3], ins[-1])
        elif op == ir.DICT:
            yield from _listed(scope, ins)
            for key, value in ins[2]:
                made = scope.made(value) if value < 0 and _EXAMPLES.search(scope.text(key) or "") else None
                if made is not None:
                    examples.append(made[-1])
        elif op == ir.MAKE:
            if ins[1] >= 0 and _is_list_of_keys(scope, scope.slot(ins[1]), ins[3]):
                yield ins[-1], f"the values of `{scope.slot(ins[1])}` stand in the source"
            elif ins[1] >= 0 and _is_pair(scope, ins) and not _PAIRS.isdisjoint(words_of(scope.slot(ins[1]))[-1:]):
                yield ins[-1], "the login stands in the source"
        elif op in (ir.CALL, ir.CALLM):
            yield from _given(scope, ins)
            made = scope.made(arguments(ins)[1].get("kwargs", 0))
            if made is not None and made[0] == ir.DICT:
                examples.append(made[-1])  # names in an address: `reverse("order", kwargs={"secret": …})`
        elif op == ir.BIN and ins[2] in ("==", "!="):
            yield from _compared(scope, ins[3], ins[4], ins[-1])
        elif op == ir.FUNC:
            yield from _defaults(scope, ins)
        for register in ir.operands(ins) if known else ():
            text = scope.text(register) if register >= 0 else None
            if text and len(text) >= 12 and (what := _known(text)):
                yield ins[-1], what


def _stored(scope: Scope, name: str, register: int, span: int) -> Iterator[tuple[int, str]]:
    text = scope.text(register)
    if text is None and name and (made := scope.made(register)):
        if made[0] == ir.SHORT and made[2] == "or":
            text = scope.text(made[5])  # os.environ.get("SECRET_KEY") or "the key itself"
        elif made[0] == ir.CAST and register < 0:
            text = scope.text(made[2])  # a field with a declared type
    if text is None or not name:
        return
    kind = secret_kind(name)
    if text in _ANONYMOUS and "ftp" in words_of(name):
        return  # what an anonymous login of FTP gives as its password
    if kind and (looks_secret(text, kind) or (kind == "password" and _opens_service(name, text))):
        yield span, _IN_VALUE.format(name)
    elif _SIGNING.search(name) and kind and (is_working_placeholder(text) or _is_sentence(text)):
        yield span, f"the value of `{name}` was meant to be replaced, and signs until it is"
    elif words_of(name)[-1:] and words_of(name)[-1] in _BARE:
        schemed = _SCHEMED.fullmatch(text)
        if looks_random(schemed[1] if schemed else text) or (schemed and name.lower() == "authorization"):
            yield span, _IN_VALUE.format(name)


def _is_sentence(text: str) -> bool:
    """Whether a text of plain words signs as well as any: `hard to guess string`."""
    return len(text) >= 12 and len(re.findall(r"[A-Za-z]+", text)) >= 3 and not is_placeholder(text) and "/" not in text


def _opens_service(name: str, text: str) -> bool:
    """Whether a plain word is the password of a service by the name it is given: `DB_PASSWORD = "password"`."""
    return text in _COMMON and name.lower() != text and not _SERVICES.isdisjoint(words_of(name))


def _listed(scope: Scope, ins: ir.Ins) -> Iterator[tuple[int, str]]:
    """What the pairs of a dictionary store; beside a host or user, any text under `password` is one."""
    if ins[1] >= 0 and _is_list_of_keys(scope, scope.slot(ins[1]), [key for key, _ in ins[2]]):
        yield ins[-1], f"the keys of `{scope.slot(ins[1])}` stand in the source"
    pairs = [(scope.text(key) or "", value) for key, value in ins[2] if key != ir.NOREG]
    opens = sum(key.lower() in _BESIDE for key, _ in pairs) > 1
    for key, value in pairs:
        text = scope.text(value)
        is_login = text is not None and _is_login(text) and (text == "password" or not is_label(text))
        if opens and is_login and secret_kind(key) == "password" and text != key:
            yield ins[-1], _IN_VALUE.format(key)
        else:
            yield from _stored(scope, key, value, ins[-1])


def _is_list_of_keys(scope: Scope, name: str, registers: Sequence[int]) -> bool:
    """Whether a collection is called one of keys or tokens, and holds nothing but such."""
    if not registers or not name.lower().endswith(("keys", "tokens", "secrets")) or not secret_kind(name[:-1]):
        return False
    texts = [scope.text(register) or "" for register in registers]
    return all(len(text) >= 12 and looks_secret(text, "token") for text in texts)


def _is_pair(scope: Scope, ins: ir.Ins) -> bool:
    """Whether a tuple is a user and a password."""
    if ins[2] != "t" or len(ins[3]) != 2:
        return False
    user, password = scope.text(ins[3][0]), scope.text(ins[3][1])
    return bool(user and password) and not is_placeholder(password or "") and not is_label(password or "")


def _given(scope: Scope, ins: ir.Ins) -> Iterator[tuple[int, str]]:
    if not ins[-2] and not ins[-3]:
        return
    called = str(ins[3]) if ins[0] == ir.CALLM else scope.dotted(ins[2]).rpartition(".")[2]
    if not ins[-2] and called not in _BY_POSITION and scope.module.language == "python":
        return
    positional, keywords = arguments(ins)
    connects = called.lower() in _CONNECTING or called.lower().endswith(("client", "connect"))
    for name, register in keywords.items():
        text = scope.text(register)
        if text is None:
            pair = scope.made(register) if name == "auth" and register < 0 else None
            if pair and pair[0] == ir.MAKE and pair[2] == "t" and len(pair[3]) == 2:
                text = scope.text(pair[3][1])
                if text and not is_placeholder(text):
                    yield ins[-1], "the login stands in the source"
            continue
        kind = secret_kind(name)
        if kind and (looks_secret(text, kind) or (connects and kind == "password" and _is_login(text))):
            yield ins[-1], _IN_VALUE.format(name)
    position = _LOGINS.get(called, _OPENING.get(scope.called(ins), -1) if called in _OPENED else -1)
    if 0 <= position < len(positional):
        text = scope.text(positional[position])
        if text and called in _KEYED and len(text) >= _SHORTEST_KEY and "BEGIN PUBLIC" not in text:
            yield ins[-1], f"the key of `{called}` stands in the source"
        elif text and scope.text(positional[0]) not in ("", "anonymous") and _is_login(text):
            yield ins[-1], "the password of the login stands in the source"
    if called == "compare_digest" and len(positional) == 2:
        yield from _compared(scope, positional[0], positional[1], ins[-1])
    yield from _defaulted(scope, ins, called)
    if scope.module.language != "python":
        yield from _handed(scope, ins, called, positional)


def _handed(scope: Scope, ins: ir.Ins, called: str, positional: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Secrets that setters, mappings and comparisons take: `setPassword("…")`, `put("password", "…")`, `equals("…")`."""
    if len(positional) == 1 and words_of(called)[:1] == ("set",):
        yield from _stored(scope, called[3:], positional[0], ins[-1])
    elif len(positional) == 2 and called in _PUTTING:
        yield from _stored(scope, scope.text(positional[0]) or "", positional[1], ins[-1])
    elif len(positional) == 1 and called in _EQUALS and ins[0] == ir.CALLM:
        yield from _compared(scope, ins[2], positional[0], ins[-1])


def _defaulted(scope: Scope, ins: ir.Ins, called: str) -> Iterator[tuple[int, str]]:
    """Secrets that stand in for one that is not given: `os.environ.get("API_KEY", "…")`, `Field("…")`."""
    positional, keywords = arguments(ins)
    name = scope.text(positional[0]) or "" if positional else ""
    if called in _DEFAULTING and len(positional) == 2:
        yield from _stored(scope, name, positional[1], ins[-1])
    elif "default" in keywords and name:
        yield from _stored(scope, name, keywords["default"], ins[-1])
    elif called in _WRAPPING and ins[1] >= 0 and (positional or "default" in keywords):
        yield from _stored(scope, scope.slot(ins[1]), positional[0] if positional else keywords["default"], ins[-1])


def _compared(scope: Scope, left: int, right: int, span: int) -> Iterator[tuple[int, str]]:
    for named, constant in ((left, right), (right, left)):
        text = scope.text(constant)
        name = scope.name(named)
        kind = secret_kind(name)
        if text is None and kind == "password" and _is_table(scope, constant):
            yield span, f"`{name}` is compared with passwords that stand in the source"
        if text is None and scope.slot(constant).isupper() and (made := scope.made(named)) and made[0] == ir.CALLM:
            text = _module_text(scope, scope.slot(constant)) if made[3] in _DIGESTING else None
        if not text or scope.text(named) is not None:
            continue
        if kind == "password" and len(text) >= 3 and _is_login(text):
            yield span, f"`{name}` is compared with a password that stands in the source"
        elif kind and kind != "password" and looks_secret(text, kind):
            yield span, f"`{name}` is compared with a secret that stands in the source"
        elif _DIGEST.fullmatch(text) and _is_digest_of_password(scope, named):
            yield span, "a password is compared with a digest that stands in the source"


def _is_digest_of_password(scope: Scope, register: int) -> bool:
    """Whether a register holds a digest, in a function that knows a password by name."""
    made = scope.made(register)
    digests = made is not None and made[0] == ir.CALLM and made[3] in _DIGESTING
    named = scope.slot(register).lower().endswith(("hash", "hashed", "digest"))
    return (digests or named) and any(secret_kind(name) == "password" for name in scope.function.names if name)


def _module_text(scope: Scope, name: str) -> str | None:
    """The text that the module gives a name at its top level."""
    outer = Scope(scope.module, 0)
    for ins in outer.instructions():
        if ins[0] == ir.MOVE and outer.slot(ins[1]) == name:
            return outer.text(ins[2])
    return None


def _is_table(scope: Scope, register: int) -> bool:
    """Whether a register holds an item of a dictionary of the module whose values are all texts."""
    made = scope.made(register)
    if made is None or not (made[0] == ir.INDEX or (made[0] == ir.CALLM and made[3] == "get")):
        return False
    name = scope.slot(made[2])
    for outer in (scope.again(), Scope(scope.module, 0)) if name else ():
        for ins in outer.instructions():
            if ins[0] == ir.DICT and ins[1] >= 0 and outer.slot(ins[1]) == name:
                texts = [outer.text(value) or "" for _, value in ins[2]]
                return len(texts) > 0 and all(3 <= len(text) <= 40 and " " not in text for text in texts)
    return False


def _defaults(scope: Scope, ins: ir.Ins) -> Iterator[tuple[int, str]]:
    parameters = scope.module.functions[ins[2]].params
    for position, register in ins[4]:
        if position < len(parameters):
            parameter = parameters[position]
            yield from _stored(scope, parameter.name, register, parameter.span)


def _is_login(text: str) -> bool:
    """Whether a text given or compared as a password is one: anything but a placeholder or a sentence."""
    if text.lower() in WEAK_PASSWORDS or _APP_PASSWORD.fullmatch(text):
        return True
    return bool(text.strip()) and not (is_placeholder(text) or " " in text.strip() or text.startswith("/"))


def _known(text: str) -> str:
    """What a text is by its own form, `""` if it is nothing known."""
    if (found := KNOWN_FORMS.search(text)) and "EXAMPLE" not in found[0] and not is_placeholder(found[0]):
        return "a key stands in the source"
    if "://" in text and " " not in text.strip() and (address := ADDRESS.search(text + "_" * text.endswith("@"))):
        user, password, host = address[1], address[2], address[3]
        generic = password.lower() in ("", "password", "pass", "passwd", "pwd", "pw", "secret", user.lower())
        if not generic and not is_placeholder(password) and host.lower() not in ("host", "hostname", "server"):
            return "the address holds a password"
    if "://" in text and (given := _QUERY.search(text)) and looks_secret(given[1], "token"):
        return "the address holds a key"
    if (given := PARAMETERS.search(text)) and PARAMETERS_BESIDE.search(text) and _is_login(given[1]):
        return "the connection parameters hold a password"
    return ""
