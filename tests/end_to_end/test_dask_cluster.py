"""Replicates are trained and measured on a real Dask cluster, whose workers have none of the build's folders."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import distributed
import pytest

from tests.conftest import ROOT, build, command, environment, keep, make_paper
from tests.support import warm

Process = subprocess.Popen[str] | warm.Fork

FORKS = sys.platform == "linux"
"""Whether processes can be forked safely, as `tests.support.warm` does."""

OTHER_KERAS = """import importlib.metadata as installed
version = installed.version
installed.version = lambda name: "2.0.0" if name == "keras" else version(name)
"""


OTHER_PYTHON = """import distributed.versions as told
system = told.get_system_info
told.get_system_info = lambda: {**system(), "python": "3.9.1.final.0"}
"""


@pytest.fixture
def scheduling() -> Iterator[tuple[str, Process]]:
    """The address of a scheduler, as a user starts it, and its process."""
    with start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard") as process:
        try:
            yield said(process, r"Scheduler at:\s+(tcp://\S+)"), process
        finally:
            process.terminate()


@pytest.fixture
def scheduler(scheduling: tuple[str, Process]) -> str:
    return scheduling[0]


@contextlib.contextmanager
def working(
    scheduler: str, folder: Path, code: str = "", threads: int = 1, nanny: bool = False, new: bool = False
) -> Iterator[Process]:
    """A worker in an empty folder of its own, from which the generator cannot be imported.

    A nanny, Dask's default, starts a worker again that dies. What is `new` is an interpreter as a user starts it, and
    so is each of its tasks; other tasks and workers are forks of a process that has imported the libraries. A nanny's
    worker is a new interpreter.
    """
    folder.mkdir()
    options = ["--nthreads", str(threads), "--no-dashboard", "--local-directory", str(folder)]
    options += [] if nanny else ["--no-nanny"]
    if nanny and FORKS:
        preload = folder.with_name("preload.py")
        preload.write_text(f"def dask_setup(worker):\n    {warm.FORKING_TASKS.format(str(ROOT), warm.server())}\n")
        options += ["--preload", str(preload)]
    with start("worker", scheduler, *options, folder=folder, code=code, new=new or nanny) as worker:
        try:
            said(worker, r"Registered to:\s+(tcp://\S+)")
            yield worker
        finally:
            worker.terminate()


def start(kind: str, *options: str, folder: Path = ROOT, code: str = "", new: bool = False) -> Process:
    arguments = ["-P", "-c", f"{code}from distributed.cli.dask_{kind} import main; main()", *options]
    variables = environment(TF_CPP_MIN_LOG_LEVEL="2", PYTHONPATH="")
    if FORKS and not new:
        return warm.started(arguments, folder, variables)
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, cwd=folder, env=variables, stderr=subprocess.PIPE, text=True)


def said(process: Process, pattern: str) -> str:
    """The first match in what a process says; the rest is passed on, so that its pipe never fills."""
    assert process.stderr is not None
    for line in process.stderr:
        if match := re.search(pattern, line):
            os.set_blocking(process.stderr.fileno(), False)
            return match[1]
    raise AssertionError(f"the process ended without saying {pattern}")


def trained(paper: Path) -> list[bytes]:
    """The weights of each replicate, by their keys."""
    files = sorted((paper.parent / "build" / "cache" / "train").glob("*/*/weights.npz"))
    return [file.read_bytes() for file in files]


def test_workers_with_empty_folders_give_the_same_weights_and_see_the_variables_of_the_build(
    scheduler: str, two_replicates: Path, tmp_path: Path
) -> None:
    """What was made of the weights is kept, and found again only because they are the same.

    The worker runs two tasks at a time in one process, and has run the experiment before it is changed.
    """
    paper = make_paper("tiny", tmp_path)
    keep(two_replicates, tmp_path, "[!t]*")
    keep(two_replicates, tmp_path, "trial")
    with working(scheduler, tmp_path / "worker", threads=2, new=True):
        done = build(paper, "--replicates", "2", "--scheduler", scheduler)
        assert done.returncode == 0, done.stderr
        assert {"replicate 0", "replicate 1"} <= set(re.findall(r"replicate \d", done.stderr))
        assert trained(paper) == trained(two_replicates)
        assert len(trained(paper)) == 2
        experiment = paper / "experiment.py"
        changed = experiment.read_text().replace(
            "def build_model():", "def build_model(rate=float(os.environ['RATE'])):"
        )
        experiment.write_text(f"import os\n{changed}")
        done = build(paper, "--scheduler", scheduler, RATE="none")
        assert done.returncode == 1
        assert re.search(
            r"paper/experiment\.py:\d+: .*ValueError: could not convert string to float: 'none'", done.stderr
        )


LONG = ["--replicates", "2", "--set", "training.epochs=20"]
"""Training that lasts until a test has done something to it."""


@pytest.fixture(scope="module")
def trained_here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    paper = make_paper("tiny", tmp_path_factory.mktemp("here"))
    assert build(paper, *LONG).returncode == 0
    return paper


@pytest.fixture
def there(trained_here: Path, tmp_path: Path) -> Path:
    """The same paper, to be trained on a cluster."""
    paper = make_paper("tiny", tmp_path / "there")
    keep(trained_here, paper.parent, "trial")
    return paper


@contextlib.contextmanager
def training(paper: Path, scheduler: str) -> Iterator[subprocess.Popen[str]]:
    """A build that is training on the cluster."""
    with subprocess.Popen(
        command(paper, *LONG, "--scheduler", scheduler),
        cwd=ROOT,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as built:
        said(built, r"(replicate \d: epoch 1/20)")
        yield built


def ended(built: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status of a build, and what it still said."""
    _, told = built.communicate(timeout=600)
    return built.returncode, told


