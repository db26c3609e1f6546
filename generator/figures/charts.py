"""Charts of the measures over the replicates: trained beside untrained, layers in order of depth.

A bar is the 95% interval for the mean over replicates. If there are few replicates, or they give no interval, each is
drawn separately. A chart of a measure that does not apply has no panels and gives the reason; a layer that lacks a
measure is listed with its reason.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

from matplotlib.axes import Axes

from generator.core.formatting import FEW_REPLICATES, integer, listed, percent, significant
from generator.figures import plotting
from generator.figures.plotting import (
    ASIDE,
    BASELINE,
    CHANCE,
    INK,
    MOST,
    REPLICATE,
    TRAINED,
    UNTRAINED,
    Look,
    Plot,
    Point,
)
from generator.records.charts import Chart
from generator.records.measures import Measures, Null
from generator.records.run import Run
from generator.results.intervals import Quantity, Spread, of_replicates
from generator.results.replicates import Contrast, Unmeasured, contrasts

SvgFiles = dict[str, bytes]
AxisScale = Literal["plain", "points", "log-odds"]
Lines = Mapping[str, tuple[Mapping[str, Quantity], Look]]
"""By name in the key: quantities by layer, and their look."""


def draw(runs: Sequence[Run], measured: Sequence[Measures]) -> tuple[tuple[Chart, ...], SvgFiles]:
    """Every chart, for one replicate or more, and the SVG files that the charts name."""
    files: SvgFiles = {}
    found = _Found(measured)
    charts = (
        _learning_curves(runs, files),
        _edge_energy(found, files),
        _orientation(found, files),
        _probes(found, files),
        _selectivity(found, files),
    )
    return charts, files


class _Found:
    """The comparisons of trained and untrained layers by measure, and what is left out."""

    def __init__(self, measured: Sequence[Measures]) -> None:
        comparisons, self.gaps = contrasts(measured)
        self.measured = measured
        self.layers = [layer.name for layer in measured[0].trained.layers]
        self._by_measure: dict[str, dict[str, Contrast]] = {}
        for comparison in comparisons:
            self._by_measure.setdefault(comparison.measure, {})[comparison.layer] = comparison

    def of(self, measure: str) -> Mapping[str, Contrast]:
        return self._by_measure.get(measure, {})

    def lines(self, measure: str) -> Lines:
        """The quantities of a measure, trained and untrained."""
        comparisons = self.of(measure)
        untrained = {layer: one.untrained for layer, one in comparisons.items() if one.untrained}
        return {"trained": (_trained(comparisons), TRAINED), "untrained": (untrained, UNTRAINED)}

    def differences(self, measure: str) -> Lines:
        comparisons = self.of(measure)
        differences = {layer: one.difference for layer, one in comparisons.items() if one.difference}
        return {"trained minus untrained": (differences, TRAINED)}

    def omissions(self, *measures: str) -> tuple[str, ...]:
        """Why measures are left out, altogether or for a layer."""
        said = [
            f"{one.layer}: {one.reason}" if one.layer else one.reason
            for one in self.measured[0].omissions
            if one.measure in measures
        ]
        return (*dict.fromkeys(said), *(_gap_line(gap) for gap in self.gaps if gap.measure in measures))


def _trained(comparisons: Mapping[str, Contrast]) -> dict[str, Quantity]:
    return {layer: one.trained for layer, one in comparisons.items()}


def _gap_line(gap: Unmeasured) -> str:
    seeds = listed([str(seed) for seed in gap.seeds])
    return f"{gap.layer}: it could not be measured in replicate {seeds} or its twin"


# --- training ------------------------------------------------------------------------------------


def _learning_curves(runs: Sequence[Run], files: SvgFiles) -> Chart:
    panels = plotting.panels([_learning_curve(runs, metric) for metric in _recorded(runs)], files)
    omissions = () if panels else ("no loss or accuracy was recorded while training",)
    return Chart("learning-curves", panels, omissions, ("epochs", "final"))


def _recorded(runs: Sequence[Run]) -> list[str]:
    """The metrics for which every replicate has a curve, the loss first."""
    names = [name for name in runs[0].curve.metrics if all(run.curve.metrics.get(name) for run in runs)]
    return sorted(names, key=lambda name: name != "loss")


def _learning_curve(runs: Sequence[Run], metric: str) -> Plot:
    """A metric by training step. An accuracy is drawn as an error, which shows its changes near the end."""
    first, last = (_written([_as_drawn(metric, run.curve.metrics[metric][at]) for run in runs]) for at in (0, -1))
    spoken = _spoken(metric)
    ended = sorted({_ends(run)[-1] for run in runs})
    steps = " to ".join(integer(step) for step in dict.fromkeys((ended[0], ended[-1])))
    alt = f"{spoken} on the training images over {steps} steps, by replicate: first {first}, last {last}."
    for epoch, values in _validated_by_epoch(runs, metric).items():
        of = f" ({len(values)} of {len(runs)} replicates)" if len(values) < len(runs) else ""
        alt += f" Validation after epoch {epoch}: {_written([_as_drawn(metric, value) for value in values])}{of}."
    return Plot(
        f"learning-{metric}", f"{spoken} by training step", alt, partial(_plot_learning, runs, metric),
        across="Training step", up=spoken,
    )  # fmt: skip


def _is_accuracy(metric: str) -> bool:
    return metric == "accuracy" or metric.endswith("_accuracy")


def _as_drawn(metric: str, value: float) -> float:
    return 1 - value if _is_accuracy(metric) else value


def _spoken(metric: str) -> str:
    """The name under which a metric is drawn: Top k error for top_k_accuracy."""
    name = metric.removesuffix("accuracy") + "error" if _is_accuracy(metric) else metric
    return name.replace("_", " ").capitalize()


def _plot_learning(runs: Sequence[Run], metric: str, axes: Axes) -> None:
    look = {**TRAINED, "marker": "", "linewidth": 0.9, "alpha": 0.8}
    curves = [[_as_drawn(metric, value) for value in run.curve.metrics[metric]] for run in runs]
    for run, curve in zip(runs, curves, strict=True):
        axes.plot(run.curve.steps, curve, label="" if run is not runs[0] else "training, each replicate", **look)
    points = {**UNTRAINED, "linestyle": "", "markersize": 7, "zorder": 3}
    label = "validation, each replicate"
    for run in runs:
        if validated := _validated(run, metric):
            values = [_as_drawn(metric, value) for value in validated.values()]
            axes.plot([_ends(run)[epoch - 1] for epoch in validated], values, label=label, **points)
            label = ""
    plotting.whole_steps(axes)
    if (metric == "loss" or _is_accuracy(metric)) and all(value > 0 for curve in curves for value in curve):
        plotting.logarithmic(axes, _is_accuracy(metric))
    elif _is_accuracy(metric):
        plotting.shares(axes)


def _validated(run: Run, metric: str) -> dict[int, float]:
    """The validation values by epoch, from 1, for epochs that ended with a validation."""
    name = f"val_{metric}"
    return {number: epoch.metrics[name] for number, epoch in enumerate(run.epochs, 1) if name in epoch.metrics}


def _validated_by_epoch(runs: Sequence[Run], metric: str) -> dict[int, list[float]]:
    """By epoch, the validation values of the replicates that have one."""
    each = [_validated(run, metric) for run in runs]
    epochs = sorted({epoch for validated in each for epoch in validated})
    return {epoch: [validated[epoch] for validated in each if epoch in validated] for epoch in epochs}


def _ends(run: Run) -> list[int]:
    """The last step of each epoch."""
    return [sum(epoch.steps for epoch in run.epochs[:number]) for number in range(1, len(run.epochs) + 1)]


# --- first kernels -------------------------------------------------------------------------------


def _edge_energy(found: _Found, files: SvgFiles) -> Chart:
    energy = found.measured[0].trained.edge_energy
    plots = []
    if energy:
        titles = {
            "edge_energy": ("Kernels as they are", energy.null),
            "edge_energy_centered": ("Kernels minus their mean", energy.centered_null),
        }
        for measure, (title, null) in titles.items():
            for one in found.of(measure).values():
                plot, alt = partial(_plot_energy, one, null), _alt_of_energy(one, null)
                plots.append(Plot(measure.replace("_", "-"), title, alt, plot, "Weights", "Edge energy"))
    shows = tuple(f"hierarchy.{energy.layer}.{name}" for name in ("edge_energy", "edge_energy_centered") if energy)
    panels = plotting.panels(plots, files, one_scale=True)
    return Chart("edge-energy", panels, found.omissions("edge_energy", "edge_energy_centered"), shows)


def _plot_energy(one: Contrast, null: Null, axes: Axes) -> None:
    """Draws each replicate as a line from its initial to its trained weights, with the intervals outside."""
    plotting.span(axes, "random kernels, 95%", null.low, null.high)
    plotting.level(axes, "random kernels, mean", null.mean, BASELINE)
    axes.plot([], [], label="each replicate", color=INK, linewidth=0.8)
    untrained = one.untrained.by_seed if one.untrained else {}
    for seed, before in untrained.items():
        axes.plot((0, 1), (before, one.trained.by_seed[seed]), color=INK, linewidth=0.8)
    for side, quantity, look in ((0, one.untrained, UNTRAINED), (1, one.trained, TRAINED)):
        if quantity is None:
            continue
        plain = {**look, "linestyle": ""}
        axes.plot([side] * len(quantity.values), quantity.values, **plain)
        spread = _interval(quantity)
        if spread.low is not None and spread.high is not None:
            reach = [[spread.mean - spread.low], [spread.high - spread.mean]]
            label = "" if side else "mean, interval"
            axes.errorbar([1.3 * side - 0.15], [spread.mean], reach, label=label, capsize=4, elinewidth=1.4, **plain)
    axes.set_xticks((0, 1), ("untrained", "trained"))
    axes.set_xlim(-0.4, 1.4)


def _alt_of_energy(one: Contrast, null: Null) -> str:
    return (
        f"Share of the kernels' energy in the edge subspace, {one.layer}, by replicate: "
        f"untrained {_written(one.untrained.values if one.untrained else ())}; trained {_written(one.trained.values)}. "
        f"Random kernels: {significant(null.mean)}, 95% between {significant(null.low)} and {significant(null.high)}."
    )


# --- by layer ------------------------------------------------------------------------------------


def _orientation(found: _Found, files: SvgFiles) -> Chart:
    plots = []
    if found.of("orientation"):
        lines, differences = found.lines("orientation"), found.differences("orientation")
        plots = [
            _of_layers(found, "orientation", "Orientation selectivity", lines, "Mean over channels"),
            _of_layers(found, "orientation-gain", "Change through training", differences, "Difference", {"": 0}),
        ]
    panels = plotting.panels(plots, files)
    return Chart("orientation", panels, found.omissions("orientation"), _names(found, "orientation"))


def _probes(found: _Found, files: SvgFiles) -> Chart:
    plots = [
        _of_layers(
            found, measure.replace("_", "-"), title, _probe_lines(found, measure), "Test accuracy", levels, "log-odds"
        )
        for measure, title, levels in (
            ("probe_mean", "Probes on channel means", _pixels(found.measured, "pixels")),
            ("probe_pca", "Probes on principal components", _pixels(found.measured, "pixels_pca")),
        )
        if found.of(measure)
    ]
    measures = ("probe_mean", "probe_pca", "probe_mean_shuffled", "probe_pca_shuffled")
    panels = plotting.panels(plots, files, one_scale=True)
    return Chart("probes", panels, found.omissions("probe", *measures), ("probes", *_names(found, *measures)))


def _probe_lines(found: _Found, measure: str) -> Lines:
    shuffled = _trained(found.of(f"{measure}_shuffled"))
    return {**found.lines(measure), **({"shuffled labels": (shuffled, CHANCE)} if shuffled else {})}


def _pixels(measured: Sequence[Measures], name: str) -> dict[str, float]:
    probes = [getattr(one.probing, name) if one.probing else None for one in measured]
    accuracies = [probe.accuracy for probe in probes if probe]
    return {"raw pixels": statistics.fmean(accuracies)} if len(accuracies) == len(measured) else {}


def _selectivity(found: _Found, files: SvgFiles) -> Chart:
    plots = []
    if found.of("selectivity"):
        lines = found.lines("selectivity")
        plots.append(_of_layers(found, "class-selectivity", "Class selectivity", lines, "Mean over channels"))
    if found.of("ablation"):
        lost: Lines = {
            "mean over channels": (_trained(found.of("ablation")), TRAINED),
            "largest of all channels": (_trained(found.of("ablation_most")), MOST),
        }
        title = "Accuracy lost without a channel"
        plots.append(_of_layers(found, "ablation", title, lost, "Percentage points", {"": 0}, "points"))
    measures = ("selectivity", "ablation", "ablation_most")
    panels = plotting.panels(plots, files)
    return Chart("selectivity", panels, found.omissions(*measures), _names(found, *measures))


def _of_layers(
    found: _Found,
    name: str,
    title: str,
    lines: Lines,
    up: str,
    levels: Mapping[str, float] | None = None,
    scale: AxisScale = "plain",
) -> Plot:
    """A plot of lines over the layers that have a value; a level without a name is not in the key."""
    layers = [layer for layer in found.layers if any(layer in quantities for quantities, _ in lines.values())]
    draw = partial(_plot_layers, layers, lines, levels or {}, scale)
    said = "; ".join(f"{line} {_listed(layers, quantities, scale)}" for line, (quantities, _) in lines.items())
    known = "".join(
        f" {level.capitalize()}: {_number(value, scale)}." for level, value in (levels or {}).items() if level
    )
    alt = f"{title}, means by layer in depth order: {said}.{known}"
    return Plot(name, title, alt, draw, across="Layer", up=up)


def _plot_layers(
    layers: Sequence[str], lines: Lines, levels: Mapping[str, float], scale: AxisScale, axes: Axes
) -> None:
    points = {name: {layer: _point(one) for layer, one in known.items()} for name, (known, _) in lines.items()}
    values = [value for known in points.values() for point in known.values() for value in point.values()]
    least, most = plotting.ODDS if scale == "log-odds" else (-math.inf, math.inf)
    for number, (name, (_, look)) in enumerate(lines.items()):
        aside = ASIDE * (2 * number - len(lines) + 1)
        drawn = {layer: point.within(least, most) for layer, point in points[name].items()}
        plotting.by_layer(axes, layers, name, drawn, look, aside)
    if any(point.each for known in points.values() for point in known.values()):
        axes.plot([], [], label="each replicate", color=INK, **REPLICATE)
    for name, value in levels.items():
        plotting.level(axes, name, min(max(value, least), most), BASELINE)
    plotting.name_layers(axes, layers)
    if scale == "log-odds":
        plotting.log_odds(axes, min(*values, *levels.values()), max(*values, *levels.values()))
    elif scale == "points":
        plotting.percentage_points(axes)


def _point(quantity: Quantity) -> Point:
    spread = _interval(quantity)
    if spread.low is None or spread.high is None:
        return Point(spread.mean, each=quantity.values if len(quantity.values) > 1 else ())
    return Point(spread.mean, (spread.low, spread.high))


def _interval(quantity: Quantity) -> Spread:
    """The mean, with its limits if there are enough replicates to show them."""
    spread = of_replicates(quantity)
    return spread if len(quantity.values) >= FEW_REPLICATES else Spread(spread.mean, None, None)


def _names(found: _Found, *measures: str) -> tuple[str, ...]:
    return tuple(f"hierarchy.{layer}.{measure}" for measure in measures for layer in found.of(measure))


def _listed(layers: Sequence[str], quantities: Mapping[str, Quantity], scale: AxisScale) -> str:
    means = {layer: statistics.fmean(one.values) for layer, one in quantities.items()}
    return ", ".join(f"{layer} {_number(means[layer], scale)}" for layer in layers if layer in means)


def _number(value: float, scale: AxisScale) -> str:
    match scale:
        case "plain":
            return significant(value)
        case "points":
            return f"{significant(100 * value)} percentage points"
        case _:
            return percent(value)


def _written(values: Sequence[float]) -> str:
    return ", ".join(map(significant, values))
