"""Measures a network's layers, with one set of weights, on images that stream through it.

Of a layer's activations only what a measure needs is kept: means of channels, and a few principal components.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from generator.measures import components, gratings
from generator.measures.probes import probe
from generator.measures.receptive import interior
from generator.measures.selectivity import class_selectivity, halving_fault
from generator.model.activations import batch_size, batches, evenly, map_shape, positions, stream
from generator.model.graph import Call, layer_kind
from generator.records.dataset import UNIT, ValueRange
from generator.records.measures import Channels, Field, LayerMeasures, Probe, Probing

TRAIN_IMAGES, BASIS_IMAGES, DIMENSIONS = 10_000, 2_000, 32
MAX_PIXELS = 4096  # of an image, for a probe of its raw pixels


@dataclass(frozen=True)
class Sample:
    """The images that are shown to each network: all test images and some training images.

    Attributes:
        arrays: as load_data() returned them, by name.
        train: indices (n,) of the training images.
        basis: indices (m,) of those that principal components are of.
        value_range: of the images.
    """

    arrays: Mapping[str, np.ndarray]
    train: np.ndarray
    basis: np.ndarray
    value_range: ValueRange

    @property
    def train_labels(self) -> np.ndarray:
        return np.asarray(self.arrays["y_train"][self.train])

    @property
    def test_labels(self) -> np.ndarray:
        return np.asarray(self.arrays["y_test"])


@dataclass(frozen=True)
class Seen:
    """What a layer made of N images.

    Attributes:
        means: of channels (N, C).
        rates: means of the channels' positive parts (N, C).
        coordinates: on principal components (N, k).
        peaks: largest absolute activation of each channel in each batch (batches, C).
    """

    means: np.ndarray
    rates: np.ndarray
    coordinates: np.ndarray
    peaks: np.ndarray


def sample(arrays: Mapping[str, np.ndarray], value_range: ValueRange = UNIT) -> Sample:
    """The same images for every network, evenly spaced."""
    train = evenly(len(arrays["x_train"]), TRAIN_IMAGES)
    basis = train[evenly(len(train), BASIS_IMAGES)]
    return Sample(arrays, train, basis, value_range)


def dimensions(calls: Sequence[Call], images: Sample) -> int:
    """The largest number of principal components that every layer and the images can give."""
    pixels = math.prod(images.arrays["x_train"].shape[1:])
    return max(1, min(DIMENSIONS, pixels, len(images.basis) - 1, *map(_width, calls)))


def measure_layers(
    model: Any, calls: Sequence[Call], images: Sample, fields: Mapping[str, Field | str], seed: int
) -> tuple[LayerMeasures, ...]:
    """Measures layers that give maps, at least one; `fields` are by node, `seed` shuffles the probes' labels."""
    count = dimensions(calls, images)
    x_train, x_test = images.arrays["x_train"], images.arrays["x_test"]
    widths = [_width(call) for call in calls]
    bases = components.fit(lambda: _maps(model, calls, x_train, images.basis), widths, count)
    train = _seen(model, calls, x_train, images.train, bases)
    test = _seen(model, calls, x_test, np.arange(len(x_test)), bases)
    tuned = orientation(model, calls, x_test.shape[1:], fields, images.value_range)
    return tuple(
        _layer(call, before, after, tuning, images, seed)
        for call, before, after, tuning in zip(calls, train, test, tuned, strict=True)
    )


def probing(calls: Sequence[Call], images: Sample, seed: int) -> Probing | None:
    """What the probes of layers are compared with: probes of the raw pixels, which no network has seen."""
    if not calls or probe_fault(images):
        return None
    x_train, x_test = images.arrays["x_train"], images.arrays["x_test"]
    width, count, size = math.prod(x_train.shape[1:]), dimensions(calls, images), batch_size(calls)
    (basis,) = components.fit(lambda: ([part] for part in batches(x_train, images.basis, size)), [width], count)

    def probed(of_batch: Callable[[np.ndarray], np.ndarray]) -> Probe:
        train = np.concatenate([of_batch(part) for part in batches(x_train, images.train, size)])
        test = np.concatenate([of_batch(part) for part in batches(x_test, np.arange(len(x_test)), size)])
        return probe(train, images.train_labels, test, images.test_labels, seed)

    return Probing(
        train_images=len(images.train),
        test_images=len(x_test),
        basis_images=len(images.basis),
        dimensions=count,
        pixels=probed(lambda part: part.reshape(len(part), -1)) if width <= MAX_PIXELS else None,
        pixels_pca=probed(basis.project),
    )


