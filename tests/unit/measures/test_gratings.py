"""Orientation selectivity: channels that are tuned to an orientation, and channels that cannot be."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from generator.measures import orientation, receptive
from generator.measures.gratings import GRATINGS, ORIENTATIONS, PHASES, WAVELENGTHS, gratings, selectivity
from generator.model import graph
from generator.model.activations import Recorder
from generator.records.measures import Channels

SIZE = 9


def gabor(angle: float, wavelength: float) -> np.ndarray:
    rows, columns = np.mgrid[-4:5, -4:5]
    envelope = np.exp(-(rows**2 + columns**2) / 16)
    return np.asarray(envelope * np.sin(2 * np.pi / wavelength * (columns * np.cos(angle) + rows * np.sin(angle))))


def center_surround() -> np.ndarray:
    rows, columns = np.mgrid[-4:5, -4:5]
    squared = rows**2 + columns**2
    return np.asarray(np.exp(-squared / 3) / 3 - np.exp(-squared / 12) / 12)


def tuned(*kernels: np.ndarray, padding: str = "valid", bias: float = 0.0) -> Channels | None:
    """The selectivity of a convolution layer with these kernels, as the evidence takes it."""
    layer = keras.layers.Conv2D(len(kernels), SIZE, padding=padding, activation="relu", name="first")
    model: Any = keras.Sequential([keras.Input((24, 24, 1)), layer])
    layer.set_weights([np.stack(kernels, -1)[:, :, None], np.full(len(kernels), bias)])
    calls = graph.read(model)
    fields = receptive.fields([call.node for call in calls])
    return orientation.orientation(Recorder(model, graph.map_calls(calls)), (24, 24, 1), fields)[0]


def test_gabors_are_selective_and_a_blob_is_not() -> None:
    kernels = [gabor(angle, 4) for angle in (0, np.pi / 6, np.pi / 2)]
    measured = np.array(tuned(*kernels, center_surround()), float)
    assert (measured[:3] > 0.75).all()
    assert measured[3] < 0.1


def test_borders_do_not_count() -> None:
    edge_only = np.zeros((SIZE, SIZE))
    edge_only[0] = 1
    edge_only[4] = -1
    inside, padded = (np.array(tuned(gabor(0.3, 6), edge_only, padding=name), float) for name in ("valid", "same"))
    assert padded == pytest.approx(inside, abs=1e-5)


def test_a_channel_that_no_grating_excites_is_excluded() -> None:
    assert tuned(-np.ones((SIZE, SIZE)), gabor(0, 6), bias=-0.1)[0] is None  # type: ignore[index]  # it is measured


def test_one_orientation_alone_is_one_and_all_alike_are_zero() -> None:
    rates = np.zeros((len(WAVELENGTHS), ORIENTATIONS, PHASES, 3))
    rates[1, 4, :, 0] = 2.0
    rates[..., 1] = 5.0
    *tuned_and_even, silent = selectivity(rates.reshape(GRATINGS, 3))
    assert tuned_and_even == pytest.approx([1, 0], abs=1e-12) and silent is None


def test_opposite_orientations_cancel_and_the_best_wavelength_decides() -> None:
    rates = np.zeros((len(WAVELENGTHS), ORIENTATIONS, PHASES, 1))
    rates[0, [0, ORIENTATIONS // 2]] = 9.0
    rates[2, 3] = 1.0
    assert selectivity(rates.reshape(GRATINGS, 1))[0] == pytest.approx(0, abs=1e-12)


def test_gratings_lie_in_the_unit_interval_and_are_ordered_as_said() -> None:
    images = gratings((24, 24, 2)).reshape(len(WAVELENGTHS), ORIENTATIONS, PHASES, 24, 24, 2)
    assert images.min() >= 0 and images.max() <= 1
    assert np.ptp(images[2, 0, 0], axis=0).max() < 1e-5  # orientation 0 varies along a row only
    assert np.allclose(images[2, 0, 0, :, 6:], images[2, 0, 0, :, :-6], atol=1e-5)  # every 6 pixels


@pytest.mark.parametrize("value_range", [(-1.0, 1.0), (0.0, 255.0)])
def test_gratings_span_the_range_of_the_images(value_range: tuple[float, float]) -> None:
    low, high = value_range
    shown, plain = gratings((24, 24, 1), value_range), gratings((24, 24, 1))
    assert (shown.min(), shown.max()) == pytest.approx(value_range, abs=1e-2 * (high - low))
    np.testing.assert_allclose(shown, low + (high - low) * plain, rtol=1e-5, atol=1e-6 * (high - low))
