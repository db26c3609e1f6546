"""The look of a chart's panel: its size, lines and markers, key, and axes.

Sizes are in SVG units: a panel is small enough for a phone, and two fit side by side on paper. Marker and line style
repeat what color shows. The colors are from Okabe and Ito's palette for color-blind readers (2008), and are visible on
white and on black.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from cycler import cycler
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    Formatter,
    LogFormatter,
    LogitFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    ScalarFormatter,
)

from generator.core.formatting import MAX_DIGITS, SIGNIFICANT_DIGITS, significant
from generator.figures import svg
from generator.records.charts import Panel

WIDTH, HEIGHT = 300, 202  # of a panel without its key
WIDE = 632  # of a panel as wide as two with the gap between them
LEFT, RIGHT, TOP, BOTTOM = 56, 6, 26, 42
PLOTTED = HEIGHT - TOP - BOTTOM  # height of what lies between the title and the numbers below
AXIS_NAME = 16  # room for the name of the vertical axis
ASIDE = 0.09  # offset between lines over the layers, so that their intervals do not overlap
TICK = 8  # between the vertical axis and its numbers
KEY_LINE, KEY_BELOW = 16, 8  # of the key: height of a line, and the space between the key and the axes
KEY_HANDLE, KEY_GAP = 38, 14  # width of a sample, space between columns
KEY_TOP = 25  # where the key begins; the title's letters end at 15
KEY_CHARACTER = 5.4  # width of a letter in the key, in the page's typeface
TITLE_CHARACTER = 6.4  # width of a letter in the title, in the page's typeface
CHARACTER = 6.2  # maximum width of a letter in Matplotlib's own typeface
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
INK = "#000000"  # becomes the color of the text
NOISE = 1e-12  # share of the largest number on an axis: anything smaller is 0
ODDS = (0.01, 0.999)  # the ends of a log-odds scale

Look = Mapping[str, Any]
TRAINED: Look = {"color": BLUE, "linestyle": "-", "marker": "o", "markerfacecolor": BLUE}
UNTRAINED: Look = {"color": VERMILLION, "linestyle": "--", "marker": "s", "markerfacecolor": "none"}
MOST: Look = {"color": GREEN, "linestyle": "-.", "marker": "^", "markerfacecolor": "none"}
BASELINE: Look = {"color": INK, "linestyle": (0, (7, 2, 1, 2))}
REPLICATE: Look = {"linestyle": "", "marker": "_", "markersize": 11, "markeredgewidth": 1.2}
CHANCE: Look = {"color": INK, "linestyle": ":"}

_DEFAULTS = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a layer's name may contain any character
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "grid.color": INK,
    "grid.alpha": 0.2,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "axes.prop_cycle": cycler(color=[BLUE, VERMILLION, GREEN, INK] * 3)
    + cycler(linestyle=["-", "--", "-.", ":"] * 3)
    + cycler(marker=list("os^Dvp<X>*Ph")),  # twelve distinguishable lines
}


@dataclass(frozen=True)
class Plot:
    """The content of a panel.

    Attributes:
        name: of the file, without its extension.
        title: the title above the panel.
        alt: the data in words.
        draw: draws the data on the axes.
        across: what the horizontal axis shows.
        up: what the vertical axis shows, with its unit.
        height: of the panel without its key.
    """

    name: str
    title: str
    alt: str
    draw: Callable[[Axes], object]
    across: str
    up: str
    height: int = HEIGHT


def panels(plots: Sequence[Plot], files: dict[str, bytes], one_scale: bool = False) -> tuple[Panel, ...]:
    """The panels as files NAME.svg, with the same bytes for the same data; `one_scale` makes them comparable."""
    with style_of_charts():
        drawn = [_drawn(plot) for plot in plots]
        if one_scale:
            _share_scale([axes for _, axes in drawn])
        for plot, (figure, axes) in zip(plots, drawn, strict=True):
            _lay_out(figure, axes, plot, axes.get_legend_handles_labels())
            files[f"{plot.name}.svg"] = _saved(figure, plot)
    return tuple(Panel(file=f"{plot.name}.svg", title=plot.title) for plot in plots)


@contextlib.contextmanager
def style_of_charts() -> Iterator[None]:
    """Inside this context, Matplotlib draws in the style of the charts."""
    # Matplotlib's own typeface only serves to estimate widths, so its warnings of missing glyphs do not matter.
    with warnings.catch_warnings(action="ignore", category=UserWarning), style.context(["default", _DEFAULTS]):
        yield


def blank() -> tuple[Figure, Axes]:
    """An empty panel."""
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
    return figure, figure.add_axes((0, 0, 1, 1))


def fault_of(figure: Figure, axes: Axes, is_wide: bool) -> tuple[str, str] | None:
    """What is wrong with a panel that an author drew, and how to fix it; None if nothing is wrong."""
    if not _is_drawn(axes):
        return "draws nothing", "Draw on the given axes, as with axes.plot(...)."
    if figure.texts or figure.legends or figure.get_suptitle():
        return "writes on the figure, not on the axes", "Use axes.set_title(...), axes.text(...), and labels instead."
    if (key := axes.get_legend()) and key.get_title().get_text():
        return "has a title of the key, which is not shown", "Write it in the title, or in the labels."
    if figure.axes != [axes] or axes.child_axes:
        step = "Draw only on the given axes; show a second scale in a separate figure."
        return "adds other axes, such as those of a color bar", step
    width, height = WIDE if is_wide else WIDTH, PLOTTED
    for name, label, room in (("x", axes.get_xlabel(), width - LEFT), ("y", axes.get_ylabel(), height)):
        if not label:
            return f"does not say what the {name} axis shows", f'Call axes.set_{name}label("...").'
        if fault := _fault_of_text(label, f"the name of the {name} axis", room):
            return fault
    if fault := _fault_of_text(axes.get_title(), "the title", width, TITLE_CHARACTER):
        return fault
    labels = [text.get_text() for text in key.get_texts()] if key else _key(axes)[1]
    faults = (_fault_of_text(label, "a label in the key", width - KEY_HANDLE) for label in labels)
    return next(filter(None, faults), None)


def _fault_of_text(text: str, what: str, room: float, character: float = KEY_CHARACTER) -> tuple[str, str] | None:
    """What is wrong with a text that has `room` for it, on one line."""
    if re.search(r"\$(?=[^\s)])[^$]*[\\^_{][^$]*(?<=\S)\$|\$[A-Za-z]\w*\$", text):
        return f'has TeX in {what}, "{text}", which is not typeset', "Write Unicode characters, such as λ or x²."
    if "\n" in text:
        return f"has two lines in {what}", "Write one line."
    if len(text) * character > room:
        return f"has {len(text)} characters in {what}", f"Write at most {int(room / character)}."
    return None


def _is_drawn(axes: Axes) -> bool:
    lines = (np.isfinite(np.asarray(line.get_ydata(orig=False), float)).any() for line in axes.lines)
    others = (np.isfinite(one.get_datalim(axes.transData).get_points()).all() for one in axes.collections)
    patches = (
        np.isfinite(one.get_path().transformed(one.get_patch_transform()).vertices).all() for one in axes.patches
    )
    return bool(axes.texts or axes.images) or any(lines) or any(others) or any(patches)


def _key(axes: Axes) -> tuple[Any, list[str]]:
    handles: tuple[Any, list[str]] = axes.get_legend_handles_labels()
    return handles


def _write_numbers(axes: Axes) -> None:
    """Numbers on both axes as in the article, unless the author chose how they are written."""
    for axis in (axes.xaxis, axes.yaxis):
        if not isinstance(axis.get_major_formatter(), ScalarFormatter | LogFormatter | LogitFormatter):
            continue
        axis.set_major_formatter(_Numbers())
        axis.set_minor_formatter(NullFormatter())
        if axis.get_scale() == "log" and axis.isDefault_majloc:
            base: float = axis.get_transform().base  # type: ignore[attr-defined]  # it is that of a LogScale
            low, high = sorted(axis.get_view_interval())
            is_short = base == 10 and high < 200 * low
            axis.set_major_locator(_Powers(base, (1, 2, 5) if is_short else (1,), numticks=8))
            axis.set_minor_locator(NullLocator())


def finished(figure: Figure, axes: Axes, name: str, alt: str, is_wide: bool) -> bytes:
    """The SVG of a panel that an author drew, with title, axis names, and key placed as in all charts."""
    plot = Plot(name, axes.get_title(), alt, lambda axes: None, axes.get_xlabel(), axes.get_ylabel())
    axes.set(title="", xlabel="", ylabel="")
    _write_numbers(axes)
    key = _key(axes)
    if own := axes.get_legend():
        key = own.legend_handles, [text.get_text() for text in own.get_texts()]
        own.remove()
    _lay_out(figure, axes, plot, key, WIDE if is_wide else WIDTH)
    return _saved(figure, plot)


def _drawn(plot: Plot) -> tuple[Figure, Axes]:
    figure, axes = blank()
    axes.yaxis.set_major_formatter(_Numbers())
    plot.draw(axes)
    return figure, axes


def _share_scale(panels: Sequence[Axes]) -> None:
    """Gives all panels the same vertical range, which includes everything that they show."""
    limits = [axes.get_ylim() for axes in panels]
    for axes in panels:
        axes.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def _saved(figure: Figure, plot: Plot) -> bytes:
    drawn = io.BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with style.context({"svg.hashsalt": plot.name}):
        figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
    return svg.inline(drawn.getvalue(), plot.alt)


class _Powers(LogLocator):
    """Ticks at powers of the base and their multiples, or evenly spaced if fewer than two of them are on the axis."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        return _enough(super().tick_values(vmin, vmax), vmin, vmax)


