"""Functions that call, wrap or name other functions, and reflection with constant names."""

from typing import Final

from custodiet.flow.containers import constants_of
from custodiet.flow.frame import Frame
from custodiet.flow.machine import Machine
from custodiet.flow.native.conditions import NUMBERS
from custodiet.flow.site import Site
from custodiet.flow.values import (
    CLASS,
    CONST,
    FUNCTION,
    INSTANCE,
    NONE,
    NOTHING,
    OBJECT,
    PARTIAL,
    SUPER,
    SYMBOL,
    UNKNOWN,
    Value,
)

_HARMLESS_KINDS: Final = frozenset(
    f"click.{name}" for name in ("INT", "FLOAT", "BOOL", "UUID", "Choice", "IntRange", "FloatRange", "DateTime")
)
DEPENDENCY: Final = "fastapi.Depends"
"""The class of defaults that a framework replaces by what a function of the project returns."""


def read_attribute(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`getattr(x, "name", default)`."""
    if len(site.args) < 2:
        return None
    name = site.args[1]
    if name[1] == CONST and isinstance(name[2], str):
        found = machine.attribute(frame, site.args[0], name[2], site.span)
        return frame.join(found, site.args[2]) if len(site.args) > 2 else found
    return (frame.deep(site.args[0]), UNKNOWN, None)


def write_attribute(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`setattr(x, "name", value)`."""
    if len(site.args) != 3:
        return None
    target, name, value = site.args
    if name[1] == CONST and isinstance(name[2], str):
        machine.store(frame, target, name[2], value, site.span)
    else:
        machine.pollute(frame, target, frame.deep(value))
    return NONE


def partial(_machine: Machine, _frame: Frame, site: Site) -> Value | None:
    """`functools.partial(f, *args, **kw)`."""
    if not site.args:
        return None
    return (0, PARTIAL, (site.args[0], tuple(site.args[1:]), tuple(site.kw)))


def same_function(_machine: Machine, _frame: Frame, site: Site) -> Value | None:
    """A decorator that leaves its function what it is: `lru_cache`, `contextmanager`, `wraps(...)(f)`."""
    if site.args and site.args[0][1] in (FUNCTION, PARTIAL, CLASS):
        return site.args[0]
    return (0, SYMBOL, "builtins.identity")


def wraps(_machine: Machine, _frame: Frame, _site: Site) -> Value | None:
    """`functools.wraps(f)`: a decorator that changes nothing."""
    return (0, SYMBOL, "builtins.identity")


def thread(machine: Machine, frame: Frame, site: Site) -> Value | None:
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


def submit(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`executor.submit(f, *args)`, `loop.run_in_executor(None, f, *args)`, `asyncio.to_thread(f, *args)`."""
    skip = 1 if site.name.endswith(("run_in_executor", "call_later", "call_at")) else 0
    if len(site.args) <= skip or site.args[skip][1] not in (FUNCTION, PARTIAL, SYMBOL):
        return None
    return machine.call(
        frame, site.args[skip], list(site.args[skip + 1 :]), [pair for pair in site.kw if pair[0] != "**"], site.span
    )


def first(_machine: Machine, _frame: Frame, site: Site) -> Value | None:
    """The first argument as it is."""
    return site.args[0] if site.args else None


def second(_machine: Machine, _frame: Frame, site: Site) -> Value | None:
    """The second argument as it is (`typing.cast`)."""
    return site.args[1] if len(site.args) > 1 else None


def add_argument(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`parser.add_argument("--limit", type=int)`, `click.option("--limit", default=3)`: the option is a number, a flag, or one
    of its choices.
    """
    kind = site.argument(["type"])
    names = [value[2] for value in site.args if value[1] == CONST and isinstance(value[2], str)]
    is_number = (
        kind is not None and kind[1] in (SYMBOL, INSTANCE) and (kind[2] in NUMBERS or kind[2] in _HARMLESS_KINDS)
    )
    action = site.argument(["action"])
    is_flag = (
        action is not None and action[1] == CONST and str(action[2]).startswith(("store_true", "store_false", "count"))
    )
    if site.name.startswith("click."):
        default = site.argument(["default"])
        is_number = is_number or (kind is None and default is not None and _is_number(default))
        is_flag = any(_is_true(site.argument([word])) for word in ("is_flag", "count"))
    if not (is_number or is_flag or site.argument(["choices"]) is not None):
        return None
    named = site.argument(["dest"])
    long = [name for name in names if name.startswith("--")] or names
    if site.name.startswith("click."):
        long = [name for name in names if not name.startswith("-")] or long
    name = (
        named[2] if named is not None and named[1] == CONST else long[0].lstrip("-").replace("-", "_") if long else ""
    )
    machine.harmless_options.add((frame.module, str(name)))
    return None


def _is_true(value: Value | None) -> bool:
    return value is not None and value[1] == CONST and bool(value[2])


def _is_number(value: Value) -> bool:
    return value[1] == CONST and isinstance(value[2], int | float)


def named_tuple(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`namedtuple("Point", "x y")`: what makes objects with these fields."""
    given = site.argument([1, "field_names"])
    if given is None:
        return None
    if given[1] == CONST and isinstance(given[2], str):
        names: list[object] = list(given[2].replace(",", " ").split())
    else:
        names = constants_of(frame, given) or []
    if not names or not all(isinstance(name, str) for name in names):
        return None
    return (0, PARTIAL, ((0, SYMBOL, "builtins.named_tuple"), ((0, CONST, " ".join(map(str, names))),), ()))


def named_values(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`SimpleNamespace(host="a", port=1)`: an object with these attributes."""
    if site.args or any(name.startswith("*") for name, _ in site.kw):
        return None
    result = frame.allocate(site.name)
    for name, value in site.kw:
        frame.set_attribute(result, name, value)
    return result


def filled_tuple(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`Point(1, 2)`: a tuple whose items have names."""
    names = str(site.args[0][2]).split()
    items = dict(enumerate(site.args[1:]))
    for name, value in site.kw:
        if name not in names:
            return None
        items[names.index(name)] = value
    result = frame.allocate("builtins.tuple", items, len(names))
    for index, name in enumerate(names):
        frame.set_attribute(result, name, items.get(index, NOTHING))
    return result


def constrained(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`Query(pattern="^[a-z]+$")`: a default that says which texts are taken."""
    expression = site.argument(["pattern", "regex"])
    if expression is None or expression[1] != CONST or not isinstance(expression[2], str):
        return None
    result = frame.allocate("pydantic.fields.FieldInfo")
    frame.set_attribute(result, "pattern", expression)
    return result


def keep_arguments(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`super().__init__(message)` of an exception: its text holds the arguments."""
    target = site.owner
    if target is not None and target[1] == SUPER:
        target = target[2][1]
    if target is not None:
        frame.set_attribute(target, "args", site.everything())
    return NONE


def dependency(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`Depends(f)`: a default that stands for what `f` returns."""
    result = frame.allocate(DEPENDENCY)
    function = site.argument([0, "dependency"])
    if function is not None:
        frame.set_attribute(result, "dependency", function)
    return result
