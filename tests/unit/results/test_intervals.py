"""Limits against published and computed values, and what no limit can ever be."""

from __future__ import annotations

import math
import statistics
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from generator.core.formatting import NO_INTERVAL
from generator.records.results import Scale
from generator.results.intervals import (
    Quantity,
    Spread,
    around,
    is_count,
    of_next,
    of_proportion,
    of_replicates,
    scale_of,
)

T2 = 4.302652729911275
"""Student's quantile for two degrees of freedom, as tables have it (4.303)."""

SKEWED = (0.996, 0.994, 0.947)


def quantity(*values: float, scale: Scale = "plain", trials: int | None = None) -> Quantity:
    counts = dict.fromkeys(range(len(values)), trials) if trials else {}
    return Quantity(dict(enumerate(values)), scale, counts)


def limits(spread: Spread) -> tuple[float, float]:
    assert spread.low is not None and spread.high is not None
    return spread.low, spread.high


def test_the_limits_of_what_has_no_ends_are_students() -> None:
    values = [0.9908, 0.9876, 0.9841]
    expected = stats.t.interval(0.95, 2, loc=stats.tmean(values), scale=stats.sem(values))
    assert limits(of_replicates(quantity(*values))) == pytest.approx(expected)
    half = T2 * math.sqrt(4 / 3)
    assert limits(of_next(quantity(1.0, 2.0, 3.0))) == pytest.approx((2 - half, 2 + half))


def test_the_limits_of_shares_are_worked_out_on_the_scale_of_log_odds() -> None:
    odds = np.log(np.array(SKEWED) / (1 - np.array(SKEWED)))
    for of, factor in ((of_replicates, math.sqrt(1 / 3)), (of_next, math.sqrt(4 / 3))):
        half = T2 * odds.std(ddof=1) * factor
        expected = 1 / (1 + np.exp(-np.array([odds.mean() - half, odds.mean() + half])))
        assert limits(of(quantity(*SKEWED, scale="share"))) == pytest.approx(tuple(expected))


def test_skewed_recalls_keep_their_mean_and_have_limits_that_are_skewed_like_them() -> None:
    spread = of_replicates(quantity(*SKEWED, scale="share"))
    low, high = limits(spread)
    assert spread.mean == statistics.fmean(SKEWED)
    assert 0 < low < 0.947 and 0.996 < high < 1
    assert spread.mean - low > 5 * (high - spread.mean)


def test_with_counts_a_share_of_k_in_n_counts_as_k_and_a_half_in_n_and_one() -> None:
    # Haldane and Anscombe, 1956: (k + 1/2) / (n - k + 1/2) are the odds, here 98.5/2.5, 97.5/3.5 and 99.5/1.5.
    odds = [math.log(98.5 / 2.5), math.log(97.5 / 3.5), math.log(99.5 / 1.5)]
    half = T2 * statistics.stdev(odds) / math.sqrt(3)
    expected = [1 / (1 + math.exp(-(statistics.fmean(odds) + sign * half))) for sign in (-1, 1)]
    spread = of_replicates(quantity(0.98, 0.97, 0.99, scale="share", trials=100))
    assert (spread.mean, *limits(spread)) == pytest.approx((0.98, *expected))


def test_with_counts_a_share_of_all_or_none_has_limits_and_without_them_it_has_none() -> None:
    for values in ((1.0, 0.97, 0.98), (0.0, 0.03, 0.02)):
        low, high = limits(of_replicates(quantity(*values, scale="share", trials=100)))
        assert 0 < low < high < 1
        assert of_replicates(quantity(*values, scale="share")).low is None
        assert of_next(quantity(*values, scale="share")).high is None


def test_the_limits_of_losses_are_worked_out_on_the_scale_of_logarithms() -> None:
    losses = (0.0217, 0.0391, 0.0562)  # Student's limits: −0.004 to 0.082
    logs = [math.log(loss) for loss in losses]
    half = T2 * statistics.stdev(logs) / math.sqrt(3)
    center = statistics.fmean(logs)
    spread = of_replicates(quantity(*losses, scale="positive"))
    assert (spread.mean, *limits(spread)) == pytest.approx(
        (statistics.fmean(losses), math.exp(center - half), math.exp(center + half))
    )
    assert of_replicates(quantity(0.0, 0.1, 0.2, scale="positive")).low is None


