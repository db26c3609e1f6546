"""The record of a composed article: the prose with everything in it resolved, ready for a template.

Every `html` is a fragment that is safe to put in a page as it is.
"""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.claims import Claim

Target = Literal["page", "print"]
"""What an article is composed for: the page of the web, or the pages of the PDF."""


class Exhibit(Record, frozen=True):
    """Something to show on a target that the prose did not write; the author numbers and captions it by its name.

    Attributes:
        name: by which the prose places it.
        kind: decides how it is numbered.
        html: what is shown.
        alt: says in words what it shows; empty where its HTML says so itself.
        shows: results that it shows without binding each number, by the beginning of their names.
        bound: the names of the results that its numbers are.
        code: what a listing lists.
    """

    name: str
    kind: Literal["figure", "table", "listing"]
    html: str
    alt: str = ""
    shows: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    code: str = ""


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
        authors: what a sentence names it by: its authors, or else its title.
    """

    key: str
    id: str
    number: int
    html: str
    text: str
    authors: str = ""


class Paragraph(Record, frozen=True):
    """A paragraph, heading, item, row, or caption in words; white space is single.

    Attributes:
        section: the heading that it stands under.
        text: what it says; numbers of the run are given by their names in braces.
        exhibit: the label of the exhibit whose caption it is, as fig:NAME; empty for other text.
    """

    section: str
    text: str
    exhibit: str = ""


class ArticleText(Record, frozen=True):
    """What an article says in words.

    Attributes:
        paragraphs: the author's, in their order.
        listings: the code that is listed, by label, as lst:NAME.
    """

    paragraphs: tuple[Paragraph, ...]
    listings: dict[str, str]


class Article(Record, frozen=True):
    """The article for one target, the page or the PDF.

    Attributes:
        abstract: HTML; empty where there is none.
        abstract_text: the abstract without markup.
        body: HTML of everything below the abstract, appendices included.
        text: its words, by paragraph.
        headings: in the order of the body.
        references: in the order of their numbers.
        claims: in the order of the prose.
        used: names of the results that the article shows.
        shows: results that its exhibits show without binding each number, by the beginning of their names.
    """

    abstract: str
    abstract_text: str
    body: str
    text: ArticleText
    headings: tuple[Heading, ...]
    references: tuple[Reference, ...]
    claims: tuple[Claim, ...] = ()
    used: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
