"""The page as a browser lays it out: at every width, light and dark, with its own fonts."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from generator.article.compose import compose
from generator.article.exhibits import feature_maps
from generator.article.material import Material
from generator.figures.pictures import save_image
from generator.prose import bibliography
from generator.prose.prose import parse
from generator.records.figures import Picture
from generator.render import fonts
from generator.render.page import render_page
from tests.support.sample_page import ARTICLE, EDITION, PAPER, SENTENCE
from tests.unit.article.test_exhibits import NUMBERS, PICTURES, figure, maps

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("site") / "index.html"
    preview = msgspec.structs.replace(EDITION, preview="Built on a sample.")
    path.write_text(render_page(PAPER, ARTICLE, preview, fonts.page_rules()), encoding="utf-8")
    return path


CODE = "```python\nx = layers.Conv2D(32, 3)(x)  # a comment that makes a line of code too long for a phone\n```"
ROWS = (
    f"| Name | Two | Three | Four |\n| --- | --- | --- | --- |\n| {'unbreakable' * 3} | 2 | {'unbreakable' * 2} | 4 |"
)
NOTE = f"A note.^[{SENTENCE * 5}]"
BLOCKS = (
    "# Heading", "## Heading", f"::: listing NAME\n{CODE}\n\nCode.\n:::", f"::: table NAME\n{ROWS}\n\nRows.\n:::", ROWS,
    NOTE, f"- {NOTE}", f"> {NOTE}", "$$\nx^2\n$$",
)  # fmt: skip
SMALL = "::: figure NAME {.margin}\n```text\n" + "o\n" * 15 + "```\n\nA small figure.\n:::"


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page whose margin holds more than there is text beside it."""
    parts = [part for block in BLOCKS for part in (SENTENCE, SMALL, block, NOTE, block, SENTENCE)]
    named = [part.replace("NAME", f"name{number}") for number, part in enumerate(parts)]
    body = "\n\n".join(["# Abstract {.unnumbered #abstract}", SENTENCE, *named])
    material = Material(parse(body, Path("article.md")), {}, {}, bibliography.parse("", Path("references.bib")))
    paper = msgspec.structs.replace(PAPER, original=None)
    path: Path = tmp_path_factory.mktemp("crowded") / "index.html"
    html = render_page(paper, compose(material, "page"), EDITION, fonts.page_rules())
    path.write_text(html, encoding="utf-8")
    return path


def opened(browser: Browser, index: Path, width: int, scheme: Scheme = "light") -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(index.as_uri())
    return page


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(browser: Browser, index: Path, width: int, scheme: Scheme) -> None:
    page = opened(browser, index, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("[...document.querySelectorAll('pre')].every(e => e.scrollWidth <= e.clientWidth)")


def test_the_table_of_a_branched_network_scrolls_on_a_phone_and_breaks_no_shape(
    browser: Browser, built_paper: Callable[[str], Path]
) -> None:
    page = opened(browser, built_paper("branches").parent / "build" / "site" / "index.html", 320)
    table = page.get_by_role("region", name="Layers")
    assert table.evaluate("region => region.scrollWidth > region.clientWidth")
    heights = table.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.getBoundingClientRect().height)")
    assert len(heights) > 5
    assert max(heights) < 40, "a row is one line"


BROKEN = """cells => cells.filter((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return !/\\s/.test(cell.textContent.trim()) && new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
}).map((cell) => cell.textContent)"""
"""Of these cells, those whose only word is on more than one line."""


@pytest.mark.parametrize("width", [768, 1280])
def test_no_number_and_no_stage_in_the_appendix_is_broken(
    browser: Browser, built_paper: Callable[[str], Path], width: int
) -> None:
    page = opened(browser, built_paper("branches").parent / "build" / "site" / "index.html", width)
    page.locator("details.fold").last.evaluate("fold => { fold.open = true }")
    cells = page.locator(".provenance td.quantity, .provenance td:last-child, .stages tbody th")
    assert cells.count() > 5
    assert cells.evaluate_all(BROKEN) == []


BOXES = """elements => elements.map((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return [left, right, top, bottom];
})"""


