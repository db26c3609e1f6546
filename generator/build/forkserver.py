"""A process that imports TensorFlow once and forks for each task, since the import takes longer than most tasks.

It runs no TensorFlow operation and starts no thread. Only on Linux can a process that has loaded many libraries be
forked safely. Elsewhere, each task has a new interpreter; so do tasks on a cluster's worker, whose copy of the code
would become outdated.

The server waits for file descriptors on its socket, and ends when the other end is closed. For each task it forks a
monitor, which forks the task's process, and writes the process's ID and, when it ends, its exit status to a pipe.

ARCHITECTURE.md explains why the fork server of `multiprocessing` is not used.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

from generator.build.worker_process import interpreter, outcome, serve

PR_SET_PDEATHSIG = 1
"""Linux's number for the option of prctl() that sets which signal a process gets when its parent ends."""

Returned = TypeVar("Returned")


class ForkedProcess:
    """A task's process that the server forked."""

    def __init__(self, stdin: int, stdout: int, monitor: int) -> None:
        """Takes this side's ends of the pipes to and from the process, and from its monitor."""
        self.stdin: IO[bytes] = os.fdopen(stdin, "wb")
        self.stdout: IO[bytes] = os.fdopen(stdout, "rb")
        self._monitor = os.fdopen(monitor, "rb")
        self._pid = int(self._monitor.readline() or 0)

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it has already ended
            if self._pid:
                os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status; 1 if it never started, because the server is dead."""
        return int(self._monitor.readline() or 1)

    def close(self) -> None:
        for pipe in (self.stdin, self.stdout, self._monitor):
            with suppress(BrokenPipeError):  # the process did not read everything
                pipe.close()


class ForkServer:
    """The build's side of the server. Tasks run in `folder`; what they and the server print goes to `log`."""

    def __init__(self, log: Path, folder: Path) -> None:
        self._log = log
        self._socket, theirs = socket.socketpair()
        with log.open("ab") as output, theirs:
            code = "from generator.build.forkserver import main; main()"
            self._process = interpreter(code, folder, output, theirs.fileno())

    def run(self, task: Callable[..., Returned], *arguments: Any) -> Returned:
        """Runs a task in its own process; raises as `worker_process.outcome` does."""
        child = self._request()
        try:
            return outcome(child, self._log, task, *arguments)
        finally:
            child.close()

    def close(self) -> None:
        """Ends the server and the running tasks."""
        self._socket.close()
        assert self._process.stdout is not None, "it is a pipe"
        self._process.stdout.close()
        self._process.kill()  # while it is importing, closing the socket does not end it
        self._process.wait()

    def _request(self) -> ForkedProcess:
        pipes = [os.pipe() for _ in range(3)]
        (task, stdin), (stdout, answer), (monitor, status) = pipes
        try:
            with suppress(BrokenPipeError):  # the server is dead, as the status will show
                socket.send_fds(self._socket, [b"."], [task, answer, status])
        finally:
            for theirs in (task, answer, status):
                os.close(theirs)
        return ForkedProcess(stdin, stdout, monitor)


def main() -> NoReturn:
    """Runs the server: imports Keras, then forks a monitor for each request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the build handles it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the monitors
    _end_with_parent()
    requests = socket.socket(fileno=os.dup(0))
    gc.disable()  # looking for garbage takes a fifth of the import's time, and there is none
    with suppress(Exception):  # a task will fail in the same way, and report it
        import keras  # noqa: F401  # forked processes inherit what is imported
    gc.freeze()  # Keras collects garbage whenever it clears a model; tasks need not search all this each time
    gc.enable()
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 1, 3)
        if not message:
            os._exit(0)
        if _fork() == 0:
            requests.close()
            _run_and_report(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _run_and_report(task: int, answer: int, status: int) -> NoReturn:
    """Runs a monitor: forks the process of one task, and writes its ID and its exit status to `status`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _end_with_parent()
    child = _fork()
    if child == 0:
        _end_with_parent()
        os.close(status)
        for descriptor, standard in ((task, 0), (answer, 1)):
            os.dup2(descriptor, standard)
            os.close(descriptor)
        _seed_numpy()
        serve()
    for descriptor in (task, answer, 0, 1):
        os.close(descriptor)
    os.write(status, f"{child}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):  # nobody is waiting anymore
        os.write(status, f"{code}\n".encode())
    os._exit(0)


def _end_with_parent() -> None:
    """Has this process killed when its parent ends, even during an import or a long call."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _seed_numpy() -> None:
    """Seeds NumPy from the system; otherwise all tasks would draw the same numbers. Python itself reseeds `random`."""
    with suppress(ImportError):  # without NumPy there is nothing to seed
        import numpy as np

        np.random.seed()


def _fork() -> int:
    with warnings.catch_warnings():
        # Python warns of threads. The only ones are OpenBLAS's, which stops them before a fork and restarts them after.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
