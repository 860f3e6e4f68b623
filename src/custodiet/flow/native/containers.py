"""Containers: constructors, and what runs over their elements."""

from collections.abc import Callable

from custodiet.flow import containers
from custodiet.flow.frame import Frame
from custodiet.flow.machine import Machine
from custodiet.flow.site import Site
from custodiet.flow.state import FACTORY
from custodiet.flow.values import CONDITION, CONST, NOTHING, OBJECT, UNKNOWN, Value, cleared

Native = Callable[[Machine, Frame, Site], Value | None]


def container(owner: str) -> Native:
    """The native of a container's constructor."""

    def build(_machine: Machine, frame: Frame, site: Site) -> Value | None:
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


def of_elements(owner: str) -> Native:
    """The native of a function whose arguments become the elements: `List.of(a, b)`."""

    def build(_machine: Machine, frame: Frame, site: Site) -> Value | None:
        if len(site.args) == 1 and not site.kw and containers.is_container(frame, site.args[0]):
            return containers.container_of(frame, owner, site.args[0])
        result = frame.allocate(owner, dict(enumerate(site.args)), -1 if site.kw else len(site.args))
        for _, value in site.kw:
            frame.set_item(result, NOTHING, frame.elements(value))
        return result

    return build


def of_pairs(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`Map.of(key, value, key, value)`."""
    result = frame.allocate("builtins.dict", {})
    for key, value in zip(site.args[::2], site.args[1::2], strict=False):
        frame.set_item(result, key, value)
    return result


def default_dict(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """A dictionary that makes what is missing."""
    result = frame.allocate("builtins.dict", {})
    if site.args:
        frame.set_attribute(result, FACTORY, site.args[0])
    return result


def same_elements(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`sorted(x)`, `iter(x)`: the same elements in some order."""
    if not site.args:
        return None
    element = frame.elements(site.args[0])
    return frame.filled("builtins.list", element if element is not NOTHING else None)


def enumerated(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`enumerate(x)`: pairs of a number and an element."""
    if not site.args:
        return None
    pair = frame.allocate("builtins.tuple", {0: NOTHING, 1: frame.elements(site.args[0])}, 2)
    return frame.filled("builtins.list", pair)


def zipped(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`zip(a, b)`: tuples of an element of each."""
    items = {index: frame.elements(value) for index, value in enumerate(site.args)}
    pair = frame.allocate("builtins.tuple", items, len(items))
    return frame.filled("builtins.list", pair)


def mapped(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`map(f, x)`: what the function makes of an element."""
    if len(site.args) < 2:
        return None
    element = machine.call(frame, site.args[0], [frame.elements(value) for value in site.args[1:]], [], site.span)
    return frame.filled("builtins.list", element)


def filtered(machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`filter(f, x)`: the elements that pass the test."""
    if len(site.args) < 2:
        return None
    element = frame.elements(site.args[1])
    test = machine.call(frame, site.args[0], [element], [], site.span)
    if test[1] == CONDITION:
        for tested, mask in test[2][0]:
            if tested is element:
                element = (cleared(element[0], mask), element[1], element[2])
    return frame.filled("builtins.list", element)


def next_element(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`next(x, default)`: an element, or the default."""
    if not site.args:
        return None
    element = frame.elements(site.args[0])
    return frame.join(element, site.args[1]) if len(site.args) > 1 else element


def length(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`len(x)`, if it is known."""
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


def gather(_machine: Machine, frame: Frame, site: Site) -> Value | None:
    """`asyncio.gather(a, b)`: the list of the results."""
    return frame.allocate("builtins.list", dict(enumerate(site.args)), len(site.args)) if not site.kw else None
