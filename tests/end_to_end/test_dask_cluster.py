"""Tasks run on a real Dask cluster, with the results they have without it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, build, environment, keep, make_paper


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A scheduler and one worker, as a user starts them; its address."""
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with start("scheduler", *options) as process:
        address = said(process, r"Scheduler at:\s+(tcp://\S+)")
        with start("worker", address, "--nthreads", "2", "--no-nanny", "--no-dashboard") as worker:
            said(worker, r"Registered to:\s+(tcp://\S+)")
            yield address
            worker.terminate()
        process.terminate()


def start(kind: str, *options: str) -> subprocess.Popen[str]:
    code = f"from distributed.cli.dask_{kind} import main; main()"
    variables = environment(PYTHONPATH=str(ROOT), TF_CPP_MIN_LOG_LEVEL="2")
    return subprocess.Popen(
        [sys.executable, "-c", code, *options], cwd=ROOT, env=variables, stderr=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str], pattern: str) -> str:
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


def test_a_cluster_gives_the_same_weights_and_sees_what_has_changed_since(
    scheduler: str, two_replicates: Path, tmp_path: Path
) -> None:
    """The worker runs two tasks at a time in one process, and has run the experiment before it is changed.

    What is made of the weights is kept, and found again only because they are the same. The worker lacks the variable
    that the experiment then reads, and the build has it.
    """
    paper = make_paper("tiny", tmp_path)
    keep(two_replicates, tmp_path, "[!t]*")
    keep(two_replicates, tmp_path, "trial")
    done = build(paper, "--replicates", "2", "--scheduler", scheduler)
    assert done.returncode == 0, done.stderr
    assert {"replicate 0", "replicate 1"} <= set(re.findall(r"replicate \d", done.stderr))
    assert trained(paper) == trained(two_replicates)
    assert len(trained(paper)) == 2
    scaling = paper / "scaling.py"
    scaling.write_text(scaling.read_text().replace("/ 255", "/ 255 * float(os.environ['SCALE'])"))
    scaling.write_text(f"import os\n{scaling.read_text()}")
    done = build(paper, "--scheduler", scheduler, SCALE="nan")
    assert done.returncode == 1
    assert "x_train contains NaN" in done.stderr


def test_a_cluster_without_workers_is_told(tiny: Path) -> None:
    with start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard") as process:
        address = said(process, r"Scheduler at:\s+(tcp://\S+)")
        done = build(tiny, "--scheduler", address)
        process.terminate()
    assert done.returncode == 2
    assert f"--scheduler: The cluster at {address} has no worker" in done.stderr
