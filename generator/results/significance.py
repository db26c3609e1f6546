"""Tests of differences between paired replicates, and Holm's adjustment for many of them.

generator.article.claims decides what is tested, and combines the tests of one claim.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)
"""Identifies a hypothesis."""

ALPHA = 0.05
"""The probability of rejecting any true hypothesis of the family; for a family of one, that of rejecting it."""

ROUNDING = 2.0**-22
"""Differences that are closer than this share of the numbers they were computed from differ only by rounding: Keras
computes in single precision, with 24 bits."""


def paired_p(differences: Sequence[float], size: float) -> float | None:
    """The two-sided p-value of Student's paired t-test that the mean difference is zero.

    `size` is the largest number that a difference was computed from. None if p is undefined: for one replicate, and for
    differences that are all equal.
    """
    if not have_spread(differences, size):
        return None
    from scipy.special import stdtr  # imports NumPy, which an article without comparisons does not need

    count = len(differences)
    t = statistics.fmean(differences) / (statistics.stdev(differences) / math.sqrt(count))
    return float(2 * stdtr(count - 1, -abs(t)))


def have_spread(differences: Sequence[float], size: float) -> bool:
    """Whether differences between numbers up to `size` differ by more than rounding."""
    return len(differences) > 1 and max(differences) - min(differences) > ROUNDING * size


def holm(p: Mapping[Name, float]) -> dict[Name, float]:
    """The adjusted p-value of each hypothesis of a family. Those of at most ALPHA are rejected.

    Source: Holm, "A simple sequentially rejective multiple test procedure" (1979), in the form of adjusted p-values:
    the smallest times the size of the family, the next times one less, and so on, none below the previous one or
    above 1.
    """
    adjusted: dict[Name, float] = {}
    least = 0.0
    for rank, name in enumerate(sorted(p, key=p.__getitem__)):
        least = adjusted[name] = max(least, min(1.0, (len(p) - rank) * p[name]))
    return adjusted
