"""What the page says about itself to search engines, reference managers, and sites that show a preview of it.

The same facts in three forms: Highwire Press tags (https://scholar.google.com/intl/en/scholar/inclusion.html),
a schema.org ScholarlyArticle as JSON-LD, and the Open Graph protocol (https://ogp.me). Addresses are full if paper.toml
gives the address of the page. Otherwise, they are relative to the page, and the page's own is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.paper import Original, Paper, is_group
from generator.records.article import Article
from generator.records.edition import Edition

PDF, PREVIEW_IMAGE = "article.pdf", "preview.png"
PREVIEW_SIZE = 1200, 630
"""Size in pixels of the picture that is shown for a link to the page."""


def description(paper: Paper, article: Article) -> str:
    """The paper's own description, or else its abstract."""
    return paper.description or article.abstract_text


def address(paper: Paper, file: str = "") -> str:
    """The full address of a file of the site; without an address in paper.toml, the file's name."""
    return f"{paper.site.url.rstrip('/')}/{file}" if paper.site.url else file


def citation_tags(paper: Paper, article: Article, edition: Edition) -> Iterator[tuple[str, str]]:
    """Names and contents of the Highwire Press tags, in order."""
    yield "citation_title", paper.title
    yield from (("citation_author", author) for author in paper.author_names)
    yield "citation_publication_date", f"{edition.date:%Y/%m/%d}"
    yield "citation_language", paper.language
    if paper.site.url:
        yield "citation_fulltext_html_url", address(paper)
    yield "citation_pdf_url", address(paper, PDF)
    yield from (("citation_reference", reference.text) for reference in article.references)


def open_graph(paper: Paper, article: Article, edition: Edition) -> Iterator[tuple[str, str]]:
    """Properties and contents of the Open Graph tags, in order."""
    yield "og:type", "article"
    yield "og:title", paper.title
    if text := description(paper, article):
        yield "og:description", text
    if paper.site.url:
        yield "og:url", address(paper)
    yield "og:image", address(paper, PREVIEW_IMAGE)
    yield from (("og:image:width", str(PREVIEW_SIZE[0])), ("og:image:height", str(PREVIEW_SIZE[1])))
    yield "og:image:alt", f"The title of the article, {paper.title}, and a part of one of its figures."
    yield "article:published_time", edition.date.isoformat()
    yield from (("article:author", author) for author in paper.author_names)


def scholarly_article(paper: Paper, article: Article, edition: Edition) -> str:
    """The JSON-LD, safe inside a script element: none of its characters can end the element."""
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": paper.title,
        "name": paper.title,
        "author": [_author(author) for author in paper.authors],
        "datePublished": edition.date.isoformat(),
        "inLanguage": paper.language,
        "description": description(paper, article),
        "abstract": article.abstract_text,
        "license": {"@type": "CreativeWork", "name": paper.license} if paper.license else None,
        "version": edition.commit,
        "creativeWorkStatus": "Draft" if edition.draft or edition.preview or edition.dirty else "Published",
        "url": address(paper),
        "image": address(paper, PREVIEW_IMAGE),
        "encoding": {"@type": "MediaObject", "encodingFormat": "application/pdf", "contentUrl": address(paper, PDF)},
        "isBasedOn": _based_on(paper.original) if paper.original else None,
        "citation": [reference.text for reference in article.references],
    }
    text = json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
    return text.replace("<", "\\u003c")


def _author(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name[1:-1]} if is_group(name) else {"@type": "Person", "name": name}


def _based_on(original: Original) -> dict[str, Any]:
    return {
        "@type": "ScholarlyArticle",
        "name": original.title,
        "author": _author(original.author),
        "datePublished": original.date.isoformat(),
    }
