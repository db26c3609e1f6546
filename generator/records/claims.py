"""The records of claims: what was claimed, on which condition, and how it came out."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.results import Number

Verdict = Literal["holds", "does not hold", "undecided"]


class PairedDifference(Record, frozen=True):
    """A comparison of two conditions: the left side less the right one, over the replicates.

    `quantities` are those compared. From `low` to `high` is the 95% interval for the mean of the paired differences,
    unadjusted for other comparisons, and `p` is that of the two-sided paired t-test. All three are None with one
    replicate, and where all replicates differ by the same. `by_replicate` are the differences, in the order of the
    seeds.
    """

    quantities: tuple[str, ...]
    mean: float
    low: float | None
    high: float | None
    replicates: int
    p: float | None = None
    by_replicate: tuple[float, ...] = ()


class Judgement(Record, frozen=True):
    """How a condition came out, with the values that it read, by name, and the differences it was judged on.

    `p`, `adjusted_p` and `family` are those of `Claim`.
    """

    verdict: Verdict
    values: dict[str, Number]
    differences: tuple[PairedDifference, ...] = ()
    p: float | None = None
    adjusted_p: float | None = None
    family: int = 0


class Claim(Record, frozen=True):
    """A claim of the prose, with its place in it; `otherwise` says that its other wording is the one printed.

    `p` is that of its comparisons together, and `adjusted_p` the same after Holm's adjustment for a `family` of so many
    distinct claims that compare conditions; both are None where they are undefined. A claim outside of the family has
    a `family` of 0. What is `exploratory` is marked so by the author.
    """

    id: str
    sentence: str
    condition: str
    verdict: Verdict
    values: dict[str, Number]
    differences: tuple[PairedDifference, ...]
    line: int
    otherwise: bool
    p: float | None = None
    adjusted_p: float | None = None
    family: int = 0
    exploratory: bool = False

    @property
    def is_refuted(self) -> bool:
        """Whether the article says something that does not hold."""
        return self.verdict == "does not hold" and not self.otherwise
