"""The machine and the commit that a replicate comes from: recorded with it, never part of a result."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from generator.core.errors import UsageError
from generator.core.git import GitError, output
from generator.records.base import Record
from generator.records.run import Environment

TRAINING_PACKAGES = ("tensorflow", "keras", "numpy")
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"  # the variable by which TensorFlow takes Intel's kernels, on processors of any maker


class Commit(Record, frozen=True):
    """A git commit, and whether the tree differed from it.

    Attributes:
        sha: whole; None outside a repository.
        date: ISO 8601; None outside a repository.
        dirty: whether the tree held changes that are not in it.
    """

    sha: str | None
    date: str | None
    dirty: bool


def commit(folder: Path) -> Commit:
    """The commit that `folder` stands at.

    What differs from it is asked as the user would, since their settings tell how the files came out of it.
    """
    try:
        sha, date = output(folder, "log", "-1", "--no-show-signature", "--format=%H %cs").decode().split()
        dirty = bool(output(folder, "status", "--porcelain", "--untracked-files=normal"))
    except (GitError, UsageError):  # there is no repository here, or no git
        return Commit(None, None, False)
    return Commit(sha, date, dirty)


def no_commit_reason(folder: Path) -> str:
    """Why there is no commit to name for `folder`, in git's words; empty when there is one."""
    try:
        output(folder, "log", "-1", "--format=")
    except (GitError, UsageError) as error:
        return str(error)
    return ""


def refusal_of(folder: Path) -> str:
    """Why git does not read the repository around `folder`, in its words; empty when it does, or there is none."""
    try:
        output(folder, "rev-parse", "--git-dir")
    except (GitError, UsageError) as error:
        return "" if "not a git repository" in str(error) else str(error)
    return ""


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
    """The processor's name as the system gives it: Linux keeps it in a file, macOS in a setting."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
