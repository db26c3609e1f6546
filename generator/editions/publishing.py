"""Publishing: a site that was built becomes the next edition of a static site, in a folder or on a branch of origin.

Both are written in the same way (generator.editions.site_writer), a branch in a work tree of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from generator.core.console import Display
from generator.core.errors import Place, ReportError, UsageError
from generator.core.git import ORIGIN, top_level
from generator.core.lock import locked
from generator.editions import catalogue
from generator.editions.branches import checked_out, push
from generator.editions.candidate import Candidate
from generator.editions.catalogue import Update
from generator.editions.site_writer import LOCK


def publish(new: Candidate, to: str, display: Display) -> None:
    """Publishes `new` to a folder or, if `to` is no folder and has no slash in it, to that branch of origin.

    Raises ReportError. A branch is then as it was; a folder may have a front that is not that of its latest edition.
    """
    if not to:
        raise UsageError("Missing TO", next="Name a folder or a branch: make publish TO=gh-pages.")
    try:
        update = _to_branch(new, to) if is_branch(to) else _to_folder(new, Path(to).resolve())
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        step = "Fix this and publish again, which also completes what was begun."
        raise ReportError(f"{where}{error.strerror or error}", to, step) from error
    for line in _told(update, f"branch {to} of {ORIGIN}" if is_branch(to) else str(Path(to)), new.paper.site.url):
        display.say(line)


def is_branch(to: str) -> bool:
    return "/" not in to and not Path(to).is_dir()


def _to_folder(new: Candidate, target: Path) -> Update:
    if target.exists() and not target.is_dir():
        raise UsageError("A site cannot be published here: it is a file", Place(target), "Name a folder.")
    is_new = not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    try:
        with locked(target / LOCK, "publish"):
            return catalogue.add(target, new)
    finally:
        if is_new:
            with suppress(OSError):  # the site is in it
                target.rmdir()


def _to_branch(new: Candidate, branch: str) -> Update:
    with checked_out(top_level(new.request.folder), branch) as checkout:
        update = catalogue.add(checkout.folder, new)
        if update.is_written:
            name = f"Edition {update.latest.edition} of {update.latest.title}"
            push(checkout, name if update.is_new else f"{name}: its front pages")
    return update


def _told(update: Update, target: str, url: str) -> Iterator[str]:
    """What the author is told of a publish."""
    edition = update.latest.edition
    if update.is_new:
        yield from (f"  {line}" for line in update.latest.changed)
        if not url:
            yield "  There is no sitemap: it needs the site's address, as [site] url in paper.toml."
        yield f"Published edition {edition}: {target}"
    else:
        yield f"Nothing has changed since edition {edition}, the latest of {target}; there is no new one."
        if update.is_written:
            yield "Its front pages were not up to date, as after an interrupted publish; they are now."
