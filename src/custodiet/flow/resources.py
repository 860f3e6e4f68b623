"""Files of settings that stand beside the sources: what a program reads from them by a constant key is a constant."""

from typing import Final

from custodiet.flow.containers import is_container
from custodiet.flow.frame import Frame
from custodiet.flow.program import Program
from custodiet.flow.values import CONST, DERIVED, NOTHING, Value
from custodiet.source import ir

RESOURCE: Final = "resource"
"""How a stream is derived from the name of the file that it reads."""
SETTINGS: Final = frozenset(("properties",))
"""Languages of files that are dictionaries of constants."""


def name_of(value: Value) -> str | None:
    """The constant name of the file that a stream or reader was made of; None if it is not known."""
    while value[1] == DERIVED and value[2][0] == RESOURCE:
        value = value[2][1]
    return value[2] if value[1] == CONST and isinstance(value[2], str) else None


def is_resource(value: Value) -> bool:
    """Whether a value is the name of a file, or what was made of one."""
    return (value[1] == CONST and isinstance(value[2], str)) or (value[1] == DERIVED and value[2][0] == RESOURCE)


def find(program: Program, name: str, near: int) -> int | None:
    """The file of settings of this name that stands nearest to the module `near`."""
    wanted = "/" + name.removeprefix("classpath:").lstrip("/")
    folder = program.modules[near].path.split("/")[:-1]
    best: tuple[int, int, int] | None = None
    for path, index in program.by_path.items():
        if program.modules[index].language in SETTINGS and ("/" + path).endswith(wanted):
            shared = next(
                (
                    place
                    for place, (own, other) in enumerate(zip(folder, path.split("/"), strict=False))
                    if own != other
                ),
                len(folder),
            )
            rank = (shared, -path.count("/"), -index)
            if best is None or rank > best:
                best = rank
    return None if best is None else -best[2]


def load_into(program: Program, frame: Frame, target: Value, name: str | None) -> None:
    """Fills a dictionary with what the file of this name holds; with anything if it is not known."""
    found = find(program, name, frame.module) if name is not None else None
    if found is None:
        frame.set_item(target, NOTHING, NOTHING)
        return
    function = program.modules[found].functions[0]
    items: dict[object, Value] = {}
    for ins in function.body:
        if ins[0] == ir.DICT:
            for key, value in ins[2]:
                kind, content = function.inits[value]
                items[function.inits[key][1]] = (0, CONST, content) if kind == "c" else NOTHING
    if is_container(frame, target):
        owner, attributes, known, rest, length = frame.heap[target[2]]
        frame.heap[target[2]] = (owner, attributes, {**known, **items}, rest, length)
        return
    for word, item in items.items():
        frame.set_item(target, (0, CONST, word), item)
