"""The page as a browser lays it out: at every width, light and dark, with its own fonts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from generator.render import fonts
from generator.render.page import render_page
from tests.support.sample_page import ARTICLE, EDITION, PAPER

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("site") / "index.html"
    preview = msgspec.structs.replace(EDITION, preview="Built on a sample.")
    path.write_text(render_page(PAPER, ARTICLE, preview, fonts.page_rules()), encoding="utf-8")
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
