"""The record of a composed article: the prose with everything in it resolved, ready for a template.

Every `html` is a fragment that is safe to put in a page as it is.
"""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.claims import Claim


class Exhibit(Record, frozen=True):
    """Something to show that the prose did not write; the author numbers and captions it by its name.

    Attributes:
        name: by which the prose places it.
        kind: decides how it is numbered.
        html: what the page shows, and the PDF unless `printed` is given.
        alt: says in words what it shows; empty where its HTML says so itself.
        shows: beginnings of the names of results that it shows without marking each number.
        printed: the HTML for the PDF; empty where that is `html`.
    """

    name: str
    kind: Literal["figure", "table", "listing"]
    html: str
    alt: str = ""
    shows: tuple[str, ...] = ()
    printed: str = ""


class Heading(Record, frozen=True):
    """A heading in the body, for a list of contents.

    Attributes:
        id: what links lead to.
        level: 2 for a section, 3 for a subsection, and so on.
        number: such as 2.1; empty for an unnumbered heading.
        html: the heading's text.
    """

    id: str
    level: int
    number: str
    html: str


class Reference(Record, frozen=True):
    """An entry of the bibliography that the prose cites.

    Attributes:
        key: its key in references.bib.
        id: what citations lead to.
        number: in the order of first citation, from 1.
        html: the entry as it is printed.
        text: the same without markup.
    """

    key: str
    id: str
    number: int
    html: str
    text: str


class Article(Record, frozen=True):
    """The article for one target, the page or the PDF.

    Attributes:
        abstract: HTML; empty where there is none.
        abstract_text: the abstract without markup.
        body: HTML of everything below the abstract.
        headings: in the order of the body.
        references: in the order of their numbers.
        claims: in the order of the prose.
        used: names of the results that the article shows.
    """

    abstract: str
    abstract_text: str
    body: str
    headings: tuple[Heading, ...]
    references: tuple[Reference, ...]
    claims: tuple[Claim, ...] = ()
    used: tuple[str, ...] = ()
