"""Runs each task in its own process, here and on a cluster's worker.

Seeds, layer names, and TensorFlow's threads are global to a process, and must not carry over from one task to the next.
On a cluster, a worker also runs for a long time and has threads: its copy of the code becomes outdated, and its threads
would draw from the random numbers that training has seeded. A task is therefore run by a new interpreter, or by a fork
of one that has run nothing yet (see generator.build.forkserver). The task is read from standard input, and its outcome
is written to standard output. The process ends with its parent.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from generator.build.parcels import Places, pickled, unpickled
from generator.core.environment import ONEDNN
from generator.core.errors import Place, ReportError
from generator.core.paths import ROOT
from generator.core.shortage import is_of_memory

Returned = TypeVar("Returned")

HASH_SEED = "PYTHONHASHSEED"
"""The variable that seeds Python's hashes of strings; unless it is a number, each interpreter has different hashes."""


SERVE = "from generator.build.worker_process import serve; serve()"
"""The code of an interpreter that runs a task."""


class Child(Protocol):
    """The process of a task, as seen from this process."""

    @property
    def stdin(self) -> IO[bytes] | None: ...

    @property
    def stdout(self) -> IO[bytes] | None: ...

    def kill(self) -> None: ...

    def wait(self) -> int: ...


_running: set[Child] = set()
_stopped = threading.Event()


def run(log: Path, folder: Path, task: Callable[..., Returned], *arguments: Any) -> Returned:
    """Runs a task in a new interpreter in `folder`; what it prints goes to `log`. Raises as `outcome` does."""
    return _run(variables(), log, folder, task, *arguments)


def run_with_other_hashes(log: Path, folder: Path, task: Callable[..., Returned], *arguments: Any) -> Returned:
    """Like `run`, in an interpreter in which strings have different hashes, and sets therefore a different order."""
    given = os.environ.get(HASH_SEED, "")
    seed = str((int(given) + 1) % 2**32) if given.isdecimal() else "random"
    return _run({**variables(), HASH_SEED: seed}, log, folder, task, *arguments)


def _run(
    environment: Mapping[str, str], log: Path, folder: Path, task: Callable[..., Returned], *arguments: Any
) -> Returned:
    with log.open("ab") as output, interpreter(SERVE, folder, output, environment=environment) as child:
        return outcome(child, log, task, *arguments)


def interpreter(
    code: str,
    folder: Path,
    output: IO[bytes],
    stdin: int = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts an interpreter that runs `code`, by default in the environment of a task; it prints to `output`.

    It runs in the paper's `folder`, wherever the build was started, so that the author's relative paths start there.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code],  # -P: the paper's files must not hide the generator's modules
        cwd=folder,
        env=environment or variables(),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=output,
    )


def variables() -> dict[str, str]:
    """The environment variables of a task, which runs in a different folder than this process."""
    places = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    importable = os.pathsep.join([str(ROOT), *(str(Path(place).absolute()) for place in places)])
    made = {**os.environ, "PYTHONPATH": importable, "KERAS_BACKEND": "tensorflow"}
    made.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # By default, TensorFlow turns oneDNN on or off depending on the processor, and does not say which.
    made.setdefault(ONEDNN, "1")
    return made


def outcome(child: Child, log: Path, task: Callable[..., Returned], *arguments: Any) -> Returned:
    """Sends a task to a process that runs `serve`, and waits for its outcome.

    Raises the task's exception if it is a ReportError or an OSError, and a MemoryError or a RuntimeError in place of
    any other; raises ReportError when the process died.
    """
    _running.add(child)
    if _stopped.is_set():  # `stop_all` ran before this process was added
        child.kill()
    try:
        here: Places = {}
        content = _exchange(child, pickle.dumps((here, pickled((task, arguments), here))))
        status = child.wait()
    finally:
        _running.discard(child)
    if status != 0:
        step = "Its last output is in that file. If that does not help, free memory or lower training.replicates."
        raise ReportError(f"A task ended unexpectedly, with status {status}", Place(log), step)
    result, error = unpickled(content, here)
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]  # what a pickle holds has no static type


def accept() -> None:
    """Allows tasks to run, until `stop_all` is called."""
    _stopped.clear()


def stop_all() -> None:
    """Kills the processes of all tasks, including those that are just starting; their results are not needed."""
    _stopped.set()
    for child in list(_running):
        child.kill()


def _exchange(child: Child, task: bytes) -> bytes:
    """Sends a task and waits for its outcome. The pipe to the child stays open: when it closes, the child ends."""
    assert child.stdin is not None and child.stdout is not None, "both are pipes"
    try:
        child.stdin.write(task)
        child.stdin.flush()
    except BrokenPipeError:  # it died before it read the task; its status explains more
        with suppress(BrokenPipeError):  # once more for what is left to write, which would hide that error
            child.stdin.close()
        return b""
    return child.stdout.read()


def serve() -> None:
    """Runs in the new process: receives a task, runs it, and sends back its outcome."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the build decides
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # keeps what the task prints apart from its result
    places, content = pickle.load(sys.stdin.buffer)
    task, arguments = unpickled(content, places)
    threading.Thread(target=_follow_parent, args=(os.dup(0),), daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the author's code reads an end of file instead of waiting
    try:
        content = pickled((task(*arguments), None), places)
    except (Exception, SystemExit) as error:
        content = pickled((None, _portable(error)), places)
    answer.write(content)
    answer.flush()
    os._exit(0)  # exiting closes the output; TensorFlow's threads need not finish


def _portable(error: BaseException) -> BaseException:
    """The error in a form that any process can read, with its traceback as a note for --debug.

    Its causes may have classes that exist only in this process, or that require an import of TensorFlow.
    """
    told: BaseException = RuntimeError(f"{type(error).__name__}: {error}")
    if isinstance(error, (ReportError, OSError)):
        told = error
    elif is_of_memory(error):
        told = MemoryError(str(error))
    note = "".join(traceback.format_exception(error))
    told.__cause__ = told.__context__ = told.__traceback__ = None
    told.add_note(f"In the process of a task:\n{note}")
    return told


def _follow_parent(way_in: int) -> None:
    """Ends this process when the other end of what was its standard input is closed."""
    os.read(way_in, 1)
    os._exit(1)
