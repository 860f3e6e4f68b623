"""`json-v1` in lines: each an object with a `type`, to be read while it is written.

The first line is of type `report` (how to read the rest), the last of type `statistics`; between them `finding`,
`suppressed` and `incomplete`, in the order of the report.
"""

import msgspec

from custodiet.report.document import compact
from custodiet.report.json import finding_object, header, incomplete_object
from custodiet.report.view import View


def render(view: View) -> str:
    """One JSON object on each line."""
    report = view.report
    values = [
        {"type": "report", **header(view)},
        *({"type": "finding", **finding_object(finding, view)} for finding in report.findings),
        *({"type": "suppressed", **finding_object(finding, view)} for finding in report.suppressed),
        *({"type": "incomplete", **incomplete_object(note)} for note in report.incomplete),
        {"type": "statistics", **msgspec.to_builtins(report.statistics)},
    ]
    return "".join(f"{compact(value)}\n" for value in values)
