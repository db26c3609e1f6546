"""Class selectivity: how much more active a channel is for one class than for the others.

The class is chosen on one half of the images, and the index is computed on the other half: the largest of several noisy
means is too large on the images by which it was chosen.

Source: Morcos, Barrett, Rabinowitz, and Botvinick, "On the importance of single directions for generalization", ICLR
2018.
"""

from __future__ import annotations

import numpy as np

from generator.records.measures import Channels


def class_selectivity(rates: np.ndarray, labels: np.ndarray) -> tuple[Channels, tuple[int | None, ...]]:
    """Each channel's index in [-1, 1] and the class it prefers, from rates (N, C) >= 0 with labels (N,).

    The index is (m - r) / (m + r): m is the mean rate for the class, r the mean over the other classes' mean rates.
    None for a channel that is silent in either half. Two classes or more must have at least two images: see
    `halving_fault`.
    """
    first = _first_halves(labels)
    classes = _halved_classes(labels)
    chosen, scored = (
        np.stack([rates[half & (labels == label)].mean(axis=0, dtype=np.float64) for label in classes])
        for half in (first, ~first)
    )
    preferred = chosen.argmax(axis=0)
    most = scored[preferred, np.arange(rates.shape[1])]
    rest = (scored.sum(axis=0) - most) / (len(classes) - 1)
    silent = (chosen.sum(axis=0) == 0) | (scored.sum(axis=0) == 0)
    index = np.divide(most - rest, most + rest, out=np.zeros_like(most), where=~silent)
    return (
        tuple(None if quiet else float(value) for value, quiet in zip(index, silent, strict=True)),
        tuple(None if quiet else classes[label] for label, quiet in zip(preferred, silent, strict=True)),
    )


def halving_fault(labels: np.ndarray) -> str | None:
    """Why images with labels (N,) give no index; None if they give one."""
    return "fewer than two classes have two test images or more" if len(_halved_classes(labels)) < 2 else None


def _halved_classes(labels: np.ndarray) -> list[int]:
    """The classes with at least one image in each half."""
    return [int(label) for label in np.unique(labels) if (labels == label).sum() > 1]


def _first_halves(labels: np.ndarray) -> np.ndarray:
    """A mask of every other image of each class, so that both halves are similar however the images are sorted."""
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mask[np.flatnonzero(labels == label)[::2]] = True
    return mask
