"""The values of the author's own measures, by name: analysis.FUNCTION.KEY.… and, over the replicates, .mean, .low, …"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.core.errors import Place, ReportError
from generator.core.formatting import significant
from generator.records.analysis import STAGE, OwnMeasure, OwnNumber, OwnPath
from generator.records.results import Scale, Value
from generator.results.intervals import Quantity, scale_of
from generator.results.measure_values import of_quantity

ANALYSIS = "analysis"
ROUNDING = 1e-6  # of float32, by which a share may be beyond 0 or 1


def values(replicates: Sequence[Sequence[OwnMeasure]]) -> Iterator[Value]:
    """The values of all measures of the replicates, which all have the same measures.

    Each has returned the same names for all of them: see `check_names`.
    """
    for measures in zip(*replicates, strict=True):
        first = measures[0]
        by_seed = {measure.seed: {number.path: number for number in measure.numbers} for measure in measures}
        for number in first.numbers:
            quantity = _quantity({seed: found[number.path] for seed, found in by_seed.items()})
            name = (ANALYSIS, first.name, *number.path)
            yield from of_quantity(name, quantity, STAGE + first.name)


def _quantity(measured: Mapping[int, OwnNumber]) -> Quantity:
    """A number of each replicate, by seed."""
    values = {seed: number.value for seed, number in measured.items()}
    trials = {seed: number.trials for seed, number in measured.items() if number.trials is not None}
    (path,) = {number.path for number in measured.values()}
    return Quantity(values, "share" if len(trials) == len(values) else _scale(path, list(values.values())), trials)


def check_names(measures: Sequence[OwnMeasure], place: Place) -> None:
    """Raises ReportError if a measure, which is declared at `place`, returned different names for some replicates."""
    first, *others = ((one.seed, {*(number.path for number in one.numbers), *one.arrays}) for one in measures)
    for seed, found in others:
        for path in sorted(found ^ first[1], key=str):
            has, lacks = (seed, first[0]) if path in found else (first[0], seed)
            name = ".".join(map(str, path))
            what = f"{measures[0].name}() returns {name} for replicate {has}, but not for replicate {lacks}"
            raise ReportError(what, place, "Return the same keys for each replicate.")


def check_ranges(measures: Sequence[OwnMeasure], place: Place) -> None:
    """Raises ReportError for a number that is no share although its name says so, such as an accuracy in percent."""
    for measure in measures:
        for number in measure.numbers:
            is_share = -ROUNDING <= number.value <= 1 + ROUNDING
            if _scale(number.path, [0.5]) == "share" and not is_share:
                name, value = ".".join(map(str, number.path)), significant(number.value)
                what = f"{measure.name}(): {name} is {value}, but its name is that of a share, from 0 to 1"
                raise ReportError(what, place, "Return a share, or rename the key, for example to drop.")


def _scale(path: OwnPath, measured: list[float]) -> Scale:
    """The scale by the last key that is text: accuracies are shares, losses are positive."""
    key = next((key for key in reversed(path) if isinstance(key, str)), "")
    return scale_of(key, measured)
