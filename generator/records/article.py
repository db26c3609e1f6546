"""The record of a composed article: the prose with everything in it resolved, ready for a template.

Every `html` is a fragment that is safe to insert into a page unchanged.
"""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.claims import Claim

Target = Literal["page", "print"]
"""The two forms of an article: the web page, or the pages of the PDF."""

ABSTRACT = "Abstract"
"""The heading that the templates put over the abstract."""


class Exhibit(Record, frozen=True):
    """Something to show that the prose did not write. The author numbers and captions it by its name.

    Attributes:
        name: name by which the prose places it.
        kind: kind, which decides how it is numbered.
        html: what is shown.
        alt: description of what it shows; empty if its HTML contains one.
        shows: prefixes of the names of results that it shows without binding each number.
        bound: names of the results that its numbers are bound to.
        code: code of a listing.
    """

    name: str
    kind: Literal["figure", "table", "listing"]
    html: str
    alt: str = ""
    shows: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    code: str = ""


class Heading(Record, frozen=True):
    """A heading in the body, for a table of contents.

    Attributes:
        id: target of links to it.
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
        id: target of citations.
        number: in the order of first citation, from 1.
        html: the entry as printed.
        text: the entry without markup.
        authors: what a sentence calls it: its authors, or else its title.
    """

    key: str
    id: str
    number: int
    html: str
    text: str
    authors: str = ""


class Paragraph(Record, frozen=True):
    """The text of a paragraph, heading, list item, table row, or caption, with single spaces.

    Attributes:
        section: the heading above it; "Abstract" for the abstract, and "Opening" for what has no heading.
        text: its text; numbers of the run are replaced by their names in braces.
        exhibit: label of the exhibit that the caption belongs to, such as fig:NAME; empty for other text.
        frame: the text with the IDs of claims that have two wordings, in braces, in place of the wording printed;
            empty if it has no such claim.
    """

    section: str
    text: str
    exhibit: str = ""
    frame: str = ""


class ArticleText(Record, frozen=True):
    """The text of an article.

    Attributes:
        paragraphs: the author's paragraphs, in order.
        listings: the code of listings, by label, such as lst:NAME.
    """

    paragraphs: tuple[Paragraph, ...]
    listings: dict[str, str]


class Article(Record, frozen=True):
    """The article for one target, the page or the PDF.

    Attributes:
        abstract: HTML; empty if there is none.
        abstract_text: the abstract without markup.
        body: HTML of everything below the abstract, including appendices.
        text: its text, by paragraph.
        headings: in the order of the body.
        references: in the order of their numbers.
        claims: in the order of the prose.
        used: names of the results that the article shows.
        shows: prefixes of the names of results that its exhibits show without binding each number.
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
