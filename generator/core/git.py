"""git, as the generator runs it: without settings that change content, its errors reported, its work trees removed.

Settings of the user that would change the content of files, or which files there are, are switched off. Hooks and
signatures of the user are not applied to commits that the generator makes.
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
"""What git sets for hooks, and what would turn a command to another repository than its folder's."""


class GitError(Exception):
    """A git command failed; the text is what git said."""


def git(folder: Path, *arguments: str) -> str:
    """Runs git plainly in `folder` and returns what it printed. Raises as `output` does."""
    return os.fsdecode(output(folder, *_PLAIN, *arguments)).strip()


def output(folder: Path, *arguments: str) -> bytes:
    """Runs git in `folder` as its user has set it up, and returns what it printed.

    Raises GitError, and UsageError where there is no git.
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
    """The work tree that `folder` lies in. Raises UsageError when it lies in none."""
    try:
        return Path(git(folder, "rev-parse", "--show-toplevel"))
    except GitError as error:
        step = "Run this inside a clone of the paper's repository that git accepts."
        raise UsageError(f"git cannot use this folder: {error}", Place(folder), step) from None


@contextlib.contextmanager
def worktree(clone: Path, commit: str, name: str, empty: bool = False) -> Iterator[Path]:
    """A detached work tree at `commit`, or one without any files, in the clone's own git folder, and gone afterward.

    `name` is that of the command it is for; a second one at once is refused, and what a killed one left is removed.
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
    with contextlib.suppress(GitError):  # it was never there, or git has forgotten it
        git(clone, "worktree", "remove", "--force", "--force", str(home))
    shutil.rmtree(home, ignore_errors=True)
