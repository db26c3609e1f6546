"""Intervals at 95% for a mean over replicates, and for one accuracy.

Student's intervals lie symmetrically about the mean, and with few replicates they reach beyond what a share can be.
They are cut there: what they are to cover lies within the bounds, so that the cut interval covers it as often as the
whole.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from generator.records.base import Record

LEVEL = 0.95

Bounds = tuple[float, float]
SHARE: Bounds = (0.0, 1.0)
SIGNED: Bounds = (-1.0, 1.0)  # of correlations, and of differences between shares
UNBOUNDED: Bounds = (-math.inf, math.inf)


class Spread(Record, frozen=True):
    """A quantity over replicates.

    Attributes:
        mean: of the replicates.
        low: lower end of the interval.
        high: upper end of it.
    """

    mean: float
    low: float
    high: float


def bounds_of(metric: str) -> Bounds:
    """Those of a metric by the name that Keras gives it: an accuracy is a share, of others nothing is known."""
    return SHARE if metric.endswith(("accuracy", "acc")) else UNBOUNDED


def of_replicates(values: Sequence[float], bounds: Bounds = UNBOUNDED) -> Spread:
    """Student's t-interval for the mean of two or more values; one value has no interval but itself."""
    mean = statistics.fmean(values)
    if len(values) == 1:
        return Spread(mean, mean, mean)
    half = _student(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    return _cut(mean, half, bounds)


def of_next(values: Sequence[float], bounds: Bounds = UNBOUNDED) -> Spread:
    """The prediction interval for one further value, from two or more: mean ± t s √(1 + 1/n).

    Source: Hahn and Meeker, Statistical Intervals (1991), 4.7, for values that are normally distributed.
    """
    mean = statistics.fmean(values)
    half = _student(len(values) - 1) * statistics.stdev(values) * math.sqrt(1 + 1 / len(values))
    return _cut(mean, half, bounds)


def of_proportion(successes: int, trials: int) -> Spread:
    """Wilson's score interval (1927) for a proportion, such as the accuracy of one replicate."""
    share, z = successes / trials, statistics.NormalDist().inv_cdf((1 + LEVEL) / 2)
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return Spread(share, max(0.0, centre - half), min(1.0, centre + half))  # rounding could go beyond


def _cut(mean: float, half: float, bounds: Bounds) -> Spread:
    return Spread(mean, max(bounds[0], mean - half), min(bounds[1], mean + half))


def _student(freedom: int) -> float:
    """The quantile of Student's distribution that leaves half of what is outside the level above it."""
    from scipy.special import stdtrit  # brings NumPy, which an article without intervals does not need

    return float(stdtrit(freedom, (1 + LEVEL) / 2))
