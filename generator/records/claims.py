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
        low: lower end of the 95% interval for the mean, unadjusted for other comparisons; None with one replicate, and
            where all replicates differ by the same.
        high: upper end of it; None with `low`.
        replicates: how many differences there are.
        p: of the two-sided paired t-test; None with `low`.
        by_replicate: the differences, in the order of the seeds.
    """

    quantities: tuple[str, ...]
    mean: float
    low: float | None
    high: float | None
    replicates: int
    p: float | None = None
    by_replicate: tuple[float, ...] = ()


class Judgment(Record, frozen=True):
    """How a condition came out.

    Attributes:
        verdict: undecided where the replicates do not settle it.
        values: what the condition read, by name.
        differences: those that it was judged on.
        p: as of `Claim`.
        adjusted_p: as of `Claim`.
        family: as of `Claim`.
    """

    verdict: Verdict
    values: dict[str, Number]
    differences: tuple[PairedDifference, ...] = ()
    p: float | None = None
    adjusted_p: float | None = None
    family: int = 0


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
        p: of its comparisons together; None where it is undefined.
        adjusted_p: the same after Holm's adjustment; None with `p`.
        family: how many distinct claims compare conditions; 0 for a claim that does not.
        exploratory: whether its author marks it so.
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
