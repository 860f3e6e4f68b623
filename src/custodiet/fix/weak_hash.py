"""Computes digests with SHA-256."""

from typing import TYPE_CHECKING, Final

from custodiet.domain.finding import Finding
from custodiet.fix.call import arguments, replaced
from custodiet.fix.imports import Needed, name_import
from custodiet.fix.script import Change, Draft, Script

if TYPE_CHECKING:
    from tree_sitter import Node

_TITLE: Final = "Use SHA-256"
_WEAK_NAMES: Final = frozenset(("md2", "md4", "md5", "sha", "sha1", "sha-1", "ripemd", "ripemd160", "ripemd-160"))
_SAME_MODULE: Final = {
    "hashlib.md5": "sha256",
    "hashlib.sha1": "sha256",
    "cryptography.hazmat.primitives.hashes.MD5": "SHA256",
    "cryptography.hazmat.primitives.hashes.SHA1": "SHA256",
}
"""A function of a module that has the stronger one too."""
_NAMED: Final = frozenset("hashlib.new hashlib.file_digest hashlib.pbkdf2_hmac hmac.new hmac.digest hmac.HMAC".split())
"""Calls that name the algorithm in an argument."""
_PACKAGES: Final = ("Crypto.Hash", "Cryptodome.Hash")
_MODULES: Final = frozenset(("MD2", "MD4", "MD5", "SHA", "SHA1", "RIPEMD", "RIPEMD160"))


def repair(script: Script, finding: Finding) -> Draft | None:
    """The same call with SHA-256. The digest is longer: stored ones no longer compare equal."""
    for call in script.calls(finding):
        function = call.child_by_field_name("function")
        if function is None:
            continue
        if (changes := _stronger(script, function)) is not None:
            return Draft(_TITLE, changes)
        if script.callee(call) in _NAMED and (changes := _arguments(script, call)):
            return Draft(_TITLE, changes)
    return None


def _stronger(script: Script, node: "Node") -> tuple[Change, ...] | None:
    """The name of a weak algorithm replaced by that of SHA-256."""
    dotted = script.dotted(node)
    if dotted in _SAME_MODULE:
        strong = _SAME_MODULE[dotted]
        if node.type == "attribute":
            attribute = node.child_by_field_name("attribute")
            return (replaced(attribute, strong),) if attribute is not None else None
        return _imported(node, name_import(script, dotted.rpartition(".")[0], strong))
    module, _, name = dotted.rpartition(".")
    package, _, algorithm = module.rpartition(".")
    if name == "new" and package in _PACKAGES and algorithm in _MODULES and node.type == "attribute":
        base = node.child_by_field_name("object")
        if base is not None and base.type == "identifier":
            return _imported(base, name_import(script, package, "SHA256"))
    return None


def _imported(node: "Node", needed: Needed | None) -> tuple[Change, ...] | None:
    return (replaced(node, needed.name), *needed.changes) if needed is not None else None


def _arguments(script: Script, call: "Node") -> tuple[Change, ...]:
    """The argument that names the algorithm, as a text or as a function."""
    for argument in arguments(call):
        value = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
        if value is None:
            continue
        if value.type == "string":
            text = script.text(value)
            if text[1:-1].lower() in _WEAK_NAMES:
                return (replaced(value, f"{text[0]}sha256{text[-1]}"),)
        elif value.type in ("identifier", "attribute") and (changes := _stronger(script, value)):
            return changes
    return ()
