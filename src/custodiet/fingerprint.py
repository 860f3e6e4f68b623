r"""The name of a finding that stays the same while the code around it moves: `custodietFlow/v1`.

It is the first 32 hexadecimal digits of the SHA-256 of seven UTF-8 fields with a NUL byte between them:

    custodietFlow/v1 NUL rule NUL path NUL function NUL source tokens NUL sink tokens NUL ordinal

The tokens are the short names of source and sink, split into words and signs with one space between, so that no
reformatting changes them. The ordinal counts, from 0, the findings that are equal in all other fields, in the order in
which they stand in the file. Lines, columns, messages, severities and people are no part of it.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from msgspec.structs import replace

from custodiet.domain.finding import Finding
from custodiet.pattern import pattern

VERSION = "custodietFlow/v1"

_TOKEN = pattern(r"\w+|[^\w\s]")


def fingerprinted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """`findings` in their order, each with its fingerprint.

    All findings of a rule in a file must be given at once, suppressed ones too: the ordinals count them.
    """
    ordinals: dict[tuple[str, ...], int] = {}
    fingerprints: dict[int, str] = {}
    for index in sorted(range(len(findings)), key=lambda index: (findings[index].place, index)):
        identity = identity_of(findings[index])
        ordinal = ordinals.get(identity, 0)
        ordinals[identity] = ordinal + 1
        fingerprints[index] = _digest((VERSION, *identity, str(ordinal)))
    return tuple(replace(finding, fingerprint=fingerprints[index]) for index, finding in enumerate(findings))


def normalised(text: str) -> str:
    """The words and signs of `text` with one space between, quotes all alike."""
    return " ".join(_TOKEN.findall(text.replace("'", '"')))


def identity_of(finding: Finding) -> tuple[str, str, str, str, str]:
    """What two findings share that only the ordinal tells apart."""
    return (
        finding.rule,
        finding.place.path,
        finding.function,
        normalised(finding.source_text),
        normalised(finding.sink_text),
    )


def _digest(fields: tuple[str, ...]) -> str:
    """32 hexadecimal digits for the fields."""
    digits: str = _sha256()("\0".join(fields).encode("utf-8", "surrogatepass")).hexdigest()
    return digits[:32]


@cache
def _sha256() -> Callable[[bytes], Any]:
    """SHA-256 of CPython itself: `hashlib` loads OpenSSL (3 to 10 ms) for the same digits."""
    for name in ("_sha2", "_sha256"):  # since 3.12, before
        try:
            own: Callable[[bytes], Any] = import_module(name).sha256
        except (ImportError, AttributeError):
            continue
        return own
    import hashlib  # late: another Python has no module of its own

    return hashlib.sha256
