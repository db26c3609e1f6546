"""The records of claims: what was claimed, on which condition, and how it came out."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.results import Number

Verdict = Literal["holds", "does not hold", "undecided"]


class PairedDifference(Record, frozen=True):
    """A comparison of two conditions: the left side less the right one, over the replicates.

    `quantities` are those compared. From `low` to `high` is the 95% interval for the mean of the paired
    differences; with one replicate there is none.
    """

    quantities: tuple[str, ...]
    mean: float
    low: float | None
    high: float | None
    replicates: int


class Judgement(Record, frozen=True):
    """How a condition came out, with the values that it read, by name, and the differences it was judged on."""

    verdict: Verdict
    values: dict[str, Number]
    differences: tuple[PairedDifference, ...] = ()


class Claim(Record, frozen=True):
    """A claim of the prose, with its place in it; `otherwise` says that its other wording is the one printed."""

    id: str
    sentence: str
    condition: str
    verdict: Verdict
    values: dict[str, Number]
    differences: tuple[PairedDifference, ...]
    line: int
    otherwise: bool

    @property
    def is_refuted(self) -> bool:
        """Whether the article says something that does not hold."""
        return self.verdict == "does not hold" and not self.otherwise
