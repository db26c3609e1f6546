"""Limits at 95% for what was measured on replicates: for its mean, and for one further run.

This is the only place where such limits are computed. They are those of Student's t on a scale without ends, so that
they are always possible values of the quantity: log-odds for shares, Fisher's z for values between −1 and 1, and
logarithms for losses and times. Differences between paired replicates are not transformed. The printed center is always
the arithmetic mean. There are no limits if the scale or the replicates give none: one replicate, equal replicates, a
share of 0 or 1 without its counts, a loss of 0, or limits that do not contain the mean.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence

from generator.core.formatting import NO_INTERVAL
from generator.records.base import Record
from generator.records.results import Scale

LEVEL = 0.95


class Quantity(Record, frozen=True):
    """What was measured on the replicates.

    Attributes:
        by_seed: the values.
        scale: scale on which the limits are computed.
        trials: number of images (or of whatever is counted) that a share refers to, by seed, if known.
    """

    by_seed: Mapping[int, float]
    scale: Scale = "plain"
    trials: Mapping[int, int] = {}

    @property
    def values(self) -> tuple[float, ...]:
        """The values in the order of the seeds."""
        return tuple(self.by_seed.values())

    @property
    def estimates(self) -> tuple[float, ...]:
        """The values that the limits are computed from: a share of k in n counts as (k + ½)/(n + 1).

        Sources: Haldane, "The estimation and significance of the logarithm of a ratio of frequencies" (1956), and
        Anscombe, "On estimating binomial response relations" (1956): the log-odds of this have the least bias.
        """
        if not self.is_counted:
            return self.values
        return tuple(_estimate(value, self.trials[seed]) for seed, value in self.by_seed.items())

    @property
    def is_counted(self) -> bool:
        """Whether it is a share whose counts are known."""
        return self.scale == "share" and bool(self.by_seed) and self.by_seed.keys() <= self.trials.keys()


class Spread(Record, frozen=True):
    """A quantity over replicates.

    Attributes:
        mean: mean of the replicates.
        low: lower limit for the mean; None without limits.
        high: upper limit; None with `low`.
    """

    mean: float
    low: float | None
    high: float | None

    def printable(self, quantity: Quantity) -> dict[str, object]:
        """The spread in the form that the formatting filters take."""
        ends = {"low": self.low, "high": self.high}
        return {
            "mean": self.mean,
            **{name: NO_INTERVAL if end is None else end for name, end in ends.items()},
            "replicate": dict(quantity.by_seed),
        }


_SHARES = (
    r"acc|accuracy|auc|f1|f1_score|fbeta_score|io_?u|mean_io_?u|precision|recall|sensitivity|specificity|top_?(k|\d+)"
)
_POSITIVE = (
    r"\w*loss|\w*error|mse|mae|mape|msle|rmse|\w*crossentropy|\w*divergence"
    r"|poisson|\w*hinge|log_?cosh|positives|negatives"
)
_OF_METRICS: Sequence[tuple[str, Scale, float]] = (
    (_SHARES, "share", 1.0),
    (_POSITIVE, "positive", math.inf),
)
"""Last words of metrics by Keras's names, their scale, and their largest possible value; the smallest is 0."""


def scale_of(metric: str, values: Sequence[float]) -> Scale:
    """The scale of a metric by Keras's name, unless one of its values is not on that scale.

    The name may follow that of an output and precede the number of a second such metric: `head_accuracy`, `auc_1`.
    """
    for words, scale, most in _OF_METRICS:
        if re.fullmatch(rf"(?:\w*_)?(?:{words})(?:_\d+)?", metric) and min(values) >= 0 and max(values) <= most:
            return scale
    return "plain"


def is_count(metric: str, value: float, images: int) -> bool:
    """Whether a metric by Keras's name is the share of so many images that are classified correctly.

    For many images, the rounding of float32 leaves it unknown whether a share is that of a whole number.
    """
    is_accuracy = re.fullmatch(r"(?:val_)?(?:(?:sparse_categorical|binary)_)?acc(?:uracy)?", metric) is not None
    is_whole = abs(value * images - round(value * images)) <= images * _FLOAT32
    return is_accuracy and is_whole and images <= MAX_COUNTED


_FLOAT32 = 2**-23  # the rounding of Keras's metrics, for a share
MAX_COUNTED = 2**17


