"""The records of a published site: what each edition consists of and is based on, and which editions there are."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated

import msgspec

from generator.records.base import Record
from generator.records.results import Number

MANIFEST = "manifest.json"
CATALOGUE = "editions.json"
EDITIONS = "v"
"""The folder of a site that contains its editions."""

MAX_FILES, MAX_EDITIONS, MAX_OVERRIDES = 10_000, 10_000, 100
"""The most in one list of files, in a site, and in an edition: a site may come from anyone, and its lists are read."""

MAX_NAME_CHARACTERS = 1_000
"""The most in a file name with its folders; systems allow about four thousand bytes."""

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Sha = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")]
Name = Annotated[str, msgspec.Meta(pattern="^[1-9][0-9]{0,8}$")]
"""The name of an edition: a number, counted from 1, so that names are short and in order."""


FileDigests = Annotated[dict[str, Digest], msgspec.Meta(max_length=MAX_FILES)]


class Manifest(Record, frozen=True):
    """v/<edition>/manifest.json: one edition, and what is needed to build it again.

    Attributes:
        format: format of the file.
        edition: its name.
        title: title of the article.
        published: time of publication.
        date: date printed in the article.
        commit: full hash; None outside a git repository.
        dirty: whether the work tree had changes that are not in the commit.
        generator: the generator's version.
        paper: the paper's folder within its repository.
        overrides: what --set and --replicates replaced in paper.toml, as written for --set.
        data: SHA-256 of the bytes of each array that load_data() returned, by name.
        results: the main numbers, by name.
        verdicts: number of claims by verdict.
        changed: sentences about what changed since the previous edition.
        files: SHA-256 of every other file of the edition, by name.
    """

    format: int
    edition: Name
    title: str
    published: datetime.datetime
    date: datetime.date
    commit: Sha | None
    dirty: bool
    generator: str
    paper: str
    overrides: Annotated[dict[str, str], msgspec.Meta(max_length=MAX_OVERRIDES)]
    data: dict[str, Digest]
    results: dict[str, Number]
    verdicts: dict[str, int]
    changed: tuple[str, ...]
    files: FileDigests

    def __post_init__(self) -> None:
        _check_places([self.paper, *self.files])


class Catalogue(Record, frozen=True):
    """editions.json, which marks a folder as a site of ours.

    Attributes:
        format: format of the file.
        editions: SHA-256 of each edition's manifest, the first edition first.
        files: SHA-256 of the site's own files around the editions, by name; any other file belongs to someone else.
    """

    format: int
    editions: Annotated[dict[Name, Digest], msgspec.Meta(max_length=MAX_EDITIONS)]
    files: FileDigests

    def __post_init__(self) -> None:
        _check_places(self.files)

    @property
    def latest(self) -> str:
        return max(self.editions, key=int)


def following(editions: Iterable[str]) -> str:
    """The name of the edition that follows these."""
    return str(max(map(int, editions), default=0) + 1)


def folder_of(edition: str) -> str:
    """The folder of an edition within its site."""
    return f"{EDITIONS}/{edition}"


def _check_places(names: list[str] | dict[str, str]) -> None:
    """Checks names in a site, which may come from anyone: they must be valid file names within the site."""
    for name in names:
        if len(name) > MAX_NAME_CHARACTERS:
            raise ValueError(f"a file name has more than {MAX_NAME_CHARACTERS} characters")
        if re.search(r"[\x00-\x1f\x7f-\x9f]", name):
            raise ValueError(f"{name!r} is not a file name: it contains control characters")
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"{name!r} is not within the site")
