"""The network of a replicate while it is measured, with its trained weights or with its initial ones.

With its initial weights it is the untrained twin, whose properties are not due to training. This module measures
nothing. Each measure has its own module, so that only the measures that an article uses are taken.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from generator.measures.receptive import fields
from generator.model import graph, threads
from generator.model.activations import Recorder, batch_size, batches, evenly, map_shape
from generator.model.graph import Call, layer_kind
from generator.model.trained import Trained
from generator.model.weights import restore
from generator.records.condition import Recipe
from generator.records.dataset import UNIT, ValueRange
from generator.records.measures import Field, LayerMeasures

TRAIN_IMAGES, BASIS_IMAGES = 10_000, 2_000

Report = Callable[[int, int, str], object]
"""Called with the amount done, the total, and what is in progress."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Sample:
    """The images that are shown to each network: all test images and some training images.

    Attributes:
        arrays: as load_data() returned them, by name.
        train: indices (n,) of the training images.
        basis: indices (m,) of the images that principal components are computed from.
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
        """The shape of an image."""
        return self.arrays["x_test"].shape[1:]


def sample(arrays: Mapping[str, np.ndarray], value_range: ValueRange = UNIT) -> Sample:
    """The same images for every network, evenly spaced."""
    train = evenly(len(arrays["x_train"]), TRAIN_IMAGES)
    basis = train[evenly(len(train), BASIS_IMAGES)]
    return Sample(arrays, train, basis, value_range)


@dataclass(frozen=True)
class Subject:
    """The network under study, with the weights that are currently set.

    Attributes:
        replicate: the replicate that the network belongs to.
        model: the Keras model.
        calls: the calls of its layers, in order.
        fields: by node, the receptive field, or why there is none.
        images: the images that are shown to it.
        report: called with the progress of the measure.
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

    @functools.cached_property
    def recorder(self) -> Recorder:
        """Records `maps`."""
        return Recorder(self.model, self.maps)

    @property
    def seed(self) -> int:
        return self.replicate.run.seed

    def of_both(self, measured: Callable[[], Found]) -> tuple[Found, Found]:
        """Measures the network with its trained weights, and then with its initial ones."""
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
    """Opens a replicate for measuring, on images with values in `value_range`, with the threads of its training."""
    threads.fix(replicate.threads)
    with threadpool_limits(replicate.threads):  # replicates are measured in parallel
        model = restore(recipe, arrays["x_test"].shape[1:], classes, replicate.weights)
        shown = sample(arrays, value_range)
        yield Subject(replicate, model, graph.read(model), fields(replicate.run.graph), shown, report)


def layers(calls: Sequence[Call]) -> list[LayerMeasures]:
    """The layers, without any measurements."""
    return [LayerMeasures(call.node.name, layer_kind(call), map_shape(call)[2]) for call in calls]


def maps_of(recorder: Recorder, images: np.ndarray, indices: np.ndarray, report: Report) -> Iterator[list[np.ndarray]]:
    """Batches of each layer's maps (n, h, w, c) of the images (N, H, W, C) at `indices`."""
    done = 0
    for batch in recorder.stream(batches(images, indices, batch_size(recorder.calls))):
        done += len(batch.images)
        report(done, len(indices), "images")
        yield batch.maps
