"""Publishing: a site that was built becomes the next edition of a static site, in a folder or on a branch of origin.

Whatever happens in the middle, the site is the old one or the new one. Making the site is `pipeline`'s part.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from generator.core.console import Display
from generator.core.errors import ReportError, UsageError
from generator.core.git import ORIGIN, top_level
from generator.editions import catalogue
from generator.editions.branches import committed
from generator.editions.candidate import Candidate
from generator.editions.folders import Draft, replaced


def publish(new: Candidate, to: str, display: Display) -> None:
    """Publishes `new` to a folder or, if `to` is no folder and has no slash in it, to that branch of origin.

    Raises ReportError, after which the site is as it was.
    """
    try:
        with _draft(new, to) as draft:
            manifest = catalogue.add(draft.folder, new)
            if manifest is None:
                display.say(f"Nothing has changed since the latest edition of {to}; there is no new one.")
                return
            left = draft.publish(f"Edition {manifest.edition} of {manifest.title}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        step = "Make room, or make it possible, and publish again; the site is as it was."
        raise ReportError(f"{where}{error.strerror or error}", to, step) from error
    for line in manifest.changed:
        display.say(f"  {line}")
    if not new.paper.site.url:
        display.say("  There is no sitemap: it needs the site's address, as [site] url in paper.toml.")
    if left:
        display.say(f"  What may not be removed of the old site is in {left}: remove it by hand.")
    display.say(f"Published edition {manifest.edition}: {_target_name(to)}")


def is_branch(to: str) -> bool:
    return "/" not in to and not Path(to).is_dir()


def _draft(new: Candidate, to: str) -> AbstractContextManager[Draft]:
    if not to:
        raise UsageError(
            "It is not said where to publish", "TO", "Name a folder or a branch: make publish TO=gh-pages."
        )
    return committed(top_level(new.request.folder), to) if is_branch(to) else replaced(Path(to))


def _target_name(to: str) -> str:
    return f"branch {to} of {ORIGIN}" if is_branch(to) else str(Path(to))
