"""JSON text that is also safe to print: the same bytes on every run, and no character that a terminal obeys."""

import json
import re
from typing import Any, Final

from custodiet.report.plain import well_formed

_OBEYED: Final = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def pretty(value: Any) -> str:
    """The value as indented JSON with a line feed at its end. Keys stay in the order they were given."""
    return _safe(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def compact(value: Any) -> str:
    """The value as JSON on one line, without a line feed."""
    return _safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _safe(text: str) -> str:
    """The JSON text with such characters escaped; they can stand only inside its strings."""
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", well_formed(text))
