"""Where the processes of tasks come from on this machine: copies of one that has imported TensorFlow, and done no more.

To import TensorFlow takes longer than most tasks. One process does it, starts no operation and no thread of its own,
and forks for each task. Only Linux lets a process that holds so many libraries be forked safely; elsewhere, and on a
cluster's worker, whose copy of the code would grow old, each task has a new interpreter.

The nursery itself is single-minded: it waits for descriptors on its socket, and ends when the other end is closed. A
copy of it minds each task's process, to tell the number and the status of it.
"""

from __future__ import annotations

import os
import signal
import socket
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

from generator.build.task_process import interpreter, outcome, serve

Returned = TypeVar("Returned")


class Forked:
    """A task's process, forked in the nursery; its minder tells its number, and at its end its status."""

    def __init__(self, stdin: int, stdout: int, told: int) -> None:
        """The ends of its pipes that are on this side."""
        self.stdin: IO[bytes] = os.fdopen(stdin, "wb")
        self.stdout: IO[bytes] = os.fdopen(stdout, "rb")
        self._told = os.fdopen(told, "rb")
        self._number = int(self._told.readline() or 0)

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it has just ended
            if self._number:
                os.kill(self._number, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit status; 1 when it never began, as the nursery is dead."""
        return int(self._told.readline() or 1)

    def close(self) -> None:
        for pipe in (self.stdin, self.stdout, self._told):
            with suppress(BrokenPipeError):  # of what it did not read
                pipe.close()


class Nursery:
    """The nursery's other end; what it and the tasks print goes to `log`."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._socket, theirs = socket.socketpair()
        with log.open("ab") as words, theirs:
            self._process = interpreter("from generator.build.forkserver import main; main()", words, theirs.fileno())

    def run_apart(self, task: Callable[..., Returned], *arguments: Any) -> Returned:
        """Runs a task in a process of its own; raises as `isolation.outcome` does."""
        child = self._forked()
        try:
            return outcome(child, self._log, task, *arguments)
        finally:
            child.close()

    def close(self) -> None:
        """Ends the nursery; tasks that run go on."""
        self._socket.close()
        assert self._process.stdout is not None, "it is a pipe"
        self._process.stdout.close()
        self._process.kill()  # it may be importing
        self._process.wait()

    def _forked(self) -> Forked:
        pipes = [os.pipe() for _ in range(3)]
        (task, stdin), (stdout, answer), (told, status) = pipes
        try:
            with suppress(BrokenPipeError):  # a dead nursery is told by the status
                socket.send_fds(self._socket, [b"."], [task, answer, status])
        finally:
            for theirs in (task, answer, status):
                os.close(theirs)
        return Forked(stdin, stdout, told)


def main() -> NoReturn:
    """What the nursery does: imports, then forks for whoever asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it reaches every process of a terminal; the build decides
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the minders
    asked = socket.socket(fileno=os.dup(0))
    with suppress(Exception):  # a task will meet the same, and tell it
        import keras  # noqa: F401  # what is imported is inherited
    while True:
        message, descriptors, _, _ = socket.recv_fds(asked, 1, 3)
        if not message:
            os._exit(0)
        if _fork() == 0:
            asked.close()
            _mind(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _mind(task: int, answer: int, status: int) -> NoReturn:
    """Forks the process of one task and tells of it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = _fork()
    if child == 0:
        os.close(status)
        for descriptor, standard in ((task, 0), (answer, 1)):
            os.dup2(descriptor, standard)
            os.close(descriptor)
        _forget_random_numbers()
        serve()
    for descriptor in (task, answer, 0, 1):
        os.close(descriptor)
    os.write(status, f"{child}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):  # whoever asked is gone
        os.write(status, f"{code}\n".encode())
    os._exit(0)


def _forget_random_numbers() -> None:
    """Seeds NumPy from the system, lest all tasks draw the same; Python does so for its own."""
    with suppress(ImportError):  # without NumPy there is nothing to seed
        import numpy as np

        np.random.seed()


def _fork() -> int:
    with warnings.catch_warnings():
        # Of threads: the only ones are OpenBLAS's, which it ends before a fork and begins again after it.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