class _Odds(FixedLocator):
    """Ticks of a log-odds axis, or evenly spaced ones if fewer than two of them are on the axis."""

    def __call__(self) -> Any:
        assert self.axis is not None, "a locator that is asked for ticks has an axis"
        return _enough(super().__call__(), *self.axis.get_view_interval())


def _enough(ticks: Any, start: float, end: float) -> Any:
    """These ticks, or evenly spaced ones if fewer than two of them are between the ends of the axis."""
    low, high = sorted((start, end))
    if sum(low <= tick <= high for tick in ticks) > 1:
        return ticks
    return MaxNLocator(5, steps=(1, 2, 5, 10)).tick_values(low, high)


class _Numbers(Formatter):
    """Numbers on an axis, written as in the article, with more digits only where two would look alike."""

    def __init__(self, factor: int = 1, unit: str = "") -> None:
        self._factor, self._unit = factor, unit

    def __call__(self, value: float, pos: int | None = None) -> str:
        return self._written(value, SIGNIFICANT_DIGITS)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        largest = max(map(abs, values), default=0)
        # The steps of a scale may add up to almost 0, because of rounding.
        values = [0 if abs(value) < NOISE * largest else value for value in values]
        texts: list[str] = []
        for digits in range(SIGNIFICANT_DIGITS, MAX_DIGITS + 1):
            texts = [self._written(value, digits) for value in values]
            if len(set(texts)) == len(texts):
                break
        return texts

    def _written(self, value: float, digits: int) -> str:
        return f"{significant(self._factor * value, digits)}{self._unit}"


