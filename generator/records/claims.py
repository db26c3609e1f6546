"""The records of claims: what was claimed, on which condition, and with which verdict."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.results import Number

Verdict = Literal["holds", "does not hold", "undecided"]


class PairedDifference(Record, frozen=True):
    """A comparison of two conditions: the left side minus the right one, over the replicates.

    Attributes:
        quantities: names of the quantities compared.
        mean: mean of the differences within the replicates.
        low: lower end of the 95% interval for the mean, unadjusted for other comparisons; None with one replicate, or
            if all replicates differ by the same amount.
        high: upper end of the interval; None with `low`.
        replicates: number of differences.
        p: p-value of the two-sided paired t-test; None with `low`.
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
    """The verdict on a condition.

    Attributes:
        verdict: the verdict; undecided if the replicates do not settle it.
        values: the values that the condition used, by name.
        differences: the differences that it was judged by.
        p: as in `Claim`.
        adjusted_p: as in `Claim`.
        family: as in `Claim`.
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
        id: target of the link from its verdict.
        sentence: wording of the claim, without markup.
        condition: the expression that decides it.
        verdict: verdict on the condition.
        values: the values that the condition used, by name.
        differences: the differences that it was judged by.
        line: line of the claim in article.md, from 1.
        otherwise: whether its alternative wording is printed.
        p: p-value of its comparisons together; None if undefined.
        adjusted_p: p-value after Holm's adjustment; None with `p`.
        family: number of distinct claims that compare conditions; 0 for a claim that does not.
        exploratory: whether its author marks it as exploratory.
        wordings: its own wording and the alternative one, with names in place of numbers as in `ArticleText`; None if
            it has only one.
        printed: the alternative wording as printed, without markup; empty if it is not printed.
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
    wordings: tuple[str, str] | None = None
    printed: str = ""

    @property
    def is_refuted(self) -> bool:
        """Whether the article says something that does not hold."""
        return self.verdict == "does not hold" and not self.otherwise
