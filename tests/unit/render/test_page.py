"""The article as documents: what a reader sees in a browser, and the HTML that the typesetter gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from jinja2 import DictLoader, Environment, FileSystemLoader

from generator.core.errors import ReportError
from generator.paper import Paper
from generator.records.article import Article
from generator.records.edition import Edition
from generator.render import templates
from generator.render.page import render_print
from tests.support.sample_page import ARTICLE, EDITION, ORIGINAL, PAPER, render_page

Render = Callable[[Paper, Article, Edition], str]
both = pytest.mark.parametrize("render", [render_page, render_print], ids=["page", "print"])


def text_of(html: str) -> str:
    body = html.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]*>", "", body).split())


@both
def test_the_parts_of_the_article_come_in_order(render: Render) -> None:
    text = text_of(render(PAPER, ARTICLE, EDITION))
    parts = ["On Small Squares", "Ann O’Author and Bo Writer", "by Una Origin, August 3, 2024 [1]"]
    parts += ["Edition of December 1, 2025, commit a1b2c3d", "It is about squares.", "Beginning", "CC BY 4.0"]
    assert sorted(parts, key=text.rindex) == parts


def test_the_byline_says_that_this_is_a_reproduction_and_links_to_the_original() -> None:
    html = render_page(PAPER, ARTICLE, EDITION)
    assert "A regenerated reproduction of the article by Una Origin" in text_of(html)
    assert '<a class="citation" href="#ref-key">[1]</a></p>' in html


def test_a_paper_of_its_own_has_its_own_date_in_the_byline() -> None:
    html = render_page(msgspec.structs.replace(PAPER, original=None), ARTICLE, EDITION)
    assert "November 22, 2025" in text_of(html) and "reproduction" not in text_of(html)


def test_an_original_that_the_article_does_not_cite_is_refused() -> None:
    with pytest.raises(ReportError, match="'key', is not among the references") as caught:
        render_page(PAPER, msgspec.structs.replace(ARTICLE, references=()), EDITION)
    assert "[@key]" in caught.value.next


def test_uncommitted_changes_and_a_missing_commit_are_told() -> None:
    dirty = render_page(PAPER, ARTICLE, msgspec.structs.replace(EDITION, dirty=True))
    without = render_page(PAPER, ARTICLE, msgspec.structs.replace(EDITION, commit=None))
    assert "commit a1b2c3d with uncommitted changes" in text_of(dirty)
    assert "built without a git commit" in text_of(without)


@both
def test_a_preview_has_a_banner_and_a_real_edition_has_none(render: Render) -> None:
    preview = msgspec.structs.replace(EDITION, preview="Built on a <sample>, not on it.")
    assert "Preview. Built on a &lt;sample&gt;, not on it." in text_of(render(PAPER, ARTICLE, preview))
    assert "Preview." not in text_of(render(PAPER, ARTICLE, EDITION))


@both
def test_text_of_the_paper_is_escaped_everywhere(render: Render) -> None:
    hostile = "</title><script>\"'&"
    paper = msgspec.structs.replace(
        PAPER,
        title=hostile,
        authors=(hostile,),
        description=hostile,
        license=hostile,
        language=hostile,
        original=msgspec.structs.replace(ORIGINAL, author=hostile),
    )
    html = render(paper, ARTICLE, msgspec.structs.replace(EDITION, commit=hostile, preview=hostile, generator=hostile))
    assert '<script>"' not in html and html.count("</title>") == 1
    assert html.count("&lt;script&gt;&#34;&#39;&amp;") >= 8


def test_the_page_asks_for_nothing_outside_itself_but_links() -> None:
    html = render_page(PAPER, ARTICLE, EDITION)
    assert not re.search(r"""(?:src|data|action)=["'](?!data:)""", html)
    assert all(address.startswith("data:") for address in re.findall(r"url\(([^)]*)\)", html))
    assert "@import" not in html and "<script src" not in html


def test_the_contents_link_to_every_heading() -> None:
    contents = re.search(r"<nav.*?</nav>", render_page(PAPER, ARTICLE, EDITION), re.DOTALL)
    assert contents and re.findall(r'href="#([^"]+)"', contents[0]) == ["abstract", "one", "two", "refs"]
    assert "1.1 Middle" in text_of(f"<body>{contents[0]}")


@pytest.mark.parametrize("size", ["A4", "letter"])
def test_the_pdf_gets_the_papers_size(size: str) -> None:
    paper = msgspec.structs.replace(PAPER, pdf=msgspec.convert({"paper": size}, type(PAPER.pdf)))
    html = render_print(paper, ARTICLE, EDITION)
    assert f"size: {size} " in html


def test_equal_inputs_give_equal_html() -> None:
    assert render_page(PAPER, ARTICLE, EDITION) == render_page(PAPER, ARTICLE, EDITION)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("\n{{ papr.title }}", "'papr' is undefined"),
        ("\n{% if %}", "Expected an expression"),
        ("\n{{ paper.title + 1 }}", "TypeError"),
    ],
)
def test_a_fault_in_a_template_is_told_with_its_line(
    source: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "page.html.j2").write_text(source)
    environment = templates.environment().overlay(loader=FileSystemLoader(tmp_path))
    monkeypatch.setattr(templates, "environment", lambda: environment)
    monkeypatch.setattr(templates, "TEMPLATES", tmp_path)
    with pytest.raises(ReportError, match=re.escape(words)) as caught:
        render_page(PAPER, ARTICLE, EDITION)
    assert str(caught.value.where).endswith("page.html.j2:2")


def test_a_missing_template_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "environment", lambda: Environment(loader=DictLoader({})))
    with pytest.raises(ReportError, match="page.html.j2"):
        render_page(PAPER, ARTICLE, EDITION)
