"""Class selectivity: channels built to have it, and channels that have none."""

from __future__ import annotations

import numpy as np
import pytest

from generator.measures.selectivity import class_selectivity, halving_fault

LABELS = np.repeat(np.arange(5), 200)  # sorted, as some data are


def test_a_channel_that_fires_for_one_class_is_one_and_an_even_channel_zero() -> None:
    rates = np.stack([LABELS == 3, np.ones(len(LABELS)), LABELS != 3], axis=1).astype(float)
    index, preferred = class_selectivity(rates, LABELS)
    assert index[:2] == pytest.approx((1, 0))
    assert preferred[0] == 3
    assert index[2] == pytest.approx((1 - 0.75) / (1 + 0.75))


def test_noise_has_no_selectivity_because_the_class_is_chosen_on_the_other_half() -> None:
    rates = np.random.default_rng(0).exponential(size=(len(LABELS), 400))
    index = np.array(class_selectivity(rates, LABELS)[0], float)
    assert abs(index.mean()) < 0.01
    assert (index < 0).sum() > 100


def test_a_silent_channel_has_no_index() -> None:
    rates = np.zeros((len(LABELS), 2))
    rates[LABELS == 1, 1] = 1
    index, preferred = class_selectivity(rates, LABELS)
    assert (index[0], preferred[0]) == (None, None) and index[1] == 1


def test_a_class_with_a_single_image_is_left_out() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2])
    rates = (labels == 2).astype(float)[:, None] * 9 + (labels == 1)[:, None]
    assert class_selectivity(rates, labels)[1] == (1,)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 0, 1], [4]])
def test_fewer_than_two_halved_classes_are_a_reason(labels: list[int]) -> None:
    assert "fewer than two classes" in str(halving_fault(np.array(labels)))