class _Shares(_Numbers):
    """Percentages on a log-odds axis, whose ends also stand for what is beyond them, from `least` to `most`."""

    def __init__(self, least: float, most: float) -> None:
        super().__init__(100, "%")
        self._beyond = {ODDS[0]: "≤ " if least < ODDS[0] else "", ODDS[1]: "≥ " if most > ODDS[1] else ""}

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        texts = zip(values, super().format_ticks(values), strict=True)
        return [f"{self._beyond.get(value, '')}{text}" for value, text in texts]


def _lay_out(figure: Figure, axes: Axes, plot: Plot, key: tuple[Any, list[str]], width: int = WIDTH) -> None:
    """Puts title and key above the axes, and leaves room for numbers and names below and on the left."""
    handles, names = key
    columns = key_columns(names, width)
    rows = math.ceil(len(names) / columns)
    labels = [label.get_text() for label in axes.get_xticklabels() if label.get_rotation()]
    below = BOTTOM - 16 + max((len(label) for label in labels), default=0) * CHARACTER if labels else BOTTOM
    top = KEY_TOP + rows * KEY_LINE + KEY_BELOW if rows else TOP
    height = plot.height + top - TOP + below - BOTTOM
    figure.set_size_inches(width / 72, height / 72)
    widest = max((len(label.get_text()) for label in axes.get_yticklabels()), default=0)
    name = AXIS_NAME if plot.up else 0
    left = name + max(LEFT - AXIS_NAME, TICK + CHARACTER * widest)
    axes.set_position((left / width, below / height, 1 - (left + RIGHT) / width, 1 - (top + below) / height))
    figure.text(0, 1 - 12 / height, plot.title, weight="bold", size=12)
    middle: dict[str, Any] = {"ha": "center", "va": "center", "size": 11}
    figure.text((left + width - RIGHT) / 2 / width, 7 / height, plot.across, **middle)
    figure.text(6 / width, (below + height - top) / 2 / height, plot.up, rotation=90, **middle)
    if names:
        place = (0, 1 - KEY_TOP / height)
        figure.legend(
            handles, names, loc="upper left", bbox_to_anchor=place, ncols=columns, borderpad=0, borderaxespad=0,
            labelspacing=0.3, handlelength=2.6, columnspacing=1.2,
        )  # fmt: skip


def key_columns(names: Sequence[str], panel: int = WIDTH) -> int:
    """How many columns of a key with these names fit into the panel.

    The start of the second column depends on the width of the first in Matplotlib's own typeface, which is wider.
    """
    rows = math.ceil(len(names) / 2)
    first, second = (max(map(len, column), default=0) for column in (names[:rows], names[rows:]))
    width = 2 * KEY_HANDLE + KEY_GAP + first * CHARACTER + second * KEY_CHARACTER
    return 2 if width <= panel else 1


