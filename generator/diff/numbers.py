"""Which numbers changed from one edition to another, and whether beyond the spread of their replicates.

A number with replicates is judged like a published one (generator.results.reproduction): it moved beyond the spread if
its new mean is outside the 95% limits for one further run that the replicates of the earlier edition give
(generator.results.intervals.of_next). If these give no limits, because there is only one or they are equal, the earlier
mean is compared with the limits from the later edition. If neither has limits, the number has only changed. Times
depend on the machine and are never judged.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping

from generator.records.difference import Move, Moved
from generator.records.document import Document, Stated
from generator.records.results import Number
from generator.results.intervals import Quantity, of_next

ELSEWHERE = ("code", "data", "environment", "model", "published", "training")
"""Prefixes of names that other parts of a comparison cover."""

TIMES = "times"
_MEASURED = re.compile(r"(.+)\.replicate\.([0-9]{1,9})")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_OF_VARIANT = re.compile(r"^variants\.[^.]+\.(difference\.)?")
_OF_EPOCH = re.compile(r"(variants\.[^.]+\.(?:difference\.)?)?epochs\.[0-9]+\.(.+)")
_ENDS = ("mean", "low", "high")

Quantities = Mapping[str, Number | Quantity]


def moved(before: Document, after: Document) -> tuple[int, tuple[Moved, ...]]:
    """How many numbers both editions have, and those that changed, in the order of their names."""
    old, new = quantities(before.values), quantities(after.values)
    names = sorted((name for name in old.keys() | new.keys() if not _is_final(name, old, new)), key=_in_order)
    moves = (move_of(name, old, new) for name in names)
    return len(old.keys() & new.keys() & {*names}), tuple(one for one in moves if one.move != "unchanged")


def _is_final(name: str, *editions: Quantities) -> bool:
    """Whether a number of an epoch is the number of the last epoch in all of the editions, which `final` names, too."""
    of_epoch = _OF_EPOCH.fullmatch(name)
    final = f"{of_epoch[1] or ''}final.{of_epoch[2]}" if of_epoch else name
    return final != name and all(edition.get(name) == edition.get(final) for edition in editions)


def quantities(values: Mapping[str, Stated]) -> Quantities:
    """The numbers by name: as measured, by seed, if there are replicates, and otherwise as they are.

    The mean, low, and high of a quantity follow from its replicates and are left out.
    """
    measured: dict[str, dict[int, Stated]] = {}
    for name, stated in values.items():
        if (match := _MEASURED.fullmatch(name)) and isinstance(stated.value, int | float):
            measured.setdefault(match[1], {})[int(match[2])] = stated
    single = {
        name: stated.value
        for name, stated in values.items()
        if not _MEASURED.fullmatch(name) and quantity_of(name) not in measured
    }
    every: dict[str, Number | Quantity] = {
        **single, **{name: _quantity(by_seed) for name, by_seed in measured.items()}
    }  # fmt: skip
    return {name: known for name, known in every.items() if name.split(".")[0] not in ELSEWHERE}


def quantity_of(name: str) -> str:
    """The name of the quantity of which a value is a replicate, the mean, the low, or the high; other names unchanged.

    Whether there is such a quantity is not checked.
    """
    if match := _MEASURED.fullmatch(name):
        return match[1]
    quantity, _, end = name.rpartition(".")
    return quantity if quantity and end in _ENDS else name


def without_variant(name: str) -> str:
    """The name of a variant's value, or of its difference, as in the main condition; other names unchanged."""
    return _OF_VARIANT.sub("", name)


def is_time(name: str) -> bool:
    """Whether a value is a time, which depends on the machine."""
    return without_variant(name).split(".")[0] == TIMES


def _quantity(stated: Mapping[int, Stated]) -> Quantity:
    values = {seed: one.value for seed, one in stated.items() if isinstance(one.value, int | float)}
    trials = {seed: one.trials for seed, one in stated.items() if one.trials}
    return Quantity(values, next(iter(stated.values())).scale, trials)


def _in_order(name: str) -> list[tuple[bool, int, str]]:
    """A sort key in which numbers within names count as numbers: epochs.10 comes after epochs.2."""
    numbers = [(part, _WHOLE_NUMBER.fullmatch(part)) for part in name.split(".")]
    return [(not number, int(part) if number else 0, part) for part, number in numbers]


Known = Number | Quantity | None


def move_of(name: str, old: Quantities, new: Quantities) -> Moved:
    """How a number that at least one edition has moved."""
    before, after = old.get(name), new.get(name)
    if before is None or after is None:
        return Moved(name, "added" if before is None else "removed", _shown(before), _shown(after))
    if _is_equal(before, after):
        return Moved(name, "unchanged", _shown(before), _shown(after))
    if is_time(name):
        return Moved(name, "not judged", _shown(before), _shown(after))
    if isinstance(before, Quantity) and isinstance(after, Quantity):
        return _judged(name, before, after)
    return Moved(name, "changed", _shown(before), _shown(after))


def _is_equal(before: Number | Quantity, after: Number | Quantity) -> bool:
    """Whether both are equal, also if all replicates of both have the same value, however many there are."""
    if isinstance(before, Quantity) and isinstance(after, Quantity):
        return before.by_seed == after.by_seed or len({*before.values, *after.values}) == 1
    return before == after


def _judged(name: str, before: Quantity, after: Quantity) -> Moved:
    sides = statistics.fmean(before.values), statistics.fmean(after.values)
    for reference, other in ((before, after), (after, before)):
        expected = of_next(reference)
        if expected.low is not None and expected.high is not None:
            is_within = expected.low <= statistics.fmean(other.estimates) <= expected.high
            move: Move = "within the spread" if is_within else "beyond the spread"
            return Moved(name, move, *sides, expected.low, expected.high, len(reference.values))
    return Moved(name, "changed", *sides)


def _shown(known: Known) -> Number | None:
    return statistics.fmean(known.values) if isinstance(known, Quantity) else known
