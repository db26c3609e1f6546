"""Compares every number of an earlier article with the one from the run.

Arithmetic alone can show that a published table is wrong: rows do not add up to the total, and a layer's shape rules
out its number of parameters. Times depend on the machine and are never judged.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from generator.core.diagnostics import refuse, suggestion
from generator.core.errors import Place, ReportError
from generator.core.formatting import listed
from generator.paper import line_of
from generator.records.published import Agreement, Published, Reproduction
from generator.records.results import Number, Value
from generator.records.run import Layer, Run, Summary, Times
from generator.results.intervals import Quantity, of_next, scale_of

AGAINST_SHAPE = "the layer’s shape cannot have this number"
AGAINST_TOTAL = "the rows do not add up to the table’s own total"
COUNTED: dict[str, Agreement] = {
    "equal": "equal",
    "within": "within the spread",
    "outside": "outside the spread",
    "inconsistent": "internally inconsistent",
    "undecided": "undecided",
    "not_judged": "not judged",
    "not_run": "not run",
}
"""Every verdict, by the name under which the prose finds its count. Together, the counts cover all rows."""

_KERNELS = ("Dense", "Conv1D", "Conv2D", "Conv3D")

Faults = Mapping[str, tuple[int, str]]
"""By layer, the number that a row should have, and why its own is impossible; the total's layer is the empty name."""


def reproductions(
    published: Published, runs: Sequence[Run], times: Sequence[Times], toml: Path
) -> tuple[Reproduction, ...]:
    """Every published number with its verdict, in the order of the table; `toml` is the file that contains them.

    Raises:
        ReportError: a row names a layer, or an epoch a metric, that the run does not have; lists all of them.
    """
    layers = [layer.name for layer in runs[0].summary.layers]
    metrics = {name for epoch in runs[0].epochs for name in epoch.metrics}
    refuse(unknown_names(published, layers, metrics, toml))
    rows = [*_of_parameters(published, runs[0].summary)]
    if published.steps is not None:
        rows.append(_of_count(("steps",), "Steps of an epoch", published.steps, runs[0].epochs[0].steps))
    return (*rows, *_of_epochs(published, runs, times))


def values(published: Published, rows: Sequence[Reproduction]) -> Iterator[Value]:
    """What the prose can say about the comparison, as values below `published`."""
    for row in rows:
        path = ("published", *row.path)
        yield Value((*path, "published"), row.published, "published")
        yield Value((*path, "verdict"), row.verdict, "published")
        optional: dict[str, Number | None] = {"expected": row.expected, "ratio": row.ratio}
        yield from (Value((*path, name), known, "published") for name, known in optional.items() if known is not None)
        if row.reproduced is not None:
            yield Value((*path, "reproduced"), row.reproduced, "train")
    yield Value(("published", "rows"), len(rows), "published")
    yield Value(("published", "sum"), sum(published.parameters.values()), "published")
    for name, verdict in COUNTED.items():
        judged = [str(row.path[-1]) for row in rows if row.verdict == verdict]
        yield Value(("published", name, "count"), len(judged), "published")
        yield Value(("published", name, "names"), listed(judged), "published")


def unknown_names(
    published: Published, layers: Collection[str], metrics: Collection[str], toml: Path
) -> list[ReportError]:
    """An error for each row that names none of the layers, and for each metric of an epoch that is not in `metrics`."""
    faults = []
    for name in published.parameters:
        if name not in layers:
            place = Place(toml, line_of(toml, "published", "parameters", name))
            what = f"published.parameters.{name} is not a layer of the network."
            faults.append(ReportError(what, place, suggestion(name, layers)))
    for number, epoch in enumerate(published.epochs, 1):
        for name in epoch.metrics.keys() - set(metrics):
            what = f"Epoch {number} of [published] has {name}, which the network does not measure."
            place = Place(toml, line_of(toml, "published", "epochs", name))
            faults.append(ReportError(what, place, suggestion(name, metrics)))
    return faults


# --- counts --------------------------------------------------------------------------------------


def _of_parameters(published: Published, summary: Summary) -> Iterator[Reproduction]:
    counts = {layer.name: layer.parameters for layer in summary.layers}
    faults = inconsistencies(published, summary)
    for name, count in published.parameters.items():
        row = _of_count(("parameters", name), f"Parameters of {name}", count, counts[name])
        yield _accused(row, faults.get(name))
    if published.total is not None:
        row = _of_count(("total",), "Parameters in total", published.total, summary.total)
        yield _accused(row, faults.get(""))
    if published.trainable is not None:
        yield _of_count(("trainable",), "Trainable parameters", published.trainable, summary.trainable)


def _of_count(path: tuple[str, ...], label: str, published: int, reproduced: int) -> Reproduction:
    """A row for a count. It has no spread, because it is the same in every replicate."""
    verdict: Agreement = "equal" if published == reproduced else "outside the spread"
    return Reproduction(path, label, published, verdict, reproduced, reproduced, reproduced)


def _accused(row: Reproduction, fault: tuple[int, str] | None) -> Reproduction:
    if fault is None:
        return row
    expected, reason = fault
    return Reproduction(
        path=row.path,
        label=row.label,
        published=row.published,
        verdict="internally inconsistent",
        reproduced=row.reproduced,
        low=row.low,
        high=row.high,
        expected=expected,
        reason=reason,
    )


