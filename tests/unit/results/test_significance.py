"""Paired tests and Holm's adjustment, against cases worked out by hand and against SciPy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from generator.results.significance import ALPHA, ROUNDING, holm, paired_p


def test_holms_adjusted_p_are_as_worked_out_by_hand() -> None:
    # 4 × 0.01; 3 × 0.015; 2 × 0.02 = 0.04, which may not be below 0.045; 1 × 0.5.
    assert holm({"a": 0.02, "b": 0.5, "c": 0.01, "d": 0.015}) == pytest.approx(
        {"c": 0.04, "d": 0.045, "a": 0.045, "b": 0.5}
    )


def test_what_follows_a_hypothesis_that_is_not_rejected_is_not_rejected_either() -> None:
    adjusted = holm({"a": 0.01, "b": 0.03, "c": 0.04})
    assert adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert [p <= ALPHA for p in adjusted.values()] == [True, False, False]


def test_an_adjusted_p_is_at_most_one_and_that_of_one_hypothesis_is_its_own() -> None:
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}
    assert holm({"a": 0.04}) == {"a": 0.04}
    assert holm({}) == {}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.data())
def test_a_smaller_p_of_one_makes_no_adjusted_p_larger(given_p: list[float], data: st.DataObject) -> None:
    p = {str(place): value for place, value in enumerate(given_p)}
    changed = data.draw(st.sampled_from(sorted(p)))
    smaller = holm(p | {changed: p[changed] * data.draw(st.floats(0, 1))})
    assert all(smaller[name] <= value for name, value in holm(p).items())


def test_the_paired_p_is_that_of_the_two_sided_t_test() -> None:
    left, right = [0.91, 0.93, 0.92, 0.95], [0.90, 0.91, 0.92, 0.92]
    differences = [first - second for first, second in zip(left, right, strict=True)]
    assert paired_p(differences, 0.95) == pytest.approx(stats.ttest_rel(left, right).pvalue)
    assert paired_p([-one for one in differences], 0.95) == pytest.approx(stats.ttest_rel(left, right).pvalue)


def test_two_replicates_have_the_p_of_cauchys_distribution() -> None:
    # Differences of 1 and 3: t = 2 / (√2 / √2) = 2, and p = 1 − 2 arctan(2) / π = 0.2952.
    assert paired_p([1.0, 3.0], 3.0) == pytest.approx(0.29516723)


@pytest.mark.parametrize("differences", [[0.1], [0.1, 0.1, 0.1], [0.0, 0.0], [0.3 - 0.2, 0.5 - 0.4, 0.1]])
def test_p_is_undefined_of_one_replicate_and_of_identical_differences(differences: list[float]) -> None:
    assert paired_p(differences, 0.5) is None


def test_differences_that_only_rounding_tells_apart_are_identical() -> None:
    # 0.9877 − 0.9857 and 0.9907 − 0.9887 in single precision, as Keras gives them.
    assert paired_p([0.0020000338554382324, 0.0019999742507934570], 0.99) is None
    assert paired_p([0.002, 0.002 + 2 * ROUNDING], 0.99) is not None


@pytest.mark.parametrize("size", [0.01, 1.0, 100.0])
def test_differences_are_identical_up_to_four_steps_of_single_precision_of_what_they_are_taken_from(
    size: float,
) -> None:
    step = size * 2.0**-24
    assert paired_p([0.0, 4 * step], size) is None
    assert paired_p([0.0, 8 * step], size) is not None
