"""The workers that run tasks: processes on this machine and, for replicates, a Dask cluster if there is one.

They are started with their first task.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from generator.build import progress, worker_process
from generator.build.cluster import Cluster
from generator.build.forkserver import ForkServer
from generator.core.console import Display
from generator.core.files import write_atomically

Returned = TypeVar("Returned")


def _timed(run: Callable[..., Returned], *arguments: Any) -> tuple[Returned, float]:
    started = time.monotonic()
    returned = run(*arguments)
    return returned, time.monotonic() - started


class Workers:
    """Starts workers on demand and ends them, and the tasks they run, when `stack` is closed."""

    def __init__(
        self, stack: ExitStack, display: Display, scheduler: str | None, log: Path, folder: Path, most: int
    ) -> None:
        """`scheduler` is a Dask address, which is assumed to run `most` tasks at once, or None for this machine.

        Tasks run in the paper's `folder`, and what they print goes to `log`.
        """
        self._stack, self._display, self._scheduler = stack, display, scheduler
        self._log, self._folder, self._most = log, folder, most

    @cached_property
    def address(self) -> progress.Address:
        """Where tasks send their progress. When it is closed, a running task ends at its next message."""
        return self._stack.enter_context(progress.listening(self._display.progress, self._scheduler))

    @property
    def cores(self) -> int:
        """The number of cores of this machine."""
        return os.cpu_count() or 1

    @property
    def at_once(self) -> int:
        """How many tasks run at a time; on a cluster, all of them are assumed to."""
        return self._most if self._scheduler else self._at_once_here

    @property
    def _at_once_here(self) -> int:
        # One more than the number of cores: three replicates on two cores share them evenly, whereas two at a time
        # would leave one core idle while the third trains.
        return self.cores + 1

    def submit(self, task: Callable[..., Returned], *arguments: Any) -> Future[Returned]:
        """Queues a task, to run in its own process on this machine."""
        pool, run = self._here
        return pool.submit(run, task, *arguments)

    def submit_of_replicate(self, task: Callable[..., Returned], *arguments: Any) -> Future[tuple[Returned, float]]:
        """Queues a task, to run in its own process here or on the cluster; its result comes with the seconds it took.

        These include the start of its process.
        """
        pool, run = self._here if self._scheduler is None else self._there
        return pool.submit(_timed, run, task, *arguments)

    def submit_with_other_hashes(self, task: Callable[..., Returned], *arguments: Any) -> Future[Returned]:
        """Queues a task for a new interpreter, in which strings have different hashes than in all other tasks."""
        pool, _ = self._here
        run: Callable[..., Any] = partial(worker_process.run_with_other_hashes, self._log, self._folder)
        return pool.submit(run, task, *arguments)

    @cached_property
    def _here(self) -> tuple[Executor, Callable[..., Any]]:
        """The threads that wait for tasks on this machine, and the function that runs a task in its own process."""
        write_atomically(self._log, b"")  # also replaces anything there that is not a file
        # Each running task has a thread that waits for the task's process. Cleanup runs in reverse order: cancel queued
        # tasks, kill the processes of tasks, close the fork server, and wait for the threads.
        pool = ThreadPoolExecutor(self._at_once_here)
        worker_process.accept()
        self._stack.callback(pool.shutdown)
        run: Callable[..., Any] = partial(worker_process.run, self._log, self._folder)
        if sys.platform == "linux":
            run = self._stack.enter_context(closing(ForkServer(self._log, self._folder))).run
        self._stack.callback(worker_process.stop_all)
        self._stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        return pool, run

    @cached_property
    def _there(self) -> tuple[Executor, Callable[..., Any]]:
        """The threads that wait for tasks on the cluster, and the function that runs a task there."""
        assert self._scheduler is not None, "tasks run there only if there is one"
        pool = ThreadPoolExecutor(self._most)
        self._stack.callback(pool.shutdown)
        cluster = self._stack.enter_context(closing(Cluster(self._scheduler)))
        self._stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        return pool, cluster.run
