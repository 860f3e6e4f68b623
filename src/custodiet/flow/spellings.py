"""Regular expressions in one spelling: what other languages write for sets of characters, as Python's parser reads it."""

import re
from typing import Final

_BEYOND: Final = "\\u0080-\\uffff"
_CONTROL: Final = "\\x00-\\x1f\\x7f"
_LINES: Final = "(?:\\r\\n|[\\n\\x0b\\x0c\\r\\x85\\u2028\\u2029])"
_NAMED: Final = {
    "Alnum": "0-9A-Za-z", "Alpha": "A-Za-z", "Lower": "a-z", "Upper": "A-Z", "Digit": "0-9", "XDigit": "0-9A-Fa-f",
    "Punct": "!-/:-@\\[-`{-~", "Space": "\\s", "Blank": " \\t", "Cntrl": _CONTROL, "Graph": "!-~", "Print": " -~",
    "ASCII": "\\x00-\\x7f", "L": "A-Za-z" + _BEYOND, "Letter": "A-Za-z" + _BEYOND, "Alphabetic": "A-Za-z" + _BEYOND,
    "Lu": "A-Z" + _BEYOND, "Ll": "a-z" + _BEYOND, "N": "0-9" + _BEYOND, "Nd": "0-9" + _BEYOND, "Number": "0-9" + _BEYOND,
    "Z": " " + _BEYOND, "Zs": " " + _BEYOND, "C": _CONTROL + _BEYOND, "Cc": _CONTROL, "Control": _CONTROL,
}  # fmt: skip
"""Sets by the names that POSIX and Unicode give them; one with members beyond ASCII may hold any character there."""
_TOKEN: Final = re.compile(r"\\(?:([pP])\{(?:Is)?(\w+)\}|([pP])([LNZC])|.)|\[|\]|\(\?<(?=[A-Za-z])", re.DOTALL)


def spelled(text: str) -> str:
    """The pattern with named sets, line ends and named groups as Python writes them; as it is where there are none."""
    if "\\p" not in text and "\\P" not in text and "\\R" not in text and "\\z" not in text and "(?<" not in text:
        return text
    parts: list[str] = []
    end = 0
    is_inside = False
    for token in _TOKEN.finditer(text):
        parts += (text[end : token.start()], _spelled_token(token, is_inside))
        end = token.end()
        if token[0] in ("[", "]"):
            is_inside = token[0] == "["
    return "".join((*parts, text[end:]))


def _spelled_token(token: re.Match[str], is_inside: bool) -> str:
    """One token, inside square brackets or outside."""
    members = _NAMED.get(token[2] or token[4] or "")
    if members is not None:
        is_negated = (token[1] or token[3]) == "P"
        if is_inside:
            return token[0] if is_negated else members
        return f"[^{members}]" if is_negated else f"[{members}]"
    if is_inside:
        return token[0]
    return {"\\R": _LINES, "\\z": "\\Z", "(?<": "(?P<"}.get(token[0], token[0])
