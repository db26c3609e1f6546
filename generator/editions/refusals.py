"""What `publish` refuses because of what a built site says about itself.

A target that a site cannot be written to is refused where it is written: in `publishing`, `catalogue`, and `branches`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from generator.core import environment
from generator.core.environment import Commit, no_commit_reason
from generator.core.errors import Place, ReportError
from generator.core.examples import AUTHOR
from generator.core.reading import MAX_SITE_FILE_BYTES, read_regular
from generator.diff.edition import read_results
from generator.editions import overrides
from generator.paper import Paper, place_of
from generator.preview.preview import places_of_data
from generator.records.document import Document
from generator.results.results import DRAFT

RESULTS = "results.json"
MAX_LISTED = 5
"""How many uncommitted files a message names."""


def check_up_to_date(site: Path, files: Mapping[str, bytes]) -> None:
    """Raises ReportError unless the site contains these files, which are up to date with its sources."""
    for name, content in files.items():
        if not (site / name).is_file() or (site / name).read_bytes() != content:
            what = "The site is out of date: it differs from what its sources produce"
            raise ReportError(what, Place(site / name), "Commit your changes, build again, and publish.")


def check_settings(site: Path, settings: Mapping[str, str | int]) -> None:
    """Raises ReportError for a setting of the build that `verify` would not accept from a published site."""
    if fault := overrides.fault(settings):
        raise ReportError(fault, Place(site), "Write the setting in paper.toml, commit that, and build again.")


def check_authors(paper: Paper, folder: Path, settings: Mapping[str, str | int]) -> None:
    """Raises ReportError while `paper`, in `folder`, still has the author of the example that it was started from."""
    if AUTHOR in paper.authors:
        place = place_of(folder / "paper.toml", settings, "authors")
        step = "Write who wrote the paper, commit that, build again, and then publish it."
        raise ReportError(f'The author is still "{AUTHOR}"', place, step)


def check_obstacles(site: Path, paper: Path, allow_dirty: bool) -> None:
    """Raises ReportError when the site's own results prevent its publication, and UsageError when they cannot be read.

    `paper` is the folder of the site's paper.
    """
    try:
        content = read_regular(site / RESULTS, MAX_SITE_FILE_BYTES)
    except OSError as error:
        raise ReportError(f"It cannot be read: {error.strerror}", Place(site / RESULTS), "Build again.") from None
    checked(content, site, paper, allow_dirty)


def checked(content: bytes, site: Path, paper: Path, allow_dirty: bool) -> tuple[Document, Commit]:
    """The results of a site and the commit it was built at; raises as `check_obstacles` does."""
    results = read_results(content, Place(site / RESULTS))
    try:
        obstacles = msgspec.json.decode(results.obstacles, type=list[str])
        at = msgspec.json.decode(results.commit, type=Commit)
    except msgspec.ValidationError as error:
        what = f"Its list of obstacles or its commit cannot be read: {error}"
        raise ReportError(what, Place(site / RESULTS), "Build again.") from None
    if results.edition.preview:
        step = "Build on the paper's own data: name it with --data, or go online."
        raise ReportError(f"A preview cannot be published. {results.edition.preview}", Place(site), step)
    if obstacles:
        step = "Fix the prose or the experiment (more replicates may decide a claim), and build without --draft."
        if obstacles == [DRAFT]:
            step = "Build without --draft and --only, and then publish it."
        raise ReportError("\n  ".join(["This cannot be published:", *obstacles]), Place(site), step)
    if at.sha is None and not allow_dirty:
        step = "Commit the paper to a git repository and build again; --allow-dirty publishes it anyway."
        reason = no_commit_reason(paper).replace("\n", "\n  ")
        what = "It was built without a git commit, so it cannot be verified"
        raise ReportError(f"{what}. git says:\n  {reason}" if reason else what, Place(site), step)
    if results.inputs.unheld and not allow_dirty:
        what = "Its results depend on things that are not in its commit, so it cannot be verified:"
        step = "Commit it, or declare it under [data], and build again; --allow-dirty publishes it anyway, marked."
        raise ReportError("\n  ".join([what, *results.inputs.unheld]), Place(site), step)
    if at.dirty and not allow_dirty:
        raise _dirty(site, paper)
    return results, at


def _dirty(site: Path, paper: Path) -> ReportError:
    """The error for a site that was built with changes, which names those that there are now."""
    what = "It was built with changes that are not in its commit, so it cannot be verified"
    changed = environment.uncommitted(paper, places_of_data(paper, None))
    if changed == []:
        step = "All changes are committed now, unless --data names data that is not: build again, and then publish it."
        return ReportError(what, Place(site), step)
    if changed is None:
        step = "Commit and build again; --allow-dirty publishes it anyway, marked on the page."
        return ReportError(what, Place(site), step)
    listed = "\n  ".join([*changed[:MAX_LISTED], *(["…"] if len(changed) > MAX_LISTED else [])])
    step = "Commit what belongs to the paper, list the rest in .gitignore, and build again; "
    step += "--allow-dirty publishes it anyway, marked."
    return ReportError(f"{what}. Not committed:\n  {listed}", Place(site), step)