def orientation(
    model: Any,
    calls: Sequence[Call],
    shape: tuple[int, ...],
    fields: Mapping[str, Field | str],
    value_range: ValueRange = UNIT,
) -> list[Channels | None]:
    """Orientation selectivity of each layer's channels on images of `shape`; None for a layer without an interior.

    The gratings go from one end of the images' range to the other. Only positions that see nothing but the image count:
    at its borders a grating ends, which is an edge.
    """
    insides = [inside(call, fields, shape) for call in calls]
    if all(isinstance(part, str) for part in insides):
        return [None] * len(calls)
    shown = gratings.gratings((shape[0], shape[1], shape[2]), value_range)
    rates: list[list[np.ndarray]] = [[] for _ in calls]
    for batch in stream(model, calls, batches(shown, np.arange(len(shown)), batch_size(calls))):
        for maps, part, kept in zip(batch.maps, insides, rates, strict=True):
            if not isinstance(part, str):
                kept.append(np.maximum(maps[:, part[0], part[1]], 0).mean(axis=(1, 2)))
    return [gratings.selectivity(np.concatenate(kept)) if kept else None for kept in rates]


def inside(call: Call, fields: Mapping[str, Field | str], shape: tuple[int, ...]) -> tuple[slice, slice] | str:
    """The positions of a layer that see nothing but the image, or why there are none."""
    if min(shape[:2]) < min(gratings.WAVELENGTHS):
        return f"images of {shape[0]}x{shape[1]} pixels are too small for a grating"
    field = fields[call.node.name]
    if isinstance(field, str):
        return f"its receptive field is unknown: {field}"
    rows, columns = interior(field, positions(call), (shape[0], shape[1]))
    if rows.start == rows.stop or columns.start == columns.stop:
        return "each of its positions sees padding beside the image"
    return rows, columns


def probe_fault(images: Sample) -> str | None:
    """Why a probe cannot be fitted, or None."""
    return "the training images probed are all of one class" if len(set(images.train_labels.tolist())) < 2 else None


def _layer(call: Call, train: Seen, test: Seen, tuning: Channels | None, images: Sample, seed: int) -> LayerMeasures:
    dead = test.peaks.max(axis=0) == 0
    labels = images.train_labels, images.test_labels
    can_halve = halving_fault(labels[1]) is None
    selectivity, preferred = class_selectivity(test.rates, labels[1]) if can_halve else (None, None)
    can_probe = probe_fault(images) is None
    return LayerMeasures(
        name=call.node.name,
        kind=layer_kind(call),
        channels=len(dead),
        dead=tuple(int(channel) for channel in np.flatnonzero(dead)),
        probe_mean=probe(train.means, labels[0], test.means, labels[1], seed) if can_probe else None,
        probe_pca=probe(train.coordinates, labels[0], test.coordinates, labels[1], seed) if can_probe else None,
        orientation=tuning and tuple(None if gone else one for one, gone in zip(tuning, dead, strict=True)),
        selectivity=selectivity,
        preferred=preferred,
    )


def _seen(
    model: Any, calls: Sequence[Call], images: np.ndarray, indices: np.ndarray, bases: list[components.Basis]
) -> list[Seen]:
    parts = [
        [_seen_once(maps, basis) for maps, basis in zip(batch, bases, strict=True)]
        for batch in _maps(model, calls, images, indices)
    ]
    return [_joined(layer) for layer in zip(*parts, strict=True)]


def _joined(parts: Sequence[Seen]) -> Seen:
    """One layer's batches as one; means that are rates as well are kept once."""
    means = np.concatenate([part.means for part in parts])
    same = all(part.rates is part.means for part in parts)
    return Seen(
        means=means,
        rates=means if same else np.concatenate([part.rates for part in parts]),
        coordinates=np.concatenate([part.coordinates for part in parts]),
        peaks=np.concatenate([part.peaks for part in parts]),
    )


def _seen_once(maps: np.ndarray, basis: components.Basis) -> Seen:
    means, signed = maps.mean(axis=(1, 2)), maps.min() < 0
    rates = np.maximum(maps, 0).mean(axis=(1, 2)) if signed else means
    peaks = (np.abs(maps) if signed else maps).reshape(-1, maps.shape[3]).max(axis=0)
    return Seen(means, rates, basis.project(maps), peaks[None])


def _maps(model: Any, calls: Sequence[Call], images: np.ndarray, indices: np.ndarray) -> Any:
    """Batches of each layer's maps (n, h, w, c)."""
    shown = batches(images, indices, batch_size(calls))
    return (batch.maps for batch in stream(model, calls, shown))


def _width(call: Call) -> int:
    return math.prod(map_shape(call))
