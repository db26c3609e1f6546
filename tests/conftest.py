"""Papers to build: small ones, unlike each other, with data that is made on the spot."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image
from playwright.sync_api import Browser

from tests.support import warm
from tests.support.scripting import chromium

gc.disable()  # until all is collected: looking for garbage is a fifth of the time that imports take

ROOT = Path(__file__).resolve().parent.parent
PAPERS = Path(__file__).parent / "papers"

# An example that takes long says that the machine is busy, not that the code is wrong. The gate tries the same examples
# each time, so that what it says of a change is about the change; a developer's machine goes on looking for others.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.register_profile("fuzz", settings.get_profile("untimed"), max_examples=10_000, derandomize=False)
settings.load_profile("untimed")

# A suite that was put in the background ignores interrupts (POSIX, 2.11 of the shell), and so would all that it starts
# and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# `make test` says to each make below it that it is one (MAKELEVEL, MAKEFLAGS): it would tell which folder it enters.
# What the tests call is what a user calls.
for variable in [name for name in os.environ if name.startswith(("MAKE", "MFLAGS"))]:
    del os.environ[variable]


def make_paper(name: str, folder: Path) -> Path:
    """Copies a paper of tests/papers to `folder`/paper and puts its data there."""
    paper = folder / "paper"
    shutil.copytree(PAPERS / name, paper)
    if name == "tiny":
        write_bars(paper / "data.npz")
    elif name == "branches":
        write_shapes(paper / "images")
    return paper


def dot() -> bytes:
    """A picture of one pixel, as PNG."""
    Image.new("1", (1, 1)).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


def write_bars(path: Path, seed: int = 0) -> None:
    """240 + 60 images (8, 8) of a bright row (class 0) or column (class 1), in noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 300).astype(np.uint8)
    images = random.integers(0, 100, (300, 8, 8)).astype(np.uint8)
    places = random.integers(0, 8, 300)
    for image, label, place in zip(images, labels, places, strict=True):
        (image if label == 0 else image.T)[place] = 250
    np.savez(path, x_train=images[:240], y_train=labels[:240], x_test=images[240:], y_test=labels[240:])


def write_shapes(folder: Path) -> None:
    """Color images of 40 by 36 pixels in four folders, 24 each."""
    random = np.random.default_rng(1)
    for label, name in enumerate(("circle", "cross", "square", "wave")):
        (folder / name).mkdir(parents=True)
        for number in range(24):
            pixels = random.integers(0, 160, (36, 40, 3)).astype(np.uint8)
            pixels[label * 9 : label * 9 + 9, :, label % 3] = 255
            Image.fromarray(pixels).save(folder / name / f"{number}.png")


def command(paper: Path, *arguments: str | Path) -> list[str]:
    """`python -m generator build ...` of `paper` into the folder build/ beside it."""
    options = ["--paper", paper, "--out", paper.parent / "build", *arguments]
    return [sys.executable, "-m", "generator", "build", *map(str, options)]


def environment(**variables: str) -> dict[str, str]:
    """The user's environment, without their data, since a paper of the tests has its own; bytecode is written."""
    left_out = ("MNIST_PATH", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if name not in left_out} | variables


def build(
    paper: Path, *arguments: str | Path, root: Path = ROOT, new: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Builds `paper` as a user would, with the generator that lies in `root`; in a `new` interpreter if need be."""
    run = warm.run_new if new else warm.run
    return run(command(paper, *arguments)[1:], root, environment(**variables))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, the same for all workers."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextlib.contextmanager
def one_worker(lock: Path) -> Iterator[None]:
    """Waits until no other worker does what goes by this lock."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def built_paper(shared: Path) -> Callable[[str], Path]:
    """Gives a paper of tests/papers with two replicates, built once for all workers; tests that build take a copy.

    The faces of the page, which are the same in all papers, are cut for the tiny paper alone.
    """

    def built(name: str) -> Path:
        with one_worker(shared / f"{name}.lock"):
            if not (shared / name).exists():
                folder = shared / f"{name}.unfinished"
                if name != "tiny":
                    keep(built("tiny"), folder, "fonts")
                done = build(make_paper(name, folder), "--replicates", "2")
                assert done.returncode == 0, done.stderr
                folder.rename(shared / name)
        return shared / name / "paper"

    return built


@pytest.fixture(scope="session")
def two_replicates(built_paper: Callable[[str], Path]) -> Path:
    """The tiny paper, built with two replicates."""
    return built_paper("tiny")


def keep(built: Path, folder: Path, stages: str = "*") -> None:
    """Copies what some stages made for a built paper to where one in `folder` is built.

    What is known of the generator's code is copied as well: to read all of it takes a second of every first build.
    """
    kept, cache = built.parent / "build" / "cache", folder / "build" / "cache"
    for stage in kept.glob(stages):
        if stage.is_dir():
            shutil.copytree(stage, cache / stage.name)
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copy(kept / "code.json", cache)


def copied(built: Path, folder: Path) -> Path:
    """Copies a paper and what was built of it to `folder`, where a build then finds all that it rests on."""
    shutil.copytree(built.parent, folder, dirs_exist_ok=True)
    return folder / built.name


@pytest.fixture(scope="session")
def started_browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def browser(started_browser: Browser) -> Iterator[Browser]:
    """The system's Chromium, started once; what a module's tests opened in it is closed after them."""
    yield started_browser
    for context in started_browser.contexts:
        context.close()


@pytest.fixture(scope="session")
def site(shared: Path) -> Path:
    """The paper of report/ as `make report` leaves it, on the user's own data; brought up to date first."""
    command = [sys.executable, "-m", "generator", "build"]
    with one_worker(shared / "site.lock"):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode == 0, done.stderr
    return ROOT / "build" / "site"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The tiny paper, not built yet."""
    return make_paper("tiny", tmp_path)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: Keras collects garbage for each model, and would look at it each time."""
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="Take the page as it is now for the snapshot.")