@pytest.mark.parametrize("width", [1280, 1920])
def test_what_stands_in_the_margin_moves_no_text(browser: Browser, crowded: Path, width: int) -> None:
    """Text goes on below text at the usual distance, even below a heading and a wide figure."""
    page = opened(browser, crowded, width)
    boxes = page.locator("article > :not(.margin, .contents)").evaluate_all(BOXES)
    gaps = [after[2] - before[3] for before, after in pairwise(boxes)]
    assert len(gaps) > 40 and max(gaps) < 40


@pytest.mark.parametrize("width", [1280, 1920])
def test_what_stands_in_the_margin_touches_nothing(browser: Browser, crowded: Path, width: int) -> None:
    page = opened(browser, crowded, width)
    parts = "figure.margin, .footnote, article > p, article > h2, figure:not(.margin) > *, .scroll > table, .equation"
    boxes = page.locator(parts).evaluate_all(BOXES)
    margin = page.locator("figure.margin, .footnote").evaluate_all(BOXES)
    text = page.locator("article > p").first.evaluate_all(BOXES)[0]
    assert all(box[0] > text[1] and box[1] < width for box in margin)
    touching = [
        (one, other)
        for one in margin
        for other in boxes
        if one != other and one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
    ]
    assert touching == []


def test_an_image_begins_where_its_row_of_maps_does_and_keeps_its_shape(browser: Browser, tmp_path: Path) -> None:
    """Square, upright, and lying, beside maps that are higher than it."""
    files = dict(PICTURES)
    high = save_image("maps.png", np.zeros((100, 100, 1)), 400, files)
    body = ""
    for shape in ((28, 28), (24, 12), (12, 24)):
        image = save_image("input.png", np.zeros((*shape, 1)), 224, files)
        drawn = msgspec.structs.replace(figure(msgspec.structs.replace(maps(), picture=high)), input=image)
        body += f"<figure>{feature_maps(drawn, None, files, NUMBERS, 'page').html}</figure>"
    index = tmp_path / "index.html"
    index.write_text(render_page(PAPER, msgspec.structs.replace(ARTICLE, body=body), EDITION, fonts.page_rules()))
    page = opened(browser, index, 1280)
    for row in page.locator(".layers").all():
        tops = row.locator(".input img, .input p, .layer").evaluate_all(BOXES)
        assert len({top for *_, top, _ in tops}) == 1, tops
    sizes = page.locator(".input img").evaluate_all("images => images.map(({ width, height }) => [width, height])")
    assert sizes == [[112, 112], [56, 112], [112, 56]]


def test_maps_of_strips_are_no_higher_than_a_screen_and_keep_their_shape(browser: Browser, tmp_path: Path) -> None:
    high = feature_maps(
        figure(msgspec.structs.replace(maps(), picture=Picture("maps.png", 200, 4000))), None, PICTURES, NUMBERS, "page"
    )
    index = tmp_path / "index.html"
    body = f"<figure>{high.html}</figure>"
    index.write_text(render_page(PAPER, msgspec.structs.replace(ARTICLE, body=body), EDITION, fonts.page_rules()))
    picture = opened(browser, index, 1280).locator("img.maps")
    assert picture.evaluate("({ height }) => height") == 768
    assert picture.evaluate("(image) => getComputedStyle(image).objectFit") == "contain"


@pytest.mark.parametrize("width", [375, 768, 1280, 1920])
def test_the_last_row_of_maps_is_full_however_many_layers_there_are(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    shown = [
        feature_maps(figure(*[maps(f"layer{n}") for n in range(count)]), None, PICTURES, NUMBERS, "page").html
        for count in range(1, 10)
    ]
    body = "".join(f"<figure>{html}</figure>" for html in shown)
    index = tmp_path / "index.html"
    index.write_text(render_page(PAPER, msgspec.structs.replace(ARTICLE, body=body), EDITION, fonts.page_rules()))
    page = opened(browser, index, width)
    for number in range(9):
        boxes = page.locator("figure").nth(number).locator(".layers > *").evaluate_all(BOXES)
        assert boxes[-1][1] == pytest.approx(max(box[1] for box in boxes), abs=1), number
    if width >= 1200:  # there is a margin
        page.evaluate("document.querySelectorAll('figure').forEach(one => one.classList.add('margin'))")
        lefts = {box[0] for box in page.locator("figure").last.locator(".layers > *").evaluate_all(BOXES)}
        assert len(lefts) == 1, "one layer below another"


def test_what_continues_beyond_an_edge_fades_out_there_until_it_is_scrolled(browser: Browser, crowded: Path) -> None:
    phone, screen = opened(browser, crowded, 375), opened(browser, crowded, 1280)
    for kind in ("pre.numbered > code", "figure > .scroll"):
        expect(screen.locator(kind).first).to_have_css("mask-image", "none")
        box = phone.locator(kind).first
        box.scroll_into_view_if_needed()
        expect(box).to_have_css("mask-image", re.compile("linear-gradient"))
        box.evaluate("box => { box.scrollLeft = box.scrollWidth }")
        expect(box).to_have_class(re.compile("goes-back"))
        expect(box).not_to_have_class(re.compile("goes-on"))
    caption = phone.locator("figure.table > figcaption").first.evaluate_all(BOXES)[0]
    assert 0 < caption[0] < caption[1] < 375, "the caption does not scroll"


def test_without_scripts_what_scrolls_is_shaded_at_its_edges(browser: Browser, crowded: Path) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 800}, java_script_enabled=False)
    page.goto(crowded.as_uri())
    for kind in ("pre.numbered > code", "figure > .scroll"):
        expect(page.locator(kind).first).to_have_css("background-image", re.compile("linear-gradient"))


