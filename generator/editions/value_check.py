"""Whether the values of a rebuilt edition match the published ones.

If all replicates have the same results, training was reproduced, and everything else must be, too: a fraction may
differ by the share RELATIVE, and all other values must be equal. A different processor changes the last bits of a sum,
and training amplifies this. A quantity that was measured on several replicates may then differ by as much as one
further run is expected to differ from them (generator.results.intervals.around, at 95%, on the quantity's own scale).
Values without a known spread are not judged unless they are equal: those of one model, such as the images that it
misclassifies; counts and texts made after training; and quantities for which the replicates give no limits.

Times, the environment, and where the data was found are never judged. How much two values may differ, and which values
are times, is determined only from the rebuilt edition, since the published one is being checked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TypeGuard

from generator.core.formatting import NO_INTERVAL
from generator.diff.numbers import TIMES, is_time, quantities, without_variant
from generator.records.document import Document, Stated
from generator.records.publication import Manifest
from generator.records.results import Number
from generator.records.verification import ValueCheck
from generator.results.intervals import Quantity, around, of_next

RELATIVE = 1e-3
_PART = re.compile(r"\.(mean|low|high|reproduced|replicate\.\d+)$")
_BEFORE_TRAINING = ("data", "train", "code")
"""Stages whose counts and texts follow from the data, the code, and the model, not from its weights."""

OTHER_MACHINE = "times, and what they were measured on"
OTHER_TRAINING = "training gave other results than published, and these have no spread to judge them by"
_NOT_JUDGED = (TIMES, "environment", "data.source")


def checks(manifest: Manifest, published: Document, rebuilt: Document) -> Iterator[ValueCheck]:
    """A check for every value of either edition, including the data's digests and the verdicts on claims."""
    arrays = {name: array.sha256 for name, array in rebuilt.data.arrays.by_name.items()}
    for name in manifest.data | arrays:
        yield _equal(f"data.{name}.sha256", manifest.data.get(name), arrays.get(name))
    before, after = published.variants_data, rebuilt.variants_data
    for stage in before | after:
        yield _equal(f"{stage}.sha256", before.get(stage), after.get(stage))
    yield from _of_verdicts(published, rebuilt)
    free = (*_NOT_JUDGED, *_times(rebuilt))
    judge = _Judge(published, rebuilt)
    for name in published.values | rebuilt.values:
        old, new = _value(published.values, name), _value(rebuilt.values, name)
        own = without_variant(name)
        if any(own == begin or own.startswith(f"{begin}.") for begin in free):
            yield ValueCheck(name, "not judged", old, new, reason=OTHER_MACHINE)
        else:
            yield judge.check(name, old, new)


def _of_verdicts(published: Document, rebuilt: Document) -> Iterator[ValueCheck]:
    before = {claim.id: claim.verdict for claim in published.claims}
    after = {claim.id: claim.verdict for claim in rebuilt.claims}
    for id in before | after:
        yield _equal(f"{id}.verdict", before.get(id), after.get(id))


class _Judge:
    """Judges values by the rebuilt edition, and by whether it reproduced the published training."""

    def __init__(self, published: Document, rebuilt: Document) -> None:
        self._stated = rebuilt.values
        self._measured = _measured(rebuilt.values)
        before, after = ({name: known.by_seed for name, known in every.items()}
                         for every in (_measured(published.values), self._measured))  # fmt: skip
        self._is_same_training = before == after

    def check(self, name: str, old: Number | None, new: Number | None) -> ValueCheck:
        if old == new or old is None or new is None:
            return _equal(name, old, new)
        if not self._is_same_training and (NO_INTERVAL in (old, new) or self._has_no_spread(name)):
            return ValueCheck(name, "not judged", old, new, reason=OTHER_TRAINING)
        if not _is_number(old) or not _is_number(new):
            return _equal(name, old, new)
        low, high = self._limits(name, new)
        if low == high:
            return _equal(name, old, new)
        within = math.isfinite(new) and low <= old <= high
        return ValueCheck(name, "within tolerance" if within else "outside", old, new, max(new - low, high - new))

    def _limits(self, name: str, new: int | float) -> tuple[float, float]:
        """The limits between which the published value may be."""
        relative = RELATIVE * abs(new) if isinstance(new, float) else 0.0
        low, high = new - relative, new + relative
        quantity = None if self._is_same_training else self._measured.get(_quantity(name))
        spread = around(new, quantity) if quantity else None
        if spread is None or spread.low is None or spread.high is None:
            return low, high
        return min(low, spread.low), max(high, spread.high)

    def _has_no_spread(self, name: str) -> bool:
        """Whether a value depends on training and no replicates show how much it may differ."""
        quantity = self._measured.get(_quantity(name))
        if quantity is None:
            return self._stated[name].stage.partition(" ")[0] not in _BEFORE_TRAINING
        return len(quantity.values) > 1 and of_next(quantity).low is None


def _equal(name: str, old: Number | None, new: Number | None) -> ValueCheck:
    return ValueCheck(name, "identical" if old == new and old is not None else "outside", old, new)


def _measured(values: Mapping[str, Stated]) -> dict[str, Quantity]:
    """The values of the replicates, by quantity, without times."""
    every = quantities(values).items()
    return {name: known for name, known in every if isinstance(known, Quantity) and not is_time(name)}


def _times(rebuilt: Document) -> list[str]:
    """The rows that are times in the comparison with an earlier article."""
    rows = (row for row in rebuilt.published if row.verdict == "not judged")
    return [".".join(("published", *map(str, row.path))) for row in rows]


def _quantity(name: str) -> str:
    """The quantity that a value belongs to; a comparison with an earlier article restates one."""
    return _PART.sub("", name).removeprefix("published.")


def _is_number(value: Number | None) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(values: Mapping[str, Stated], name: str) -> Number | None:
    return values[name].value if name in values else None
