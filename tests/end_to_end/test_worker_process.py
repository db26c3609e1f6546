"""What the process of a task is given, and what comes back from it: of a new interpreter, or of the fork server."""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from generator.build import worker_process
from generator.build.forkserver import ForkServer
from generator.core import environment
from generator.core.errors import ReportError

Run = Callable[..., Any]

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="the fork server runs on Linux only")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("tasks")
    return folder / "log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[ForkServer]:
    with pytest.MonkeyPatch.context() as variables:
        variables.delenv(environment.ONEDNN, raising=False)
        started = ForkServer(log, log.parent)
    with closing(started):
        yield started


@pytest.fixture(params=["interpreter", pytest.param("fork server", marks=needs_linux)])
def run(request: pytest.FixtureRequest, log: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What runs a task in a process of its own."""
    monkeypatch.delenv(environment.ONEDNN, raising=False)
    if request.param == "interpreter":
        return partial(worker_process.run, log, log.parent)
    server: ForkServer = request.getfixturevalue("server")
    return server.run


def onednn() -> tuple[bool, bool]:
    """Whether TensorFlow uses oneDNN here, and what is recorded of it."""
    from tensorflow.python.util import _pywrap_util_port

    recorded = environment.describe(0, 1, environment.Commit(None, None, False))
    return _pywrap_util_port.IsMklEnabled(), recorded.onednn


def test_onednn_is_off_where_the_user_has_it_off_and_that_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.ONEDNN, "0")
    assert worker_process.run(tmp_path / "log", tmp_path, onednn) == (False, False)


@pytest.mark.parametrize("seed", ["", "0", "4294967295", "random"])
def test_texts_have_other_hashes_in_the_process_that_checks_the_first(
    log: Path, monkeypatch: pytest.MonkeyPatch, seed: str
) -> None:
    monkeypatch.setenv(worker_process.HASH_SEED, seed)
    first = worker_process.run(log, log.parent, hash, "a text")
    assert worker_process.run_with_other_hashes(log, log.parent, hash, "a text") != first


class OnlyHereError(Exception):
    """An exception that cannot be made from what it was made of."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def failing() -> None:
    raise OnlyHereError("this", "that")


def test_an_error_of_any_class_comes_back_as_one_that_is_known(run: Run) -> None:
    with pytest.raises(RuntimeError, match=r"^OnlyHereError: this and that\n") as caught:
        run(failing)
    assert 'raise OnlyHereError("this", "that")' in caught.value.__notes__[0]


def test_a_process_that_dies_is_told_with_its_status_and_where_its_log_is(run: Run) -> None:
    with pytest.raises(ReportError, match=r"log: A task ended unexpectedly, with status -9"):
        run(signal.raise_signal, signal.SIGKILL)
    assert run(os.getpid) != os.getpid()


def waiting() -> None:
    threading.Event().wait()


def test_a_task_that_begins_while_all_are_stopped_is_stopped_too(run: Run) -> None:
    worker_process.stop_all()
    try:
        with pytest.raises(ReportError, match="A task ended unexpectedly, with status -9"):
            run(waiting)
    finally:
        worker_process.accept()
    assert run(os.getpid) != os.getpid()


class Killed:
    """A process that was killed before it read its task."""

    def __init__(self) -> None:
        read, write = os.pipe()
        os.close(read)
        self.stdin, self.stdout = os.fdopen(write, "wb"), io.BytesIO()

    def kill(self) -> None: ...

    def wait(self) -> int:
        return -9


def test_a_task_that_was_never_read_is_told_once_and_its_pipe_can_be_closed(log: Path) -> None:
    child = Killed()
    with pytest.raises(ReportError, match="A task ended unexpectedly, with status -9"):
        worker_process.outcome(child, log, waiting)
    child.stdin.close()


def exhausted() -> None:
    raise ImportError("libx.so: failed to map segment from shared object")


def test_too_little_memory_comes_back_as_that(run: Run) -> None:
    with pytest.raises(MemoryError, match="failed to map segment"):
        run(exhausted)


def printed(text: str) -> None:
    print(text, flush=True)


def test_what_a_task_prints_goes_to_the_log(run: Run, log: Path) -> None:
    log.write_bytes(b"")
    run(printed, "said in a task")
    assert "said in a task" in log.read_text()


def import_places() -> tuple[str, list[str]]:
    return os.getcwd(), sys.path  # noqa: PTH109  # as authors write it


def test_a_task_runs_in_the_paper_s_folder_and_imports_nothing_from_it_by_that(run: Run, log: Path) -> None:
    here, places = run(import_places)
    assert here == str(log.parent)
    assert not {"", here} & set(places)


def test_relative_places_to_import_from_are_those_of_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["own", "", "/elsewhere"]))
    assert worker_process.variables()["PYTHONPATH"].split(os.pathsep)[1:] == [str(Path("own").absolute()), "/elsewhere"]


def drawn() -> tuple[float, float]:
    return random.random(), float(np.random.random())


def test_tasks_side_by_side_draw_random_numbers_of_their_own(run: Run) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = [task.result() for task in [pool.submit(run, drawn) for _ in range(3)]]
    assert len({own for own, _ in found}) == len({numpy for _, numpy in found}) == 3


def trained() -> tuple[list[float], tuple[bool, bool]]:
    """The weights after two epochs, and what onednn() says."""
    import keras

    from generator.model import threads

    threads.fix(1)
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    x = np.random.default_rng(0).random((64, 8))
    model.fit(x, x.sum(axis=1), epochs=2, verbose=0)
    assert model.layers[0].name == "dense"
    return [float(value) for weights in model.get_weights() for value in weights.ravel()], onednn()


@needs_linux
def test_a_fork_trains_as_a_new_interpreter_does_and_leaves_nothing_behind_for_the_next(
    server: ForkServer, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both with oneDNN, which is on unless the user has it off."""
    monkeypatch.delenv(environment.ONEDNN, raising=False)
    expected = worker_process.run(log, log.parent, trained)
    assert expected[1] == (True, True)
    assert server.run(trained) == server.run(trained) == expected


@needs_linux
def test_the_fork_server_ends_when_it_is_closed(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with closing(ForkServer(tmp_path / "log", tmp_path)) as server:
        assert server.run(os.getppid) not in before
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@needs_linux
def test_a_fork_server_that_is_dead_is_told(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children()}
    with closing(ForkServer(tmp_path / "log", tmp_path)) as server:
        for child in psutil.Process().children():
            if child.pid not in before:
                child.kill()
                child.wait()
        with pytest.raises(ReportError, match="A task ended unexpectedly, with status 1"):
            server.run(os.getpid)
