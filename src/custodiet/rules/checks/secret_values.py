"""Texts that are secrets, and texts that only stand where one will be put."""

import math
import re
from collections import Counter
from typing import Final

from custodiet.pattern import pattern

KNOWN_FORMS: Final = pattern(
    r"""
      \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
    | \bgh[pousr]_[A-Za-z0-9]{36,}\b
    | \bgithub_pat_[A-Za-z0-9_]{40,}
    | \bglpat-[A-Za-z0-9_-]{20,}
    | \bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{24,}
    | \b[sr]k_live_[A-Za-z0-9]{16,}
    | \bxox[abeprs]-[A-Za-z0-9-]{10,}
    | \bAIza[0-9A-Za-z_-]{35}\b
    | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
    | \bhf_[A-Za-z0-9]{30,}\b
    | \bnpm_[A-Za-z0-9]{36}\b
    | \bpypi-AgEI[A-Za-z0-9_-]{20,}
    | \bAccountKey=[A-Za-z0-9+/]{40,}=*
    | -----BEGIN\ (?:RSA\ |EC\ |DSA\ |OPENSSH\ |ENCRYPTED\ )?PRIVATE\ KEY-----\s+[A-Za-z0-9+/=]{16}
    """,
    re.VERBOSE,
)
"""Keys that say by their form what they open (prefixes as their issuers document them)."""

KNOWN_MARKS: Final = (
    "://", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "k_live_", "xox",
    "assword=", "PWD=", "pwd=", "AIza", "SG.", "hf_", "npm_", "pypi-", "AccountKey=", "-----BEGIN",
)  # fmt: skip
"""One of them stands in every text that holds a known form or an address: a quick test before the slow one."""

ADDRESS: Final = pattern(r"\b[a-z][a-z0-9+.-]*://([^\s:@/{}<>$%]*):([^\s:@/]*)@([^\s/:@{}]+)", re.IGNORECASE)
"""An address with a login: user, password, host."""

PARAMETERS: Final = pattern(r"(?:^|[\s;])(?:password|pwd)\s*=\s*'?([^\s;'{}%<$]+)", re.IGNORECASE)
"""A password in a list of connection parameters: `host=db user=shop password=…`."""
PARAMETERS_BESIDE: Final = pattern(
    r"(?:^|[\s;])(?:host|server|dbname|database|user|uid|user id|data source)\s*=", re.IGNORECASE
)