def test_a_worker_that_is_killed_is_replaced_by_another_and_the_results_are_the_same(
    scheduler: str, trained_here: Path, there: Path, tmp_path: Path
) -> None:
    with (
        working(scheduler, tmp_path / "first") as first,
        working(scheduler, tmp_path / "second", threads=2),
        training(there, scheduler) as built,
    ):
        first.kill()
        status, told = ended(built)
    assert status == 0, told
    assert results(there) == results(trained_here)
    assert reads(there) == reads(trained_here) != []


def test_a_build_goes_on_after_an_interrupt_and_after_its_only_worker_was_started_again(
    scheduler: str, trained_here: Path, there: Path, tmp_path: Path
) -> None:
    """What the worker had been sent died with it."""
    with working(scheduler, tmp_path / "worker", threads=2, nanny=True):
        with training(there, scheduler) as built:
            built.send_signal(signal.SIGINT)
            assert ended(built)[0] == 130
        with (
            training(there, scheduler) as built,
            distributed.Client(scheduler) as client,  # type: ignore[no-untyped-call]  # Dask has no types
        ):
            (process,) = client.run(os.getpid).values()
            os.kill(process, signal.SIGKILL)
            status, told = ended(built)
    assert status == 0, told
    assert results(there) == results(trained_here)


def test_a_cluster_whose_last_worker_dies_is_told(scheduler: str, there: Path, tmp_path: Path) -> None:
    with working(scheduler, tmp_path / "worker") as worker, training(there, scheduler) as built:
        worker.kill()
        status, told = ended(built)
    assert status == 1
    assert f"{scheduler}: The workers that had what a task reads have died" in told


def test_a_scheduler_that_dies_is_told(scheduling: tuple[str, Process], there: Path, tmp_path: Path) -> None:
    scheduler, process = scheduling
    with working(scheduler, tmp_path / "worker"), training(there, scheduler) as built:
        process.kill()
        status, told = ended(built)
    assert status == 1
    assert f"{scheduler}: The scheduler has ended the connection" in told


def other_digest(beginning: bytes) -> str:
    """Code for a worker that reads what begins so as if it had been changed on its way."""
    return (
        "import hashlib; true = hashlib.sha256\n"
        f"def digest(content=b'', **options):\n"
        f"    return true(bytes(content) + (b'x' if bytes(content[:2]) == {beginning!r} else b''), **options)\n"
        "hashlib.sha256 = digest\n"
    )


@pytest.mark.parametrize(
    ("beginning", "what"),
    [
        (b"PK", "A worker cannot run a task: ValueError: a parcel has arrived damaged"),
        (pickle.dumps(None)[:2], "The answer of a task has arrived damaged"),
    ],
)
def test_what_is_damaged_on_its_way_is_told(
    scheduler: str, two_replicates: Path, tmp_path: Path, beginning: bytes, what: str
) -> None:
    paper = make_paper("tiny", tmp_path)
    keep(two_replicates, tmp_path, "trial")
    with working(scheduler, tmp_path / "worker", code=other_digest(beginning)):
        done = build(paper, "--scheduler", scheduler)
    assert done.returncode == 1
    assert what in done.stderr
    assert trained(paper) == []


def results(paper: Path) -> object:
    """results.json without times and environments, and without the digests of files that contain these."""
    found = json.loads((paper.parent / "build" / "site" / "results.json").read_bytes())
    found["values"] = {name: value for name, value in found["values"].items() if not name.startswith("times.")}
    for replicate in found["replicates"]:
        del replicate["times"], replicate["environment"]
    for stage in found["stages"].values():
        del stage["key"]
    return found


def reads(paper: Path) -> list[bytes]:
    """What the paper's code was seen to read during training."""
    return [path.read_bytes() for path in (paper.parent / "build" / "cache" / "train").glob("*/*/reads.json")]


@pytest.mark.parametrize(
    ("code", "what"), [(OTHER_KERAS, r"keras 2\.0\.0, not 3\."), (OTHER_PYTHON, r"Python 3\.9, not 3\.")]
)
def test_a_worker_with_another_keras_or_python_is_refused_by_name_before_training(
    scheduler: str, two_replicates: Path, tmp_path: Path, code: str, what: str
) -> None:
    paper = make_paper("tiny", tmp_path)
    keep(two_replicates, tmp_path, "trial")
    with working(scheduler, tmp_path / "worker", code=code):
        done = build(paper, "--scheduler", scheduler)
    assert done.returncode == 2
    assert re.search(rf"--scheduler: The worker at tcp://\S+ has {what}", done.stderr), done.stderr
    assert trained(paper) == []


def test_a_cluster_without_workers_is_told(scheduler: str, two_replicates: Path, tmp_path: Path) -> None:
    paper = make_paper("tiny", tmp_path)
    keep(two_replicates, tmp_path, "trial")
    done = build(paper, "--scheduler", scheduler)
    assert done.returncode == 2
    assert f"--scheduler: The cluster at {scheduler} has no worker" in done.stderr
