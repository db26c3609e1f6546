"""A built site that may be published: its files and its results, after the checks in `refusals`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.build.pipeline import Site
from generator.build.preflight import Request
from generator.core.environment import Commit
from generator.editions import refusals
from generator.editions.refusals import RESULTS
from generator.paper import Paper
from generator.records.document import Document


@dataclass(frozen=True)
class Candidate:
    """A site that may become an edition.

    Attributes:
        folder: folder of the site.
        files: content of its files, by name.
        results: results.json.
        commit: the commit that the site was built from.
        paper: the paper as it was built.
        request: the request that it was built for.
        fonts: @font-face rules of the paper's page.
    """

    folder: Path
    files: Mapping[str, bytes]
    results: Document
    commit: Commit
    paper: Paper
    request: Request
    fonts: str


def candidate(site: Path, found: Site, paper: Paper, request: Request, allow_dirty: bool) -> Candidate:
    """The site as a candidate. The files that are checked here are exactly the files that are published.

    Raises ReportError when a file of `site` differs from the up-to-date one that was `found`, and as `refusals` does.
    """
    files = found.files()
    refusals.check_up_to_date(site, files)
    refusals.check_settings(site, request.overrides)
    results, at = refusals.checked(files[RESULTS], site, request.folder, allow_dirty)
    return Candidate(site, files, results, at, paper, request, found.fonts.read("page.css").decode())
