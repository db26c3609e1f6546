"""What a worker of a Dask cluster runs: it unpacks what a task reads, and runs the task in a new interpreter.

Dask sends these functions themselves, because a worker has only Python and the packages of requirements.lock: this
module may use nothing else. The interpreter then has the generator of the machine that runs the build.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import io
import os
import pickle
import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DASK_SETS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Variables that Dask sets for its workers; a task decides on its threads itself."""

PACKAGES = ("tensorflow", "keras", "numpy")
"""The packages whose versions a worker must share with the build: they decide what training gives."""

OUT = "out"
"""The name of the folder for everything built, which no parcel contains; on a worker, it holds most parcels."""

Answer = tuple[int, bytes, str, str]
"""A task's exit status, its pickled outcome, the SHA-256 of that, and the file on the worker with what it printed."""


@dataclass(frozen=True)
class Start:
    """How the interpreter of a task is started.

    Attributes:
        serve: Python code that receives the task and runs it.
        code: name of the folder of the package `generator`.
        folder: name of a folder, and the path in it of the folder in which the task runs.
        variables: for its environment, in addition to the worker's own.
    """

    serve: str
    code: str
    folder: tuple[str, str]
    variables: Mapping[str, str]


def versions() -> dict[str, str]:
    """The versions of PACKAGES; empty for one that is missing."""
    found = dict.fromkeys(PACKAGES, "")
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def differences(expected: Mapping[str, str]) -> str:
    """What this worker has in place of the `expected` versions, in words; empty if it has the same."""
    found = versions()
    lacking = [f"no {name}" for name, version in expected.items() if not found[name]]
    other = ((name, found[name], version) for name, version in expected.items() if found[name] not in ("", version))
    return " and ".join([*lacking, *(f"{name} {has}, not {version}" for name, has, version in other)])


def run(
    task: bytes,
    parcels: Mapping[str, tuple[str, str]],
    start: Start,
    expected: Mapping[str, str],
    contents: Sequence[bytes],
) -> Answer:
    """Runs a task, pickled by `generator.build.parcels`, in a new interpreter.

    `parcels` are the digest and the path in the parcel of each folder, by the folder's name; `contents` are the parcels
    in the same order. The environment must have the `expected` versions.

    Raises ValueError for other versions, and for a parcel that does not have its digest.
    """
    from distributed import get_worker

    if fault := differences(expected):
        raise ValueError(f"the worker has {fault}")
    local = Path(get_worker().local_directory)
    own, path = start.folder
    places = {}
    for (name, (digest, inside)), content in zip(parcels.items(), contents, strict=True):
        # What is read in the folder for everything built is no input of the paper, so the paper is elsewhere.
        places[name] = unpacked(local / ("papers" if name == own else OUT), digest, content) / inside
    kept = {name: value for name, value in os.environ.items() if name not in DASK_SETS}
    environment = {**kept, **start.variables, "PYTHONPATH": str(places[start.code].parent)}
    log = local / "tasks.log"
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [sys.executable, "-P", "-c", start.serve],
            cwd=places[own] / path,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
        ) as child,
    ):
        assert child.stdin is not None and child.stdout is not None, "both are pipes"
        # The pipe to the child stays open until its answer is there: when it closes, the child ends.
        try:
            child.stdin.write(pickle.dumps(({**places, OUT: local / OUT}, task)))
            child.stdin.flush()
        except BrokenPipeError:  # it died; its status explains more
            with contextlib.suppress(BrokenPipeError):  # once more for what is left to write
                child.stdin.close()
        answer = child.stdout.read()
    return child.returncode, answer, hashlib.sha256(answer).hexdigest(), f"{platform.node()}:{log}"


def unpacked(folder: Path, digest: str, content: bytes) -> Path:
    """The folder with a parcel's files, which are unpacked if they are not there. Raises ValueError as `run` does."""
    place = folder / digest
    if place.is_dir():
        return place
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"a parcel has arrived damaged: {digest}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        made = Path(unfinished, digest)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(made)
            for entry in archive.infolist():
                (made / entry.filename).chmod(entry.external_attr >> 16)
        try:
            made.rename(place)
        except OSError:
            if not place.is_dir():  # another task has not unpacked it meanwhile
                raise
    return place
