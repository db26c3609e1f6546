"""What may be published: a built site, with its results, once nothing prevents that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from generator.build.preflight import Request
from generator.build.store import MANIFEST, Entry
from generator.core.environment import Commit, no_commit_reason
from generator.core.errors import Place, ReportError
from generator.diff.edition import read_results
from generator.editions import overrides
from generator.paper import Paper
from generator.records.document import Document

RESULTS = "results.json"


@dataclass(frozen=True)
class Candidate:
    """A site that may become an edition.

    Attributes:
        folder: of the site.
        files: their bytes, by name.
        results: results.json.
        commit: that the site was built from.
        paper: as it was built.
        request: that it was built for.
        fonts: @font-face rules of the paper's page.
    """

    folder: Path
    files: Mapping[str, bytes]
    results: Document
    commit: Commit
    paper: Paper
    request: Request
    fonts: str


def check_obstacles(site: Path, paper: Path, allow_dirty: bool) -> None:
    """Raises ReportError for what the site says of itself that keeps it from being published, and UsageError when it
    cannot be read. `paper` is the folder of the paper that it is of.
    """
    try:
        content = (site / RESULTS).read_bytes()
    except OSError as error:
        raise ReportError(f"It cannot be read: {error.strerror}", Place(site / RESULTS), "Build again.") from None
    _checked(content, site, paper, allow_dirty)


def _checked(content: bytes, site: Path, paper: Path, allow_dirty: bool) -> tuple[Document, Commit]:
    """The results of a site and the commit it was built at; raises as `check_obstacles` does."""
    results = read_results(content, Place(site / RESULTS))
    try:
        obstacles = msgspec.json.decode(results.obstacles, type=list[str])
        at = msgspec.json.decode(results.commit, type=Commit)
    except msgspec.ValidationError as error:
        what = f"Its obstacles or its commit cannot be read: {error}"
        raise ReportError(what, Place(site / RESULTS), "Build again.") from None
    if results.edition.preview:
        step = "Build on the paper's own data: name it with --data, or go online."
        raise ReportError(f"A preview cannot be published. {results.edition.preview}", Place(site), step)
    if obstacles:
        step = "Fix the prose or the experiment, and build without --draft."
        raise ReportError("\n  ".join(["This cannot be published:", *obstacles]), Place(site), step)
    if at.sha is None and not allow_dirty:
        step = "Commit the paper to a git repository and build again; --allow-dirty publishes it anyway."
        reason = no_commit_reason(paper).replace("\n", "\n  ")
        what = "It was built without a git commit, so nobody could verify it"
        raise ReportError(f"{what}. git says:\n  {reason}" if reason else what, Place(site), step)
    if results.inputs.unheld and not allow_dirty:
        what = "Its results depend on what the commit does not contain, so nobody could verify it:"
        step = "Commit it, or declare it under [data], and build again; --allow-dirty publishes it anyway, marked."
        raise ReportError("\n  ".join([what, *results.inputs.unheld]), Place(site), step)
    if at.dirty and not allow_dirty:
        step = "Commit and build again; --allow-dirty publishes it anyway, marked on the page."
        what = "It was built with changes that are not in its commit, so nobody could verify it"
        raise ReportError(what, Place(site), step)
    return results, at


def candidate(site: Path, article: Entry, fonts: Entry, paper: Paper, request: Request, allow_dirty: bool) -> Candidate:
    """The site as a candidate: the very files that are checked here are what is published.

    Raises ReportError when it is not, file by file, the `article` of its sources, and as `check_obstacles` does.
    """
    files = {path.name: path.read_bytes() for path in sorted(article.folder.iterdir()) if path.name != MANIFEST}
    for name, content in files.items():
        if not (site / name).is_file() or (site / name).read_bytes() != content:
            what = "The site is out of date: its sources give something else"
            raise ReportError(what, Place(site / name), "Build again, and then publish it.")
    if fault := overrides.fault(request.overrides):
        raise ReportError(fault, Place(site), "Write the setting in paper.toml, commit that, and build again.")
    results, at = _checked(files[RESULTS], site, request.folder, allow_dirty)
    return Candidate(site, files, results, at, paper, request, fonts.read("page.css").decode())
