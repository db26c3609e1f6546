"""The record of a composed article: the prose with everything in it resolved, ready for a template.

Every `html` is a fragment that is safe to put in a page as it is.
"""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.claims import Claim


class Exhibit(Record, frozen=True):
    """Something to show that the prose did not write: the author numbers and captions it by its `name`.

    `alt` says in words what it shows, where its `html` does not say it by itself. `shows` are results that it
    shows without marking each number, by the beginning of their names. `printed` stands in its place in the PDF.
    """

    name: str
    kind: Literal["figure", "table", "listing"]
    html: str
    alt: str = ""
    shows: tuple[str, ...] = ()
    printed: str = ""


class Heading(Record, frozen=True):
    """A heading in the body, for a contents list; `number` is empty for an unnumbered one."""

    id: str
    level: int
    number: str
    html: str


class Reference(Record, frozen=True):
    """An entry of the bibliography that the prose cites, as numbered in the article.

    `authors` is what a sentence names it by: its authors, and else its title.
    """

    key: str
    id: str
    number: int
    html: str
    text: str
    authors: str = ""


class Article(Record, frozen=True):
    """The article for one target, the page or the PDF; `used` are the names of the results that it shows."""

    abstract: str
    abstract_text: str
    body: str
    headings: tuple[Heading, ...]
    references: tuple[Reference, ...]
    claims: tuple[Claim, ...] = ()
    used: tuple[str, ...] = ()