@dataclass(frozen=True)
class Point:
    """A quantity over replicates, as it is drawn.

    Attributes:
        mean: over the replicates.
        interval: lower and upper limit; None if there is none.
        each: the value of each replicate, if these are drawn instead of limits.
    """

    mean: float
    interval: tuple[float, float] | None = None
    each: Sequence[float] = ()

    def within(self, least: float, most: float) -> Point:
        """The point with all its values clipped to a range."""
        mean, *others = (min(max(value, least), most) for value in self.values())
        return Point(mean, (others[0], others[1])) if self.interval else Point(mean, each=tuple(others))

    def values(self) -> tuple[float, ...]:
        """All values of the point that are drawn."""
        return (self.mean, *(self.interval or self.each))


def by_layer(
    axes: Axes, layers: Sequence[str], name: str, points: Mapping[str, Point], look: Look, aside: float = 0
) -> None:
    """Draws a quantity of layers in order of depth, with bars for its intervals; layers without it are skipped.

    `aside` shifts it along the axis, as a share of a layer's width.
    """
    at = [place for place, layer in enumerate(layers) if layer in points]
    shown = [points[layers[place]] for place in at]
    places = [place + aside for place in at]
    axes.plot(places, [point.mean for point in shown], label=name, **look)
    limited = [
        (place, point.mean, point.interval) for place, point in zip(places, shown, strict=True) if point.interval
    ]
    if limited:
        reach = [[mean - low for _, mean, (low, _) in limited], [high - mean for _, mean, (_, high) in limited]]
        axes.errorbar(
            [place for place, *_ in limited], [mean for _, mean, _ in limited], yerr=reach, fmt="none",
            ecolor=look["color"], elinewidth=1.2, capsize=2.5,
        )  # fmt: skip
    each = [(place, value) for place, point in zip(places, shown, strict=True) for value in point.each]
    if each:
        axes.plot(*zip(*each, strict=True), **REPLICATE, color=look["color"])


def name_layers(axes: Axes, layers: Sequence[str]) -> None:
    """Writes the layers' names below the axis: vertically if they are too long, and only some if they are too many."""
    room = (WIDTH - LEFT - RIGHT) / len(layers)
    lies = max(map(len, layers)) * CHARACTER <= room
    step = 1 if lies else -int(-13 // room)
    shown = range(0, len(layers), step)
    if lies:
        axes.set_xticks(shown, [layers[place] for place in shown])
    else:
        names = [layers[place] for place in shown]
        axes.set_xticks(shown, names, rotation=90, rotation_mode="anchor", ha="right", va="center")
    axes.set_xlim(-0.5, len(layers) - 0.5)


def level(axes: Axes, name: str, value: float, look: Look) -> None:
    """A line across the panel, for a value that does not depend on the layer."""
    axes.axhline(value, label=name, linewidth=1.2, **look)


def span(axes: Axes, name: str, low: float, high: float) -> None:
    """A shaded range across the panel."""
    axes.axhspan(low, high, label=name, color=INK, alpha=0.12, linewidth=0)


def whole_steps(axes: Axes) -> None:
    """Whole numbers on the horizontal axis, with their thousands separated."""
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(_Numbers())


def logarithmic(axes: Axes, of_shares: bool = False) -> None:
    """A logarithmic vertical axis, with plain numbers or percent."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(_Powers(10, (1, 2, 5), numticks=12))
    axes.yaxis.set_major_formatter(_Numbers(100, "%") if of_shares else _Numbers())
    axes.yaxis.set_minor_locator(NullLocator())


def log_odds(axes: Axes, least: float, most: float) -> None:
    """A log-odds vertical axis for shares, some close to 0 and others to 1, which are all drawn within `ODDS`.

    The label of an end shows if the smallest or largest share is beyond it.
    """
    axes.set_yscale("logit")
    axes.yaxis.set_major_locator(_Odds((ODDS[0], 0.1, 0.5, 0.9, 0.99, ODDS[1])))
    axes.yaxis.set_major_formatter(_Shares(least, most))
    axes.yaxis.set_minor_locator(NullLocator())


def shares(axes: Axes) -> None:
    """The vertical axis in percent, ending at most slightly above 100%."""
    axes.yaxis.set_major_formatter(_Numbers(100, "%"))
    axes.set_ylim(top=min(axes.get_ylim()[1], 1.02))


def numbers_across(axes: Axes, by: str) -> None:
    """Few enough numbers on the horizontal axis to stand side by side, written as by a filter of the prose."""
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(_Numbers(100 if by else 1, "%" if by == "percent" else ""))
    if by == "percent":
        axes.set_xlim(right=min(axes.get_xlim()[1], 1.02))


def percentage_points(axes: Axes) -> None:
    """The vertical axis for differences of shares: numbers without percent signs, since its name gives the unit."""
    axes.yaxis.set_major_formatter(_Numbers(100))
