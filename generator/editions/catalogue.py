"""The editions of a site: adds one to the existing ones, and makes it the front page.

A published edition never changes. The front files follow from the manifests in v/ and the latest edition. Each publish
completes an interrupted one: after it, the latest edition is the candidate, or one that it equals. The exception is a
candidate that differs from the latest edition in nothing but its commit: if the front files are complete, it changes
nothing. Other files in the folder are not touched.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from generator import __version__
from generator.core.dates import publication_time
from generator.core.errors import ReportError, UsageError
from generator.core.files import sha256
from generator.core.formatting import first_few
from generator.core.git import GitError, git
from generator.core.reading import MAX_SITE_FILE_BYTES, read_regular
from generator.diff.difference import read_differences, summary
from generator.editions import frontpages
from generator.editions.candidate import Candidate
from generator.editions.site_writer import LOCK, write
from generator.editions.unchanged import differs_in_commit_only
from generator.records.publication import CATALOGUE, EDITIONS, MANIFEST, Catalogue, Manifest, folder_of, following
from generator.records.results import Number

FORMAT = 1
FIRST = ("The first edition.",)
MAIN_RESULTS = (
    "test.accuracy.mean",
    "test.accuracy.low",
    "test.accuracy.high",
    "training.epochs",
    "ran.epochs.least",
    "ran.epochs.most",
    "training.replicates",
    "model.parameters.total",
)
Kind = TypeVar("Kind", Manifest, Catalogue)
MAX_NAMED = 3  # the most foreign files that are named

_SIGNS = {".nojekyll", "CNAME"}
"""Names that mark a folder as a static site, whatever else is in it."""

_NO_PAGES = re.compile(rf"\.git.*|README.*|LICENSE.*|{EDITIONS}|{re.escape(LOCK)}")
"""Files that may exist before a first publish: git's, notes on the repository, and those of a killed publish."""


@dataclass(frozen=True)
class Update:
    """What a publish did to a site.

    Attributes:
        latest: the manifest of the latest edition, which the front now shows.
        is_new: whether this publish added that edition.
        is_written: whether it wrote anything: the edition, or front files that did not match v/.
    """

    latest: Manifest
    is_new: bool
    is_written: bool


def add(folder: Path, new: Candidate) -> Update:
    """Adds `new` to the site in `folder` as its latest edition, unless it would show readers nothing new.

    Nothing has changed when it raises UsageError, because the folder cannot contain a site or holds another paper, or
    ReportError, because a file that is not the site's is in the way, or the site's own record or an edition is damaged.
    It raises OSError as `write` does.
    """
    catalogue = read_catalogue(folder)
    digests = _editions(folder, catalogue)
    manifests = [_edition(folder, name, digest) for name, digest in digests.items()]
    if manifests:
        _check_same_paper(manifests[-1], new)
        if _is_whole(folder, catalogue, manifests[-1]) and differs_in_commit_only(folder, manifests[-1], new):
            return Update(manifests[-1], is_new=False, is_written=False)
    added: dict[str, Mapping[str, bytes]] = {}
    if not manifests or _digests(frontpages.of_edition(new, manifests[-1].edition)) != manifests[-1].files:
        manifest = _manifest(new, following(digests), _changed(folder, manifests, new))
        files = {**frontpages.of_edition(new, manifest.edition), MANIFEST: _encoded(manifest)}
        added, manifests = {manifest.edition: files}, [*manifests, manifest]
        digests[manifest.edition] = _digest(files[MANIFEST])
    front = _front(new, manifests, digests)
    _check_room(folder, catalogue, front, added)
    differing = {name: content for name, content in front.items() if not _holds(folder / name, content)}
    stale = [name for name in catalogue.files if name not in front and os.path.lexists(folder / name)]
    write(folder, added, differing, stale)
    return Update(manifests[-1], bool(added), bool(added or differing or stale))


def _is_whole(folder: Path, catalogue: Catalogue, latest: Manifest) -> bool:
    """Whether the last publish was completed, and its front files are as it left them."""
    files = catalogue.files.items()
    are_there = all((folder / name).is_file() and sha256(folder / name) == digest for name, digest in files)
    return latest.edition in catalogue.editions and are_there


