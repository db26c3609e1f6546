"""Runs git without settings that change content, reports its errors, and removes the work trees it makes.

Settings of the user that would change the content of files, or which files there are, are switched off. Hooks of the
user are not run, and commits that the generator makes are not signed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from generator.core.errors import Place, ReportError, UsageError
from generator.core.lock import locked
from generator.core.shortage import is_of_memory

ORIGIN = "origin"
"""The remote that a site's branch is on."""

_SETTINGS = {
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.attributesFile": "/dev/null",
    "core.sparseCheckout": "false",
    "core.quotePath": "false",
    "core.hooksPath": "/dev/null",
}
_PLAIN = tuple(itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in _SETTINGS.items()))
_FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
"""Variables that git sets for hooks, and others that would point a command at a different repository."""


class GitError(Exception):
    """A git command failed; the text is git's message."""


def git(folder: Path, *arguments: str) -> str:
    """Runs git with these settings in `folder` and returns what it printed. Raises as `output` does."""
    return os.fsdecode(output(folder, *_PLAIN, *arguments)).strip()


def output(folder: Path, *arguments: str) -> bytes:
    """Runs git in `folder` with its user's settings, and returns what it printed.

    Raises GitError, and UsageError when git is not installed.
    """
    surroundings = {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {"LC_ALL": "C"}
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False, env=surroundings)
    except OSError as error:
        if is_of_memory(error):
            raise
        raise UsageError("git is not installed", next="Install git, or name a folder.") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).decode(errors="replace")
        raise GitError(said or f"it ended with status {done.returncode}")
    return done.stdout


def top_level(folder: Path) -> Path:
    """The work tree that contains `folder`. Raises UsageError when there is none."""
    try:
        return Path(git(folder, "rev-parse", "--show-toplevel"))
    except GitError as error:
        step = "Run this inside a clone of the paper's repository that git accepts."
        raise UsageError(f"git cannot use this folder: {error}", Place(folder), step) from None


@contextlib.contextmanager
def worktree(clone: Path, commit: str, name: str, empty: bool = False) -> Iterator[Path]:
    """A detached work tree at `commit`, or one without files, in the clone's own git folder; removed afterward.

    `name` is the command that it is for. A second one at the same time is refused; what a killed one left is removed.
    """
    home = Path(git(clone, "rev-parse", "--path-format=absolute", "--git-common-dir")) / f"{name}-tree"
    with locked(home.with_suffix(".lock"), name):
        try:
            _remove(clone, home)
            checkout = ("--no-checkout",) if empty else ()
            git(clone, "worktree", "add", "--quiet", "--force", "--force", "--detach", *checkout, str(home), commit)
            if empty:
                git(home, "read-tree", "--empty")
            yield home
        except GitError as error:
            raise ReportError(f"git failed: {error}", Place(clone), "Fix what git reports, and try again.") from None
        finally:
            _remove(clone, home)


def _remove(clone: Path, home: Path) -> None:
    with contextlib.suppress(GitError):  # it never existed, or git has forgotten it
        git(clone, "worktree", "remove", "--force", "--force", str(home))
    shutil.rmtree(home, ignore_errors=True)
