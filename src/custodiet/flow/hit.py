"""What the analysis found, in spans: `scan.py` turns it into findings with places."""

import msgspec

from custodiet.domain.finding import StepKind
from custodiet.domain.label import Label
from custodiet.domain.severity import Confidence


class HitStep(msgspec.Struct, frozen=True):
    """One step of a flow: `span` (see `source.ir`) of the file `path`."""

    kind: StepKind
    path: str
    span: int
    message: str


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A rule at a place. `steps` has at least the sink; the last step is where the finding stands.

    `confidence` None means the rule's own. `source_text` and `sink_text` are the short names (`flask.request.args`,
    `sqlite3.Cursor.execute`) from which message and fingerprint are made.
    """

    rule: str
    steps: tuple[HitStep, ...]
    function: str = ""
    label: Label | None = None
    confidence: Confidence | None = None
    message: str = ""
    source_text: str = ""
    sink_text: str = ""
