"""Building texts: what becomes of untrusted data that is put between constant pieces."""

import re
from collections.abc import Sequence
from typing import Final

from custodiet.flow.frame import Frame
from custodiet.flow.values import (
    CONST,
    DERIVED,
    MASK,
    NOTHING,
    OBJECT,
    TEXT,
    UNKNOWN,
    WIDTH,
    Value,
    built,
    cleared,
    constant,
    follows,
    forms,
    origins_of,
    pieces_of,
    text_of,
    unknown,
    unseen,
)

_FIXED_HOST: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#\x00@]+[/?#]")
_LOCAL_PATH: Final = re.compile(r"^(/[^/\\]|[A-Za-z0-9_.?#-]+[/?#])")
_NOT_FIRST: Final = MASK["argument"] | MASK["deserialise"] | MASK["path:absolute"]
_PLACEHOLDER: Final = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<type>[diouxXeEfFgGcrsa%])"
)
_FIELD: Final = re.compile(
    r"\{(?P<name>[^{}!:]*)(?:!(?P<conversion>[rsa]))?(?::(?P<format>[^{}]*(?:\{[^{}]*\})?[^{}]*))?\}|\{\{|\}\}"
)
_NUMBER_FORMAT: Final = re.compile(r"[bcdoxXneEfFgG%]$")


def _is_doubled(value: Value, quote: str) -> bool:
    """Whether the quotes of a text were doubled, as in a literal of SQL."""
    return any(form[1] == DERIVED and form[2][0] == f"doubled:{quote}" for form in forms(value))


def concatenate(frame: Frame, parts: Sequence[Value]) -> Value:
    """The text made of these parts in order.

    What stands before a part decides what the part can still do: behind a fixed host it cannot choose the host, behind
    anything at all it cannot be an option or an absolute path.
    """
    taint = 0
    pieces: list[str | None] = []
    known = ""
    is_known, constant_before = True, False
    for part in parts:
        part_pieces = pieces_of(part)
        if part_pieces[0] is not None and len(part_pieces) == 1 and not part[0]:
            text = part_pieces[0]
            pieces.append(text)
            constant_before = constant_before or bool(text.strip())
            if is_known:
                known += text
            continue
        own = frame.deep(part)
        if own:
            if known in ("'", '"') and _is_doubled(part, known):
                own = unseen(own)  # a function that makes a literal: who calls it is no guess
            if not pieces:
                taint |= own
            elif is_known:
                taint |= follows(behind(own, known)) if known else own
            else:
                taint |= follows(cleared(own, _NOT_FIRST | MASK["url"] | MASK["redirect"]))
            if constant_before:
                taint = built(taint)
        constant_before = constant_before or any(piece and piece.strip() for piece in part_pieces)
        is_known = False
        pieces.extend(part_pieces)
    content = text_of(pieces)
    if isinstance(content, str):
        return (taint, TEXT, (content,)) if taint else (0, CONST, content)
    return (taint, TEXT, content)


def behind(taint: int, prefix: str) -> int:
    """What is still dangerous of data that stands behind a constant beginning."""
    if not taint or not prefix:
        return taint
    mask = _NOT_FIRST
    if _FIXED_HOST.match(prefix):
        mask |= MASK["url"] | MASK["redirect"]
    elif _LOCAL_PATH.match(prefix):
        mask |= MASK["redirect"] | MASK["url"]
    elif prefix == "/":
        mask |= MASK["redirect:absolute"]
    return cleared(taint, mask)


def cut(frame: Frame, text: Value, low: object) -> Value:
    """`text[low:...]`: what a constant beginning held back comes free when the beginning is cut off."""
    if not low:
        return text
    pieces = pieces_of(text)
    first = pieces[0]
    taint = text[0]
    for index, _ in origins_of(taint):
        taint |= (_NOT_FIRST | MASK["url"] | MASK["redirect"]) << (WIDTH * index)
    if first is None or not isinstance(low, int) or low < 0 or low > len(first):
        return (taint, UNKNOWN, None)
    rest: Value = (taint, UNKNOWN, None)
    return concatenate(frame, (constant(first[low:]), rest)) if first[low:] else rest


