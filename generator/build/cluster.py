"""Runs tasks on a Dask cluster whose workers have only Python and the packages of requirements.lock.

What tasks read is packed and sent to the workers by Dask, once for all tasks that read it at the same time; what they
return is verified by its digest. A task of a worker that dies is run by another one.
"""

from __future__ import annotations

import contextlib
import hashlib
import platform
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakValueDictionary

from generator.build import cluster_worker, worker_process
from generator.build.cluster_worker import OUT, Start
from generator.build.parcels import Parcel, Places, packed, pickled, unpickled
from generator.core.environment import ONEDNN
from generator.core.errors import ReportError, UsageError
from generator.core.paths import ROOT
from generator.data.reads import Scope

if TYPE_CHECKING:
    import distributed

Returned = TypeVar("Returned")

ANSWER_SECONDS = 10.0
"""How long to wait for the scheduler to answer."""

MAX_LOSSES = 3
"""How often a task may lose what it reads because all workers that had it died."""

_SAME = "Install the packages of requirements.lock there, for the same Python."

CODE, HOME = "code", "home"
"""The names of the generator's folder and of the paper's repository."""

_VARIABLES = ("KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL", ONEDNN)
"""The variables of a task that decide how it computes, or what it prints."""


@dataclass(frozen=True)
class Sent:
    """A folder that was sent to the workers. They keep it in memory as long as this record is referred to.

    Attributes:
        digest: SHA-256 of its parcel.
        content: the parcel.
    """

    digest: str
    content: distributed.Future[bytes]


class Cluster:
    """The workers of a cluster, and what they have been sent."""

    def __init__(self, scheduler: str) -> None:
        """Connects to the scheduler at an address.

        Raises UsageError when nothing answers there, when there is no worker, and when one has other versions of what
        decides the results of training.
        """
        self._scheduler = scheduler
        self._client = _connected(scheduler)
        self._sent = WeakValueDictionary[Path, Sent]()
        self._sending = threading.Lock()
        self._expected = cluster_worker.versions()
        try:
            self._check_workers()
        except BaseException:
            self.close()
            raise

    def _check_workers(self) -> None:
        """Raises UsageError for a worker with another Python or other packages.

        Dask itself is asked for the Python, because another one could not run a function that is sent by value.
        """
        own = _python(platform.python_version())
        found = cast(Any, self._client.get_versions())  # no coroutine: the client is not asynchronous
        pythons = {name: _python(worker["host"]["python"]) for name, worker in found["workers"].items()}
        faults = {name: f"Python {other}, not {own}" for name, other in pythons.items() if other != own}
        for name, fault in (faults or self._client.run(cluster_worker.differences, self._expected)).items():
            if fault:
                raise UsageError(f"The worker at {name} has {fault}", "--scheduler", _SAME)

    def close(self) -> None:
        """Ends the connection; running tasks are no longer waited for."""
        self._client.close()  # type: ignore[no-untyped-call]  # Dask has no types

    def run(self, task: Callable[..., Returned], *arguments: Any) -> Returned:
        """Runs a task on a worker. One of the arguments is its scope.

        Folders that it reads, other than the paper's, are arguments of their own. Raises what the task raises, as
        `worker_process.outcome` does, and ReportError when a worker could not run it, or the workers died.
        """
        (scope,) = (one for one in arguments if isinstance(one, Scope))
        folders = [one for one in arguments if isinstance(one, Path) and one.is_relative_to(scope.out)]
        places = {CODE: ROOT / "generator", HOME: scope.home, OUT: scope.out}
        places |= {f"input {number}": folder for number, folder in enumerate(folders)}
        start = Start(
            serve=worker_process.SERVE,
            code=CODE,
            folder=(HOME, scope.paper.relative_to(scope.home).as_posix()),
            variables={name: worker_process.variables()[name] for name in _VARIABLES},
        )
        with self._telling():
            answer = self._answer(pickled((task, arguments), places), start, places, scope)
        return _result(*answer, places)  # type: ignore[no-any-return]  # what a pickle holds has no static type

    def _answer(self, task: bytes, start: Start, places: Places, scope: Scope) -> cluster_worker.Answer:
        """Runs a task on a worker. What it reads is sent again if the workers that had it died."""
        import distributed

        losses = 0
        while True:
            sent = {name: self._parcel(name, folder, scope) for name, folder in places.items() if name != OUT}
            parcels = {name: (one.digest, "generator" if name == CODE else "") for name, one in sent.items()}
            run = partial(cluster_worker.run, task, parcels, start, self._expected)
            contents = [one.content for one in sent.values()]
            try:
                return cast(cluster_worker.Answer, self._client.submit(_ByValue(run), contents, pure=False).result())
            except distributed.CancelledError:
                losses += 1
                if losses > MAX_LOSSES or self._client.status != "running":  # the build has ended
                    raise

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Turns what Dask raises, or a worker before or after a task, into a ReportError."""
        import distributed

        try:
            yield
        except ReportError:
            raise
        except distributed.KilledWorker as error:
            step = "Look at the workers' own output. If they lack memory, start them with fewer threads."
            raise ReportError(f"The workers that ran a task died: {error}", self._scheduler, step) from None
        except (distributed.CancelledError, TimeoutError):
            if self._client.status == "running":
                what = "The workers that had what a task reads have died"
                again = "Start workers again, with fewer threads if they lacked memory"
            else:
                what, again = "The scheduler has ended the connection", "Start it and its workers again"
            step = f"{again}. Then build again; what is finished is kept."
            raise ReportError(what, self._scheduler, step) from None
        except Exception as error:
            step = "Correct this on the worker, and build again; what is finished is kept."
            what = f"A worker cannot run a task: {type(error).__name__}: {error}"
            raise ReportError(what, self._scheduler, step) from error

    def _parcel(self, name: str, folder: Path, scope: Scope) -> Sent:
        """The parcel of a folder, which is sent to a worker, and from there to others, unless one has it already."""
        with self._sending:
            sent = self._sent.get(folder)
            if sent is None or sent.content.status != "finished":
                parcel = _packed(name, folder, scope)
                content = self._client.scatter(parcel.content, hash=False)  # type: ignore[no-untyped-call]  # Dask has no types
                self._sent[folder] = sent = Sent(parcel.digest, content)
            return sent


class _ByValue:
    """A function as it is sent to the scheduler and the workers, which cannot import its module.

    Dask itself pickles functions inside a task by reference.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        import cloudpickle

        self._content: bytes = cloudpickle.dumps(function)

    def __reduce__(self) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
        import cloudpickle

        return cloudpickle.loads, (self._content,)

    def __call__(self, *arguments: Any) -> Any:
        raise AssertionError("only what it becomes on a worker is called")


