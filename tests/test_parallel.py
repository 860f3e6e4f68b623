"""Many files in several processes give what one process gives, whatever happens to a worker."""

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor

import pytest

from custodiet import parallel
from custodiet.collect import collect
from custodiet.config import Config
from custodiet.parallel import lower_all

FILES = {
    "python": ('def f{n}(a: int, *rest, key="{n}"):\n    return [g(a + {n}.5, b"x") for each in rest]\n', "py"),
    "template": ("<p>{{{{ name }}}} {n}</p>\n", "html"),
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """More files than there are batches in work, each a batch of its own."""
    monkeypatch.setattr(parallel, "PARALLEL_BYTES", 1)
    monkeypatch.setattr(parallel, "CHUNK_BYTES", 0)
    for text, suffix in FILES.values():
        (tmp_path / "templates").mkdir(exist_ok=True)
        folder = tmp_path / "templates" if suffix == "html" else tmp_path
        for number in range(12):
            long = 2000 if number == 1 and suffix == "py" else 1  # while it is read, the test has time to kill
            (folder / f"m{number}.{suffix}").write_text(text.format(n=number) * long)
    found = collect([str(tmp_path)], Config(), root=str(tmp_path))
    return (*found.files, *found.templates)


def test_workers_give_the_same_modules(files):
    alone = lower_all(files, Config(jobs=1))
    together = lower_all(files, Config(jobs=2))
    assert len(alone.modules) == 24
    assert together == alone
    assert [type(part) for part in together.modules[0].functions[1]] == [
        type(part) for part in alone.modules[0].functions[1]
    ]
    assert type(together.modules[0].functions[1].params[0]) is type(alone.modules[0].functions[1].params[0])


def test_a_worker_that_is_killed_loses_nothing(files):
    killed = []

    def kill(_what, done, _total):
        if not killed:
            killed.append(done)
            for worker in multiprocessing.active_children():
                os.kill(worker.pid, signal.SIGKILL)

    together = lower_all(files, Config(jobs=2), progress=kill)
    assert killed == [1]
    assert together.modules == lower_all(files, Config(jobs=1)).modules
    (note,) = together.notes
    assert note.kind == "worker-lost"
    assert note.detail == "a worker process died; from this file on, one process read them all"
    assert note.path in {file.path for file in files}


def test_a_pool_that_is_dead_from_the_start_loses_nothing(files):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        os.kill(pool.submit(os.getpid).result(), signal.SIGKILL)
        together = lower_all(files, Config(), executor=pool)
    assert together.modules == lower_all(files, Config(jobs=1)).modules
    assert [(note.path, note.kind) for note in together.notes] == [(files[0].path, "worker-lost")]


def test_a_machine_without_semaphores_needs_no_pool(files, monkeypatch):
    def none(*_arguments):
        raise ImportError("this platform lacks a functioning sem_open implementation")

    monkeypatch.setattr(parallel, "_pool", none)
    together = lower_all(files, Config(jobs=2))
    assert together.modules == lower_all(files, Config(jobs=1)).modules
    (note,) = together.notes
    assert note.detail.startswith("no worker process could be started (ImportError); ")
