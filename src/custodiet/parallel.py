"""Reading and lowering many files, in several processes when that pays."""

import marshal
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from custodiet.collect import File, is_minified, read
from custodiet.config import Config
from custodiet.domain.finding import Incomplete
from custodiet.scan import PARALLEL_BYTES, Lowered, Progress, lower_file
from custodiet.source.ir import Class, Function, Module, Param

if TYPE_CHECKING:  # costs 5 ms
    from concurrent.futures import Executor

CHUNK_BYTES: Final = 400_000
"""Source bytes of one batch: small enough to keep all processes busy to the end."""

Named = tuple[str, str, bool, str]
"""Path, module name, whether it is a package, and language of a file."""


def lower_all(
    files: Sequence[File], config: Config, *, progress: Progress | None = None, executor: "Executor | None" = None
) -> Lowered:
    """Every file read and lowered, in the order of `files`, whatever process did it."""
    contents: list[tuple[File, bytes]] = []
    incomplete: list[Incomplete] = []
    skipped = 0
    for file in files:
        content = read(file, max_file_size=config.max_file_size)
        if isinstance(content, Incomplete):
            incomplete.append(content)
            skipped += 1
        elif file.language == "python" and is_minified(content):
            incomplete.append(
                Incomplete(file.path, "generated", "the file is generated or minified, so it was left out")
            )
            skipped += 1
        else:
            contents.append((file, content))
    jobs = config.jobs or os.cpu_count() or 1
    total = sum(len(content) for _, content in contents)
    if executor is None and (jobs == 1 or total < PARALLEL_BYTES):
        modules = []
        for index, (file, content) in enumerate(contents):
            modules.append(_lower(file, content))
            if progress is not None and not index % 20:
                progress("reading", index, len(contents))
    elif executor is not None:
        modules = _spread(contents, executor, progress)
    else:
        from concurrent.futures import ProcessPoolExecutor  # late: 27 ms that a small scan does not need
        from multiprocessing import get_context

        with ProcessPoolExecutor(jobs, mp_context=get_context("forkserver")) as pool:
            modules = _spread(contents, pool, progress)
    return Lowered(modules, {file.path: content for file, content in contents}, incomplete, skipped)


def _lower(file: File, content: bytes) -> Module:
    return lower_file(content, path=file.path, name=file.name, is_package=file.is_package, language=file.language)


def _spread(contents: Sequence[tuple[File, bytes]], executor: "Executor", progress: Progress | None) -> list[Module]:
    chunks: list[list[tuple[File, bytes]]] = [[]]
    size = 0
    for file, content in contents:
        if size > CHUNK_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append((file, content))
        size += len(content)
    modules: list[Module] = []
    for packed in executor.map(lower_batch, [[(_named(file), content) for file, content in chunk] for chunk in chunks]):
        modules.extend(unpacked(item) for item in marshal.loads(packed))  # noqa: S302 - bytes of our own worker
        if progress is not None:
            progress("reading", len(modules), len(contents))
    return modules


def _named(file: File) -> Named:
    """What a worker must know of a file beside its bytes."""
    return (file.path, file.name, file.is_package, file.language)


def lower_batch(batch: Sequence[tuple[Named, bytes]]) -> bytes:
    """The modules of a batch as marshalled tuples: the one function that runs in worker processes."""
    modules = []
    for (path, name, is_package, language), content in batch:
        modules.append(packed(lower_file(content, path=path, name=name, is_package=is_package, language=language)))
    return marshal.dumps(modules)


def packed(module: Module) -> tuple[object, ...]:
    """A module of plain tuples, which marshal can write."""
    functions = tuple(
        (*function[:2], tuple(map(tuple, function.params)), *function[3:]) for function in module.functions
    )
    return (*module[:4], functions, tuple(map(tuple, module.classes)), *module[6:])


def unpacked(content: tuple[object, ...]) -> Module:
    """Inverse of `packed`."""
    module = Module(*content)  # type: ignore[arg-type] # as `packed` wrote it
    functions = tuple(
        Function(*function)._replace(params=tuple(Param(*param) for param in function[2]))
        for function in module.functions
    )
    return module._replace(functions=functions, classes=tuple(Class(*item) for item in module.classes))


__all__ = ["Lowered", "lower_all", "lower_batch"]
