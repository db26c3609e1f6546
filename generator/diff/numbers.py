"""Which numbers moved from one edition to another, and whether beyond the spread of their replicates.

A number with replicates is judged as a published one is (generator.results.reproduction): it moved beyond the spread if
its new mean lies outside the 95% interval in which the replicates of the edition before let one further run be
expected; where that edition has a single replicate, the interval is the other's and its own value is looked for in it.
Without two replicates on either side a number has only changed. Times depend on the machine and are never judged.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence

from generator.records.difference import Moved
from generator.records.document import Document, Stated
from generator.records.results import Number
from generator.results.intervals import of_next

ELSEWHERE = ("data", "environment", "model", "published", "training")
"""Beginnings of names that other parts of a comparison tell of."""

TIMES = "times"
_MEASURED = re.compile(r"(.+)\.replicate\.(\d+)")
_ENDS = ("mean", "low", "high")

Quantities = Mapping[str, Number | Mapping[int, float]]


def moved(before: Document, after: Document) -> tuple[int, tuple[Moved, ...]]:
    """How many numbers both editions have, and those that moved, in the order of their names."""
    old, new = quantities(before.values), quantities(after.values)
    names = sorted(old.keys() | new.keys(), key=_in_order)
    changes = (_moved(name, old.get(name), new.get(name)) for name in names)
    return len(old.keys() & new.keys()), tuple(change for change in changes if change)


def quantities(values: Mapping[str, Stated]) -> Quantities:
    """The numbers by name: as measured by seed where there are replicates, and else as they are.

    Mean, low and high of a quantity follow from its replicates and are left out.
    """
    measured: dict[str, dict[int, float]] = {}
    for name, stated in values.items():
        if (match := _MEASURED.fullmatch(name)) and isinstance(stated.value, int | float):
            measured.setdefault(match[1], {})[int(match[2])] = stated.value
    worked_out = {f"{name}.{end}" for name in measured for end in _ENDS}
    single = {
        name: stated.value
        for name, stated in values.items()
        if not _MEASURED.fullmatch(name) and name not in worked_out
    }
    every: dict[str, Number | Mapping[int, float]] = {**single, **measured}
    return {name: known for name, known in every.items() if name.split(".")[0] not in ELSEWHERE}


def _in_order(name: str) -> list[tuple[bool, int, str]]:
    """Numbers within names count as numbers: epochs.10 stands after epochs.2."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in name.split(".")]


Known = Number | Mapping[int, float] | None


def _moved(name: str, before: Known, after: Known) -> Moved | None:
    if before is None or after is None:
        return Moved(name, "added" if before is None else "removed", _shown(before), _shown(after))
    old, new = _measured(before), _measured(after)
    if _is_equal(before, after, old, new):
        return None
    if name.split(".")[0] == TIMES:
        return Moved(name, "not judged", _shown(before), _shown(after))
    if max(len(old), len(new)) < 2 or not old or not new:
        return Moved(name, "changed", _shown(before), _shown(after))
    return _judged(name, old, new)


def _is_equal(before: Known, after: Known, old: Sequence[float], new: Sequence[float]) -> bool:
    """Equal also if every replicate of both gave the same, however many there are."""
    return before == after or (len({*old, *new}) == 1 and bool(old) and bool(new))


def _judged(name: str, old: Sequence[float], new: Sequence[float]) -> Moved:
    reference, other = (old, new) if len(old) > 1 else (new, old)
    expected, mean = of_next(reference), statistics.fmean(other)
    is_within = expected.low <= mean <= expected.high
    return Moved(
        name,
        "within the spread" if is_within else "beyond the spread",
        statistics.fmean(old),
        statistics.fmean(new),
        expected.low,
        expected.high,
    )


def _measured(known: Known) -> Sequence[float]:
    return list(known.values()) if isinstance(known, Mapping) else []


def _shown(known: Known) -> Number | None:
    return statistics.fmean(known.values()) if isinstance(known, Mapping) else known
