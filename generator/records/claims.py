"""The records of claims: what was claimed, on which condition, and how it came out."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.results import Number

Verdict = Literal["holds", "does not hold", "undecided"]


class PairedDifference(Record, frozen=True):
    """A comparison of two conditions: the left side minus the right one, over the replicates.

    Attributes:
        quantities: names of the quantities compared.
        mean: of the differences within the replicates.
        low: lower end of the 95% interval for the mean; None with one replicate.
        high: upper end of it; None with one replicate.
        replicates: how many differences there are.
    """

    quantities: tuple[str, ...]
    mean: float
    low: float | None
    high: float | None
    replicates: int


class Judgement(Record, frozen=True):
    """How a condition came out.

    Attributes:
        verdict: undecided where the replicates do not settle it.
        values: what the condition read, by name.
        differences: those that it was judged on.
    """

    verdict: Verdict
    values: dict[str, Number]
    differences: tuple[PairedDifference, ...] = ()


class Claim(Record, frozen=True):
    """A claim of the prose.

    Attributes:
        id: what its verdict links to.
        sentence: the claim as it is worded, without markup.
        condition: the expression that decides it.
        verdict: how the condition came out.
        values: what the condition read, by name.
        differences: those that it was judged on.
        line: of the claim in article.md, from 1.
        otherwise: whether its other wording is the one printed.
    """

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
