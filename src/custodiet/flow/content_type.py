"""Content types that a response is given after it was made: text that is sent as `text/plain` is no markup.

The look is at what the program writes, not at values: an assignment that stands in the block where the response is made, or in one
around it, is made whenever the response is.
"""

import re
from typing import Any, Final

from custodiet.flow.summary import Portable
from custodiet.flow.values import CONST, OBJECT
from custodiet.source import ir

_NAMES: Final = frozenset(("content_type", "contenttype", "mimetype", "media_type", "content-type"))
"""Attributes, and the header, that name the type."""
_ALWAYS: Final = frozenset(("set_default_headers", "prepare", "finish"))
_SETTERS: Final = frozenset(
    ("set", "add", "add_header", "set_header", "setdefault", "__setitem__", "setHeader", "header", "append")
)
_TYPING: Final = frozenset(("type", "contentType"))
"""Methods whose only argument is the type, perhaps as a short word."""
_SHORT: Final = {"text": "text/plain", "txt": "text/plain", "json": "application/json", "csv": "text/csv"}
HARMLESS: Final = re.compile(r"(?i)\s*(?!text/html|application/xhtml|image/svg|text/xml|application/xml)[\w.+-]+/")


def is_no_markup(function: ir.Function, span: int) -> bool:
    """Whether the response that is made or filled at `span` always gets the type of something that is no markup."""
    chain: list[ir.Block] = []
    response = _response_at(function.body, span, chain)
    if response == ir.NOREG:
        return False
    found = ""
    if response < 0 and chain:
        found, response = _chained(function, chain[0], span)
    for block in chain:
        found = _type_set(function, block, response) or found
    return HARMLESS.match(found) is not None


def _chained(function: ir.Function, block: ir.Block, span: int) -> tuple[str, int]:
    """(the type, the response) of a chain of calls that ends at `span`: `response.type("text/plain").send(x)`."""
    written: dict[int, ir.Ins] = {}
    for ins in block:
        if ins[-1] == span and ins[0] == ir.CALLM:
            found = ""
            register = int(ins[2])
            while register < 0 and (made := written.get(register)) is not None and made[0] == ir.CALLM:
                found = found or _type_given(function, made)
                register = int(made[2])
            return found, register
        destination = ir.destination(ins)
        if destination != ir.NOREG:
            written[destination] = ins
    return "", ir.NOREG


def _type_given(function: ir.Function, ins: ir.Ins) -> str:
    """The content type that a call of a method of the response gives it, `""` if none."""
    arguments = ins[4]
    if ins[3] in _TYPING and len(arguments) == 1:
        text = _text(function, arguments[0])
        return _SHORT.get(text, text)
    if ins[3] in _SETTERS and len(arguments) > 1 and _text(function, arguments[0]).lower() in _NAMES:
        return _text(function, arguments[1])
    return ""


def is_typed(response: Portable) -> bool:
    """Whether a tuple (body, status, headers) names the type of something that is no markup."""
    for _, part in response[2][2]:
        if part[1] == OBJECT and part[2][0] == "builtins.dict":
            for name, value in part[2][2]:
                if str(name).lower() in _NAMES and value[1] == CONST and HARMLESS.match(str(value[2])):
                    return True
    return False


def sets_type(function: ir.Function) -> bool:
    """Whether a method that runs for each response (`set_default_headers`, `finish`) gives it a type, and not that of markup."""
    if function.name not in _ALWAYS:
        return False
    for ins in function.body:
        if (
            ins[0] == ir.CALLM
            and ins[3] in _SETTERS
            and len(ins[4]) > 1
            and _text(function, ins[4][0]).lower() in _NAMES
        ):
            given = _text(function, ins[4][1])
            return not given or HARMLESS.match(given) is not None
    return False


def _response_at(block: ir.Block, span: int, chain: list[ir.Block]) -> int:
    """The register of the response that is made or filled at `span`; `chain` gets the blocks around it, innermost first."""
    for ins in block:
        if ins[-1] == span and ins[0] in (ir.CALL, ir.CALLM, ir.NEW, ir.SETATTR):
            chain.append(block)
            if ins[0] == ir.SETATTR:
                return int(ins[1])
            return int(ins[2] if ins[0] == ir.CALLM and ins[1] < 0 <= ins[2] else ins[1])
        for inner in ir.blocks(ins):
            found = _response_at(inner, span, chain)
            if found != ir.NOREG:
                chain.append(block)
                return found
    return ir.NOREG


def _type_set(function: ir.Function, block: ir.Block, response: int) -> str:
    """The content type that this block itself gives the response last, `""` if none."""
    found = ""
    headers = {response}
    mappings: dict[int, Any] = {}
    for ins in block:
        op = ins[0]
        if op in (ir.SETATTR, ir.SETINDEX) and (ins[1] == response or (op == ir.SETINDEX and ins[1] in headers)):
            name = ins[2] if op == ir.SETATTR else _text(function, ins[2])
            if name.lower() in _NAMES:
                found = _text(function, ins[3]) or found
        elif op == ir.DICT:
            mappings[ins[1]] = ins[2]
        elif op == ir.CALLM and ins[2] in headers and (given := _type_given(function, ins)):
            found = given
        elif op == ir.CALLM and ins[2] in headers and ins[3] == "writeHead":
            for register in ins[4]:
                for key, value in mappings.get(register, ()):
                    if _text(function, key).lower() in _NAMES:
                        found = _text(function, value) or found
        elif op == ir.CALLM and ins[2] in headers:
            if ins[3] in _SETTERS and len(ins[4]) > 1 and _text(function, ins[4][0]).lower() in _NAMES:
                found = _text(function, ins[4][1]) or found
            elif ins[3] == "update" and ins[4]:
                for key, value in mappings.get(ins[4][0], ()):
                    if _text(function, key).lower() in _NAMES:
                        found = _text(function, value) or found
        destination = ir.destination(ins)
        if op == ir.ATTR and ins[2] == response and ins[3] == "headers":
            headers.add(destination)
        elif destination != ir.NOREG and destination != response:
            headers.discard(destination)
    return found


def _text(function: ir.Function, register: int) -> str:
    """The constant text in a register, else `""`."""
    if 0 <= register < len(function.inits):
        kind, content = function.inits[register]
        if kind == "c" and isinstance(content, str):
            return content
    return ""