def add(frame: Frame, a: Value, b: Value) -> Value:
    """`a + b` of two values that may be texts or lists."""
    if a[1] == OBJECT and b[1] == OBJECT:
        first, second = frame.heap.get(a[2]), frame.heap.get(b[2])
        if first is not None and second is not None and first[0] == second[0]:
            result = frame.allocate(first[0])
            if first[4] >= 0 and second[4] >= 0:
                items = {**first[2], **{first[4] + index: item for index, item in second[2].items()}}
                frame.heap[result[2]] = (first[0], {}, items, None, first[4] + second[4])
            else:
                joined = frame.elements(b) if first[4] >= 0 else frame.join(frame.elements(a), frame.elements(b))
                frame.heap[result[2]] = (first[0], {}, first[2], joined, -1)
            return result
    if a[1] == OBJECT or b[1] == OBJECT:
        container, other = (a, b) if a[1] == OBJECT else (b, a)
        record = frame.heap.get(container[2])
        if record is not None and record[0] in ("builtins.list", "builtins.tuple"):
            result = frame.allocate(record[0])
            joined = frame.join(frame.elements(container), frame.elements(other))
            items = record[2] if container is a else {}
            frame.heap[result[2]] = (record[0], {}, items, joined, -1)
            return result
    return concatenate(frame, (a, b))


def percent(frame: Frame, template: Value, values: Value) -> Value:
    """`template % values`."""
    if template[1] != CONST or not isinstance(template[2], str | bytes):
        pieces = pieces_of(template)
        taint = template[0] | frame.deep(values)
        if any(piece and piece.strip() for piece in pieces):
            taint = built(taint)
        return (taint, TEXT, pieces) if pieces != (None,) else (unknown(taint))
    text = template[2] if isinstance(template[2], str) else template[2].decode("latin-1")
    record = frame.heap.get(values[2]) if values[1] == OBJECT else None
    parts: list[Value] = []
    position = 0
    number = 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(constant(text[position : match.start()]))
        position = match.end()
        if match["type"] == "%":
            parts.append(constant("%"))
            continue
        name = match["name"]
        if record is not None and record[0] == "builtins.tuple":
            value = record[2].get(number, record[3] or NOTHING)
            number += 1
        elif record is not None and name is not None:
            value = record[2].get(name, record[3] or NOTHING)
        else:
            value = (frame.deep(values), UNKNOWN, None) if record is not None else values
        parts.append(_formatted(frame, value, match["type"]))
    parts.append(constant(text[position:]))
    return concatenate(frame, parts)


def _formatted(frame: Frame, value: Value, kind: str) -> Value:
    if kind in "diouxXeEfFgGc":
        return NOTHING
    if kind in "ra":
        return (cleared(frame.deep(value), MASK["log"] | MASK["header"] | MASK["email"]), UNKNOWN, None)
    return value


def format_text(frame: Frame, template: Value, args: Sequence[Value], kw: Sequence[tuple[str, Value]]) -> Value:
    """`template.format(*args, **kw)`."""
    everything = 0
    for value in args:
        everything |= frame.deep(value)
    for _, value in kw:
        everything |= frame.deep(value)
    if template[1] != CONST or not isinstance(template[2], str):
        pieces = pieces_of(template)
        taint = template[0] | everything
        if any(piece and piece.strip() for piece in pieces):
            taint = built(taint)
        return (taint, TEXT, pieces) if pieces != (None,) else (taint, UNKNOWN, None)
    named = dict(kw)
    parts: list[Value] = []
    position = 0
    number = 0
    text = template[2]
    for match in _FIELD.finditer(text):
        parts.append(constant(text[position : match.start()]))
        position = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(constant(match[0][0]))
            continue
        name = match["name"].strip()
        root = re.split(r"[.\[]", name, maxsplit=1)[0]
        if not root or root.isdigit():
            index = int(root) if root else number
            number += 0 if root else 1
            value = args[index] if index < len(args) else (everything if "*" in named else 0, UNKNOWN, None)
        else:
            value = named.get(root, (everything if "**" in named else 0, UNKNOWN, None))
        if root != name:
            value = (frame.deep(value), UNKNOWN, None)
        if match["format"] and _NUMBER_FORMAT.search(match["format"]):
            value = NOTHING
        elif match["conversion"] in ("r", "a"):
            value = _formatted(frame, value, "r")
        parts.append(value)
    parts.append(constant(text[position:]))
    return concatenate(frame, parts)


def join(frame: Frame, separator: Value, items: Value) -> Value:
    """`separator.join(items)`."""
    record = frame.heap.get(items[2]) if items[1] == OBJECT else None
    # a container with a taint of its own, such as a field, may hold more than is in sight
    if not items[0] and record is not None and record[3] is None and 0 <= record[4] == len(record[2]):
        parts: list[Value] = []
        for index in range(record[4]):
            if index:
                parts.append(separator)
            parts.append(record[2][index])
        return concatenate(frame, parts)
    element = frame.elements(items)
    taint = frame.deep(element) | separator[0] | frame.deep(items)
    pieces = pieces_of(element)
    glue = pieces_of(separator)
    content = text_of((*pieces, *glue, None))
    if any(piece and piece.strip() for piece in (*pieces, *glue)):
        taint = built(taint)
    return (taint, TEXT, content if isinstance(content, tuple) else (content,))
