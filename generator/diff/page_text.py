"""What a page says and shows, read back from its HTML: the prose by paragraphs, the listings, the figures.

A number of the run stands in the prose by its name, and a reference or a citation by its target: what follows from the
run, or from the numbering, is no change of the prose. Contents, title block and appendices repeat what is told
elsewhere and are left out, and so is what the generator puts into figures and tables.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser

from generator.diff.safe_html import VOID

_BLOCKS = {"p", "li", "dt", "dd", "blockquote", "h1", "h2", "h3", "h4", "figcaption", "caption", "tr", "pre", "div"}
_HEADINGS = {"h1", "h2", "h3", "h4"}
_CELLS = {"td", "th"}
_UNREAD = {"head", "nav", "footer", "script", "style", "svg", "annotation"}
_UNREAD_CLASSES = {
    "skip", "theme", "authors", "original", "edition", "preview", "formats", "verdict", "section-number", "label",
    "backlinks", "backlink", "equation-number", "footnote-call", "footnote-number",
}  # fmt: skip
_APPENDICES = re.compile(r'<h2 id="appendix:.*', re.DOTALL)
_FIGURE = re.compile(r'<figure id="([^"]+)" class="(\w+).*?</figure>', re.DOTALL)
_CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
_DESCRIPTION = re.compile(r'<p class="visually-hidden".*?</p>', re.DOTALL)
_AUTHORS_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_CODE = re.compile(r"<pre[^>]*>(.*?)</pre>", re.DOTALL)
_NUMBER = re.compile(r'<data value="[^"]*">(?:<a class="bound" href="#value:([^"]*)"[^>]*>)?.*?</data>', re.DOTALL)
_REFERENCE = re.compile(r'<a class="reference" href="#([^"]+)"[^>]*>.*?</a>', re.DOTALL)
_CITATION = re.compile(r'<a href="#ref-([^"]+)" id="[^"]+" role="doc-biblioref"[^>]*>.*?</a>', re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, caption or row.

    Attributes:
        section: the heading that it stands under.
        text: with single spaces.
    """

    section: str
    text: str


@dataclass(frozen=True)
class ShownExhibit:
    """A figure, table or listing.

    Attributes:
        name: by which the prose places it.
        kind: figure, table or listing.
        caption: without markup.
        html: as the page has it.
    """

    name: str
    kind: str
    caption: str
    html: str


def blocks(page: str) -> list[Block]:
    """The prose of an article's page."""
    page = _FIGURE.sub(lambda figure: _authors(figure[0]), page)
    page = _NUMBER.sub(lambda number: escape(f"{{{_named(number[1] or '…')}}}"), _APPENDICES.sub("", page))
    page = _CITATION.sub(r"@\1", _REFERENCE.sub(r"@\1", page))
    return _Reader().read(page)


def exhibits(page: str) -> Iterator[ShownExhibit]:
    """The page's figures, tables and listings."""
    for match in _FIGURE.finditer(page):
        caption = _CAPTION.search(match[0])
        yield ShownExhibit(unescape(match[1]), match[2], _text(caption[1]) if caption else "", match[0])


def drawn(figure: ShownExhibit) -> str:
    """The HTML of a figure without its caption, and without the words that describe it."""
    return _DESCRIPTION.sub("", _CAPTION.sub("", figure.html))


def code(listing: ShownExhibit) -> list[str]:
    """The lines of a listing."""
    found = _CODE.search(listing.html)
    return _plain(found[1]).strip("\n").split("\n") if found else []


def _authors(figure: str) -> str:
    """What the author wrote of a figure: its caption and, of a table, one that the generator did not fill."""
    captions = (f"<p>{caption}</p>" for caption in _CAPTION.findall(figure))
    return "".join([*captions, *_AUTHORS_TABLE.findall(figure)])


def _named(row: str) -> str:
    """The name of the result whose row in the appendix this is (generator.article.binding.row_id)."""
    return re.sub(r"-([0-9a-f]+)-", lambda match: chr(int(match[1], 16)), unescape(row))


def _text(html: str) -> str:
    return " ".join(block.text for block in blocks(f"<p>{html}</p>"))


def _picture(attributes: Mapping[str, str | None]) -> str:
    """What stands for a picture among words, so that another picture is another word."""
    digest = hashlib.sha256((attributes.get("src") or "").encode()).hexdigest()
    return f" [picture {digest[:10]}: {attributes.get('alt') or ''}] "


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


class _Reader(HTMLParser):
    """Goes through a page and gathers its blocks."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[Block] = []
        self._section = ""
        self._words: list[str] = []
        self._heading = False
        self._open: list[tuple[str, bool]] = []

    def read(self, page: str) -> list[Block]:
        self.feed(page)
        self.close()
        self._end_block()
        return self._blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end_block()
            self._heading = tag in _HEADINGS
        if tag in VOID or tag in {"meta", "link"}:
            self._words.append(_picture(dict(attrs)) if tag == "img" else " ")
            return
        classes = set((dict(attrs).get("class") or "").split())
        was_read = not self._open or self._open[-1][1]
        self._open.append((tag, was_read and tag not in _UNREAD and not classes & _UNREAD_CLASSES))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_block()
        if tag in _CELLS:
            self._words.append(" ")
        if any(opened == tag for opened, _ in self._open):
            while self._open.pop()[0] != tag:
                pass  # what was left open inside is closed with it

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1][1]:
            self._words.append(data)

    def _end_block(self) -> None:
        text = " ".join("".join(self._words).split())
        self._words = []
        if text:
            self._section = text if self._heading else self._section
            self._blocks.append(Block(self._section, text))
        self._heading = False
