"""Intervals against published and computed values."""

from __future__ import annotations

import pytest
from scipy import stats

from generator.results.intervals import SHARE, UNBOUNDED, bounds_of, of_next, of_proportion, of_replicates


def test_the_interval_of_three_replicates_is_students() -> None:
    values = [0.9908, 0.9876, 0.9841]
    low, high = stats.t.interval(0.95, 2, loc=stats.tmean(values), scale=stats.sem(values))
    spread = of_replicates(values)
    assert (spread.low, spread.high) == pytest.approx((low, high))
    assert round(spread.low, 3) == 0.979


def test_one_replicate_has_no_interval() -> None:
    assert of_replicates([0.5]) == of_replicates([0.5, 0.5])


def test_the_interval_of_a_proportion_is_wilsons() -> None:
    expected = stats.binomtest(9876, 10000).proportion_ci(0.95, "wilson")
    spread = of_proportion(9876, 10000)
    assert (spread.low, spread.high) == pytest.approx((expected.low, expected.high))
    assert spread.mean == 0.9876


def test_a_proportion_of_one_has_a_lower_end_below_it() -> None:
    spread = of_proportion(100, 100)
    assert spread.low < 0.97
    assert spread.high == pytest.approx(1)


def test_an_interval_of_shares_is_cut_where_no_share_can_be_and_nowhere_else() -> None:
    values = [0.99, 0.95, 1.0]
    whole, cut = of_replicates(values), of_replicates(values, SHARE)
    assert whole.high > 1
    assert (cut.mean, cut.low, cut.high) == (whole.mean, whole.low, 1)
    assert of_next([0.0, 0.01], SHARE).low == 0
    assert of_replicates([0.4, 0.5, 0.45], SHARE) == of_replicates([0.4, 0.5, 0.45])


def test_an_accuracy_is_a_share_and_of_other_metrics_nothing_is_known() -> None:
    assert [bounds_of(name) for name in ("val_accuracy", "acc", "val_loss")] == [SHARE, SHARE, UNBOUNDED]


@pytest.mark.parametrize("trials", range(1, 200))
def test_no_end_of_wilsons_interval_is_beyond_a_share(trials: int) -> None:
    assert of_proportion(trials, trials).high <= 1
    assert of_proportion(0, trials).low >= 0
