"""The records of a published site: what an edition consists of and rests on, and which editions there are."""

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
"""The folder of a site that holds its editions."""

MAX_FILES, MAX_EDITIONS, MAX_OVERRIDES = 10_000, 10_000, 100
"""Of one list of files, of a site, and of an edition: a site may be anyone's, and what it lists is read."""

MAX_NAME_CHARACTERS = 1_000
"""Of a file with its folders; systems take about four thousand bytes."""

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Sha = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}([0-9a-f]{24})?$")]
Name = Annotated[str, msgspec.Meta(pattern="^[1-9][0-9]{0,8}$")]
"""An edition's name: a number, counted from 1, so that names stay short and say which came first."""


FileDigests = Annotated[dict[str, Digest], msgspec.Meta(max_length=MAX_FILES)]


class Manifest(Record, frozen=True):
    """v/<edition>/manifest.json: one edition, and what it takes to build it again.

    Attributes:
        format: the form of the file.
        edition: its name.
        title: of the article.
        published: when.
        date: printed in the article.
        commit: whole; None outside a git repository.
        dirty: whether the working tree held changes that are not in the commit.
        generator: the generator's version.
        paper: the paper's folder within its repository.
        overrides: what --set and --replicates replaced in paper.toml, as --set writes it.
        data: SHA-256 of the bytes of each array that load_data() returned, by name.
        results: the main numbers, by name.
        verdicts: number of claims by verdict.
        changed: sentences on what is not as in the edition before.
        files: SHA-256 of every file of the edition but this one, by name.
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
    """editions.json: the sign that a folder is a site of ours.

    Attributes:
        format: the form of the file.
        editions: SHA-256 of each edition's manifest, the first edition first.
        files: SHA-256 of the site's own files around the editions, by name; every other file is someone else's.
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
    """The name of the edition that comes after all of these."""
    return str(max(map(int, editions), default=0) + 1)


def folder_of(edition: str) -> str:
    """Where an edition lies within its site."""
    return f"{EDITIONS}/{edition}"


def _check_places(names: list[str] | dict[str, str]) -> None:
    """A site may be anyone's: what it names must lie within it, and be a name that a file can have."""
    for name in names:
        if len(name) > MAX_NAME_CHARACTERS:
            raise ValueError(f"a file name has more than {MAX_NAME_CHARACTERS} characters")
        if re.search(r"[\x00-\x1f\x7f-\x9f]", name):
            raise ValueError(f"{name!r} is not a file name: it contains control characters")
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"{name!r} is not within the site")
