"""Orientation selectivity: how much more a channel responds to gratings of some orientations than of others.

It is one minus the circular variance of the responses (Ringach, Shapley, and Hawken, "Orientation selectivity in
macaque V1", Journal of Neuroscience 2002), at the wavelength with the strongest response. A response is a rate: the
mean positive part over positions and phases. Negative activations count as zero.
"""

from __future__ import annotations

import numpy as np

from generator.records.dataset import UNIT, ValueRange
from generator.records.measures import Channels

ORIENTATIONS, PHASES = 12, 8
WAVELENGTHS = (3, 4, 6, 8, 12)  # pixels
GRATINGS = len(WAVELENGTHS) * ORIENTATIONS * PHASES


def gratings(shape: tuple[int, int, int], value_range: ValueRange = UNIT) -> np.ndarray:
    """Sine gratings (N, H, W, C) over a range of values, identical in all channels.

    They are ordered by wavelength, orientation, and phase.
    """
    height, width, channels = shape
    rows, columns = np.mgrid[:height, :width]
    angles = np.pi * np.arange(ORIENTATIONS)[None, :, None, None, None] / ORIENTATIONS
    phases = 2 * np.pi * np.arange(PHASES)[None, None, :, None, None] / PHASES
    waves = 2 * np.pi / np.array(WAVELENGTHS)[:, None, None, None, None]
    carried = waves * (columns * np.cos(angles) + rows * np.sin(angles)) + phases
    low, high = value_range
    images = (low + (high - low) * (0.5 + 0.5 * np.sin(carried))).reshape(-1, height, width, 1)
    return np.asarray(images.repeat(channels, axis=3), np.float32)


def selectivity(rates: np.ndarray) -> Channels:
    """|sum R exp(2i angle)| / sum R in [0, 1] for each channel, from rates R (GRATINGS, C) in the order of `gratings`.

    None for a channel that no grating excites.
    """
    by_angle = rates.reshape(len(WAVELENGTHS), ORIENTATIONS, PHASES, -1).mean(axis=2, dtype=np.float64)
    best = by_angle.mean(axis=1).argmax(axis=0)
    tuning = by_angle[best, :, np.arange(by_angle.shape[2])]  # (C, ORIENTATIONS)
    doubled = np.exp(2j * np.pi * np.arange(ORIENTATIONS) / ORIENTATIONS)
    totals = tuning.sum(axis=1)
    resultants = np.abs(tuning @ doubled)
    return tuple(float(part / whole) if whole > 0 else None for part, whole in zip(resultants, totals, strict=True))
