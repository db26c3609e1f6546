"""Edge energy: kernels with a known share of it, and random ones."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from generator.measures.kernels import EDGES, edge_energy, edge_share, random_share
from generator.model import graph

SOBEL = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], float)
LAPLACE = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)


def test_the_edge_masks_are_orthonormal() -> None:
    masks = EDGES.reshape(4, 9)
    assert np.allclose(masks @ masks.T, np.eye(4))


def test_sobel_kernels_are_all_edge_and_boxes_and_lines_are_none() -> None:
    shares = edge_share(np.stack([SOBEL, SOBEL.T, SOBEL + SOBEL.T, np.ones((3, 3)), LAPLACE]))
    assert shares == pytest.approx((1, 1, 1, 0, 0), abs=1e-12)


def test_a_sobel_kernel_on_a_box_is_all_edge_once_its_mean_is_removed() -> None:
    kernels = np.stack([SOBEL + 2, np.full((3, 3), 0.3)]).transpose(1, 2, 0)[:, :, None].astype(np.float32)
    energy = edge_energy("first", kernels)
    assert not isinstance(energy, str)
    assert energy.kernels == pytest.approx((12 / (12 + 36), 0), abs=1e-6)
    assert energy.centered[0] == pytest.approx(1) and energy.centered[1] is None


def test_a_kernel_of_zeros_has_no_share() -> None:
    assert edge_share(np.zeros((1, 3, 3))) == (None,)


def test_the_null_is_that_of_random_kernels() -> None:
    null = random_share(32, 9)
    assert null.mean == pytest.approx(4 / 9)
    assert (null.low, null.high) == pytest.approx((0.37, 0.52), abs=0.005)
    kernels = np.random.default_rng(3).normal(size=(2000, 32, 3, 3))
    means = np.array([np.mean(np.array(edge_share(each), float)) for each in kernels])
    assert np.quantile(means, [0.025, 0.975]) == pytest.approx((null.low, null.high), abs=0.01)
    assert 0.93 < ((means > null.low) & (means < null.high)).mean() < 0.97


def test_the_null_of_centered_kernels_is_half() -> None:
    kernels = np.random.default_rng(4).normal(size=(20000, 3, 3))
    centered = edge_share(kernels - kernels.mean(axis=(1, 2), keepdims=True))
    assert np.mean(np.array(centered, float)) == pytest.approx(random_share(1, 8).mean, abs=0.01)


@pytest.mark.parametrize(("shape", "words"), [((5, 5, 1, 2), "5x5"), ((3, 3, 3, 2), "3 input channels")])
def test_other_kernels_are_left_out_with_the_reason(shape: tuple[int, ...], words: str) -> None:
    assert words in str(edge_energy("first", np.ones(shape)))


def test_the_first_convolution_is_found_behind_other_layers() -> None:
    model = keras.Sequential(
        [keras.Input((9, 9, 1)), keras.layers.MaxPooling2D(), keras.layers.Conv2D(5, 3, name="first")]
    )
    name, kernels = graph.first_kernels(graph.map_calls(graph.read(model)))
    assert name == "first" and kernels is not None and kernels.shape == (3, 3, 1, 5)
