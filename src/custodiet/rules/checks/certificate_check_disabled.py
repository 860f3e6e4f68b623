"""Contexts that verify nothing unless they are told to: see `certificate-check-disabled.md`. The knowledge tells the rest."""

from collections.abc import Iterator
from typing import Final

from custodiet.flow.hit import Hit
from custodiet.rules.checks import Project
from custodiet.rules.checks.reading import Scope, always_true, argument, called_around, hit, is_test, scopes
from custodiet.source import ir

RULE: Final = "certificate-check-disabled"
_VARIABLES: Final = {"PYTHONHTTPSVERIFY": "0", "CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": "", "GIT_SSL_NO_VERIFY": "1"}
"""Variables of the environment with the value that switches the check off."""
_COMMANDS: Final = {"curl": frozenset(("-k", "--insecure")), "wget": frozenset(("--no-check-certificate",))}
_CALLBACKS: Final = frozenset(
    (
        "ServerCertificateCustomValidationCallback",
        "ServerCertificateValidationCallback",
        "RemoteCertificateValidationCallback",
    )
)
"""Members that hold a function which says whether a certificate is accepted."""
_CHECKS: Final = frozenset(("checkServerTrusted",))
"""Methods that have to refuse a certificate by raising."""
_VERIFIES: Final = frozenset(
    ("setHostnameVerifier", "setDefaultHostnameVerifier", "hostnameVerifier", "setSSLHostnameVerifier")
)
"""Calls whose argument says whether a name fits."""
_VERIFIER: Final = "HostnameVerifier"
_MOVES: Final = 4
"""Moves that a value is followed through; a variable that is declared with a type may be cast into itself."""
WORDS: Final = frozenset(
    ("SSLContext", "OpenSSL", _VERIFIER, *_CHECKS, *_VERIFIES, *_VARIABLES, *_COMMANDS, *_CALLBACKS)
)
_TRUSTING: Final = frozenset(("", "ssl.PROTOCOL_TLS", "ssl.PROTOCOL_SSLv23", "ssl.PROTOCOL_TLSv1_2"))
"""Protocols whose contexts start with `CERT_NONE`; `""` is the default."""
_TOLD: Final = {
    "ssl.SSLContext": frozenset(("verify_mode", "load_cert_chain", "server_side")),
    "OpenSSL.SSL.Context": frozenset(("set_verify", "use_certificate", "use_certificate_file", "use_privatekey_file")),
}
"""What tells a context to verify, or belongs to a server, which need not."""
_MESSAGE: Final = "this context accepts any certificate until it is told to verify"


def check(module: ir.Module, project: Project) -> Iterator[Hit]:
    """Hits for contexts of clients that are made, and never told to verify."""
    del project
    if is_test(module.path):
        return
    if not _CALLBACKS.isdisjoint(module.identifiers):
        yield from _accepting(module)
    if module.language != "python":
        yield from _trusting_methods(module)
        return
    words = module.identifiers
    others = not words.isdisjoint((*_VARIABLES, *_COMMANDS))
    for scope in scopes(module):
        if others:
            yield from _switched_outside(scope)
        if "SSLContext" not in scope.function.called and "Context" not in scope.function.called:
            continue
        for ins in scope.instructions():
            called = scope.called(ins) if ins[0] in (ir.CALL, ir.CALLM) else ""
            if called not in _TOLD or not _TOLD[called].isdisjoint(called_around(scope)):
                continue
            protocol = argument(ins, 0, "protocol")
            if called != "ssl.SSLContext" or _is_trusting(scope, protocol):
                yield hit(RULE, scope, ins[-1], _MESSAGE)


def _accepting(module: ir.Module) -> Iterator[Hit]:
    """Hits for callbacks that accept every certificate."""
    for scope in scopes(module):
        for ins in scope.instructions():
            if ins[0] == ir.SETATTR and ins[2] in _CALLBACKS and always_true(scope, ins[3]):
                yield hit(RULE, scope, ins[-1], "every certificate is accepted")


def _trusting_methods(module: ir.Module) -> Iterator[Hit]:
    """Hits for methods that are called to refuse a certificate or a name, and refuse none."""
    for scope in scopes(module):
        function = scope.function
        if function.name in _CHECKS and function.class_index >= 0 and not _does_something(function):
            yield hit(RULE, scope, function.span, "any certificate is trusted")
        elif function.name == "verify" and function.class_index >= 0 and _agrees(function):
            bases = module.classes[function.class_index].bases
            if any(base.rpartition(".")[2] == _VERIFIER for base in bases):
                yield hit(RULE, scope, function.span, "the name of the host is not checked")
        if _VERIFIES.isdisjoint(function.called):
            continue
        for ins in scope.instructions():
            if ins[0] == ir.CALLM and ins[3] in _VERIFIES and ins[4]:
                made = scope.made(ins[4][0])
                for _ in range(_MOVES):
                    if made is not None and made[0] in (ir.CAST, ir.MOVE):
                        made = scope.made(made[2])
                if made is not None and made[0] == ir.FUNC and _agrees(module.functions[made[2]]):
                    yield hit(RULE, scope, ins[-1], "the name of the host is not checked")


def _does_something(function: ir.Function) -> bool:
    """Whether a method calls or raises anything."""
    pending = [function.body]
    while pending:
        for ins in pending.pop():
            if ins[0] in (ir.CALL, ir.CALLM, ir.RAISE):
                return True
            pending.extend(ir.blocks(ins))
    return False


def _agrees(function: ir.Function) -> bool:
    """Whether a function does nothing but return true."""
    if len(function.body) != 1 or function.body[0][0] != ir.RET or function.body[0][1] < 0:
        return False
    return function.inits[function.body[0][1]] == ("c", True)


def _switched_outside(scope: Scope) -> Iterator[Hit]:
    """Hits for variables of the environment, and for options of commands, that switch the check off."""
    for ins in scope.instructions():
        if ins[0] == ir.SETINDEX and (name := scope.text(ins[2])) in _VARIABLES:
            if scope.text(ins[3]) == _VARIABLES[name or ""]:
                yield hit(RULE, scope, ins[-1], "every request of the process accepts any certificate from here on")
        elif ins[0] == ir.MAKE:
            texts = [scope.text(register) or "" for register in ins[3]]
            if texts and not _COMMANDS.get(texts[0], frozenset()).isdisjoint(texts):
                yield hit(RULE, scope, ins[-1], "the command accepts any certificate")


def _is_trusting(scope: Scope, protocol: int | None) -> bool:
    return (scope.dotted(protocol) if protocol is not None else "") in _TRUSTING and (
        protocol is None or scope.dotted(protocol) != ""
    )
