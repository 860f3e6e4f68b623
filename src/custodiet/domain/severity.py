"""How bad a finding is, and how sure we are of it."""

from enum import StrEnum


class Severity(StrEnum):
    """What a successful attack costs; ordered by `rank`, `critical` first in reports."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """3 for critical down to 0 for low."""
        return _SEVERITY_RANK[self]


class Confidence(StrEnum):
    """How likely a finding is true, given what was seen of the program."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """2 for high down to 0 for low."""
        return _CONFIDENCE_RANK[self]


class Persona(StrEnum):
    """Who reads the report: `default` wants no noise, `strict` wants every guess."""

    DEFAULT = "default"
    STRICT = "strict"


_SEVERITY_RANK = {Severity.CRITICAL: 3, Severity.HIGH: 2, Severity.MEDIUM: 1, Severity.LOW: 0}
_CONFIDENCE_RANK = {Confidence.HIGH: 2, Confidence.MEDIUM: 1, Confidence.LOW: 0}
