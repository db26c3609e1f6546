"""A paper that is built over and over in one place, and what must hold after each fault.

The place is put back to a known state before each try. All is well again when the next build, without a fault,
succeeds, gives the numbers that it gave before, and leaves nothing unfinished. Measured times differ each time.

A command that is itself signaled, limited, or traced has an interpreter of its own. All others are forks of a process
that has imported the libraries, since hundreds of builds would otherwise spend most of their time on imports.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.build.pipeline import SITE_FILES
from generator.core.files import UNFINISHED
from tests.conftest import ROOT, command, environment, keep, make_paper
from tests.support import warm
from tests.support.repositories import git

PATIENCE = 300.0
"""Seconds after which a build counts as one that never ends."""

RETITLED = ("--set", "title=Another title")
"""The arguments of a build that writes the article anew and trains nothing."""


@dataclass(frozen=True)
class Row:
    """What came of one kind of fault.

    Attributes:
        fault: what was done.
        tries: how often.
        lost: what went wrong, a sentence for each try that was lost.
        lacking: what is lacking here to try it; empty if it was tried.
    """

    fault: str
    tries: int
    lost: tuple[str, ...]
    lacking: str = ""


def row(fault: str, tries: Iterable[str]) -> Row:
    """The row of tries that each tell what went wrong; nothing if all was well."""
    outcomes = list(tries)
    return Row(fault, len(outcomes), tuple(filter(None, outcomes)))


@dataclass(frozen=True)
class Place:
    """A paper in a repository, what was built of it, a copy of both, and a site that was published of it, if any.

    Attributes:
        folder: of the paper and of build/.
        copy: of that folder, as it was built.
    """

    folder: Path
    copy: Path

    @property
    def paper(self) -> Path:
        return self.folder / "paper"

    @property
    def out(self) -> Path:
        return self.folder / "build"

    @property
    def pages(self) -> Path:
        """Where a site is published to, outside of the repository."""
        return self.folder.with_name("pages")

    def restore(self, cold: bool = False) -> None:
        """Puts everything back as it was built, or as before the first build but for the fonts, which take longest."""
        shutil.rmtree(self.folder)
        shutil.rmtree(self.pages, ignore_errors=True)
        shutil.copytree(self.copy, self.folder, symlinks=True)
        if cold:
            shutil.rmtree(self.out)
            keep(self.copy / self.paper.name, self.folder, "fonts")


@dataclass(frozen=True)
class Ended:
    """A command that has ended.

    Attributes:
        status: of its exit.
        said: what it printed for errors.
    """

    status: int
    said: str


def prepared(folder: Path) -> Place:
    """A place in `folder` where the tiny paper is built."""
    place = Place(folder / "work", folder / "copy")
    place.folder.mkdir()
    make_paper("tiny", place.folder)
    git(place.folder, "init", "--quiet")
    (place.folder / ".gitignore").write_text("build\n")
    git(place.folder, "add", "--all")
    git(place.folder, "commit", "--quiet", "--message", "The paper")
    ended = run(command(place.paper))
    assert ended.status == 0, ended.said
    shutil.copytree(place.folder, place.copy, symlinks=True)
    return place


def run(arguments: Sequence[str]) -> Ended:
    """Runs a command of Python to its end."""
    try:
        done = warm.run(arguments[1:], ROOT, environment())
    except (TimeoutError, subprocess.TimeoutExpired):  # of a fork, and of an interpreter where none can be had
        return Ended(-1, "it did not end")
    return Ended(done.returncode, done.stderr)


def run_new(arguments: Sequence[str], before: Callable[[], None] | None = None, **variables: str) -> Ended:
    """Runs a command to its end in a process of its own; `before` is called in it before it begins."""
    try:
        done = subprocess.run(
            arguments,
            cwd=ROOT,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            preexec_fn=before,
        )
    except subprocess.TimeoutExpired:
        return Ended(-1, "it did not end")
    return Ended(done.returncode, done.stderr)


def healed(place: Place, *arguments: str) -> str:
    """What is wrong once the paper was built again; nothing if all is well."""
    ended = run(command(place.paper, *arguments))
    if ended.status:
        return f"the next build failed: {ended.said}"
    if values(place.out / "site") != values(place.copy / "build" / "site"):
        return "the next build gave other numbers"
    if left := unfinished(place.out):
        return f"the next build left {left}"
    return ""


def whole(place: Place) -> str:
    """What is wrong with the site that a fault left; nothing if it is one build's, or there is none yet."""
    site = place.out / "site"
    if not (site / "index.html").exists():
        return ""
    missing = [name for name in SITE_FILES if not (site / name).is_file()]
    if missing:
        return f"the site lacks {missing}"
    return "" if values(site) == values(place.copy / "build" / "site") else "the site has other numbers"


def values(site: Path) -> dict[str, object]:
    """The numbers of results.json that are no times."""
    results = json.loads((site / "results.json").read_bytes())
    return {name: stated["value"] for name, stated in results["values"].items() if not name.startswith("times.")}


def unfinished(out: Path) -> list[str]:
    """What is not in its place yet, by name."""
    return sorted(str(path.relative_to(out)) for path in out.rglob(f"{UNFINISHED}*"))


def misreported(ended: Ended) -> str:
    """What is wrong with how a failure was told; nothing if it was told plainly, or the build succeeded."""
    if ended.status not in (0, 1, 2):
        return f"it ended with status {ended.status}: {ended.said}"
    for sign in ("Traceback", "bug in the generator"):
        if sign in ended.said:
            return f"it was told as a defect: {ended.said}"
    return ""
