"""Linear probes and principal components, on data whose answer is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.decomposition import PCA

from generator.measures import components
from generator.measures.probes import probe

CLASSES, COUNT = 4, 2000


def separable(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A class for each corner of a tetrahedron, on scales far apart, in noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, COUNT)
    features = np.eye(CLASSES)[labels] + random.normal(0, 0.1, (COUNT, CLASSES))
    return (features * [1e-3, 1, 1e3, 1] + 5).astype(np.float32), labels


def test_separable_classes_are_told_apart_and_shuffled_labels_give_chance() -> None:
    measured = probe(*separable(1), *separable(2), seed=0)
    assert measured.accuracy > 0.99
    assert measured.shuffled == pytest.approx(1 / CLASSES, abs=0.15)


def test_features_that_say_nothing_give_chance() -> None:
    random = np.random.default_rng(5)
    (_, before), (_, after) = separable(1), separable(2)
    noise = random.normal(size=(2, COUNT, 8)).astype(np.float32)
    assert probe(noise[0], before, noise[1], after, seed=0).accuracy == pytest.approx(1 / CLASSES, abs=0.05)


def test_scaling_is_learned_from_the_training_features_alone() -> None:
    train, before = separable(1)
    test, after = separable(2)
    alone = [probe(train, before, test[part], after[part], 0).accuracy for part in (slice(0, 500), slice(500, None))]
    whole = probe(train, before, test, after, 0).accuracy
    assert whole == pytest.approx((alone[0] * 500 + alone[1] * 1500) / COUNT)


def test_the_same_seed_gives_the_same_probe_and_another_seed_other_shuffles() -> None:
    data = (*separable(1), *separable(2))
    assert probe(*data, seed=3) == probe(*data, seed=3)
    assert probe(*data, seed=3).accuracy == probe(*data, seed=4).accuracy


def layers() -> list[np.ndarray]:
    """Two layers of 300 images with a decaying spectrum and means far from zero."""
    random = np.random.default_rng(0)
    hidden = random.normal(size=(300, 40)) * 0.8 ** np.arange(40)
    wide = hidden @ random.normal(size=(40, 6 * 5 * 4)) + 3
    narrow = hidden[:, :12] - 2
    return [wide.reshape(300, 6, 5, 4).astype(np.float32), narrow.reshape(300, 1, 1, 12).astype(np.float32)]


def test_streamed_components_hold_the_variance_of_the_exact_ones() -> None:
    whole = layers()

    def stream() -> Iterator[list[np.ndarray]]:
        return ([layer[start : start + 70] for layer in whole] for start in range(0, 300, 70))

    for layer, basis in zip(whole, components.fit(stream, [120, 12], 8), strict=True):
        exact = PCA(8).fit(layer.reshape(300, -1)).explained_variance_.sum()
        coordinates = basis.project(layer)
        assert coordinates.shape == (300, 8)
        assert np.allclose(coordinates.mean(axis=0), 0, atol=1e-3)
        assert coordinates.var(axis=0, ddof=1).sum() == pytest.approx(exact, rel=0.01)
        assert (np.diff(coordinates.var(axis=0)) <= 0).all()
        assert np.allclose(basis.components.T @ basis.components, np.eye(8), atol=1e-4)
