"""Principal components of layers' activations, computed over batches of images.

The activations for all images may not fit into memory, and the covariance matrix never does. Subspace iteration needs
only products of the covariance matrix with a few vectors (Halko, Martinsson, and Tropp, "Finding structure with
randomness", SIAM Review 2011, section 4.5), which can be summed over batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

OVERSAMPLING, PASSES = 10, 2


@dataclass(frozen=True)
class Basis:
    """The principal components of a layer's flattened activations.

    Attributes:
        mean: (D,) of the activations.
        components: (D, k), most variance first.
    """

    mean: np.ndarray
    components: np.ndarray

    def project(self, activations: np.ndarray) -> np.ndarray:
        """The coordinates (n, k) of activations (n, ...)."""
        return np.asarray((_flat(activations) - self.mean) @ self.components)


def fit(stream: Callable[[], Iterable[list[np.ndarray]]], widths: list[int], count: int) -> list[Basis]:
    """The first `count` components of each layer; `count` is at most the smallest of `widths`.

    `stream()` starts a pass over the same images: batches of activations (n, ...), one array for each layer; `widths`
    are the layers' flattened sizes. There are few passes, because each pass computes all layers.
    """
    random = np.random.default_rng(0)
    bases = [
        np.linalg.qr(random.standard_normal((width, min(count + OVERSAMPLING, width)), np.float32))[0]
        for width in widths
    ]
    means = [np.zeros(width, np.float32) for width in widths]
    for _ in range(PASSES):
        products, means = _covariance_times(stream(), bases)
        bases = [np.linalg.qr(product)[0] for product in products]
    return [
        Basis(mean, (basis @ _turned(coordinates))[:, :count])
        for mean, basis, coordinates in zip(means, bases, _coordinates(stream(), means, bases), strict=True)
    ]


def _covariance_times(
    batches: Iterable[list[np.ndarray]], bases: list[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """For each layer, n times its covariance matrix times its basis (D, l), and its mean (D,)."""
    products = [np.zeros(basis.shape, np.float32) for basis in bases]
    sums, count = [np.zeros(len(basis), np.float64) for basis in bases], 0
    for batch in batches:
        count += len(batch[0])
        for index, activations in enumerate(batch):
            flat = _flat(activations)
            products[index] += flat.T @ (flat @ bases[index])
            sums[index] += flat.sum(axis=0, dtype=np.float64)
    means = [(total / count).astype(np.float32) for total in sums]
    for product, mean, basis in zip(products, means, bases, strict=True):
        product -= count * np.outer(mean, mean @ basis)
    return products, means


def _coordinates(
    batches: Iterable[list[np.ndarray]], means: list[np.ndarray], bases: list[np.ndarray]
) -> list[np.ndarray]:
    parts = [
        [(_flat(layer) - mean) @ basis for layer, mean, basis in zip(batch, means, bases, strict=True)]
        for batch in batches
    ]
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]


def _turned(coordinates: np.ndarray) -> np.ndarray:
    """The rotation (l, l) to principal axes, most variance first, each with its largest entry positive."""
    vectors = np.linalg.eigh(coordinates.T @ coordinates)[1][:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    return np.asarray(vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])]))


def _flat(activations: np.ndarray) -> np.ndarray:
    return activations.reshape(len(activations), -1)