def test_the_limits_of_correlations_are_fishers() -> None:
    correlations = (0.2, 0.5, 0.35)
    z = np.arctanh(correlations)
    half = T2 * z.std(ddof=1) / math.sqrt(3)
    expected = tuple(np.tanh([z.mean() - half, z.mean() + half]))
    assert limits(of_replicates(quantity(*correlations, scale="signed"))) == pytest.approx(expected)


def test_where_the_mean_is_outside_the_limits_there_are_none() -> None:
    losses = (*[0.001 + seed / 10**5 for seed in range(9)], 1.0)
    logs = [math.log(loss) for loss in losses]
    high = math.exp(statistics.fmean(logs) + 2.2621571628 * statistics.stdev(logs) / math.sqrt(10))
    assert statistics.fmean(losses) > high
    assert of_replicates(quantity(*losses, scale="positive")) == Spread(statistics.fmean(losses), None, None)


@pytest.mark.parametrize("values", [(0.5,), (0.5, 0.5), (0.5, 0.5, 0.5)])
@pytest.mark.parametrize("scale", ["plain", "share", "signed", "positive"])
def test_one_replicate_and_equal_ones_have_no_limits(values: tuple[float, ...], scale: Scale) -> None:
    assert of_replicates(quantity(*values, scale=scale)) == Spread(0.5, None, None)
    assert of_next(quantity(*values, scale=scale, trials=10)) == Spread(0.5, None, None)


_ENDS: dict[Scale, tuple[float, float]] = {"share": (0, 1), "signed": (-1, 1), "positive": (0, math.inf)}


@given(st.sampled_from(list(_ENDS)), st.data(), st.sampled_from([None, 10, 10_000]))
def test_no_limit_is_what_the_quantity_cannot_be(scale: Scale, data: st.DataObject, trials: int | None) -> None:
    least, most = _ENDS[scale]
    values = data.draw(st.lists(st.floats(least, min(most, 1e300)), min_size=2, max_size=8))
    for of in (of_replicates, of_next):
        with warnings.catch_warnings(action="error"):
            spread = of(quantity(*values, scale=scale, trials=trials))
        if spread.low is not None and spread.high is not None:
            assert least <= spread.low <= spread.mean <= spread.high <= most
            assert math.isfinite(spread.high)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=6))
def test_shares_and_what_is_left_of_them_have_mirrored_limits(right: list[int]) -> None:
    shares = of_replicates(quantity(*(k / 50 for k in right), scale="share", trials=50))
    others = of_replicates(quantity(*(1 - k / 50 for k in right), scale="share", trials=50))
    if shares.low is not None and shares.high is not None and others.low is not None and others.high is not None:
        assert (shares.low, shares.high) == pytest.approx((1 - others.high, 1 - others.low))


def test_around_a_value_lies_what_one_further_run_may_differ_by_on_its_scale() -> None:
    plain = quantity(1.0, 2.0, 3.0)
    half = T2 * math.sqrt(4 / 3)
    assert limits(around(5.0, plain)) == pytest.approx((5 - half, 5 + half))
    losses = quantity(0.01, 0.02, 0.04, scale="positive")
    assert limits(around(0.02, losses)) == pytest.approx(limits(of_next(losses)))  # 0.02 is their center
    shares = quantity(0.98, 0.97, 0.99, scale="share", trials=100)
    assert limits(around(1.0, shares))[1] >= 1
    assert around(0.5, quantity(0.5)).low is None
    assert around(0.0, losses).low is None


def test_around_a_share_with_counts_the_limits_are_those_of_k_and_a_half_in_n_and_one_turned_back_to_shares() -> None:
    odds = [math.log(98.5 / 2.5), math.log(97.5 / 3.5), math.log(99.5 / 1.5)]
    half = T2 * statistics.stdev(odds) * math.sqrt(4 / 3)
    ends = [1 / (1 + math.exp(-(math.log(96.5 / 4.5) + sign * half))) for sign in (-1, 1)]
    spread = around(0.96, quantity(0.98, 0.97, 0.99, scale="share", trials=100))
    assert limits(spread) == pytest.approx(tuple((end * 101 - 0.5) / 100 for end in ends))
    assert spread.mean == 0.96


