"""The predictions of a replicate on the test set: confusions, scores by class, and its most confident mistakes."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix

from generator.records.measures import ClassScore, Mistake, Predictions

MISTAKES = 12


def predictions(probabilities: np.ndarray, labels: np.ndarray) -> Predictions:
    """The predictions, from probabilities (N, classes) for test images with labels (N,)."""
    predicted = probabilities.argmax(axis=1)
    confusion = confusion_matrix(labels, predicted, labels=np.arange(probabilities.shape[1]))
    return Predictions(
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        classes=tuple(_score(label, confusion) for label in range(len(confusion))),
        mistakes=_mistakes(probabilities, predicted, labels),
    )


def _score(label: int, confusion: np.ndarray) -> ClassScore:
    right, images, named = confusion[label, label], confusion[label].sum(), confusion[:, label].sum()
    return ClassScore(
        label=label,
        images=int(images),
        precision=float(right / named) if named else None,
        recall=float(right / images) if images else None,
    )


def _mistakes(probabilities: np.ndarray, predicted: np.ndarray, labels: np.ndarray) -> tuple[Mistake, ...]:
    wrong = np.flatnonzero(predicted != labels)
    certainty = probabilities[wrong, predicted[wrong]]
    order = wrong[np.argsort(-certainty, kind="stable")[:MISTAKES]]
    return tuple(
        Mistake(int(index), int(labels[index]), int(predicted[index]), float(probabilities[index, predicted[index]]))
        for index in order
    )
