"""Logins and secrets that go over the network in the clear: see `insecure-protocol.md`. The knowledge tells the rest."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.pattern import pattern
from custodiet.rules.checks import Project
from custodiet.rules.checks.expressions import Expression, Names, expression
from custodiet.rules.checks.reading import Scope, arguments, called_around, hit, is_test, scopes
from custodiet.rules.checks.words import Judged, secret_kind, words_of
from custodiet.source import ir

RULE: Final = "insecure-protocol"
_MAIL: Final = {
    "smtplib.SMTP": ("starttls", frozenset(("login", "auth"))),
    "aiosmtplib.SMTP": ("starttls", frozenset(("login", "auth"))),
    "imaplib.IMAP4": ("starttls", frozenset(("login", "authenticate"))),
    "poplib.POP3": ("stls", frozenset(("user", "pass_", "apop"))),
    "ldap.initialize": ("start_tls_s", frozenset(("simple_bind_s", "simple_bind", "bind_s", "bind"))),
}
"""Connections in the clear: what encrypts them, and what sends a password over them."""
_MAIL_WORDS: Final = frozenset(("SMTP", "IMAP4", "POP3", "initialize"))
_RAW: Final = frozenset(("socket", "HTTPConnection"))
WORDS: Final = _MAIL_WORDS | _RAW | {"http"}
_PLAIN: Final = frozenset(("socket.socket", "socket.create_connection", "http.client.HTTPConnection"))
_SENDING: Final = frozenset(("send", "sendall", "request"))
_ASKING: Final = frozenset("get post put patch delete request urlopen Request fetch stream".split())
_CLEAR: Final = pattern(
    r"http://(?!localhost|127\.|\[?::1|0\.0\.0\.0|host\.docker|testserver|[\w-]+(?::\d+)?(?:/|$))", re.IGNORECASE
)
_LOCAL: Final = pattern(r"^(?:ldap://)?(?:localhost|127\.|\[?::1|0\.0\.0\.0|mailhog|mailpit)", re.IGNORECASE)
_CARRYING: Final = _ASKING | _SENDING
_HEADERS: Final = frozenset("authorization x-api-key api-key x-auth-token cookie proxy-authorization".split())
_CARDS: Final = frozenset(("cvv", "cvc", "ssn"))


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for mail and directory logins without TLS, and for secrets sent to an `http://` address."""
    del project
    words = module.identifiers
    logs_in, asks = not _MAIL_WORDS.isdisjoint(words), "http" in words and not _ASKING.isdisjoint(words)
    if module.language != "python" or is_test(module.path):
        return
    asks = asks and any(
        kind == "c" and isinstance(value, str) and _CLEAR.match(value)
        for function in module.functions
        for kind, value in function.inits
    )
    sends = not words.isdisjoint(_RAW) and _SECRET_WORDS.any(words)
    if not (logs_in or asks or sends):
        return
    names = Names(module) if asks or sends else None
    for scope in scopes(module):
        called = scope.function.called
        if (not logs_in or _MAIL_WORDS.isdisjoint(called)) and _CARRYING.isdisjoint(called):
            continue
        for ins in scope.instructions():
            if ins[0] not in (ir.CALL, ir.CALLM):
                continue
            name = scope.called(ins)
            if name in _MAIL:
                if _logs_in_clear(scope, ins, name):
                    yield hit(RULE, scope, ins[-1], "the password goes over the network in the clear")
            elif names is not None and name.rpartition(".")[2] in _CARRYING:
                if secret := _sent_in_clear(scope, ins, names):
                    yield hit(RULE, scope, ins[-1], f"{secret} goes over the network in the clear")


_SECRET_WORDS: Final = Judged(lambda word: secret_kind(word) != "")


def _logs_in_clear(scope: Scope, ins: ir.Ins, name: str) -> bool:
    encrypting, sending = _MAIL[name]
    called = called_around(scope)
    if encrypting in called or sending.isdisjoint(called):
        return False
    positional, keywords = arguments(ins)
    host = positional[0] if positional else keywords.get("host", keywords.get("hostname", keywords.get("uri")))
    text = scope.text(host) if host is not None else None
    if name == "ldap.initialize":
        return text is not None and text.lower().startswith("ldap://") and not _LOCAL.match(text)
    if "use_tls" in keywords or "start_tls" in keywords:
        return False
    return not (text is not None and _LOCAL.match(text))


def _sent_in_clear(scope: Scope, ins: ir.Ins, names: Names) -> str:
    """What secret a request to an `http://` address carries, `""` if none."""
    positional, keywords = arguments(ins)
    given = [expression(scope, register) for register in positional]
    named = {name: expression(scope, register) for name, register in keywords.items()}
    if ins[0] == ir.CALLM and ins[3] in _SENDING and _is_plain_connection(scope, ins, names):
        return _first_secret(scope, (*given, *named.values()), names)
    addresses = [*given[:2], *(named[name] for name in ("url",) if name in named)]
    if not any(_CLEAR.match(names.beginning(scope, address)) for address in addresses):
        return ""
    if "auth" in named and not (named["auth"].kind == "constant" and named["auth"].value is None):
        return "the login"
    return _first_secret(scope, (*given, *named.values()), names)


def _first_secret(scope: Scope, values: Iterable[Expression], names: Names) -> str:
    for value in values:
        if found := _secret_in(scope, value, names, 4):
            return f"`{found}`"
    return ""


def _is_plain_connection(scope: Scope, ins: ir.Ins, names: Names) -> bool:
    """Whether the receiver is a socket, or an HTTP connection, that the function made without TLS."""
    made = names.followed(scope, expression(scope, ins[2]))
    if made.kind != "call" or made.text not in _PLAIN or "wrap_socket" in called_around(scope):
        return False
    texts = [value for kind, value in scope.function.inits if kind == "c" and isinstance(value, str)]
    return not any(map(_LOCAL.match, texts))


def _secret_in(scope: Scope, value: Expression, names: Names, depth: int) -> str:
    """The name under which an argument holds a secret."""
    if value.kind == "name" and secret_kind(str(value.value)):
        return str(value.value)
    value = names.followed(scope, value)
    if not depth:
        return ""
    if value.kind == "mapping":
        for key, each in value.keywords:
            words = words_of(key)
            is_named = key.lower() in _HEADERS or secret_kind(key) or not _CARDS.isdisjoint(words)
            is_empty = each.kind == "constant" and not each.value
            if key and not is_empty and (is_named or words[:2] == ("card", "number")):
                return key
    inner = (*value.parts, *(each for _, each in value.keywords), *((value.receiver,) if value.receiver else ()))
    for part in inner:
        if found := _secret_in(scope, part, names, depth - 1):
            return found
    return ""
