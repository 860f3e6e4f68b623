"""Checks the certificate of the other side."""

from typing import Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import replaced
from custodiet.fix.script import Change, Draft, Script
from custodiet.fix.setting import settings_right

_TITLE: Final = "Check the certificate"
_OFF: Final = {"False": "True", "0": "True"}
_REQUIRED: Final = {
    "ssl.CERT_NONE": "ssl.CERT_REQUIRED",
    '"CERT_NONE"': '"CERT_REQUIRED"',
    "'CERT_NONE'": "'CERT_REQUIRED'",
    "0": '"CERT_REQUIRED"',
    "None": '"CERT_REQUIRED"',
}
_RIGHT: Final = {
    "verify": _OFF,
    "verify_ssl": _OFF,
    "ssl_verify": _OFF,
    "verify_certs": _OFF,
    "validate_certs": _OFF,
    "validate_cert": _OFF,
    "check_hostname": _OFF,
    "assert_hostname": {"False": "None"},
    "ssl": {"False": "True"},
    "tls_insecure": {"True": "False"},
    "tlsallowinvalidcertificates": {"True": "False"},
    "tlsallowinvalidhostnames": {"True": "False"},
    "tlsinsecure": {"True": "False"},
    "verify_mode": _REQUIRED,
    "cert_reqs": _REQUIRED,
    "ssl_cert_reqs": _REQUIRED,
}
_CONTEXTS: Final = ("ssl._create_unverified_context", "ssl._create_stdlib_context")


def repair(script: Script, finding: Finding) -> Draft | None:
    """The check switched on again. A service with a certificate of its own then needs its authority named."""
    changes = settings_right(script, finding, _RIGHT)
    if changes:
        return Draft(_TITLE, _qualified(script, changes))
    for node in script.starts(finding):
        if node.type == "call" and script.callee(node) in _CONTEXTS:
            function = node.child_by_field_name("function")
            if function is not None and function.type == "attribute":
                return Draft(_TITLE, (_renamed(script, function.start_byte, function.end_byte),))
        if node.type == "assignment":
            value = node.child_by_field_name("right")
            if value is not None and value.type == "attribute" and script.dotted(value) in _CONTEXTS:
                return Draft(_TITLE, (_renamed(script, value.start_byte, value.end_byte),))
    return None


def _renamed(script: Script, start: int, end: int) -> Change:
    module = script.source[start:end].decode("utf-8", "replace").rpartition(".")[0]
    return Change(start, end, f"{module}.create_default_context")


def _qualified(script: Script, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The constants of `ssl` as the file writes them."""
    result: list[Change] = []
    for change in changes:
        qualified = change
        node = script.root.named_descendant_for_byte_range(change.start, change.end - 1)
        if change.text == "ssl.CERT_REQUIRED" and node is not None:
            attribute = node.child_by_field_name("attribute")
            qualified = replaced(attribute, "CERT_REQUIRED") if attribute is not None else change
        result.append(qualified)
    return tuple(result)
