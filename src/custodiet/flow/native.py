"""Functions whose meaning is part of the language or depends on more than their arguments' taint.

Everything that can be said as data is in the knowledge; here stand the containers' constructors, reflection with
constant names, paths put together from pieces, and compiled patterns.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from custodiet.flow import containers, guards
from custodiet.flow.frame import FACTORY
from custodiet.flow.constants import UNFOLDED, fold_call
from custodiet.flow.site import derived, holds
from custodiet.flow.values import (
    ALL,
    ARGUMENT,
    CLASS,
    CONDITION,
    CONST,
    DERIVED,
    FUNCTION,
    INSTANCE,
    MASK,
    NONE,
    NOTHING,
    OBJECT,
    PARTIAL,
    SYMBOL,
    TEXT,
    UNKNOWN,
    WIDTH,
    Value,
    built,
    cleared,
    follows,
    mask_of,
    origins_of,
    pieces_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from custodiet.flow.frame import Frame
    from custodiet.flow.library import Library
    from custodiet.flow.site import Site

    Native = Callable[[Library, Frame, Site], Value | None]


def _container(owner: str) -> Native:
    def build(machine: Library, frame: Frame, site: Site) -> Value | None:
        del machine
        if owner == "builtins.dict":
            source = site.args[0] if site.args else None
            if source is not None and containers.is_container(frame, source):
                result = containers.container_of(frame, owner, source)
            else:
                result = frame.allocate(owner, {})
                if source is not None and source[0]:
                    frame.set_item(result, NOTHING, (frame.deep(source), UNKNOWN, None))
            if site.kw:
                containers.method(frame, result, "update", [], site.kw)
            return result
        if not site.args:
            return frame.allocate(owner, {}, 0)
        text = site.args[0]
        if text[1] == CONST and isinstance(text[2], str) and len(text[2]) <= 128:
            return frame.allocate(owner, {index: (0, CONST, each) for index, each in enumerate(text[2])}, len(text[2]))
        return containers.container_of(frame, owner, site.args[0])

    return build


def _default_dict(machine: Library, frame: Frame, site: Site) -> Value | None:
    """A dictionary that makes what is missing."""
    del machine
    result = frame.allocate("builtins.dict", {})
    if site.args:
        frame.set_attribute(result, FACTORY, site.args[0])
    return result


def _same_elements(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if not site.args:
        return None
    result = frame.allocate("builtins.list")
    element = frame.elements(site.args[0])
    frame.heap[result[2]] = ("builtins.list", {}, {}, element if element is not NOTHING else None, -1)
    return result


def _enumerate(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if not site.args:
        return None
    pair = frame.allocate("builtins.tuple", {0: NOTHING, 1: frame.elements(site.args[0])}, 2)
    result = frame.allocate("builtins.list")
    frame.heap[result[2]] = ("builtins.list", {}, {}, pair, -1)
    return result


def _zip(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    items = {index: frame.elements(value) for index, value in enumerate(site.args)}
    pair = frame.allocate("builtins.tuple", items, len(items))
    result = frame.allocate("builtins.list")
    frame.heap[result[2]] = ("builtins.list", {}, {}, pair, -1)
    return result


def _map(machine: Library, frame: Frame, site: Site) -> Value | None:
    if len(site.args) < 2:
        return None
    element = machine.call(frame, site.args[0], [frame.elements(value) for value in site.args[1:]], [], site.span)
    result = frame.allocate("builtins.list")
    frame.heap[result[2]] = ("builtins.list", {}, {}, element, -1)
    return result


def _filter(machine: Library, frame: Frame, site: Site) -> Value | None:
    if len(site.args) < 2:
        return None
    element = frame.elements(site.args[1])
    test = machine.call(frame, site.args[0], [element], [], site.span)
    if test[1] == CONDITION:
        for tested, mask in test[2][0]:
            if tested is element:
                element = (cleared(element[0], mask), element[1], element[2])
    result = frame.allocate("builtins.list")
    frame.heap[result[2]] = ("builtins.list", {}, {}, element, -1)
    return result


def _next(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if not site.args:
        return None
    element = frame.elements(site.args[0])
    return frame.join(element, site.args[1]) if len(site.args) > 1 else element


def _text(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`str(x)`: another form of the same value."""
    if not site.args:
        return (0, CONST, "")
    value = site.args[0]
    if value[1] == CONST:
        folded = fold_call("builtins.str", [value[2]])
        return NOTHING if folded is UNFOLDED else (0, CONST, folded)
    if value[1] == TEXT:
        return value
    if value[1] in (OBJECT, INSTANCE, ARGUMENT):
        method = _special(machine, frame, value, "__str__", site.span)
        if method is not None:
            return method
    taint = cleared(frame.deep(value), MASK["nosql"])
    return (taint, DERIVED, ("same", value)) if taint else NOTHING


