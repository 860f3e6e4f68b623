"""Files lowered together, and modules as bytes: what runs in worker processes.

This module imports no more than the front ends need, so that a worker starts quickly.
"""

import marshal
from collections.abc import Sequence

from custodiet.source import lower
from custodiet.source.ir import Class, Function, Module, Param

Named = tuple[str, str, bool, str]
"""Path, module name, whether it is a package, and language of a file."""


def lower_file(content: bytes, *, path: str, name: str, is_package: bool, language: str) -> Module:
    """One file in the common representation."""
    if language == "template":
        from custodiet.source.template import engine_of, lower_template  # late: most scans have no template

        return lower_template(content, path=path, engine=engine_of(path, content))
    return lower(content, path=path, name=name, is_package=is_package, language=language)


def lower_batch(batch: Sequence[tuple[Named, bytes]]) -> bytes:
    """The modules of a batch as marshalled tuples: the one function that runs in worker processes.

    Marshalling and its inverse take a tenth less than pickling modules (0.42 and 0.50 s for 158,000 lines).
    """
    modules = []
    for (path, name, is_package, language), content in batch:
        modules.append(packed(lower_file(content, path=path, name=name, is_package=is_package, language=language)))
    return marshal.dumps(modules)


def modules_of(lowered: bytes) -> list[Module]:
    """The modules that `lower_batch` has lowered; the bytes must come from it."""
    return [unpacked(item) for item in marshal.loads(lowered)]  # noqa: S302 - bytes of our own worker


def packed(module: Module) -> tuple[object, ...]:
    """A module of plain tuples, which marshal can write."""
    functions = tuple(
        (*function[:2], tuple(map(tuple, function.params)), *function[3:]) for function in module.functions
    )
    return (*module[:4], functions, tuple(map(tuple, module.classes)), *module[6:])


def unpacked(content: Sequence[object]) -> Module:
    """Inverse of `packed`."""
    module = Module(*content)  # type: ignore[arg-type] # as `packed` wrote it
    new = tuple.__new__  # half the time that the classes themselves take
    functions = tuple(
        [
            new(Function, (*item[:2], tuple([new(Param, param) for param in item[2]]), *item[3:]))
            for item in module.functions
        ]
    )
    classes = tuple([new(Class, item) for item in module.classes])
    return new(Module, (*module[:4], functions, classes, *module[6:]))
