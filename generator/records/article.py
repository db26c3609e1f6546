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
    """Something to show on a target that the prose did not write: the author numbers and captions it.

    name: how the author calls it.
    kind: what it is numbered as.
    html: what is shown.
    alt: says in words what it shows, where its `html` does not say it by itself.
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
    """A heading in the body, for a contents list; `number` is empty for an unnumbered one."""

    id: str
    level: int
    number: str
    html: str


class Reference(Record, frozen=True):
    """An entry of the bibliography that the prose cites, as numbered in the article."""

    key: str
    id: str
    number: int
    html: str
    text: str


class Paragraph(Record, frozen=True):
    """A paragraph, heading, item, row or caption in words; white space is single.

    section: the heading that it stands under.
    text: what it says, where numbers of the run stand by their names in braces.
    exhibit: the label of the exhibit that it is the caption of, as fig:NAME.
    """

    section: str
    text: str
    exhibit: str = ""


class ArticleText(Record, frozen=True):
    """What an article says in words.

    paragraphs: the author's, in their order.
    listings: the code that is listed, by label, as lst:NAME.
    """

    paragraphs: tuple[Paragraph, ...]
    listings: dict[str, str]


class Article(Record, frozen=True):
    """The article for one target.

    abstract: its HTML, without the heading.
    abstract_text: its words, for descriptions.
    body: the HTML of all else, appendices included.
    text: its words, by paragraph.
    headings: those of the body.
    references: the bibliography, in the order of citation.
    claims: what the article claims, in its order.
    used: the names of the results that it shows.
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
