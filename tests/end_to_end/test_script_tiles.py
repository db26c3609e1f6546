"""The page's script arranges maps as pictures do: both have the same rules, in a browser and here."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from generator.core.tiling import stretch, tile_columns
from tests.support.scripting import parts_page

SHAPES = ((28, 28), (3, 240), (240, 3), (1, 30), (10, 40), (10, 41), (1, 1), (7, 512), (1, 2000), (2000, 1), (60, 600))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    return parts_page(browser, "numbers.js", "explorer-network.js", "explorer-maps.js")


def test_rows_are_as_long_in_the_page_as_in_pictures(page: Page) -> None:
    counts = [1, 8, 32, 33, 256, 257, 1000]
    assert page.evaluate("counts => counts.map(columnsOf)", counts) == [tile_columns(count) for count in counts]


@pytest.mark.parametrize("shape", SHAPES)
def test_strips_are_stretched_in_the_page_as_in_pictures(page: Page, shape: tuple[int, int]) -> None:
    assert page.evaluate("shape => stretchOf(shape)", list(shape)) == list(stretch(*shape))


@pytest.mark.parametrize(
    ("shape", "cell"), [((28, 28, 8), [3, 3]), ((3, 240, 8), [6, 1]), ((1, 2000, 64), [9, 1]), ((2000, 1, 64), [1, 35])]
)
def test_the_canvas_of_a_strip_has_no_more_pixels_than_are_seen_or_than_there_are_values(
    page: Page, shape: tuple[int, int, int], cell: list[int]
) -> None:
    assert (
        page.evaluate("shape => { const { tall, wide } = laidOut(shape, 600, 1); return [tall, wide] }", shape) == cell
    )


@pytest.mark.parametrize(
    ("shape", "cell"), [((28, 28), [8, 8]), ((3, 240), [20, 1]), ((2000, 1), [1, 224]), ((1, 90_000), [224, 1])]
)
def test_the_canvas_of_an_image_is_not_the_larger_in_both_directions_the_longer_it_is(
    page: Page, shape: tuple[int, int], cell: list[int]
) -> None:
    assert page.evaluate("shape => cellOf(shape, 224)", shape) == cell


def test_a_value_of_a_strip_is_found_where_it_is_drawn(page: Page) -> None:
    found = page.evaluate(
        """() => {
        document.body.innerHTML = "<canvas style='display: block; width: 600px; aspect-ratio: 1920 / 60'></canvas>";
        const canvas = document.querySelector("canvas"), tiles = tilesOn(canvas, [3, 240, 8]);
        const { left, top } = canvas.getBoundingClientRect();
        tiles.fit(600);
        const value = { channel: 5, row: 2, column: 130 }, [x, y, width, height] = tiles.boxOf(value);
        return [tiles.at(left + x + width / 2, top + y + height / 2), height / width];
    }"""
    )
    assert found == [{"channel": 5, "row": 2, "column": 130}, pytest.approx(20, rel=0.1)]
