"""Whether a site shows readers what the latest edition shows them: then it is no new edition, though its commit is new.

The files are compared without the two commits. In a PDF, these cannot be left out; it is taken to be the same if the
page is, and if nothing else that a PDF is made from differs between the commits.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from generator.core.environment import OURS
from generator.core.errors import UsageError
from generator.core.git import GitError, git, top_level
from generator.core.paths import ROOT
from generator.editions import frontpages
from generator.editions.candidate import Candidate
from generator.records.publication import Manifest, folder_of
from generator.render.metadata import PDF

RESULTS = "results.json"
UNBROKEN_DIGITS = 8
"""How many digits of a commit the files show together at least; a line may be broken after them."""


def differs_in_commit_only(site: Path, latest: Manifest, new: Candidate) -> bool:
    """Whether `new` is the latest edition of the site, built at another commit that changes nothing readers see."""
    files = frontpages.of_edition(new, latest.edition)
    before, after = latest.commit, new.commit.sha
    if before is None or after is None or files.keys() != latest.files.keys():
        return False
    commits = re.compile("|".join(rf"{sha[:UNBROKEN_DIGITS]}(?:<wbr>|[0-9a-f])*" for sha in (before, after)).encode())

    def shown(name: str, content: bytes) -> object:
        plain = commits.sub(b"", content)
        return msgspec.json.decode(plain) | {"commit": None} if name == RESULTS else plain  # it has a date, too

    folder = site / folder_of(latest.edition)
    same = (shown(name, (folder / name).read_bytes()) == shown(name, files[name]) for name in files if name != PDF)
    return all(same) and _is_typeset_alike(new.request.folder, before, after)


def _is_typeset_alike(paper: Path, before: str, after: str) -> bool:
    """Whether settings, templates, code, and packages are the same in both commits; not if git does not know them."""
    sources = (paper / "paper.toml", *OURS, ROOT / "requirements.lock")
    try:
        top = top_level(paper)
        within = [str(path) for path in map(Path.resolve, sources) if path.is_relative_to(top)]
        git(top, "--literal-pathspecs", "diff", "--quiet", before, after, "--", *within)
    except (GitError, UsageError):
        return False
    return True
