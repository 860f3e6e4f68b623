"""A rule at a place, with the flow that proves it."""

from enum import StrEnum

import msgspec

from custodiet.domain.label import Label
from custodiet.domain.place import Place
from custodiet.domain.severity import Confidence, Severity


class StepKind(StrEnum):
    """What a step of a flow is."""

    SOURCE = "source"
    PROPAGATION = "propagation"
    CALL = "call"
    RETURN = "return"
    SINK = "sink"


class Step(msgspec.Struct, frozen=True):
    """One hop of a flow: a sentence about what happened at a place."""

    kind: StepKind
    place: Place
    message: str


class Edit(msgspec.Struct, frozen=True):
    """Replace the characters of `place` by `text`."""

    place: Place
    text: str


class Fix(msgspec.Struct, frozen=True):
    """A repair: edits of one file that are applied together. `is_safe`: behaviour is kept but for the flaw."""

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool


class Suppression(msgspec.Struct, frozen=True):
    """The comment (or baseline entry) that hides a finding, and the reason it gives."""

    kind: str
    """`inSource` or `external` (baseline), as SARIF says."""
    justification: str
    place: Place | None = None


class Finding(msgspec.Struct, frozen=True):
    """A rule at a place.

    `steps` runs from source to sink and has at least one step; a finding of a check has
    exactly one, of kind `sink`. `place` is the place of the last step. `label` is the label
    of the source, or None for a check. `function` is the qualified name of the function around
    the sink, `""` at module level. `source_text` and `sink_text` are the normalised tokens that
    the fingerprint is made from.
    """

    rule: str
    message: str
    place: Place
    severity: Severity
    confidence: Confidence
    steps: tuple[Step, ...]
    function: str = ""
    label: Label | None = None
    source_text: str = ""
    sink_text: str = ""
    fingerprint: str = ""
    fix: Fix | None = None
    suppression: Suppression | None = None


class Incomplete(msgspec.Struct, frozen=True):
    """What was not analysed, and why: never silently dropped.

    `reason` is a fixed word for machines: `too-large`, `not-text`, `unreadable`, `syntax`,
    `too-deep`, `too-complex`, `template`, `minified`, `internal`; `detail` is the sentence for people.
    """

    path: str
    reason: str
    detail: str
    line: int | None = None


class Note(msgspec.Struct, frozen=True):
    """Something about the scan itself that a person should look at; it never changes the exit code.

    `kind` is a fixed word for machines: `malformed-suppression`, `unused-suppression`, `expired-baseline`,
    `unused-baseline`, `worker-lost`; `detail` is the sentence for people.
    """

    path: str
    line: int
    kind: str
    detail: str
