"""The editions of a site: a further one put beside those that are there, and made its front page.

It is written into a draft of the site (generator.editions.folders, generator.editions.branches), which becomes the site
when it is whole. An edition once published is never changed; whatever else lies in the folder is left alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from generator import __version__
from generator.core.dates import publication_time
from generator.core.errors import ReportError, UsageError
from generator.core.files import sha256, write_atomically
from generator.core.git import GitError, git
from generator.diff.difference import read_differences, summary
from generator.editions import frontpages
from generator.editions.candidate import Candidate
from generator.records.dataset import ARRAY_NAMES
from generator.records.publication import CATALOGUE, MANIFEST, Catalogue, Manifest, folder_of
from generator.records.results import Number

FORMAT = 1
FIRST = ("The first edition.",)
MAIN_RESULTS = (
    "test.accuracy.mean",
    "test.accuracy.low",
    "test.accuracy.high",
    "training.epochs",
    "training.replicates",
    "model.parameters.total",
)
Kind = TypeVar("Kind", Manifest, Catalogue)

_NOT_SITE = {".git"}
"""What a work tree or a clone has besides the files of its site."""


def add(folder: Path, new: Candidate) -> Manifest | None:
    """Puts `new` into the site in `folder` as its latest edition; None when the latest is just that already.

    Raises UsageError when the folder holds something that is not a site of ours, and ReportError when a file of someone
    else's is in the way, and when the site's own record or an edition in it is damaged.
    """
    catalogue = read_catalogue(folder)
    before = [_edition(folder, catalogue, name) for name in catalogue.editions]
    if before and _digests(frontpages.of_edition(new, before[-1].edition)) == before[-1].files:
        return None
    manifest = _manifest(new, before, _changed(folder, before, new))
    place = folder_of(manifest.edition)
    edition = dict(frontpages.of_edition(new, manifest.edition))
    edition[MANIFEST] = _encoded(manifest)
    site = {**frontpages.of_site(new, [*before, manifest]), **frontpages.of_front(new, manifest.edition)}
    _make_room(folder, catalogue, [place, CATALOGUE, *site])
    editions = catalogue.editions | {manifest.edition: _digest(edition[MANIFEST])}
    contents = {f"{place}/{name}": content for name, content in edition.items()} | site
    contents[CATALOGUE] = _encoded(Catalogue(FORMAT, editions, _digests(site)))
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return manifest


def read_catalogue(folder: Path) -> Catalogue:
    """What the site in `folder` consists of; an empty one for an empty folder.

    Raises UsageError when there are files and no catalogue, and ReportError when it is damaged.
    """
    path = folder / CATALOGUE
    if path.is_file():
        return decode(path.read_bytes(), Catalogue, CATALOGUE)
    if any(entry.name not in _NOT_SITE for entry in folder.iterdir()):
        step = f"Publish to an empty place first, and put files of your own beside {CATALOGUE} afterwards."
        raise UsageError("The target is not empty, and no site that was published like this", next=step)
    return Catalogue(FORMAT, {}, {})


def _edition(folder: Path, catalogue: Catalogue, edition: str) -> Manifest:
    """The manifest of an edition. Raises ReportError when it, or another file of the edition, is not as published."""
    place = folder_of(edition)
    _check_unchanged(folder, f"{place}/{MANIFEST}", catalogue.editions[edition])
    manifest = decode((folder / place / MANIFEST).read_bytes(), Manifest, f"{place}/{MANIFEST}")
    for name, digest in manifest.files.items():
        _check_unchanged(folder, f"{place}/{name}", digest)
    return manifest


def _check_unchanged(folder: Path, name: str, digest: str) -> None:
    path = folder / name
    if not path.is_file() or sha256(path) != digest:
        step = "Bring the file back to what was published; an edition is never changed."
        raise ReportError("The file is not the one that was published", name, step)


def decode(content: bytes, kind: type[Kind], where: str) -> Kind:
    """A record of a site. Raises ReportError when it is damaged."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        step = "Bring the file back to what was published."
        raise ReportError(f"It is damaged, or of a later generator: {error}", where, step) from None


def _manifest(new: Candidate, before: list[Manifest], changed: tuple[str, ...]) -> Manifest:
    name = str(int(before[-1].edition) + 1) if before else "1"
    results = new.results
    return Manifest(
        format=FORMAT,
        edition=name,
        title=results.title,
        published=publication_time(),
        date=results.edition.date,
        commit=new.commit.sha,
        dirty=new.commit.dirty,
        generator=__version__,
        paper=_within_repository(new.request.folder),
        overrides=dict(new.request.overrides),
        data={array: getattr(results.data.arrays, array).sha256 for array in ARRAY_NAMES},
        results=_main_results(new),
        verdicts=_verdicts(new),
        changed=changed,
        files=_digests(frontpages.of_edition(new, name)),
    )


def _main_results(new: Candidate) -> dict[str, Number]:
    stated = new.results.values
    replicates = [name for name in stated if name.startswith("test.accuracy.replicate.")]
    return {name: stated[name].value for name in (*MAIN_RESULTS, *replicates) if name in stated}


def _verdicts(new: Candidate) -> dict[str, int]:
    verdicts = [claim.verdict for claim in new.results.claims]
    return {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}


def _changed(folder: Path, before: list[Manifest], new: Candidate) -> tuple[str, ...]:
    """What is not as in the edition before, told now, so that later editions need not look again."""
    if not before:
        return FIRST
    last = before[-1].edition
    try:
        return summary(read_differences(folder / folder_of(last), new.folder))
    except UsageError as error:
        return (f"It cannot be compared with edition {last}: {error.what}.",)


def _within_repository(folder: Path) -> str:
    """The paper's folder as its repository has it; its name alone outside of one."""
    try:
        return git(folder, "rev-parse", "--show-prefix").rstrip("/") or "."
    except (GitError, UsageError):
        return folder.name


def _make_room(folder: Path, catalogue: Catalogue, wanted: list[str]) -> None:
    """Removes the site's own files, which are written anew. Raises ReportError when another's stands in the way."""
    own = {*catalogue.files, *([CATALOGUE] if catalogue.editions else [])}
    for name in wanted:
        path = folder / name
        if (name not in own and os.path.lexists(path)) or path.parent.is_symlink():
            step = "Move it away, and publish again."
            raise ReportError("A file that is not of this site is in the way", name, step)
    for name in own:
        (folder / name).unlink(missing_ok=True)


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _digest(content) for name, content in sorted(files.items())}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _encoded(record: Manifest | Catalogue) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