def inconsistencies(published: Published, summary: Summary) -> Faults:
    """What arithmetic alone shows to be wrong in the published table; nothing if its rows add up to its total.

    Otherwise, the rows that differ from what their layers need are wrong if correcting them makes the sum match. If
    not, those that their layers' shapes rule out are wrong if correcting these does; and if not, the total is wrong. A
    table that adds up may describe a different network, whose shapes are unknown.
    """
    layers = {layer.name: layer for layer in summary.layers}
    rows, total = published.parameters, published.total
    is_whole = all(layer.name in rows for layer in summary.layers if layer.parameters)
    if total is None or not is_whole or sum(rows.values()) == total:
        return {}
    needed = {name: layers[name].parameters for name in rows if rows[name] != layers[name].parameters}
    impossible = [name for name in needed if not _is_possible(layers[name], layers, rows[name])]
    for wrong in (list(needed), impossible):
        if wrong and sum(needed[name] if name in wrong else rows[name] for name in rows) == total:
            both = f"{AGAINST_TOTAL}; {AGAINST_SHAPE}"
            return {name: (needed[name], both if name in impossible else AGAINST_TOTAL) for name in wrong}
    return {"": (sum(rows.values()), AGAINST_TOTAL)}


def _is_possible(layer: Layer, layers: Mapping[str, Layer], count: int) -> bool:
    """Whether a layer of this shape can have this number of parameters, whatever the size of its kernel.

    Each output channel has the same number: a multiple of the number of input channels as weights (exactly that number
    in a dense layer), and possibly a bias. Layers of other kinds, or with grouped channels, are not judged. For a
    convolution that reads the images, whose channels are in no table, only the number of output channels is checked.
    """
    is_dense = layer.kind == "Dense"
    source = layers.get(layer.inputs[0]) if layer.inputs else None
    outputs, inputs = layer.output_shape[-1], source.output_shape[-1] if source else (None if is_dense else 1)
    if layer.kind not in _KERNELS or not outputs or not inputs:
        return True
    return _adds_up(count, inputs, outputs, is_dense) or not _adds_up(layer.parameters, inputs, outputs, is_dense)


def _adds_up(count: int, inputs: int, outputs: int, is_dense: bool) -> bool:
    each, rest = divmod(count, outputs)
    weights = [each - bias for bias in (0, 1)]
    if is_dense:
        return rest == 0 and inputs in weights
    return rest == 0 and any(weight > 0 and weight % inputs == 0 for weight in weights)


# --- epochs --------------------------------------------------------------------------------------


def _of_epochs(published: Published, runs: Sequence[Run], times: Sequence[Times]) -> Iterator[Reproduction]:
    """Rows for the published epochs. Those of an epoch that some replicate did not run count as not run."""
    for number, epoch in enumerate(published.epochs, 1):
        is_run = all(number <= len(run.epochs) for run in runs)
        ran = [run.epochs[number - 1].metrics for run in runs] if is_run else []
        for metric, value in epoch.metrics.items():
            measured = [metrics[metric] for metrics in ran] if all(metric in metrics for metrics in ran) else []
            yield _of_metric(("epochs", number, metric), f"Epoch {number}: {metric}", value, measured)
        seconds = statistics.fmean(time.epoch_seconds[number - 1] for time in times) if is_run else None
        step = seconds and 1000 * seconds / runs[0].epochs[number - 1].steps
        for name, label, given, measured_time in (
            ("seconds", "seconds", epoch.seconds, seconds),
            ("milliseconds_per_step", "milliseconds per step", epoch.milliseconds_per_step, step),
        ):
            if given is not None:
                yield _of_time(("epochs", number, name), f"Epoch {number}: {label}", given, measured_time)


def _decimals(number: Decimal) -> int:
    """The number of decimals with which a number was published."""
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _of_metric(path: tuple[str | int, ...], label: str, given: Decimal, measured: Sequence[float]) -> Reproduction:
    """A metric is equal if its mean is when rounded as published; otherwise, the limits decide, if there are any.

    The limits are rounded like the published number before they are compared with it.
    """
    published, digits = float(given), _decimals(given)
    if not measured:
        return Reproduction(path, label, published, "not run", decimals=digits)
    mean = statistics.fmean(measured)
    quantity = Quantity(dict(enumerate(measured)), scale_of(str(path[-1]), measured))
    expected = of_next(quantity)
    low, high = expected.low, expected.high
    verdict: Agreement = "undecided"
    if round(mean, digits) == round(published, digits):
        verdict = "equal"
    elif low is not None and high is not None:
        is_within = round(low, digits) <= round(published, digits) <= round(high, digits)
        verdict = "within the spread" if is_within else "outside the spread"
    is_equal_throughout = len(measured) > 1 and len(set(measured)) == 1
    return Reproduction(
        path,
        label,
        published,
        verdict,
        mean,
        low,
        high,
        reason="all replicates are equal" if verdict == "undecided" and is_equal_throughout else "",
        decimals=digits,
        by_replicate=tuple(measured),
    )


def _of_time(path: tuple[str | int, ...], label: str, published: float, measured: float | None) -> Reproduction:
    if measured is None:
        return Reproduction(path, label, published, "not run")
    return Reproduction(path, label, published, "not judged", measured, ratio=measured / published)
