"""Texts: conversions, replacements, splits, encodings and patterns."""

import shlex

from custodiet.flow import containers, patterns
from custodiet.flow.constants import UNFOLDED, fold_call
from custodiet.flow.frame import Frame
from custodiet.flow.machine import Machine
from custodiet.flow.site import Site, derived, holds
from custodiet.flow.values import (
    CONST,
    DERIVED,
    FUNCTION,
    MASK,
    NOTHING,
    OBJECT,
    SYMBOL,
    TEXT,
    UNKNOWN,
    WIDTH,
    Value,
    cleared,
    mask_of,
    origins_of,
)


def as_text(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`str(x)`: another form of the same value."""
    if not site.args:
        return (0, CONST, "")
    value = containers.grown_text(frame, site.args[0])
    if value[1] == CONST:
        folded = fold_call("builtins.str", [value[2]])
        return NOTHING if folded is UNFOLDED else (0, CONST, folded)
    if value[1] == TEXT:
        return value
    owner = machine.class_of_value(frame, value)
    method = machine.program.method(owner, "__str__") if owner is not None else None
    if method is not None:
        return machine.call(frame, (0, FUNCTION, (*method, value, ())), [], [], site.span)
    taint = cleared(frame.deep(value), MASK["nosql"])
    return (taint, DERIVED, ("same", value)) if taint else NOTHING


def builder(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """A text that grows, made of a text, a capacity or nothing."""
    result = frame.allocate(containers.BUILDER)
    text: Value = (0, CONST, "")
    if site.args:
        first = containers.grown_text(frame, site.args[0])
        if first[0] or first[1] == TEXT or (first[1] == CONST and isinstance(first[2], str)):
            text = first
    frame.set_attribute(result, containers.GROWN, text)
    return result


def folded(_machine: Machine, _frame: Frame, site: Site) -> Value | None:
    """A pure builtin of constants."""
    if site.args and all(value[1] == CONST for value in site.args) and not site.kw:
        folded = fold_call(site.name, [value[2] for value in site.args])
        if folded is not UNFOLDED:
            return (0, CONST, folded)
    return None


def as_bytes(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`bytes(text, "utf-8")`: the same text; `bytes(16)`, `bytes([0] * 16)`: constants."""
    if len(site.args) == 1 and site.args[0][1] == CONST and isinstance(site.args[0][2], int):
        return (0, CONST, b"\0" * min(max(site.args[0][2], 0), 64))
    constants = containers.constants_of(frame, site.args[0]) if site.args else None
    if constants and all(isinstance(item, int) and 0 <= item < 256 for item in constants):
        return (0, CONST, bytes(item for item in constants if isinstance(item, int)))
    if site.args and site.args[0][1] in (TEXT, DERIVED):
        return site.args[0]
    if len(site.args) > 1 and site.args[0][1] == CONST and isinstance(site.args[0][2], str):
        return site.args[0]
    return None


def decoded(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """What undoes an encoding gives back what was encoded; percent signs may stand for line breaks."""
    value = site.args[0] if site.args else None
    if value is None:
        return None
    if value[1] == CONST and not value[0] and isinstance(value[2], str | bytes):
        content = value[2]
        return (
            0,
            CONST,
            content.encode() if isinstance(content, str) and not site.name.startswith("urllib") else content,
        )
    encoded = derived(value, "encoded")
    if encoded is not None:
        return encoded
    if site.name.startswith("urllib.parse."):
        taint = frame.deep(value)
        for index, _ in origins_of(taint):
            taint |= (MASK["header"] | MASK["log"] | MASK["email"]) << (WIDTH * index)
        if taint:
            return (taint, DERIVED, ("same", value)) if "unquote" in site.name else (taint, UNKNOWN, None)
    return None


def _lacking(value: Value) -> str:
    """The characters that earlier replacements took out of a text."""
    if value[1] == DERIVED and value[2][0].startswith("lacks:"):
        return str(value[2][0][6:])
    return ""


def without(_machine: Machine, _frame: Frame, site: Site) -> Value | None:
    """`text.replace(".", "")`: the text without some characters; testing the rest tells about the text."""
    owner = site.owner
    if owner is None or not owner[0] or len(site.args) < 2:
        return None
    removed, put = site.args[0], site.args[1]
    lacking = _lacking(owner)
    if removed[1] == CONST and put[1] == CONST and isinstance(removed[2], str) and isinstance(put[2], str):
        if removed[2] in ("'", '"') and put[2] == removed[2] * 2:
            return (owner[0], DERIVED, (f"doubled:{removed[2]}", owner))
        if len(removed[2]) == 1 and removed[2] not in put[2] and put[2]:
            lacking = "".join(sorted({*lacking, *removed[2]}))
            taint = owner[0]
            if "<" in lacking and ">" in lacking and ('"' in lacking or "'" in lacking):
                taint = cleared(taint, MASK["html"])
            elif "<" in lacking and derived(owner, "encoded") is not None:
                taint = cleared(taint, MASK["html"])  # its quotes are escaped; only a tag could end the script
            return (taint, DERIVED, (f"lacks:{lacking}", owner)) if taint else NOTHING
    if removed[1] == CONST and isinstance(removed[2], str) and put[1] == CONST and put[2] == "" and not site.args[0][0]:
        return (owner[0], DERIVED, (f"without:{removed[2]}", owner))
    return None


def translated(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`text.translate({ord("<"): "&lt;", …})`: the text without the characters that the table replaces."""
    owner = site.owner
    table = site.args[0] if site.args else NOTHING
    record = frame.heap.get(table[2]) if table[1] == OBJECT else None
    if owner is None or not owner[0] or record is None:
        return None
    lacking = {
        chr(key) if isinstance(key, int) else str(key)
        for key, put in record[2].items()
        if put[1] == CONST and not put[0] and not {"<", ">"} & set(str(put[2]))
    }
    taint = owner[0]
    if {"<", ">"} <= lacking and not {'"', "'"}.isdisjoint(lacking):
        taint = cleared(taint, MASK["html"])
    if {"\r", "\n"} <= lacking:
        taint = cleared(taint, MASK["log"] | MASK["header"] | MASK["email"])
    return (taint, UNKNOWN, None) if taint else NOTHING


def substitute(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`re.sub(pattern, put, text)`: the text without what the pattern matches, as far as single characters tell."""
    of_pattern = site.name.endswith("Pattern.sub")
    put, text = site.argument([0 if of_pattern else 1, "repl"]), site.argument([1 if of_pattern else 2, "string"])
    pattern = site.argument([0, "pattern"])
    if of_pattern:
        record = frame.heap.get(site.owner[2]) if site.owner is not None and site.owner[1] == OBJECT else None
        pattern = record[1].get("pattern") if record is not None and "once" not in record[1] else None
    if put is None or text is None or not text[0] or pattern is None or pattern[1] != CONST:
        return None
    replacement = put[2] if put[1] == CONST and isinstance(put[2], str) else ""
    if put[1] == FUNCTION and frame.deep(machine.call(frame, put, [NOTHING], [], site.span)):
        return None
    if put[1] not in (CONST, FUNCTION) or frame.deep(put):
        return None
    removed = patterns.removed_by(pattern[2])
    if removed is None:
        return None
    gone, kept = removed
    taint = text[0]
    if kept is not None:
        taint = cleared(taint, patterns.characters_safe_for(kept + replacement))
    lacking = "".join(sorted({*_lacking(text), *gone} - set(replacement)))
    return without_characters((taint, text[1], text[2]), text, lacking)


def without_characters(value: Value, text: Value, lacking: str) -> Value:
    """The value, another form of `text` in which none of the characters is left."""
    taint = value[0]
    if "<" in lacking and ">" in lacking and ('"' in lacking or "'" in lacking):
        taint = cleared(taint, MASK["html"])
    elif "<" in lacking and derived(text, "encoded") is not None:
        taint = cleared(taint, MASK["html"])  # its quotes are escaped; only a tag could end the script
    if "\n" in lacking:
        taint = cleared(taint, MASK["log"] | MASK["header"] | MASK["email"])
    if "/" in lacking and "\\" in lacking:
        taint = cleared(taint, MASK["path"] | MASK["archive"] | MASK["upload"])
    return (taint, DERIVED, (f"lacks:{lacking}", text)) if taint else NOTHING


def address(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`ip_address(x)`, `gethostbyname(host)`: the address of a host, whose kind tells about where it leads."""
    del machine
    value = site.args[0] if site.args else None
    if value is None or not frame.deep(value):
        return None
    return (frame.deep(value), DERIVED, ("address", value))


def authentication_code(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`hmac.new(key, message, ...)`: whoever knows it for a message has the key."""
    del machine
    message = site.argument([1, "msg"])
    if message is None or not frame.deep(message):
        return None
    return (frame.deep(message), DERIVED, ("mac", message))


def split(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`name.rsplit(".", 1)`: the last part is the extension."""
    owner = site.owner
    if owner is None:
        return None
    if not owner[0]:
        return _constant_words(frame, site) if site.name.endswith("split") else None
    separator = site.args[0] if site.args else NOTHING
    if (
        separator[1] == CONST
        and separator[2] == "."
        and site.name.endswith(("rsplit", "rpartition", "split", "partition"))
    ):
        return (owner[0], DERIVED, ("split", owner))
    taint = owner[0]
    method = site.name.rpartition(".")[2]
    for spec in (machine.tables.calls.get(f"builtins.str.{method}"), machine.tables.wild_calls.get(method)):
        for sanitiser in spec.sanitisers if spec is not None else ():
            if holds(site, sanitiser.when, sanitiser.unless):
                taint = cleared(taint, mask_of(sanitiser.clears))
    if not site.args and not site.kw and method == "split" and taint:
        return words_of(frame, taint)
    result = frame.allocate("builtins.list")
    frame.heap[result[2]] = ("builtins.list", {}, {}, (taint, UNKNOWN, None) if taint else None, -1)
    return result


def _constant_words(frame: Frame, site: Site) -> Value | None:
    """`"ls -l".split()`: a list of constants."""
    owner = site.owner
    if owner is None or owner[1] != CONST or not isinstance(owner[2], str) or site.kw:
        return None
    given = [value[2] for value in site.args if value[1] == CONST]
    if len(given) != len(site.args):
        return None
    cut = owner[2].rsplit if site.name.endswith("rsplit") else owner[2].split
    try:
        words = cut(*given)
    except (TypeError, ValueError):
        return None
    return frame.allocate("builtins.list", {index: (0, CONST, word) for index, word in enumerate(words)}, len(words))


def split_shell_words(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`shlex.split("ls -l")`: a list of constants, or of words of which the first names the program."""
    line = site.argument([0, "s"])
    if line is not None and line[0]:
        return words_of(frame, line[0])
    if line is None or line[1] != CONST or not isinstance(line[2], str):
        return None
    try:
        words = shlex.split(line[2])
    except ValueError:
        return None
    return frame.allocate("builtins.list", {index: (0, CONST, word) for index, word in enumerate(words)}, len(words))


def words_of(frame: Frame, taint: int) -> Value:
    """A list of the words of a command line: testing the first tells which program the list runs."""
    words = (taint, UNKNOWN, None)
    result = frame.allocate("builtins.list")
    frame.heap[result[2]] = ("builtins.list", {}, {0: (taint, DERIVED, ("program", words))}, words, -1)
    return result


def compile_pattern(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`re.compile(pattern)`: the object remembers its pattern."""
    pattern = site.argument([0, "pattern"])
    flags = site.argument([1, "flags"])
    result = frame.allocate("re.Pattern")
    if pattern is not None and (flags is None or harmless_flags(flags)):
        frame.set_attribute(result, "pattern", pattern)
    if site.argument(["once"]) is not None:  # only the first place is replaced
        frame.set_attribute(result, "once", NOTHING)
    return result


def template_of_text(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """A template object remembers the text it was made of."""
    result = frame.allocate(
        "mako.template.Template" if site.name.startswith("mako.") else "jinja2.environment.Template"
    )
    source = site.argument([0, "source", "text"])
    if source is not None and site.argument(["default_filters"]) is None:
        frame.set_attribute(result, "source", source)
    return result


def harmless_flags(flags: Value) -> bool:
    """Whether flags of a regular expression change nothing about which kinds of characters match."""
    return flags[1] == SYMBOL and flags[2] in ("re.I", "re.IGNORECASE", "re.A", "re.ASCII", "re.U", "re.UNICODE")
