"""Numbers at the axes of a chart, as they can be read in the SVG."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from html import unescape

import pytest
from matplotlib.axes import Axes

from generator.figures import plotting


def texts(low: float, high: float, scale: Callable[[Axes], None]) -> list[str]:
    """What stands at a panel whose line goes from one value to another."""

    def plot(axes: Axes) -> None:
        axes.plot([0, 2345], [low, high])
        scale(axes)

    files: dict[str, bytes] = {}
    plotting.panels([plotting.Plot("line", "", "", plot, "", "")], files)
    return [
        unescape(text).replace("\u00a0", " ") for text in re.findall(r">([^<]+)</text>", files["line.svg"].decode())
    ]


@pytest.mark.parametrize(
    ("low", "high", "scale", "expected"),
    [
        (0, 1, plotting.whole_steps, {"600", "1,200"}),
        (-0.3, 0.3, lambda _: None, {"−0.2", "0", "0.2"}),
        (0, 3e-5, lambda _: None, {"1 × 10⁻⁵", "2 × 10⁻⁵"}),
        (1e-6, 0.5, plotting.logarithmic, {"2 × 10⁻⁶", "0.0001", "0.5"}),
        (0.57, 1, partial(plotting.logarithmic, of_shares=True), {"60%", "80%", "100%"}),  # of 1, 2, 5, only 100%
        (-0.2, 0.3, plotting.shares, {"−10%", "0%", "10%"}),
        (0.02, 0.9991, partial(plotting.log_odds, least=0.02, most=0.999), {"50%", "99%", "99.9%"}),
        (0.67, 0.98, partial(plotting.log_odds, least=0.67, most=0.98), {"70%", "80%", "90%"}),  # not 90% alone
        (0.0099, 0.9991, partial(plotting.log_odds, least=0.0, most=1.0), {"≤ 1%", "99%", "≥ 99.9%"}),
    ],
)
def test_numbers_at_an_axis_are_written_as_in_the_prose(
    low: float, high: float, scale: Callable[[Axes], None], expected: set[str]
) -> None:
    assert expected <= set(texts(low, high, scale))


def test_numbers_that_would_look_alike_at_an_axis_have_more_digits() -> None:
    found = texts(0.99987, 0.99991, plotting.shares)
    assert {"99.988%", "99.989%"} <= set(found)
    assert len(found) == len(set(found))


def line_to(high: float, name: str = "line") -> plotting.Plot:
    def draw(axes: Axes) -> None:
        axes.plot([0, high])

    return plotting.Plot(name, "Title", "", draw, "Step", "Loss")


def words(files: dict[str, bytes], name: str) -> list[str]:
    return re.findall(r">([^<]+)</text>", files[f"{name}.svg"].decode())


def test_the_key_stands_apart_from_the_title_and_from_the_axes() -> None:
    def draw(axes: Axes) -> None:
        axes.plot([0, 1], label="trained")

    files: dict[str, bytes] = {}
    plotting.panels([plotting.Plot("line", "Title", "", draw, "Step", "Loss")], files)
    drawn = files["line.svg"].decode()
    title, key = (float(re.findall(rf'y="([\d.]+)"[^>]*>{word}<', drawn)[0]) for word in ("Title", "trained"))
    assert key - title > 20  # the lines of the key are 16 apart


def test_every_axis_has_a_name() -> None:
    files: dict[str, bytes] = {}
    plotting.panels([line_to(1)], files)
    assert {"Title", "Step", "Loss"} <= set(words(files, "line"))


def test_panels_to_be_compared_have_one_vertical_scale() -> None:
    shared: dict[str, bytes] = {}
    own: dict[str, bytes] = {}
    plots = [line_to(1, "low"), line_to(7, "high")]
    plotting.panels(plots, shared, one_scale=True)
    plotting.panels(plots, own)
    assert "6" in words(shared, "low") and "6" not in words(own, "low")