def _check_same_paper(latest: Manifest, new: Candidate) -> None:
    """Raises UsageError for another paper than that of the site: a paper may be moved, or get another title."""
    title, paper = new.results.title, _within_repository(new.request.folder)
    if latest.title != title and latest.paper != paper:
        what = f"The site holds another paper, {latest.title!r} ({latest.paper}), and not {title!r} ({paper})"
        step = "Name a folder or a branch of its own. If it is the same paper, rename it and move it in two editions."
        raise UsageError(what, next=step)


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue of the site in `folder`, or an empty one if a first edition may be published there.

    Raises UsageError when the folder contains something else, and ReportError when the catalogue is damaged.
    """
    path = folder / CATALOGUE
    if path.is_file():
        return decode(read_regular(path, MAX_SITE_FILE_BYTES), Catalogue, CATALOGUE)
    names = {entry.name for entry in folder.iterdir()} - {LOCK}
    if not names & _SIGNS and not all(map(_NO_PAGES.fullmatch, names)):
        what = f"The target holds files that this tool did not publish: {first_few(sorted(names), MAX_NAMED)}"
        step = "Name an empty folder or a new branch. To publish beside these files, put an empty file .nojekyll there."
        raise UsageError(what, next=step)
    return Catalogue(FORMAT, {}, {})


def _editions(folder: Path, catalogue: Catalogue) -> dict[str, str]:
    """The digests of all manifests: those in the catalogue, and those that interrupted publishes left in v/."""
    digests = dict(catalogue.editions)
    while (path := folder / folder_of(name := following(digests)) / MANIFEST).is_file():
        digests[name] = _digest(read_regular(path, MAX_SITE_FILE_BYTES))
    return digests


def _edition(folder: Path, edition: str, digest: str) -> Manifest:
    """The manifest of an edition. Raises ReportError when it or another file of the edition is not as published."""
    place = folder_of(edition)
    _check_unchanged(folder, f"{place}/{MANIFEST}", digest)
    content = read_regular(folder / place / MANIFEST, MAX_SITE_FILE_BYTES)
    manifest = decode(content, Manifest, f"{place}/{MANIFEST}")
    if manifest.edition != edition:
        raise _in_the_way(place)
    for name, digest in manifest.files.items():
        _check_unchanged(folder, f"{place}/{name}", digest)
    return manifest


def _check_unchanged(folder: Path, name: str, digest: str) -> None:
    path = folder / name
    if not path.is_file() or path.stat().st_size > MAX_SITE_FILE_BYTES or sha256(path) != digest:
        step = "Restore the published file; editions never change."
        raise ReportError("The file is not the one that was published", name, step)


def decode(content: bytes, kind: type[Kind], where: str) -> Kind:
    """A record of a site, decoded. Raises ReportError when it is damaged."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        step = "Restore the published file."
        raise ReportError(f"It is damaged, or was written by a later generator: {error}", where, step) from None


def _manifest(new: Candidate, name: str, changed: tuple[str, ...]) -> Manifest:
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
        overrides={key: str(value) for key, value in new.request.overrides.items()},
        data={name: array.sha256 for name, array in results.data.arrays.by_name.items()},
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
    """What changed since the previous edition. It is stored now, so that later editions need not compare again."""
    if not before:
        return FIRST
    last = before[-1].edition
    try:
        return summary(read_differences(folder / folder_of(last), new.folder))
    except UsageError as error:
        return (f"It cannot be compared with edition {last}: {error.what}.",)


def _within_repository(folder: Path) -> str:
    """The paper's folder relative to its repository; outside of one, only its name."""
    try:
        return git(folder, "rev-parse", "--show-prefix").rstrip("/") or "."
    except (GitError, UsageError):
        return folder.name


def _front(new: Candidate, manifests: list[Manifest], digests: Mapping[str, str]) -> dict[str, bytes]:
    """The front files, in the order in which they are written.

    The catalogue comes first, so that no file of ours can be taken for someone else's. The page comes last.
    """
    site = {**frontpages.of_site(new, manifests), **frontpages.of_front(new, manifests[-1].edition)}
    page = {frontpages.PAGE: site.pop(frontpages.PAGE)}
    return {CATALOGUE: _encoded(Catalogue(FORMAT, dict(digests), _digests(site | page))), **site, **page}


def _check_room(folder: Path, catalogue: Catalogue, front: Iterable[str], editions: Iterable[str]) -> None:
    """Raises ReportError when something that does not belong to the site is where one of its files must go.

    For .nojekyll, only its existence matters, so any such file is accepted.
    """
    own = {*catalogue.files, *([CATALOGUE] if catalogue.editions else []), frontpages.NO_JEKYLL}
    for name in (EDITIONS, *map(folder_of, editions), *front):
        path = folder / name
        is_folder = path.is_dir() and not path.is_symlink()
        is_own = is_folder if name == EDITIONS else name in own and not is_folder
        if os.path.lexists(path) and not is_own:
            raise _in_the_way(name)


def _in_the_way(name: str) -> ReportError:
    return ReportError("A file that does not belong to this site is in the way", name, "Move it, and publish again.")


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _digest(content) for name, content in sorted(files.items())}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _encoded(record: Manifest | Catalogue) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
