"""Confusions, scores by class and mistakes, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from generator.measures.predictions import MISTAKES, predictions


def certain(predicted: list[int], classes: int, probability: float = 0.9) -> np.ndarray:
    rest = (1 - probability) / (classes - 1)
    return np.where(np.eye(classes)[predicted] == 1, probability, rest)


def test_rows_are_true_classes_and_columns_predicted_ones() -> None:
    found = predictions(certain([0, 1, 1, 1], 3), np.array([0, 0, 0, 1]))
    assert found.confusion == ((1, 2, 0), (0, 1, 0), (0, 0, 0))
    assert [(score.precision, score.recall) for score in found.classes] == [
        (1, pytest.approx(1 / 3)),
        (pytest.approx(1 / 3), 1),
        (None, None),
    ]


def test_mistakes_begin_with_the_most_confident_and_are_few() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(4), 200)
    labels = random.integers(0, 4, 200)
    mistakes = predictions(probabilities, labels).mistakes
    wrong = probabilities.argmax(axis=1) != labels
    assert len(mistakes) == MISTAKES
    assert mistakes[0].probability == probabilities[wrong].max()
    assert sorted(mistakes, key=lambda one: -one.probability) == list(mistakes)
    assert all(labels[one.index] == one.label != one.predicted for one in mistakes)


def test_a_network_without_mistakes_has_none() -> None:
    assert predictions(certain([0, 1], 2), np.array([0, 1])).mistakes == ()