_PLACEHOLDER: Final = pattern(
    r"""^(?:
      (.)\1*
    | change[-_ ]?(?:me|this|it).*
    | build[-_ ]?time.*
    | .*(?:your|my)[-_ ].*(?:here|goes|password|token|key|secret|api).*
    | .*[-_ ](?:here|placeholder)
    | <.*> | \[.*\] | \{.*\} | \$.* | %.* | @.* | !.*\s.*
    | (?:insert|replace|enter|fill|put|add|set|provide|use|choose|select|type|see)[-_ ].*
    | .*(?:placeholder|redacted|example|dummy|todo|fixme|xxxx|\*\*\*|\.\.\.|…).*
    | none | null | nil | undefined | unset | empty | default | unknown | true | false | n/?a | not[-_ ]?set
    | str | string | text | bytes | int | bool | file | env | basic | bearer | oauth2? | jwt | hidden | optional
    | required | test(?:ing)? | foo | bar | baz | abc | value
    )$""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LABEL_WORDS: Final = frozenset(
    "password passwords passwd pwd secret secrets token tokens key keys apikey credential credentials passphrase".split()
)
_PASSES: Final = pattern(r"pass|secret|admin|root|qwert", re.IGNORECASE)
_WORKING: Final = pattern(r"change|your|secret|replace|insecure|default", re.IGNORECASE)
_INVENTED: Final = frozenset(
    "super my very top insecure dev development production flask django this is secure".split()
)
_LABEL_ENDS: Final = _LABEL_WORDS | {"field", "id", "name", "hash", "type", "header", "value", "input"}
_ENVIRONMENT_NAME: Final = pattern(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_WORD: Final = pattern(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PATH: Final = pattern(r"[.~]{0,2}/|[A-Za-z]:\\|.*\.(?:pem|key|crt|json|ya?ml|txt|py|toml|ini|cfg|env|html|conf)$")
_DOTTED_NAME: Final = pattern(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)+")
_WORDS: Final = pattern(r"_*[A-Za-z]+(?:[-_.:/][A-Za-z]+)*_*")
_ORDINARY: Final = pattern(r"[a-z]+(?:[-_ .][a-z]+)*|[A-Z][a-z]+|[A-Z]+")
_PUBLIC_KEYS: Final = ("AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh", "ssh-rsa ", "ssh-ed25519 ", "pk_live_", "pk_test_")
WEAK_PASSWORDS: Final = frozenset(
    "admin administrator root toor guest letmein qwerty welcome postgres mysql oracle sa hunter hunter2 passw0rd "
    "superuser changeit master secretpassword mypassword adminpassword rootpassword supersecret topsecret".split()
)


def is_placeholder(value: str) -> bool:
    """Whether a text stands where a secret will be put, or names one."""
    return (
        bool(_PLACEHOLDER.match(value))
        or bool(_ENVIRONMENT_NAME.fullmatch(value))
        or "{" in value
        or "://" in value
        or "%s" in value
    )


def is_label(text: str) -> bool:
    """Whether a text is the name of a field or of a secret: `api-key`, `user_password`, `Access Token`."""
    words = [word.lower() for word in _WORD.findall(text)]
    plain = "".join(words) == re.sub(r"[-_ .:]", "", text).lower()
    return plain and bool(_LABEL_WORDS.intersection(words)) and words[-1] in _LABEL_ENDS


def looks_secret(value: str, kind: str) -> bool:
    """Whether a text under a name of this kind (`secret_kind`) is a secret: precision before recall."""
    text = value.strip()
    if not 4 <= len(text) <= 512 or is_placeholder(text) or "\n" in text or text.startswith(_PUBLIC_KEYS):
        return False
    if kind == "password":
        return _looks_password(text)
    if " " in text or len(text) < 8 or _PATH.match(text):
        return False
    if _DOTTED_NAME.fullmatch(text) and (len(text) < 40 or entropy(text) < 4.0):
        return False
    if kind == "token":
        return len(text) >= 12 and has_digits_and_letters(text) and entropy(text) >= 3.0
    if is_label(text) and not _INVENTED.intersection(word.lower() for word in _WORD.findall(text)):
        return False
    if _names_secrecy(text) and len(text) >= 10:
        return True
    return has_digits_and_letters(text) or not _WORDS.fullmatch(text)


def is_working_placeholder(value: str) -> bool:
    """Whether a text asks to be replaced, and yet works as a signing key until somebody does."""
    if re.match(r"build[-_ ]?time", value, re.IGNORECASE):
        return False  # it signs nothing: the image is only being built
    return len(value) >= 8 and bool(_WORKING.search(value)) and not re.match(r"[<${%\[]", value) and "://" not in value


def looks_random(value: str) -> bool:
    """Whether a text can only have come out of a generator: long, mixed, no words."""
    if len(value) < 24 or value.startswith(_PUBLIC_KEYS) or not re.fullmatch(r"[A-Za-z0-9+/=_-]+", value):
        return False
    if re.fullmatch(r"[0-9a-f]{32,}|[0-9A-F]{32,}", value):
        return entropy(value) >= 3.0
    mixed = any(c.isupper() for c in value) and any(c.islower() for c in value) and any(c.isdigit() for c in value)
    return mixed and entropy(value) >= 4.0


def has_digits_and_letters(text: str) -> bool:
    """Whether both digits and letters occur."""
    return any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def entropy(text: str) -> float:
    """Bits for each character by the frequencies of the text itself (Shannon); 0 for an empty text."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) if text else 0.0


def _looks_password(text: str) -> bool:
    """Whether a text is a password somebody chose: not a label, a word of the language or a sentence."""
    if text.lower() in WEAK_PASSWORDS:
        return True
    if " " in text or _PATH.match(text) or _DOTTED_NAME.fullmatch(text) or is_label(text):
        return False
    return not _ORDINARY.fullmatch(text) or bool(_PASSES.search(text))


def _names_secrecy(text: str) -> bool:
    """Whether a text of plain words is what people write as a key: `super-secret-key`, `django-insecure-…`."""
    return any(word in text.lower() for word in ("secret", "super", "insecure", "signing", "private"))
