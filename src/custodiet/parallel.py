"""Reading and lowering many files, in several processes when that pays.

Checks do not run in the workers: they take a twentieth of the time, and may look at the whole project.
"""

import gc
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from custodiet.collect import File, is_minified, read
from custodiet.config import Config
from custodiet.domain.finding import Incomplete, Note
from custodiet.scan import PARALLEL_BYTES, Lowered, Progress
from custodiet.source.batch import Named, lower_batch, lower_file, modules_of
from custodiet.source.ir import Module
from custodiet.source.languages import LANGUAGES

if TYPE_CHECKING:  # costs 5 ms
    from concurrent.futures import Executor, ProcessPoolExecutor

CHUNK_BYTES: Final = 400_000
"""Source bytes of one batch: small enough to keep all processes busy to the end."""

Contents = Sequence[tuple[File, bytes]]
"""Files with their bytes."""


def lower_all(
    files: Sequence[File], config: Config, *, progress: Progress | None = None, executor: "Executor | None" = None
) -> Lowered:
    """Every file read and lowered, in the order of `files`, whatever process did it.

    Where no pool can be had, and where a worker dies, what is left is lowered here, and a note says so.
    """
    contents: list[tuple[File, bytes]] = []
    incomplete: list[Incomplete] = []
    skipped = 0
    for file in files:
        content = read(file, max_file_size=config.max_file_size)
        if isinstance(content, Incomplete):
            incomplete.append(content)
            skipped += 1
        elif file.language != "template" and is_minified(content, file.path):
            incomplete.append(Incomplete(file.path, "minified", "the file is minified, so it was left out"))
            skipped += 1
        else:
            contents.append((file, content))
    jobs = config.jobs or os.cpu_count() or 1
    modules: list[Module] = []
    notes: list[Note] = []
    if executor is not None or (jobs > 1 and sum(len(content) for _, content in contents) >= PARALLEL_BYTES):
        failures: list[str] = []
        for batch in _from_workers(contents, jobs, executor, failures):
            modules.extend(batch)
            if progress is not None:
                progress("reading", len(modules), len(contents))
        if failures and len(modules) < len(contents):
            detail = f"{failures[0]}; from this file on, one process read them all"
            notes.append(Note(contents[len(modules)][0].path, 1, "worker-lost", detail))
    for index in range(len(modules), len(contents)):
        file, content = contents[index]
        path, name, is_package, language = _named(file)
        modules.append(lower_file(content, path=path, name=name, is_package=is_package, language=language))
        if progress is not None and not index % 20:
            progress("reading", index, len(contents))
    return Lowered(modules, {file.path: content for file, content in contents}, incomplete, skipped, notes)


def _from_workers(
    contents: Contents, jobs: int, executor: "Executor | None", failures: list[str]
) -> Iterator[list[Module]]:
    """The modules of one batch after the other, in the order of `contents`, until a worker fails: `failures` says how."""
    from concurrent.futures import BrokenExecutor  # late: 27 ms that a small scan does not need

    try:
        if executor is not None:
            yield from _spread(contents, executor)
            return
        with _pool(jobs, contents) as pool:
            yield from _spread(contents, pool)
    except BrokenExecutor:
        failures.append("a worker process died")
    except MemoryError:
        failures.append("the memory of a worker process was not enough")
    except (ImportError, OSError) as error:  # no semaphores, or no more processes, on this machine
        failures.append(f"no worker process could be started ({type(error).__name__})")


def _pool(jobs: int, contents: Contents) -> "ProcessPoolExecutor":
    """A pool whose workers are forked from a process that has loaded the front ends, and nothing else."""
    from concurrent.futures import ProcessPoolExecutor  # late: as above
    from multiprocessing import get_all_start_methods, get_context

    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    context = get_context(method)
    if method == "forkserver":
        spoken = {file.language for file, _ in contents}
        front_ends = {language.front_end[0] for language in LANGUAGES if language.name in spoken}
        context.set_forkserver_preload(["custodiet.source.batch", *sorted(front_ends)])
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=gc.disable)


def _spread(contents: Contents, executor: "Executor") -> Iterator[list[Module]]:
    """The modules of one batch after the other, in the order of `contents`."""
    chunks: list[list[tuple[Named, bytes]]] = [[]]
    size = 0
    for file, content in contents:
        if size > CHUNK_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append((_named(file), content))
        size += len(content)
    return map(modules_of, executor.map(lower_batch, chunks))


def _named(file: File) -> Named:
    """What a worker must know of a file beside its bytes."""
    return (file.path, file.name, file.is_package, file.language)


__all__ = ["Lowered", "lower_all", "lower_batch"]
