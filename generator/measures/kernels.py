"""Edges in first-layer kernels: the share of a kernel's energy in the Frei-Chen edge subspace.

Source: Frei and Chen, "Fast boundary detection: a generalization and a new algorithm", IEEE Transactions on Computers
1977. Of its nine orthogonal 3x3 masks, four span edges, four span lines, and one is the mean.
"""

from __future__ import annotations

import math

import numpy as np

from generator.records.measures import Channels, EdgeEnergy, Null
from generator.results.applicability import edge_fault

_R = math.sqrt(2)
EDGES = np.array(
    [
        [[1, _R, 1], [0, 0, 0], [-1, -_R, -1]],
        [[1, 0, -1], [_R, 0, -_R], [1, 0, -1]],
        [[0, -1, _R], [1, 0, -1], [-_R, 1, 0]],
        [[_R, -1, 0], [-1, 0, 1], [0, 1, -_R]],
    ]
) / math.sqrt(8)
DRAWS = 20_000


def edge_energy(layer: str, kernels: np.ndarray) -> EdgeEnergy | str:
    """The edge energy of each of `kernels` (3, 3, 1, n), or the reason why they have none."""
    if fault := edge_fault(kernels.shape):
        return fault
    each = kernels.reshape(3, 3, -1).transpose(2, 0, 1).astype(np.float64)
    centered = each - each.mean(axis=(1, 2), keepdims=True)
    return EdgeEnergy(
        layer=layer,
        kernels=edge_share(each),
        centered=edge_share(centered),
        null=random_share(len(each), 9),
        centered_null=random_share(len(each), 8),
    )


def edge_share(kernels: np.ndarray) -> Channels:
    """Squared projections of kernels (n, 3, 3) on the edge masks, divided by their squared norms; None if zero."""
    energy = (kernels**2).sum(axis=(1, 2))
    edges = (np.einsum("nij,mij->nm", kernels, EDGES) ** 2).sum(axis=1)
    floor = np.finfo(np.float32).eps ** 2  # what rounding leaves of a constant kernel minus its mean
    return tuple(float(part / whole) if whole > floor else None for part, whole in zip(edges, energy, strict=True))


def random_share(kernels: int, dimensions: int) -> Null:
    """The distribution of the mean share of `kernels` random kernels, uniform in direction.

    Each share is Beta(4/2, (dimensions - 4)/2).
    """
    shares = np.random.default_rng(0).beta(2, (dimensions - 4) / 2, (DRAWS, kernels)).mean(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return Null(mean=4 / dimensions, low=float(low), high=float(high))
