"""Whether a site shows readers what the latest edition shows them: then it is no new edition, though its commit is new.

The files are compared without the two commits. In a PDF, these cannot be left out; it is taken to be the same if the
other files are, and if all that it is made from is the same in both commits.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from generator.core.environment import GENERATOR_FOLDERS
from generator.core.errors import UsageError
from generator.core.git import GitError, git, top_level
from generator.core.paths import ROOT
from generator.editions import frontpages
from generator.editions.candidate import Candidate
from generator.editions.refusals import RESULTS
from generator.records.publication import Manifest, folder_of
from generator.render.metadata import PDF
from generator.render.templates import DIGEST_GROUP


def differs_in_commit_only(site: Path, latest: Manifest, new: Candidate) -> bool:
    """Whether `new` is the latest edition of the site, built at another commit that changes nothing readers see."""
    files = frontpages.of_edition(new, latest.edition)
    before, after = latest.commit, new.commit.sha
    if before is None or after is None or before == after or latest.dirty or new.commit.dirty:
        return False
    if files.keys() != latest.files.keys():
        return False
    # A line may be broken after each group of digits.
    commits = re.compile("|".join(rf"{sha[:DIGEST_GROUP]}(?:<wbr>|[0-9a-f])*" for sha in (before, after)).encode())

    def shown(name: str, content: bytes) -> object:
        plain = commits.sub(b"", content)
        # The commit in the results has a date as well.
        return msgspec.json.decode(plain) | {"commit": None} if name == RESULTS else plain

    folder = site / folder_of(latest.edition)
    same = (shown(name, (folder / name).read_bytes()) == shown(name, files[name]) for name in files if name != PDF)
    return all(same) and _is_made_alike(new.request.folder, before, after)


def _is_made_alike(paper: Path, before: str, after: str) -> bool:
    """Whether the paper, the templates, the code, and the packages are the same in both commits.

    They are not if git does not know the commits, or one of these is outside the paper's repository.
    """
    sources = [str(path.resolve()) for path in (paper, *GENERATOR_FOLDERS, ROOT / "requirements.lock")]
    try:
        git(top_level(paper), "--literal-pathspecs", "diff", "--quiet", before, after, "--", *sources)
    except (GitError, UsageError):
        return False
    return True
