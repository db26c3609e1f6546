"""A replicate's network as it is measured: with its trained weights, and with its initial ones.

With its initial weights it is the untrained twin: what the twin shows is not due to training. Each measure is taken by
itself, in a module of its own, so that only those that an article uses are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from generator.measures.receptive import fields
from generator.model import graph, threads
from generator.model.activations import batch_size, batches, evenly, map_shape, stream
from generator.model.graph import Call, layer_kind
from generator.model.trained import Trained
from generator.model.weights import restore
from generator.records.condition import Recipe
from generator.records.dataset import UNIT, ValueRange
from generator.records.measures import Field, LayerMeasures

TRAIN_IMAGES, BASIS_IMAGES = 10_000, 2_000

Report = Callable[[int, int, str], object]
"""Takes how much is done, of how much, and what is at work."""

Found = TypeVar("Found")


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

    @property
    def shape(self) -> tuple[int, ...]:
        """Of an image."""
        return self.arrays["x_test"].shape[1:]


def sample(arrays: Mapping[str, np.ndarray], value_range: ValueRange = UNIT) -> Sample:
    """The same images for every network, evenly spaced."""
    train = evenly(len(arrays["x_train"]), TRAIN_IMAGES)
    basis = train[evenly(len(train), BASIS_IMAGES)]
    return Sample(arrays, train, basis, value_range)


@dataclass(frozen=True)
class Subject:
    """The network under study, with whatever weights it has at the moment.

    Attributes:
        replicate: whose network it is.
        model: Keras's.
        calls: of its layers, in order.
        fields: receptive field, or why there is none, by node.
        images: that are shown to it.
        report: is told how far the measure is.
    """

    replicate: Trained
    model: Any
    calls: tuple[Call, ...]
    fields: Mapping[str, Field | str]
    images: Sample
    report: Report

    @property
    def maps(self) -> tuple[Call, ...]:
        """The calls of convolution and pooling layers."""
        return graph.map_calls(self.calls)

    @property
    def seed(self) -> int:
        return self.replicate.run.seed

    def of_both(self, measured: Callable[[], Found]) -> tuple[Found, Found]:
        """What is measured of the network with its trained weights, and then with its initial ones."""
        self._set(self.replicate.weights)
        trained = measured()
        self._set(self.replicate.initial)
        return trained, measured()

    def _set(self, weights: Mapping[str, np.ndarray]) -> None:
        self.model.set_weights([weights[name] for name in sorted(weights)])


@contextlib.contextmanager
def opened(
    recipe: Recipe,
    arrays: Mapping[str, np.ndarray],
    classes: int,
    replicate: Trained,
    value_range: ValueRange = UNIT,
    report: Report = lambda done, total, what: None,
) -> Iterator[Subject]:
    """A replicate to be measured, on images with values in `value_range`, by as many threads as it was trained with."""
    threads.fix(replicate.threads)
    with threadpool_limits(replicate.threads):  # replicates are measured side by side
        model = restore(recipe, arrays["x_test"].shape[1:], classes, replicate.weights)
        shown = sample(arrays, value_range)
        yield Subject(replicate, model, graph.read(model), fields(replicate.run.graph), shown, report)


def layers(calls: Sequence[Call]) -> list[LayerMeasures]:
    """The layers, of which nothing is measured yet."""
    return [LayerMeasures(call.node.name, layer_kind(call), map_shape(call)[2]) for call in calls]


def maps_of(
    model: Any, calls: Sequence[Call], images: np.ndarray, indices: np.ndarray, report: Report
) -> Iterator[list[np.ndarray]]:
    """Batches of each layer's maps (n, h, w, c) of the images (N, H, W, C) at `indices`."""
    shown, done = batches(images, indices, batch_size(calls)), 0
    for batch in stream(model, calls, shown):
        done += len(batch.images)
        report(done, len(indices), "images")
        yield batch.maps
