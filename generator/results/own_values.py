"""The values of the author's own measures, by name: analysis.FUNCTION.KEY.… and, over the replicates, .mean, .low, …"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.core.errors import ReportError
from generator.records.analysis import STAGE, OwnMeasure, OwnPath
from generator.records.results import Scale, Value
from generator.results.intervals import Quantity, scale_of
from generator.results.measure_values import of_quantity

ANALYSIS = "analysis"


def values(replicates: Sequence[Sequence[OwnMeasure]]) -> Iterator[Value]:
    """The values of all measures of the replicates, which all have the same measures.

    Raises ReportError when a measure returned different names for different replicates.
    """
    for measures in zip(*replicates, strict=True):
        first = measures[0]
        by_seed = {measure.seed: {number.path: number.value for number in measure.numbers} for measure in measures}
        _check_same({one.seed: {*by_seed[one.seed], *one.arrays} for one in measures}, first.name)
        for number in first.numbers:
            measured = {seed: found[number.path] for seed, found in by_seed.items()}
            quantity = Quantity(measured, _scale(number.path, list(measured.values())))
            yield from of_quantity((ANALYSIS, first.name, *number.path), quantity, STAGE + first.name)


def _check_same(names: dict[int, set[OwnPath]], function: str) -> None:
    (first, expected), *others = names.items()
    for seed, found in others:
        for path in sorted(found ^ expected, key=str):
            has, lacks = (seed, first) if path in found else (first, seed)
            name = ".".join(map(str, path))
            what = f"{function}() returns {name} for replicate {has}, but not for replicate {lacks}"
            step = "Return the same keys for each replicate."
            raise ReportError(what, "analysis.py", step)


def _scale(path: OwnPath, measured: list[float]) -> Scale:
    """The scale by the last key that is a known metric: accuracies are shares, losses are positive."""
    scales = (scale_of(key, measured) for key in reversed(path) if isinstance(key, str))
    return next((scale for scale in scales if scale != "plain"), "plain")
