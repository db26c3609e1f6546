"""The article as documents: what a reader sees in a browser, and the HTML that the typesetter gets."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from jinja2 import DictLoader, Environment, FileSystemLoader
from playwright.sync_api import Browser, Page

from generator.core.errors import ReportError
from generator.paper import Original, Paper
from generator.records.article import Article, ArticleText, Heading, Reference
from generator.records.edition import Edition
from generator.render import fonts, page, templates
from generator.render.page import render_print

render_page = partial(page.render_page, font_rules=fonts.page_rules())
SQUARE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNg+M/wnwEABgAB/4/x/JoAAAAASUVO"
    "RK5CYII="
)
SENTENCE = "A layer reads a small window of the layer beneath it, and passes on what it finds as a map. "
ROWS = "".join(f'<tr><th scope="row">row {n}</th><td>{n}</td></tr>' for n in range(6))
FIRST = '<span class="line" data-line="1"><span class="k">def</span> f():</span>'
BODY = f"""
<h2 id="one"><span class="section-number">1</span> Beginning</h2>
<p>{SENTENCE * 4} See
<a href="#fig:square">Figure 1</a> and <span class="citation">[<a href="#ref-key">1</a>]</span>.</p>
<p>{SENTENCE * 4}</p>
<figure id="lst:code"><figcaption><span class="label">Listing 1</span> Code.</figcaption>
<pre class="highlight numbered" tabindex="0"><code>{FIRST}
<span class="line" data-line="2"></span>
<span class="line" data-line="3">    return {"1 + " * 60}1</span>
</code></pre></figure>
<h3 id="two"><span class="section-number">1.1</span> Middle</h3>
<figure id="fig:square"><div class="feature-maps"><div class="layer"><img class="maps" src="{SQUARE}" width="880"
height="440" alt="A square."></div></div>
<figcaption><span class="label">Figure 1</span> A square.</figcaption></figure>
<figure id="tbl:rows"><table><caption><span class="label">Table 1</span> Rows.</caption><thead>
<tr><th scope="col">Row</th><th scope="col">Number</th></tr></thead><tbody>{ROWS}</tbody></table></figure>
<h2 id="refs"><span class="section-number">2</span> References</h2>
<ol class="references"><li id="ref-key">An Author, <i>A Title</i>, 2001.</li></ol>
"""
ORIGINAL = Original(title="Squares", author="Una Origin", date=datetime.date(2024, 8, 3), citation="key")
PAPER = Paper(
    title="On Small Squares",
    authors=("Ann O’Author", "Bo Writer"),
    date=datetime.date(2025, 11, 22),
    description="About squares.",
    licence="CC BY 4.0",
    original=ORIGINAL,
)
ARTICLE = Article(
    abstract="<p>It is about squares.</p>",
    abstract_text="It is about squares.",
    body=BODY,
    text=ArticleText((), {}),
    headings=(
        Heading(id="one", level=2, number="1", html="Beginning"),
        Heading(id="two", level=3, number="1.1", html="Middle"),
        Heading(id="refs", level=2, number="2", html="References"),
    ),
    references=(Reference(key="key", id="ref-key", number=1, html="", text=""),),
)
EDITION = Edition(date=datetime.date(2025, 12, 1), commit="a1b2c3d", dirty=False, preview=None, generator="0.1.0")


Scheme = Literal["light", "dark"]
Render = Callable[[Paper, Article, Edition], str]
both = pytest.mark.parametrize("render", [render_page, render_print], ids=["page", "print"])


def text_of(html: str) -> str:
    body = html.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]*>", "", body).split())


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("site") / "index.html"
    preview = msgspec.structs.replace(EDITION, preview="Built on a sample.")
    path.write_text(render_page(PAPER, ARTICLE, preview), encoding="utf-8")
    return path


def opened(browser: Browser, index: Path, width: int, scheme: Scheme = "light") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(index.as_uri())
    return page


@both
def test_the_parts_of_the_article_come_in_order(render: Render) -> None:
    text = text_of(render(PAPER, ARTICLE, EDITION))
    parts = ["On Small Squares", "Ann O’Author and Bo Writer", "by Una Origin, 3 August 2024 [1]"]
    parts += ["Edition of 1 December 2025, commit a1b2c3d", "It is about squares.", "Beginning", "CC BY 4.0"]
    assert sorted(parts, key=text.rindex) == parts


def test_the_byline_says_that_this_is_a_reproduction_and_links_to_the_original() -> None:
    html = render_page(PAPER, ARTICLE, EDITION)
    assert "A regenerated reproduction of the article by Una Origin" in text_of(html)
    assert '<a class="citation" href="#ref-key">[1]</a></p>' in html


def test_a_paper_of_its_own_has_its_own_date_in_the_byline() -> None:
    html = render_page(msgspec.structs.replace(PAPER, original=None), ARTICLE, EDITION)
    assert "22 November 2025" in text_of(html) and "reproduction" not in text_of(html)


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
        licence=hostile,
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


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(browser: Browser, index: Path, width: int, scheme: Scheme) -> None:
    page = opened(browser, index, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("[...document.querySelectorAll('pre')].every(e => e.scrollWidth <= e.clientWidth)")


def test_the_page_is_dark_where_the_reader_wants_it_dark(browser: Browser, index: Path) -> None:
    def brightness(scheme: Scheme) -> list[int]:
        page = opened(browser, index, 768, scheme)
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        ink = page.evaluate("getComputedStyle(document.body).color")
        return [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (paper, ink)]

    light, dark = brightness("light"), brightness("dark")
    assert light[0] > 700 > 150 > light[1] and dark[0] < 150 < 600 < dark[1]


def test_lines_of_text_are_about_66_characters_long(browser: Browser, index: Path) -> None:
    page = opened(browser, index, 1280)
    lines = page.evaluate("""() => {
        const p = document.querySelector('#one ~ p'), range = document.createRange()
        range.selectNodeContents(p)
        const rows = new Set([...range.getClientRects()].map(r => Math.round(r.bottom / 20)))
        return p.textContent.length / rows.size }""")
    assert 58 <= lines <= 75


def test_figures_may_be_wider_than_the_text_and_maps_keep_their_own_size(browser: Browser, index: Path) -> None:
    page = opened(browser, index, 1280)
    width = "q => document.querySelector(q).getBoundingClientRect().width"
    widths = [page.evaluate(width, query) for query in ("#one ~ p", ".maps")]
    assert widths[1] == 880 > widths[0]


def test_the_listing_has_numbers_that_are_not_copied_and_shows_empty_lines(browser: Browser, index: Path) -> None:
    page = opened(browser, index, 1280)
    tops = page.evaluate("[...document.querySelectorAll('.line')].map(e => e.getBoundingClientRect().top)")
    assert tops[2] - tops[1] == tops[1] - tops[0] > 10
    copied = page.evaluate("""() => {
        getSelection().selectAllChildren(document.querySelector('pre code')); return getSelection().toString() }""")
    assert copied.startswith("def f():\n\n    return 1 + 1")


def test_the_skip_link_appears_on_focus_and_leads_to_the_article(browser: Browser, index: Path) -> None:
    page = opened(browser, index, 768)
    page.keyboard.press("Tab")
    box = page.locator(".skip").bounding_box()
    assert box and box["x"] == 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "article"


def test_the_embedded_fonts_are_used(browser: Browser, index: Path) -> None:
    page = opened(browser, index, 768)
    families = "document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded').map(x => x.family))"
    loaded = page.evaluate(families)
    assert {name.strip('"') for name in loaded} == {"Source Serif", "Source Sans"}
