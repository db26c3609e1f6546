"""The machine and the commit that a replicate comes from. They are recorded with it, but never part of a result."""

from __future__ import annotations

import functools
import os
import platform
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from generator.core.errors import UsageError
from generator.core.git import GitError, output, top_level
from generator.core.paths import ROOT
from generator.records.base import Record
from generator.records.run import Environment

TRAINING_PACKAGES = ("tensorflow", "keras", "numpy")
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"  # the variable that makes TensorFlow use Intel's oneDNN kernels, on any processor


GENERATOR_FOLDERS = (ROOT / "generator", ROOT / "templates")
"""The code and the templates that papers are made with."""


class Commit(Record, frozen=True):
    """A git commit, and whether the work tree differed from it.

    Attributes:
        sha: full hash; None outside a repository.
        date: ISO 8601; None outside a repository.
        dirty: whether what the paper is made from had changes that are not in the commit.
    """

    sha: str | None
    date: str | None
    dirty: bool


def commit(folder: Path, data: Iterable[Path] = ()) -> Commit:
    """The commit that is checked out in a paper's `folder`, and whether the paper differs from it.

    Only the folder, the generator, and the paper's `data` count: other papers and notes in the repository do not.
    Whether they differ is determined with the user's git settings, which affected how files were checked out.
    """
    try:
        sha, date = output(folder, "log", "-1", "--no-show-signature", "--format=%H %cs").decode().split()
        dirty = bool(_status(folder, data))
    except (GitError, UsageError):  # there is no repository here, or no git
        return Commit(None, None, False)
    return Commit(sha, date, dirty)


def uncommitted(folder: Path, data: Iterable[Path] = ()) -> list[str] | None:
    """The files that count for `commit` and differ from it, or are not in it, as git names them.

    None if git does not say.
    """
    try:
        return [line[3:] for line in _status(folder, data).decode(errors="replace").splitlines()]
    except (GitError, UsageError):
        return None


def _status(folder: Path, data: Iterable[Path]) -> bytes:
    top = top_level(folder)
    paths = [path for path in map(Path.resolve, (folder, *GENERATOR_FOLDERS, *data)) if path.is_relative_to(top)]
    command = ("--literal-pathspecs", "status", "--porcelain", "--untracked-files=normal")
    return output(folder, *command, "--", *map(str, paths))


def no_commit_reason(folder: Path) -> str:
    """Why there is no commit to name for `folder`, in git's words; empty when there is one."""
    try:
        output(folder, "log", "-1", "--format=")
    except (GitError, UsageError) as error:
        return str(error)
    return ""


def refusal_of(folder: Path) -> str:
    """Why git cannot read the repository around `folder`, in git's words; empty when it can, or when there is none."""
    try:
        output(folder, "rev-parse", "--git-dir")
    except (GitError, UsageError) as error:
        return "" if "not a git repository" in str(error) else str(error)
    return ""


@functools.cache  # the metadata of a package is parsed whole each time
def version(package: str) -> str:
    """The installed version of a package, read without importing it."""
    return metadata.version(package)


def versions(*packages: str) -> dict[str, str]:
    """Installed versions, read without importing the packages, and Python's minor version."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python": python, **{package: version(package) for package in packages}}


def describe(seed: int, threads: int, at: Commit) -> Environment:
    """The environment of this process."""
    return Environment(
        python=platform.python_version(),
        versions={package: version(package) for package in TRAINING_PACKAGES},
        platform=platform.platform(),
        cpu=_cpu(),
        threads=threads,
        onednn=os.environ.get(ONEDNN, "").lower() in ("1", "true"),
        seed=seed,
        commit=at.sha,
        dirty=at.dirty,
    )


def _cpu() -> str:
    """The processor's name: on Linux from a file, elsewhere from Python's platform module."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
