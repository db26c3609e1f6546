"""Publishes a built site as the next edition of a static site, to a folder or to a branch of origin.

Both are written in the same way (generator.editions.site_writer); a branch is written in its own work tree.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from generator.core.console import Display
from generator.core.errors import Place, ReportError, UsageError
from generator.core.git import ORIGIN, top_level
from generator.core.lock import locked
from generator.core.paths import absolute
from generator.editions import catalogue
from generator.editions.branches import checked_out, origin_of, push
from generator.editions.candidate import Candidate
from generator.editions.catalogue import Update
from generator.editions.site_writer import LOCK

BRANCH = "branch:"
"""Prefix for the name of a branch that origin need not have yet."""

_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def publish(new: Candidate, to: str, display: Display) -> None:
    """Publishes `new` to a folder, or, if `to` names a branch, to that branch of origin; announces it first.

    "branch:NAME" names a branch. So does any other value without a slash that is not a folder, if origin has such a
    branch. Raises ReportError; a branch is then unchanged, but the front page of a folder may be out of date.
    """
    try:
        update = _to_branch(new, to, display) if is_branch(to) else _to_folder(new, Path(to), display)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        step = "Fix this and publish again; this also completes the interrupted publish."
        raise ReportError(f"{where}{error.strerror or error}", to, step) from error
    target = f"branch {to.removeprefix(BRANCH)} of {ORIGIN}" if is_branch(to) else str(Path(to))
    for line in _told(update, target, new.paper.site.url):
        display.say(line)
    if update.is_new and not is_branch(to) and update.latest.commit and not update.latest.dirty:
        path = shlex.quote(f"{target}/v/{update.latest.edition}")
        display.say(f"To rebuild and compare it: .venv/bin/python -m generator verify {path}")


def is_branch(to: str) -> bool:
    """Whether this means a branch rather than a folder."""
    return to.startswith(BRANCH) or ("/" not in to and not Path(to).is_dir())


def _to_folder(new: Candidate, target: Path, display: Display) -> Update:
    folder = absolute(target, "TO")
    if folder.exists() and not folder.is_dir():
        raise UsageError("A site cannot be published to a file", Place(folder), "Name a folder.")
    display.say(f"Publishing to the folder {target}")
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder / LOCK, "publish"):
            return catalogue.add(folder, new)
    finally:
        if is_new:
            with suppress(OSError):  # it contains the site
                folder.rmdir()


def _to_branch(new: Candidate, to: str, display: Display) -> Update:
    clone, branch = top_level(new.request.folder), to.removeprefix(BRANCH)
    address = _CREDENTIALS.sub("", origin_of(clone))
    with checked_out(clone, branch) as checkout:
        if checkout.parent is None and not to.startswith(BRANCH):
            step = f"To create this branch, write {BRANCH}{branch}; to publish to a folder, write ./{branch}."
            raise UsageError(f"{ORIGIN} ({address}) has no branch {branch}, and there is no such folder", to, step)
        display.say(f"Publishing: pushes branch {branch} to {address}")
        update = catalogue.add(checkout.folder, new)
        if update.is_written:
            name = f"Edition {update.latest.edition} of {update.latest.title}"
            push(checkout, name if update.is_new else f"{name}: its front pages")
    return update


def _told(update: Update, target: str, url: str) -> Iterator[str]:
    """Messages to the author about a publish."""
    edition = update.latest.edition
    if update.is_new:
        yield from (f"  {line}" for line in update.latest.changed)
        if not url:
            yield "  No sitemap: it needs the site's address, [site] url in paper.toml."
        yield f"Published edition {edition}: {target}"
    else:
        yield f"Readers would see nothing new since edition {edition} in {target}; no new edition was published."
        if update.is_written:
            yield "The front pages were out of date, as after an interrupted publish; they were updated."
