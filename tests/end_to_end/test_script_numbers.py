"""The page's script writes numbers as the article does: both write the same values, in a browser and here."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Browser, Page

from generator.core import formatting
from tests.support.scripting import parts_page

TIES = (0.5, 1.5, 2.5, 0.125, 0.375, 0.0625, 1.0625, 1.1875, 10.125, 12345.5, 12346.5, 1234500.0, 1235500.0, -0.0625)
EDGES = (0.0, -0.0, 1e-4, 9.9999e-5, 9.99996e-5, 999999.4, 999999.7, 1e6, 1000.0, 1.005, 1.015, 1e20, 1e-300, 1e300)
SHARES = (*(value for value in (*TIES, *EDGES) if 0 <= value <= 1), 0.9994999, 0.9995, 1.0)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    return parts_page(browser, "numbers.js")


def drawn(count: int, least: float, most: float) -> list[float]:
    """Numbers of any sign and of powers of ten between two."""
    chance = random.Random(7)
    return [chance.choice((-1, 1)) * 10 ** chance.uniform(least, most) for _ in range(count)]


@pytest.mark.parametrize(
    ("function", "write", "values"),
    [
        ("writtenSignificant", formatting.significant, [*TIES, *EDGES, *drawn(500, -12, 12)]),
        ("writtenProbability", formatting.probability, [*SHARES, *map(abs, drawn(500, -4, 0))]),
        ("writtenInteger", formatting.integer, [0, 7, -12, 999, 1000, 34826, 1234567, -1000000]),
    ],
)
def test_a_value_is_written_alike_in_the_page_and_in_the_article(
    page: Page, function: str, write: Callable[[float], str], values: Sequence[float]
) -> None:
    assert page.evaluate(f"(values) => values.map({function})", values) == [write(value) for value in values]


def test_what_is_not_finite_is_written_alike(page: Page) -> None:
    written = page.evaluate("[NaN, Infinity, -Infinity].map(writtenSignificant)")
    assert written == [formatting.significant(value) for value in (math.nan, math.inf, -math.inf)]
