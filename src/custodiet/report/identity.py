"""Names of findings for services that track them from run to run."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from custodiet.domain.finding import Finding


def identities(findings: Iterable[Finding]) -> list[str]:
    """One name for each finding, all different: its fingerprint, with an ordinal where two share one.

    A finding without a fingerprint is named by rule, path, function and tokens, never by its line.
    """
    seen: Counter[str] = Counter()
    names = []
    for finding in findings:
        name = finding.fingerprint or _digest(finding)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return names


def uuid_of(identity: str) -> str:
    """The name as a UUID, equal on every run."""
    return str(uuid5(NAMESPACE_URL, f"custodiet:{identity}"))


def _digest(finding: Finding) -> str:
    parts = (finding.rule, finding.place.path, finding.function, finding.source_text, finding.sink_text)
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