def test_a_table_is_a_tab_stop_only_where_it_scrolls(browser: Browser, crowded: Path) -> None:
    page = opened(browser, crowded, 375)
    box = page.locator("figure > .scroll").first
    expect(box).to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(box).not_to_have_attribute("tabindex", re.compile(""))
    box.locator("td").first.evaluate("cell => { cell.textContent = 'wide'.repeat(99) }")
    expect(box).to_have_attribute("tabindex", "0")


def test_a_table_that_scrolls_is_a_region_with_a_name_of_its_own(browser: Browser, crowded: Path) -> None:
    page = opened(browser, crowded, 375)
    names = page.locator(".scroll").evaluate_all("boxes => boxes.map(box => [box.role, box.ariaLabel])")
    assert names == [
        ["region", f"Table{kind}{number}"]
        for kind in ("\N{NO-BREAK SPACE}", " without a number, ")
        for number in (1, 2)
    ]


def test_the_page_is_dark_where_the_reader_wants_it_dark(browser: Browser, index: Path) -> None:
    def brightness(scheme: Scheme) -> list[int]:
        page = opened(browser, index, 768, scheme)
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        ink = page.evaluate("getComputedStyle(document.body).color")
        return [sum(map(int, re.findall(r"\d+", color)[:3])) for color in (paper, ink)]

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


def test_figures_may_be_wider_than_the_text_and_maps_fill_them(browser: Browser, index: Path) -> None:
    page = opened(browser, index, 1280)
    width = "q => document.querySelector(q).getBoundingClientRect().width"
    widths = [page.evaluate(width, query) for query in ("#one ~ p", ".feature-maps", ".maps")]
    assert widths[2] == widths[1] > widths[0]


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


KINDS = (
    '<div class="chart"><div class="panels"><div class="panel"><svg viewBox="0 0 300 200"></svg></div></div></div>',
    '<div class="feature-maps"><div class="layers many"><div class="layer">Maps.</div></div></div>',
    '<div class="architecture"><table><tr><td>Layer</td></tr></table></div>',
    '<div class="explorer wide"><div class="live">The network.</div></div>',
    "<pre>code</pre>", '<div class="scroll wide"><table><tr><td>1</td></tr></table></div>', "<p>Text.</p>",
)  # fmt: skip


@pytest.mark.parametrize("width", [1280, 1920])
def test_figures_have_two_widths_and_no_other(browser: Browser, tmp_path: Path, width: int) -> None:
    body = f"<p>{SENTENCE * 4}</p>" + "".join(f"<figure>{kind}</figure>" for kind in KINDS)
    index = tmp_path / "index.html"
    article = msgspec.structs.replace(ARTICLE, body=body)
    index.write_text(render_page(PAPER, article, EDITION, fonts.page_rules(), explorer={"network": "{}"}))
    page = opened(browser, index, width)
    text = page.locator("article > p").last.evaluate_all(BOXES)[0][1]
    margin = text + page.evaluate("15.5 * parseFloat(getComputedStyle(document.documentElement).fontSize)")
    edges = [box[1] for box in page.locator("article > figure > *, .architecture > table").evaluate_all(BOXES)]
    assert {round(edge) for edge in edges} == {round(text), round(margin)}