def test_a_limit_is_printed_as_it_is_and_one_that_is_missing_as_no_interval() -> None:
    measured = quantity(1.0, 2.0)
    printed = Spread(1.5, 0.5, None).printable(measured)
    assert printed == {"mean": 1.5, "low": 0.5, "high": NO_INTERVAL, "replicate": {0: 1.0, 1: 2.0}}


SHARES = (
    *("val_accuracy", "acc", "head_acc", "recall", "val_precision_1", "auc", "f1_score", "mean_io_u", "one_hot_io_u"),
    *("top_k_categorical_accuracy", "top_5", "precision_at_recall", "sensitivity_at_specificity"),
)
POSITIVE = ("val_loss", "mae", "mean_squared_error", "root_mean_squared_error", "kl_divergence", "sparse_crossentropy",
            "squared_hinge", "false_positives")  # fmt: skip


def test_metrics_are_on_the_scale_of_what_they_can_be() -> None:
    assert {name: scale_of(name, [0.5]) for name in SHARES} == dict.fromkeys(SHARES, "share")
    assert {name: scale_of(name, [0.5]) for name in POSITIVE} == dict.fromkeys(POSITIVE, "positive")
    assert [scale_of(name, [0.5]) for name in ("r2_score", "macc", "lr", "cosine_similarity")] == ["plain"] * 4
    assert scale_of("f1", [0.5, 98.0]) == "plain"  # as an author's own metric in percent


@pytest.mark.parametrize("metric", ["recall", "auc", "mean_squared_error"])
def test_no_limits_lie_beyond_what_a_metric_can_be(metric: str) -> None:
    values = [0.999, 0.9, 0.2]
    spread = of_replicates(Quantity(dict(enumerate(values)), scale_of(metric, values)))
    assert spread.low is not None and spread.high is not None and spread.low > 0
    assert spread.high < 1 or metric == "mean_squared_error"


def test_a_value_that_is_off_the_scale_of_its_metric_leaves_the_scale_open() -> None:
    assert scale_of("loss", [0.5, -0.5]) == "plain"  # as of cosine similarity
    assert scale_of("loss", [0.5, 0.0]) == "positive"


def test_the_interval_of_a_proportion_is_wilsons() -> None:
    expected = stats.binomtest(9876, 10000).proportion_ci(0.95, "wilson")
    spread = of_proportion(9876, 10000)
    assert limits(spread) == pytest.approx((expected.low, expected.high))
    assert spread.mean == 0.9876


def test_a_proportion_of_one_has_a_lower_end_below_it() -> None:
    low, high = limits(of_proportion(100, 100))
    assert low < 0.97
    assert high == pytest.approx(1)


@pytest.mark.parametrize("trials", range(1, 200))
def test_no_end_of_wilsons_interval_is_beyond_a_share(trials: int) -> None:
    assert limits(of_proportion(trials, trials))[1] <= 1
    assert limits(of_proportion(0, trials))[0] >= 0


def test_the_limits_of_more_replicates_are_narrower() -> None:
    widths = [high - low for low, high in (limits(of_replicates(quantity(*[0.1, 0.2] * n))) for n in range(1, 9))]
    assert all(first > second for first, second in pairwise(widths))


@pytest.mark.parametrize(
    ("metric", "value", "is_counted"),
    [
        ("val_accuracy", float(np.float32(9_881 / 10_000)), True),
        ("val_balanced_accuracy", 0.5, False),
        ("val_accuracy", 0.98815, False),  # 9,881.5 of 10,000: weighted, or of several labels
        ("val_auc", 0.5, False),
        ("val_loss", 0.5, False),
    ],
)
def test_only_an_accuracy_that_is_a_whole_number_of_images_is_counted(
    metric: str, value: float, is_counted: bool
) -> None:
    assert is_count(metric, value, 10_000) == is_counted


def test_a_share_of_too_many_images_for_float32_is_not_counted() -> None:
    assert not is_count("val_accuracy", 0.5, 10_000_000)