def of_replicates(quantity: Quantity) -> Spread:
    """The limits for the mean: on the quantity's scale, mean ± t s/√n."""
    return _limits(quantity, 1 / len(quantity.values))


def of_next(quantity: Quantity) -> Spread:
    """The limits for one further run: on the quantity's scale, mean ± t s √(1 + 1/n).

    Source: Hahn and Meeker, Statistical Intervals (1991), 4.7, for values that are normally distributed.
    """
    return _limits(quantity, 1 + 1 / len(quantity.values))


def around(value: float, quantity: Quantity) -> Spread:
    """Limits around a value that are as wide, on both sides, as those for one further run around the replicates' mean.

    There are none if the replicates give none, or the value is not on the scale.
    """
    half = _half(quantity, 1 + 1 / len(quantity.values))
    trials = statistics.fmean(quantity.trials.values()) if quantity.is_counted else None
    center = _TO[quantity.scale](value if trials is None else _estimate(value, trials))
    if half is None or not math.isfinite(center):
        return Spread(value, None, None)
    ends = (_FROM[quantity.scale](end) for end in (center - half, center + half))
    low, high = (end if trials is None else _share(end, trials) for end in ends)
    return Spread(value, low, high)


def of_images(quantity: Quantity) -> Spread:
    """The limits for the mean of a share of images; Wilson's for the share of one replicate, if its count is known."""
    if len(quantity.by_seed) > 1 or not quantity.is_counted:
        return of_replicates(quantity)
    ((seed, share),) = quantity.by_seed.items()
    return of_proportion(round(share * quantity.trials[seed]), quantity.trials[seed])


def of_proportion(successes: int, trials: int) -> Spread:
    """Wilson's score interval (1927) for a proportion, such as the accuracy of one replicate."""
    share, z = successes / trials, statistics.NormalDist().inv_cdf((1 + LEVEL) / 2)
    scale = 1 + z * z / trials
    center = (share + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return Spread(share, max(0.0, center - half), min(1.0, center + half))  # rounding could exceed these


def _limits(quantity: Quantity, variance: float) -> Spread:
    """`variance` is the variance of the error in units of the variance between replicates."""
    mean, half = statistics.fmean(quantity.values), _half(quantity, variance)
    if half is None:
        return Spread(mean, None, None)
    center = statistics.fmean(_placed(quantity))
    low, high = _FROM[quantity.scale](center - half), _FROM[quantity.scale](center + half)
    is_within = low <= mean <= high and math.isfinite(low) and math.isfinite(high)
    return Spread(mean, low, high) if is_within else Spread(mean, None, None)


def _half(quantity: Quantity, variance: float) -> float | None:
    """Half the width of the limits on the quantity's scale; None without limits."""
    placed = _placed(quantity)
    if len(placed) < 2 or len(set(quantity.values)) == 1 or not all(map(math.isfinite, placed)):
        return None
    return student(len(placed) - 1) * statistics.stdev(placed) * math.sqrt(variance)


def _placed(quantity: Quantity) -> list[float]:
    """The replicates on the quantity's scale, with infinite values at its ends."""
    return [_TO[quantity.scale](value) for value in quantity.estimates]


def _estimate(share: float, trials: float) -> float:
    return (share * trials + 0.5) / (trials + 1)


def _share(estimate: float, trials: float) -> float:
    return (estimate * (trials + 1) - 0.5) / trials


def student(freedom: int) -> float:
    """The quantile of Student's distribution above which half of the probability outside the level lies."""
    from scipy.special import stdtrit  # imports NumPy, which an article without intervals does not need

    return float(stdtrit(freedom, (1 + LEVEL) / 2))


def _log_odds(share: float) -> float:
    from scipy.special import logit

    return float(logit(share))


def _from_log_odds(value: float) -> float:
    from scipy.special import expit

    return float(expit(value))


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


_TO: Mapping[Scale, Callable[[float], float]] = {
    "plain": lambda value: value,
    "share": _log_odds,
    "signed": lambda value: _log_odds((1 + value) / 2),  # twice Fisher's z (1921)
    "positive": lambda value: math.log(value) if value > 0 else -math.inf,
}
_FROM: Mapping[Scale, Callable[[float], float]] = {
    "plain": lambda value: value,
    "share": _from_log_odds,
    "signed": lambda value: 2 * _from_log_odds(value) - 1,
    "positive": _exp,
}
