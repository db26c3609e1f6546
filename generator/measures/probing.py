"""Linear probes of a network's layers: what a linear classifier can read from their activations.

Only what a probe reads is kept of a layer's activations: means of channels, and a few principal components.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from generator.measures import components
from generator.measures.probes import probe
from generator.measures.subject import Report, Sample, Subject, layers, maps_of
from generator.model.activations import Recorder, batch_size, batches, map_shape
from generator.model.graph import Call
from generator.records.measures import LayerMeasures, Measures, Network, Omission, Probe, Probing
from generator.results.applicability import NO_MAPS

DIMENSIONS = 32
MAX_PIXELS = 4096  # of an image, for a probe of its raw pixels


@dataclass(frozen=True)
class Read:
    """The features of a layer that probes read.

    Attributes:
        means: of channels (N, C).
        coordinates: on principal components (N, k).
    """

    means: np.ndarray
    coordinates: np.ndarray


def measure(subject: Subject) -> Measures:
    """Probes of the trained network, of its twin, and of the raw pixels."""
    omissions = tuple(_omissions(subject.maps, subject.images))
    if any(one.layer is None for one in omissions):
        return Measures(subject.seed, omissions=omissions)
    pixels = probing(subject.maps, subject.images, subject.seed)  # first, because it needs the most memory

    def measured() -> Network:
        return Network(probed(subject.recorder, subject.images, subject.seed, subject.report), None)

    trained, untrained = subject.of_both(measured)
    return Measures(subject.seed, trained=trained, untrained=untrained, probing=pixels, omissions=omissions)


def probed(
    recorder: Recorder, images: Sample, seed: int, report: Report = lambda done, total, what: None
) -> tuple[LayerMeasures, ...]:
    """Probes of layers that have maps, at least one; `seed` shuffles the labels of the baseline."""
    x_train, x_test, calls = images.arrays["x_train"], images.arrays["x_test"], recorder.calls
    widths = [math.prod(map_shape(call)) for call in calls]
    bases = components.fit(lambda: maps_of(recorder, x_train, images.basis, report), widths, dimensions(calls, images))
    train = _read(maps_of(recorder, x_train, images.train, report), bases)
    test = _read(maps_of(recorder, x_test, np.arange(len(x_test)), report), bases)
    found = []
    for index, (layer, before, after) in enumerate(zip(layers(calls), train, test, strict=True)):
        report(index, len(calls), layer.name)
        found.append(_probed(layer, before, after, images, seed))
    return tuple(found)


def dimensions(calls: Sequence[Call], images: Sample) -> int:
    """The number of principal components: the most that every layer and the images can give, up to DIMENSIONS."""
    widths = (math.prod(map_shape(call)) for call in calls)
    return max(1, min(DIMENSIONS, math.prod(images.shape), len(images.basis) - 1, *widths))


def probing(calls: Sequence[Call], images: Sample, seed: int) -> Probing:
    """Probes of the raw pixels, without any network; the probes of layers are compared with these."""
    x_train, x_test = images.arrays["x_train"], images.arrays["x_test"]
    width, count, size = math.prod(images.shape), dimensions(calls, images), batch_size(calls)
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


def probe_fault(images: Sample) -> str | None:
    """Why a probe cannot be fitted; None if it can."""
    return "the training images probed are all of one class" if len(set(images.train_labels.tolist())) < 2 else None


def _read(stream: Iterator[list[np.ndarray]], bases: Sequence[components.Basis]) -> list[Read]:
    """The features that probes read of each layer, for all batches of maps."""
    parts = [
        [Read(maps.mean(axis=(1, 2)), basis.project(maps)) for maps, basis in zip(batch, bases, strict=True)]
        for batch in stream
    ]
    return [
        Read(np.concatenate([part.means for part in layer]), np.concatenate([part.coordinates for part in layer]))
        for layer in zip(*parts, strict=True)
    ]


def _probed(layer: LayerMeasures, train: Read, test: Read, images: Sample, seed: int) -> LayerMeasures:
    labels = images.train_labels, images.test_labels
    return msgspec.structs.replace(
        layer,
        probe_mean=probe(train.means, labels[0], test.means, labels[1], seed),
        probe_pca=probe(train.coordinates, labels[0], test.coordinates, labels[1], seed),
    )


def _omissions(calls: Sequence[Call], images: Sample) -> Iterator[Omission]:
    if reason := probe_fault(images) if calls else NO_MAPS:
        yield Omission("probe", None, reason)
    elif math.prod(images.shape) > MAX_PIXELS:
        yield Omission("probe", "pixels", f"an image has more than {MAX_PIXELS} values")
