"""The chart of variants: a panel for each column of their comparison, with every replicate as a point.

The conditions are rows, so that there is room for their titles, which are those of the table.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from generator.core.formatting import FEW_REPLICATES, listed, percent, points, significant
from generator.figures import plotting
from generator.figures.plotting import HEIGHT, INK, PLOTTED, TRAINED, Look, Plot
from generator.paper import Column
from generator.prose.names import paths_in
from generator.records.charts import Chart
from generator.results.condition_values import VARIANTS, of_condition, quantities
from generator.results.intervals import Quantity, of_replicates
from generator.results.outcome import ConditionOutcome

FILTER = re.compile(r"\|\s*(percent|points)\b")
"""Matches, in an expression, the filter that prints a share or a difference of shares."""

WRITTEN: Mapping[str, Callable[[float], str]] = {"percent": percent, "points": points, "": significant}
"""How the values of a column are written, by its filter."""

ASIDE = 0.22  # offset of the mean from the replicates, as a share of a condition's row
TITLE_WIDTH = 16  # of a condition's title, in characters; longer ones have several lines
LINE, ROW = 13, 30  # heights in SVG units: of a line of a title, and of a row at least


def compared(
    main: ConditionOutcome, variants: Sequence[ConditionOutcome], columns: Sequence[Column]
) -> tuple[Chart, dict[str, bytes]]:
    """The chart of the columns that show one quantity over replicates, and the SVG files that it names."""
    files: dict[str, bytes] = {}
    titled = {one.condition.title: quantities(of_condition(one)) for one in (main, *variants)}
    plots, shows = [], []
    for number, column in enumerate(columns, 1):
        paths = paths_in(column.value)
        found = {title: known[paths[0]] for title, known in titled.items() if len(paths) == 1 and paths[0] in known}
        if len(found) == len(titled):
            plots.append(_plot(f"variants-{number}", column, found))
            shows += [f"{VARIANTS}.{one.condition.name}.{'.'.join(map(str, paths[0]))}" for one in variants]
    omissions = () if plots else ("no column shows one quantity that was measured on replicates",)
    return Chart(VARIANTS, plotting.panels(plots, files), omissions, tuple(shows)), files


def _plot(name: str, column: Column, found: Mapping[str, Quantity]) -> Plot:
    filtered = FILTER.search(column.value)
    by = filtered[1] if filtered else ""
    said = "; ".join(f"{title}: {listed(list(map(WRITTEN[by], known.values)))}" for title, known in found.items())
    alt = f"{column.title} by condition, each replicate. {said}."
    labels = [textwrap.wrap(title, TITLE_WIDTH, break_long_words=False) for title in found]
    plotted = max(PLOTTED, max(ROW, max(map(len, labels)) * LINE + LINE // 2) * len(labels))
    drawn = partial(_draw, found, labels, LINE * len(labels) / plotted, by)
    return Plot(name, column.title, alt, drawn, column.title, "", HEIGHT - PLOTTED + plotted)


def _draw(found: Mapping[str, Quantity], labels: Sequence[Sequence[str]], line: float, by: str, axes: Axes) -> None:
    """Draws a row for each condition, labeled with the lines of its title; `line` is their height, in rows.

    `by` is the filter of the numbers.
    """
    each: Look = {"color": INK, "marker": "o", "linestyle": "", "markerfacecolor": "none", "markersize": 4}
    for place, quantity in enumerate(found.values()):
        many = [place] * len(quantity.values)
        axes.plot(quantity.values, many, label="" if place else "each replicate", **each)
    look, label = {**TRAINED, "linestyle": ""}, "mean, interval"
    for place, quantity in enumerate(found.values()):
        spread = of_replicates(quantity)
        if spread.low is not None and spread.high is not None and len(quantity.values) >= FEW_REPLICATES:
            reach = [[spread.mean - spread.low], [spread.high - spread.mean]]
            axes.errorbar([spread.mean], [place + ASIDE], xerr=reach, label=label, capsize=3, elinewidth=1.2, **look)
            label = ""  # the key has it once
    places = [
        place + (index - (len(lines) - 1) / 2) * line
        for place, lines in enumerate(labels)
        for index in range(len(lines))
    ]
    axes.set_yticks(places, [text for lines in labels for text in lines])  # one text of several lines is not aligned
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    plotting.numbers_across(axes, by)