def _python(whole: str) -> str:
    """The part of a version of Python that decides whether code and results are the same: 3.11."""
    return ".".join(whole.split(".")[:2])


def _connected(scheduler: str) -> distributed.Client:
    try:
        import cloudpickle
        import distributed  # optional: most builds train on one machine
    except ModuleNotFoundError:
        step = "Run .venv/bin/pip install distributed."
        raise UsageError("Dask is not installed", "--scheduler", step) from None
    cloudpickle.register_pickle_by_value(cluster_worker)  # the workers do not have this module
    try:
        client = distributed.Client(scheduler, timeout=ANSWER_SECONDS)  # type: ignore[no-untyped-call]  # Dask has no types
    except (OSError, ValueError) as error:
        step = "Give the address that `dask scheduler` prints, such as tcp://127.0.0.1:8786."
        raise UsageError(f"No scheduler answers at {scheduler}: {error}", "--scheduler", step) from None
    if not client.scheduler_info()["workers"]:
        client.close()  # type: ignore[no-untyped-call]  # Dask has no types
        step = "Start one with `dask worker`, in an environment made from requirements.lock."
        raise UsageError(f"The cluster at {scheduler} has no worker", "--scheduler", step)
    return client


def _packed(name: str, folder: Path, scope: Scope) -> Parcel:
    """The parcel of a folder; of the repository, it contains only the paper, without what is built or hidden."""
    if name == HOME:
        return packed(scope.paper, folder, lambda path: path == scope.out or path.name.startswith((".", "__pycache__")))
    if name == CODE:
        return packed(folder, folder.parent, lambda path: path.name == "__pycache__")
    return packed(folder, folder)


def _result(status: int, content: bytes, digest: str, log: str, places: Places) -> Any:
    """What a task returned. Raises what it raised, and ReportError if its process died or its answer was damaged."""
    if status != 0:
        step = "Its last output is in that file. If that does not help, free memory or lower training.replicates."
        raise ReportError(f"A task ended unexpectedly, with status {status}", log, step)
    if hashlib.sha256(content).hexdigest() != digest:
        raise ReportError("The answer of a task has arrived damaged", log, "Build again; what is finished is kept.")
    result, error = unpickled(content, places)
    if error is not None:
        raise error
    return result
