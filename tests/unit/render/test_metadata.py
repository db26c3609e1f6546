"""What the page says of itself to search engines, reference managers and those who show a link to it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import yaml

from generator.paper import SiteSettings
from generator.render.citation import citation_cff
from generator.render.metadata import citation_tags, description, open_graph, scholarly_article
from tests.support.sample_page import ARTICLE, EDITION, PAPER, render_page

PUBLISHED = msgspec.structs.replace(PAPER, site=SiteSettings(url="https://example.org/squares"))
CITED = msgspec.structs.replace(
    ARTICLE, references=(msgspec.structs.replace(ARTICLE.references[0], text="An Author, A Title, 2001."),)
)


def told(text: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(text)
    return read


def test_reference_managers_get_title_authors_date_pdf_and_references() -> None:
    assert list(citation_tags(PUBLISHED, CITED, EDITION)) == [
        ("citation_title", "On Small Squares"),
        ("citation_author", "Ann O’Author"),
        ("citation_author", "Bo Writer"),
        ("citation_publication_date", "2025/12/01"),
        ("citation_language", "en-US"),
        ("citation_fulltext_html_url", "https://example.org/squares/"),
        ("citation_pdf_url", "https://example.org/squares/article.pdf"),
        ("citation_reference", "An Author, A Title, 2001."),
    ]


def test_without_an_address_files_are_named_relative_to_the_page_and_the_page_not_at_all() -> None:
    tags, graph = dict(citation_tags(PAPER, ARTICLE, EDITION)), dict(open_graph(PAPER, ARTICLE, EDITION))
    assert (tags["citation_pdf_url"], graph["og:image"]) == ("article.pdf", "preview.png")
    assert "citation_fulltext_html_url" not in tags and "og:url" not in graph
    assert "url" not in told(scholarly_article(PAPER, ARTICLE, EDITION))
    assert 'rel="canonical"' not in render_page(PAPER, ARTICLE, EDITION)


@pytest.mark.parametrize("url", ["https://example.org/squares", "https://example.org/squares/"])
def test_with_an_address_the_page_names_its_own(url: str) -> None:
    paper = msgspec.structs.replace(PAPER, site=SiteSettings(url=url))
    html = render_page(paper, ARTICLE, EDITION)
    assert '<link rel="canonical" href="https://example.org/squares/">' in html
    assert '<meta property="og:image" content="https://example.org/squares/preview.png">' in html
    assert '<meta property="og:url" content="https://example.org/squares/">' in html


def test_a_shown_link_has_title_description_and_a_picture_of_known_size() -> None:
    graph = dict(open_graph(PAPER, ARTICLE, EDITION))
    assert (graph["og:type"], graph["og:title"], graph["og:description"]) == (
        "article", "On Small Squares", "About squares."
    )  # fmt: skip
    assert (graph["og:image:width"], graph["og:image:height"]) == ("1200", "630")


def test_the_abstract_stands_in_for_a_description() -> None:
    paper = msgspec.structs.replace(PAPER, description="")
    assert description(paper, ARTICLE) == "It is about squares."
    assert '<meta name="description" content="It is about squares.">' in render_page(paper, ARTICLE, EDITION)


def test_the_article_is_described_as_schema_org_has_it() -> None:
    article = told(scholarly_article(PUBLISHED, CITED, EDITION))
    assert (article["@context"], article["@type"]) == ("https://schema.org", "ScholarlyArticle")
    assert [author["name"] for author in article["author"]] == ["Ann O’Author", "Bo Writer"]
    assert article["isBasedOn"]["author"]["name"] == "Una Origin"
    assert article["encoding"]["contentUrl"] == "https://example.org/squares/article.pdf"
    assert (article["datePublished"], article["inLanguage"]) == ("2025-12-01", "en-US")
    assert article["citation"] == ["An Author, A Title, 2001."]
    assert article["creativeWorkStatus"] == "Published"


def test_what_is_not_published_is_called_a_draft() -> None:
    for edition in ({"draft": True}, {"preview": "Built on a sample."}, {"dirty": True}):
        article = told(scholarly_article(PAPER, ARTICLE, msgspec.structs.replace(EDITION, **edition)))
        assert article["creativeWorkStatus"] == "Draft"


def test_no_text_can_end_the_script_that_holds_it() -> None:
    hostile = '</script><script>alert("1")</script><!-- ]]>'
    paper = msgspec.structs.replace(PAPER, title=hostile)
    html = render_page(paper, ARTICLE, EDITION)
    data = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert told(data)["headline"] == hostile
    assert "<" not in data


def test_a_group_of_authors_is_an_organization_named_without_its_braces() -> None:
    paper = msgspec.structs.replace(PAPER, authors=("{The Contributors}", "Ada Lovelace"))
    article = told(scholarly_article(paper, ARTICLE, EDITION))
    group = {"@type": "Organization", "name": "The Contributors"}
    assert article["author"] == [group, {"@type": "Person", "name": "Ada Lovelace"}]
    assert ("citation_author", "The Contributors") in list(citation_tags(paper, ARTICLE, EDITION))
    cited = yaml.safe_load(citation_cff(paper, EDITION, None))
    assert cited["authors"] == [{"name": "The Contributors"}, {"family-names": "Lovelace", "given-names": "Ada"}]
