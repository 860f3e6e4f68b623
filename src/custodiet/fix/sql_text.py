"""The text of an SQL statement with holes, turned into one with placeholders.

A hole may become a placeholder only where SQL takes a value: in a quoted text, after a comparison, in `VALUES (...)`,
after `LIMIT`. In the place of a name, a keyword or a list there is no repair.
"""

import re
from typing import Final, NamedTuple

from custodiet.fix.built import HOLE, SEAM, Built, Hole
from custodiet.fix.script import Change, Script


class Style(NamedTuple):
    """How a driver writes parameters."""

    name: str
    doubles_percent: bool = False
    """A `%` that is text is written twice."""
    refuses: str = ""
    """Texts in which this regular expression is found have no repair."""


class Parameterised(NamedTuple):
    """Changes of the literal, and the parameters in order: `(name, expression)`."""

    changes: tuple[Change, ...]
    values: tuple[tuple[str, str], ...]
    is_safe: bool


STYLES: Final = {
    "question": Style("question", refuses=r"\?"),
    "percent": Style("percent", doubles_percent=True),
    "mysql": Style("mysql", refuses=r"%|(?i:\b(?:limit|offset)\s*\0)"),
    "dollar": Style("dollar", refuses=r"\$\d"),
    "name": Style("name", refuses=r"(?<![:\w\\]):\w+(?!:)|\\"),
}
_STARTS: Final = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|CALL|EXPLAIN|MERGE)\b", re.IGNORECASE)
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
_BEFORE: Final = re.compile(
    r"(?:(?:^|[^<>=!])(?:=|<|>|<=|>=|<>|!=|==)|\b(?:I?LIKE|LIMIT|OFFSET|BETWEEN|BETWEEN\s+\S+\s+AND|THEN|ELSE)"
    r"|\bVALUES\s*(?:\([^()]*\)\s*,\s*)*\((?:[^()]*,)?|[\w)\]]\s*[-+/])\s*\Z",
    re.IGNORECASE,
)
_BEFORE_QUOTED: Final = re.compile(
    r"(?:(?:=|<|>)|\b(?:I?LIKE|THEN|ELSE)|\bVALUES\s*(?:\([^()]*\)\s*,\s*)*\((?:[^()]*,)?|\bIN\s*\((?:[^()]*,)?)\s*\Z",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"\s|[,);]|\Z|[-+*/=<>|]")
_VALUES: Final = frozenset(
    "identifier attribute subscript call integer float string true false none binary_operator await "
    "conditional_expression parenthesized_expression unary_operator".split()
)


def parameterised(script: Script, built: Built, style: Style, *, whole: bool = True) -> Parameterised | None:
    """The statement with a placeholder for each value; None if one of them stands where no value can stand.

    Without `whole` the text may be a part of a statement, such as a condition.
    """
    text = built.text
    if (whole and not _STARTS.match(text.replace(SEAM, ""))) or not all(_is_value(hole) for hole in built.holes):
        return None
    regions, masked = _regions(text)
    changes: list[Change] = []
    values: list[tuple[str, str]] = []
    replaced: set[int] = set()
    is_safe = True
    at = 0
    holes = iter(built.holes)
    while (at := text.find(HOLE, at)) >= 0:
        region = next(((start, end) for start, end in regions if start < at < end), None)
        if region is None:
            if not _BEFORE.search(masked[:at].replace(SEAM, " ")) or not _AFTER.match(text[at + 1 :].lstrip(SEAM)):
                return None
            value = _unquoted(script, next(holes))
            first = last = at
            is_safe = is_safe and style.name != "dollar"
        else:
            first, last = region[0], region[1] - 1
            inside = text[first + 1 : last]
            if SEAM in inside or text[first] == "`":
                return None
            if text[first] == '"' and not _BEFORE_QUOTED.search(masked[:first].replace(SEAM, " ")):
                return None
            found = quoted_value(script, inside, [next(holes) for _ in range(inside.count(HOLE))])
            if found is None:
                return None
            value = found
        name = parameter_name(value, [known for known, _ in values])
        values.append((name, value))
        changes.append(built.change(first, last, _placeholder(style.name, name, len(values))))
        replaced.update(range(first, last + 1))
        at = last + 1
    rest = "".join(char for index, char in enumerate(text) if char == HOLE or index not in replaced)
    if style.refuses and re.search(style.refuses, rest.replace(SEAM, "")):
        return None
    for index, letter in enumerate(built.letters):
        if letter.char == "%" and index not in replaced:
            wanted = "%%" if style.doubles_percent else "%"
            changes.append(Change(letter.start, letter.end, wanted))
    return Parameterised(tuple(changes), tuple(values), is_safe)


def _regions(text: str) -> tuple[list[tuple[int, int]], str]:
    """Quoted parts that have a hole, and the text with all other quoted parts and comments made neutral."""
    regions: list[tuple[int, int]] = []
    masked = list(text)
    for match in _QUOTED.finditer(text):
        start, end = match.span()
        if HOLE in match.group() and not match.group().startswith(("--", "/*")):
            regions.append((start, end))
        masked[start:end] = "q" * (end - start)
    return regions, "".join(masked)


def _is_value(hole: Hole) -> bool:
    return hole.conversion in ("", "s", "d", "i") and hole.node.type in _VALUES


def _unquoted(script: Script, hole: Hole) -> str:
    """The parameter for a hole without quotes: `str(x)` was only needed for the text."""
    node = hole.node
    function = node.child_by_field_name("function") if node.type == "call" else None
    if function is not None and script.text(function) == "str":
        listed = node.child_by_field_name("arguments")
        inner = listed.named_children if listed is not None else []
        if len(inner) == 1 and inner[0].type in _VALUES:
            return script.text(inner[0])
    return script.text(node)


def quoted_value(script: Script, inside: str, holes: list[Hole]) -> str | None:
    """The parameter for a quoted part: the value itself, or an f-string that keeps what stood around it."""
    if inside == HOLE:
        return script.text(holes[0].node)
    if any(char in inside for char in "\"'\\\n"):
        return None
    pieces = re.split(HOLE, inside)
    result = pieces[0].replace("{", "{{").replace("}", "}}")
    for hole, piece in zip(holes, pieces[1:], strict=True):
        expression = script.text(hole.node)
        if any(char in expression for char in "\\\n{") or hole.node.type in ("conditional_expression", "string"):
            return None
        if '"' in expression:
            if "'" in expression:
                return None
            expression = expression.replace('"', "'")
        result += "{" + expression + "}" + piece.replace("{", "{{").replace("}", "}}")
    return f'f"{result}"'


def _placeholder(style: str, name: str, number: int) -> str:
    return {"question": "?", "dollar": f"${number}", "name": f":{name}"}.get(style, "%s")


def parameter_name(value: str, taken: list[str]) -> str:
    """A name for the parameter, after the last word of its expression."""
    inner = re.fullmatch(r"(?:int|str|float)\((.*)\)", value)
    value = inner.group(1) if inner else value
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r"\(.*\)", "", value.removeprefix("f")))
    name = words[-1].lower() if words else "value"
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    return unique