def _special(machine: Library, frame: Frame, value: Value, name: str, span: int) -> Value | None:
    owner = None
    if value[1] == OBJECT:
        record = frame.heap.get(value[2])
        owner = record[0] if record is not None else None
    elif value[1] == INSTANCE:
        owner = value[2]
    elif value[1] == ARGUMENT:
        owner = value[2][2]
    if not isinstance(owner, tuple):
        return None
    method = machine.program.method(owner, name)
    if method is None:
        return None
    return machine.call(frame, (0, FUNCTION, (*method, value, ())), [], [], span)


def _length(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if len(site.args) != 1:
        return NOTHING
    value = site.args[0]
    if value[1] == CONST and isinstance(value[2], str | bytes):
        return (0, CONST, len(value[2]))
    if value[1] == OBJECT:
        record = frame.heap.get(value[2])
        if record is not None and record[4] >= 0 and record[3] is None:
            return (0, CONST, record[4])
    return NOTHING


def _fold(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine, frame
    if site.args and all(value[1] == CONST for value in site.args) and not site.kw:
        folded = fold_call(site.name, [value[2] for value in site.args])
        if folded is not UNFOLDED:
            return (0, CONST, folded)
    return None


NUMBERS: Final = frozenset(
    ("builtins.int", "builtins.float", "builtins.bool", "builtins.complex", "uuid.UUID", "ipaddress.ip_address")
)


def _truth(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`bool(x)`: a test stays a test."""
    if site.args and site.args[0][1] == CONDITION:
        return site.args[0]
    return _fold(machine, frame, site)


def _every(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`all(test of c for c in text)`: what is true of every character is true of the text; `all([a, b])`: both are."""
    del machine
    tests = _tests(frame, site)
    if not tests:
        return None
    result = tests[0]
    for other in tests[1:]:
        result = guards.combine("and", result, other)
    found: list[tuple[Value, int]] = list(result[2][0])
    per_character: dict[int, tuple[Value, int]] = {}
    for index, test in enumerate(tests):
        masks: dict[int, tuple[Value, int]] = {}
        for tested, mask in test[2][0]:
            text = _text_of_character(frame, tested)
            if text is not None:
                masks[id(text)] = (text, masks.get(id(text), (text, 0))[1] | mask)
        if index == 0:
            per_character = masks
        else:
            per_character = {
                key: (text, mask & masks[key][1]) for key, (text, mask) in per_character.items() if key in masks
            }
    found.extend(item for item in per_character.values() if item[1])
    return (0, CONDITION, (tuple(found), ()))


def _text_of_character(frame: Frame, value: Value) -> Value | None:
    """The text that a character was taken from."""
    if not guards.is_character(value):
        return None
    if value[1] == DERIVED:
        text: Value = value[2][1]
        return text
    parameter, path, _ = value[2]
    for other in frame.registers:
        if other[1] == ARGUMENT and other[2][0] == parameter and other[2][1] == path[:-1]:
            return other
    return None


def _some(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`any(x == name for name in ALLOWED)`: one of the tests was true."""
    del machine
    tests = _tests(frame, site)
    if not tests:
        return None
    result = tests[0]
    for other in tests[1:]:
        result = guards.combine("or", result, other)
    return (0, CONDITION, (result[2][0], ()))


def _tests(frame: Frame, site: Site) -> list[Value]:
    """The CONDITIONs in a container, none if something else is in it."""
    record = frame.heap.get(site.args[0][2]) if site.args and site.args[0][1] == OBJECT else None
    if record is None:
        return []
    items = [*record[2].values(), *([record[3]] if record[3] is not None else [])]
    return items if all(item[1] == CONDITION for item in items) else []


def _lacking(value: Value) -> str:
    """The characters that earlier replacements took out of a text."""
    if value[1] == DERIVED and value[2][0].startswith("lacks:"):
        return str(value[2][0][6:])
    return ""


def _without(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`text.replace(".", "")`: the text without some characters; testing the rest tells about the text."""
    del machine, frame
    owner = site.owner
    if owner is None or not owner[0] or len(site.args) < 2:
        return None
    removed, put = site.args[0], site.args[1]
    lacking = _lacking(owner)
    if removed[1] == CONST and put[1] == CONST and isinstance(removed[2], str) and isinstance(put[2], str):
        if len(removed[2]) == 1 and removed[2] not in put[2] and put[2]:
            lacking = "".join(sorted({*lacking, *removed[2]}))
            taint = owner[0]
            if "<" in lacking and ">" in lacking and ('"' in lacking or "'" in lacking):
                taint = cleared(taint, MASK["html"])
            return (taint, DERIVED, (f"lacks:{lacking}", owner)) if taint else NOTHING
    if removed[1] == CONST and isinstance(removed[2], str) and put[1] == CONST and put[2] == "" and not site.args[0][0]:
        return (owner[0], DERIVED, (f"without:{removed[2]}", owner))
    return None


def _isinstance(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if len(site.args) != 2:
        return NOTHING
    tested, kind = site.args
    kinds = [kind]
    if kind[1] == OBJECT:
        kinds = list(frame.heap[kind[2]][2].values()) if kind[2] in frame.heap else []
    names = [each[2] for each in kinds if each[1] in (SYMBOL, INSTANCE)]
    if not tested[0] or not names or len(names) != len(kinds):
        return NOTHING
    if all(name in NUMBERS for name in names):
        return (0, CONDITION, (((tested, ALL),), ()))
    if all(name in ("builtins.str", "builtins.bytes") or name in NUMBERS for name in names):
        return (0, CONDITION, (((tested, MASK["nosql"]),), ()))
    return NOTHING


def _getattr(machine: Library, frame: Frame, site: Site) -> Value | None:
    if len(site.args) < 2:
        return None
    name = site.args[1]
    if name[1] == CONST and isinstance(name[2], str):
        found = machine.attribute(frame, site.args[0], name[2], site.span)
        return frame.join(found, site.args[2]) if len(site.args) > 2 else found
    return (frame.deep(site.args[0]), UNKNOWN, None)


def _setattr(machine: Library, frame: Frame, site: Site) -> Value | None:
    if len(site.args) != 3:
        return None
    target, name, value = site.args
    if name[1] == CONST and isinstance(name[2], str):
        machine.store(frame, target, name[2], value, site.span)
    else:
        machine.pollute(frame, target, frame.deep(value))
    return NONE


def _partial(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine, frame
    if not site.args:
        return None
    return (0, PARTIAL, (site.args[0], tuple(site.args[1:]), tuple(site.kw)))


def _same_function(machine: Library, frame: Frame, site: Site) -> Value | None:
    """A decorator that leaves its function what it is: `lru_cache`, `contextmanager`, `wraps(...)(f)`."""
    del machine, frame
    if site.args and site.args[0][1] in (FUNCTION, PARTIAL, CLASS):
        return site.args[0]
    return (0, SYMBOL, "builtins.identity")


def _wraps(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine, frame, site
    return (0, SYMBOL, "builtins.identity")


def _join_paths(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`os.path.join`: what stands behind a folder was built into a path, and a later absolute piece replaces it all."""
    del machine
    taint = 0
    pieces: list[str | None] = []
    values = list(site.args)
    for given, value in site.kw:
        if given == "*":
            values.append((frame.deep(value), UNKNOWN, None))
    for value in values:
        own = pieces_of(value)
        taint |= follows(built(frame.deep(value))) if pieces else frame.deep(value)
        if pieces:
            pieces.append("/")
        pieces.extend(own)
    last = values[-1] if values else NOTHING
    if last[1] == CONST and last[2] == "" and len(values) > 1:
        return (taint, DERIVED, ("directory", values[0]))
    if not taint:
        if all(piece is not None for piece in pieces):
            return (0, CONST, "".join(piece or "" for piece in pieces).replace("//", "/"))
        return (0, TEXT, tuple(pieces) or (None,)) if pieces else NOTHING
    return (cleared(taint, MASK["argument"] | MASK["url"] | MASK["redirect"]) if len(values) > 1 else taint, UNKNOWN, None)


def _common_path(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if not site.args:
        return None
    paths = site.args[0]
    record = frame.heap.get(paths[2]) if paths[1] == OBJECT else None
    if record is None:
        return None
    items = sorted(record[2].values(), key=lambda item: derived(item, "resolved") is None)
    for item in items:
        if item[0] and all(other is item or guards.is_other(frame, item, other) for other in items):
            return (item[0], DERIVED, ("commonpath", item))
    return NOTHING


def _add_argument(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`parser.add_argument("--limit", type=int)`: the option is a number, or one of its choices."""
    module = frame.module
    kind = site.argument(["type"])
    is_number = kind is not None and kind[1] == SYMBOL and kind[2] in NUMBERS
    choices = site.argument(["choices"])
    action = site.argument(["action"])
    is_flag = action is not None and action[1] == CONST and str(action[2]).startswith(("store_true", "store_false", "count"))
    if not (is_number or is_flag or choices is not None):
        return None
    named = site.argument(["dest"])
    names = [value[2] for value in site.args if value[1] == CONST and isinstance(value[2], str)]
    long = [name for name in names if name.startswith("--")] or names
    name = named[2] if named is not None and named[1] == CONST else long[0].lstrip("-").replace("-", "_") if long else ""
    machine.harmless_options.add((module, str(name)))
    return None


def _compile_pattern(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    pattern = site.argument([0, "pattern"])
    flags = site.argument([1, "flags"])
    result = frame.allocate("re.Pattern")
    if pattern is not None and (flags is None or harmless_flags(flags)):
        frame.set_attribute(result, "pattern", pattern)
    return result


def _dependency(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`Depends(f)`: a default that stands for what `f` returns."""
    del machine
    result = frame.allocate(DEPENDENCY)
    function = site.argument([0, "dependency"])
    if function is not None:
        frame.set_attribute(result, "dependency", function)
    return result


def _template_of_text(machine: Library, frame: Frame, site: Site) -> Value | None:
    """A template object remembers the text it was made of."""
    del machine
    result = frame.allocate("mako.template.Template" if site.name.startswith("mako.") else "jinja2.environment.Template")
    source = site.argument([0, "source", "text"])
    if source is not None and site.argument(["default_filters"]) is None:
        frame.set_attribute(result, "source", source)
    return result


def harmless_flags(flags: Value) -> bool:
    """Whether flags of a regular expression change nothing about which kinds of characters match."""
    return flags[1] == SYMBOL and flags[2] in ("re.I", "re.IGNORECASE", "re.A", "re.ASCII", "re.U", "re.UNICODE")


def _starts_with(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if site.owner is None or not site.args:
        return None
    test = guards.starts_with if site.name.endswith("startswith") else guards.ends_with
    found = test(frame, site.owner, site.args[0])
    return NOTHING if found is None else found


def _is_absolute(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine, frame
    tested = site.args[0] if site.args else site.owner
    if tested is None or not tested[0]:
        return NOTHING
    return (0, CONDITION, ((), ((tested, MASK["path:absolute"]),)))


def _split(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`name.rsplit(".", 1)`: the last part is the extension."""
    owner = site.owner
    if owner is None or not owner[0]:
        return None
    separator = site.args[0] if site.args else NOTHING
    if separator[1] == CONST and separator[2] == "." and site.name.endswith(("rsplit", "rpartition", "split", "partition")):
        return (owner[0], DERIVED, ("split", owner))
    result = frame.allocate("builtins.list")
    taint = owner[0]
    method = site.name.rpartition(".")[2]
    for spec in (machine.tables.calls.get(f"builtins.str.{method}"), machine.tables.wild_calls.get(method)):
        for sanitiser in spec.sanitisers if spec is not None else ():
            if holds(site, sanitiser.when, sanitiser.unless):
                taint = cleared(taint, mask_of(sanitiser.clears))
    frame.heap[result[2]] = ("builtins.list", {}, {}, (taint, UNKNOWN, None) if taint else None, -1)
    return result


def _split_extension(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    if not site.args or not site.args[0][0]:
        return None
    value = site.args[0]
    extension: Value = (cleared(value[0], MASK["path"] | MASK["archive"]), DERIVED, ("extension", value))
    return frame.allocate("builtins.tuple", {0: (value[0], DERIVED, ("same", value)), 1: extension}, 2)


def _thread(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`Thread(target=f, args=(x,))`, `Process(...)`: the function runs with these arguments."""
    target = site.argument(["target", 1])
    if target is None or target[1] not in (FUNCTION, PARTIAL):
        return None
    given = site.argument(["args", 3])
    record = frame.heap.get(given[2]) if given is not None and given[1] == OBJECT else None
    args = [record[2][index] for index in sorted(record[2])] if record is not None else []
    named = site.argument(["kwargs", 4])
    record = frame.heap.get(named[2]) if named is not None and named[1] == OBJECT else None
    kw = [(name, item) for name, item in record[2].items() if isinstance(name, str)] if record is not None else []
    machine.call(frame, target, args, kw, site.span)
    return None


def _submit(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`executor.submit(f, *args)`, `loop.run_in_executor(None, f, *args)`, `asyncio.to_thread(f, *args)`."""
    skip = 1 if site.name.endswith(("run_in_executor", "call_later", "call_at")) else 0
    if len(site.args) <= skip or site.args[skip][1] not in (FUNCTION, PARTIAL, SYMBOL):
        return None
    return machine.call(frame, site.args[skip], list(site.args[skip + 1 :]), [pair for pair in site.kw if pair[0] != "**"], site.span)


def _gather(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine
    return frame.allocate("builtins.list", dict(enumerate(site.args)), len(site.args)) if not site.kw else None


def _bytes(machine: Library, frame: Frame, site: Site) -> Value | None:
    """`bytes(text, "utf-8")`: the same text; `bytes(16)`, `bytes([0] * 16)`: constants."""
    del machine
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


def _decode(machine: Library, frame: Frame, site: Site) -> Value | None:
    """What undoes an encoding gives back what was encoded; percent signs may stand for line breaks."""
    del machine
    value = site.args[0] if site.args else None
    if value is None:
        return None
    if value[1] == CONST and not value[0] and isinstance(value[2], str | bytes):
        content = value[2]
        return (0, CONST, content.encode() if isinstance(content, str) and not site.name.startswith("urllib") else content)
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


def _first(machine: Library, frame: Frame, site: Site) -> Value | None:
    del machine, frame
    return site.args[0] if site.args else None


DEPENDENCY: Final = "fastapi.Depends"
"""The class of defaults that a framework replaces by what a function of the project returns."""

CONSTANTS: Final[dict[str, object]] = {
    **{f"stat.{name}": value for name, value in vars(stat).items() if name.startswith("S_I") and isinstance(value, int)},
    "os.sep": "/",
    "os.path.sep": "/",
    "os.linesep": "\n",
    "string.digits": "0123456789",
    "string.ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "typing.TYPE_CHECKING": False,
    "xml.sax.handler.feature_external_ges": "http://xml.org/sax/features/external-general-entities",
    "xml.sax.handler.feature_external_pes": "http://xml.org/sax/features/external-parameter-entities",
}
"""Library names that are constants."""

FUNCTIONS: Final[dict[str, Native]] = {
    "builtins.list": _container("builtins.list"),
    "builtins.tuple": _container("builtins.tuple"),
    "builtins.set": _container("builtins.set"),
    "builtins.frozenset": _container("builtins.set"),
    "builtins.dict": _container("builtins.dict"),
    "collections.OrderedDict": _container("builtins.dict"),
    "collections.defaultdict": _default_dict,
    "collections.deque": _container("builtins.list"),
    "types.MappingProxyType": _container("builtins.dict"),
    "builtins.sorted": _same_elements,
    "builtins.reversed": _same_elements,
    "builtins.iter": _same_elements,
    "itertools.chain.from_iterable": _same_elements,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.next": _next,
    "builtins.anext": _next,
    "builtins.str": _text,
    "builtins.len": _length,
    "builtins.int": _fold,
    "builtins.ord": _fold,
    "builtins.chr": _fold,
    "builtins.abs": _fold,
    "builtins.bool": _truth,
    "builtins.all": _every,
    "builtins.any": _some,
    "builtins.str.replace": _without,
    "builtins.isinstance": _isinstance,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "functools.partial": _partial,
    "functools.lru_cache": _same_function,
    "functools.cache": _same_function,
    "functools.wraps": _wraps,
    "contextlib.contextmanager": _same_function,
    "contextlib.asynccontextmanager": _same_function,
    "contextlib.closing": _first,
    "contextlib.aclosing": _first,
    "contextlib.nullcontext": _first,
    "contextlib.ExitStack.enter_context": _first,
    "contextlib.AsyncExitStack.enter_async_context": _first,
    "builtins.identity": _first,
    "builtins.staticmethod": _same_function,
    "builtins.classmethod": _same_function,
    "builtins.property": _same_function,
    "abc.abstractmethod": _same_function,
    "typing.cast": lambda machine, frame, site: site.args[1] if len(site.args) > 1 else None,
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "os.path.join": _join_paths,
    "posixpath.join": _join_paths,
    "os.path.commonpath": _common_path,
    "os.path.splitext": _split_extension,
    "os.path.isabs": _is_absolute,
    "pathlib.PurePath.is_absolute": _is_absolute,
    "re.compile": _compile_pattern,
    "fastapi.Depends": _dependency,
    "fastapi.Security": _dependency,
    "mako.template.Template": _template_of_text,
    "jinja2.Template": _template_of_text,
    "jinja2.environment.Template": _template_of_text,
    "argparse.ArgumentParser.add_argument": _add_argument,
    "argparse._ActionsContainer.add_argument": _add_argument,
    "threading.Thread": _thread,
    "threading.Timer": _thread,
    "multiprocessing.Process": _thread,
    "concurrent.futures.ThreadPoolExecutor.submit": _submit,
    "concurrent.futures.ProcessPoolExecutor.submit": _submit,
    "concurrent.futures.Executor.submit": _submit,
    "asyncio.to_thread": _submit,
    "asyncio.AbstractEventLoop.run_in_executor": _submit,
    "asyncio.get_running_loop().run_in_executor": _submit,
    "asyncio.get_event_loop().run_in_executor": _submit,
    "asyncio.run": _first,
    "asyncio.create_task": _first,
    "asyncio.ensure_future": _first,
    "asyncio.wait_for": _first,
    "asyncio.shield": _first,
    "asyncio.gather": _gather,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "asgiref.sync.sync_to_async": _same_function,
    **dict.fromkeys(
        (
            "base64.b64decode",
            "base64.urlsafe_b64decode",
            "base64.standard_b64decode",
            "base64.b32decode",
            "base64.b16decode",
            "base64.decodebytes",
            "binascii.unhexlify",
            "binascii.a2b_hex",
            "binascii.a2b_base64",
            "builtins.bytes.fromhex",
            "html.unescape",
            "urllib.parse.unquote",
            "urllib.parse.unquote_plus",
            "urllib.parse.parse_qs",
            "urllib.parse.parse_qsl",
            "json.loads",
        ),
        _decode,
    ),
    "builtins.str.startswith": _starts_with,
    "builtins.str.endswith": _starts_with,
    "builtins.str.split": _split,
    "builtins.str.rsplit": _split,
    "builtins.str.partition": _split,
    "builtins.str.rpartition": _split,
}
