"""A site on a branch of origin: publishing adds a commit to the branch as it is there, and never forces a push.

The commit is made in its own work tree and on no branch of the clone, so that it leaves nothing behind. git updates the
branch of origin in one step or not at all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.core.errors import Place, ReportError, UsageError
from generator.core.git import ORIGIN, GitError, git, output, worktree

_PUSH = ("-c", f"remote.{ORIGIN}.mirror=false", "push", "--no-verify", "--no-signed")
"""Pushes one branch only, whatever the user's configuration adds to a push."""


@dataclass(frozen=True)
class Checkout:
    """The site on a branch of origin, to be changed and pushed.

    Attributes:
        folder: the work tree that contains it.
        branch: the branch's name.
        parent: the commit that the branch points to; None for a new branch.
    """

    folder: Path
    branch: str
    parent: str | None


def origin_of(clone: Path) -> str:
    """The address that the clone pushes to as origin. Raises UsageError when the clone has no origin."""
    try:
        return git(clone, "remote", "get-url", "--push", ORIGIN)
    except GitError:
        step = f"Add it with `git remote add {ORIGIN} ADDRESS`, or publish to a folder, with a slash in its name."
        raise UsageError(f"This clone has no remote called {ORIGIN}", Place(clone), step) from None


@contextlib.contextmanager
def checked_out(clone: Path, branch: str) -> Iterator[Checkout]:
    """The site on `branch` of the clone's origin, which need not exist yet.

    Raises UsageError when the branch's name, the clone, or the user's identity is not usable, and ReportError when
    origin cannot be reached or another publish of this clone is running.
    """
    _check(clone, branch)
    parent = _fetched(clone, branch)
    with worktree(clone, parent or "HEAD", "publish", empty=True) as tree:
        if parent:
            _fill(tree, parent)
        yield Checkout(tree, branch, parent)


def push(site: Checkout, message: str) -> None:
    """Commits the folder's content and pushes it to origin. If it raises ReportError, the branch is unchanged."""
    git(site.folder, "add", "--all", "--force", ".")
    for name, entry in _attribute_files(site.folder, site.parent).items():
        git(site.folder, "update-index", "--add", "--cacheinfo", f"{entry},{name}")
    _check_bytes(site)
    above = ("-p", site.parent) if site.parent else ()
    commit = git(site.folder, "commit-tree", git(site.folder, "write-tree"), *above, "-m", message)
    try:
        git(site.folder, *_PUSH, ORIGIN, f"{commit}:refs/heads/{site.branch}")
    except GitError as error:
        raise _refused(str(error), site.branch) from None


def _fill(folder: Path, commit: str) -> None:
    """Writes the files of a commit to an empty work tree, byte for byte as they are in the commit.

    Attributes on the branch, such as those of LFS, make git change files on their way in and out. git reads them from
    the work tree and the index, so the files that contain them are kept out of both until `push` adds them.
    """
    git(folder, "read-tree", commit)
    if names := _attribute_files(folder, commit):
        git(folder, "update-index", "--force-remove", "--", *names)
    git(folder, "checkout-index", "--all", "--index", "--quiet")


def _attribute_files(folder: Path, commit: str | None) -> dict[str, str]:
    """The attribute files of a commit, by name: mode and ID, in the form that git takes."""
    listed = git(folder, "ls-tree", "-r", "-z", commit).split("\0") if commit else []
    entries = [line.split("\t", 1) for line in listed if line]
    return {name: ",".join(about.split()[::2]) for about, name in entries if Path(name).name == ".gitattributes"}


def _check_bytes(site: Checkout) -> None:
    """Raises ReportError when git would change a file on publication, for example by attributes of the clone."""
    new = ("diff", "--cached", "--name-only", "--diff-filter=d", site.parent) if site.parent else ("ls-files",)
    for name in filter(None, git(site.folder, *new, "-z").split("\0")):
        if output(site.folder, "cat-file", "blob", f":{name}") != (site.folder / name).read_bytes():
            step = "Remove the rule that changes them from this clone's .git/info/attributes; nothing was published."
            raise ReportError("git would change the published files", name, step)


def _check(clone: Path, branch: str) -> None:
    """Reports errors early that git would only report at the end."""
    no_name = f"“{branch}” is not a valid name of a branch", "Use another name, or a folder, with a slash in its name."
    no_user = "git does not know who you are", "Set git's user.name and user.email with `git config`."
    wanted = {
        ("check-ref-format", "--branch", branch): no_name,
        ("check-ref-format", f"refs/heads/{branch}"): no_name,
        ("var", "GIT_COMMITTER_IDENT"): no_user,
    }
    for command, (what, step) in wanted.items():
        try:
            git(clone, *command)
        except GitError:
            raise UsageError(what, str(clone), step) from None


def _fetched(clone: Path, branch: str) -> str | None:
    """Fetches the commit that the branch points to; None when origin has no such branch."""
    name = f"refs/heads/{branch}"
    try:
        found = git(clone, "ls-remote", ORIGIN, name)
        if not found:
            return None
        git(clone, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", ORIGIN, name)
    except GitError as error:
        step = "Check that you are online and may read it; nothing was published."
        raise ReportError(f"{ORIGIN} cannot be read: {error}", str(clone), step) from None
    return found.split()[0]


def _refused(said: str, branch: str) -> ReportError:
    """The error for a failed push: a rejection means that the branch has moved; other errors quote git."""
    if "[rejected]" in said or "cannot lock ref" in said:
        step = "Publish again, to add the edition to what is there now."
        return ReportError(f"{branch} of {ORIGIN} has changed in the meantime", next=f"{step} Nothing was published.")
    step = "Check that you may push there; nothing was published."
    return ReportError(f"{ORIGIN} refused the push to {branch}:\n{said}", next=step)
