"""The explorer stage: prepares a trained network to run in the page.

The weights are rounded to half precision, which halves the page. This stage measures the effect on the accuracy. The
page is checked against activations that Keras computes with the same rounded weights.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np

from generator.explorer.layers import Translation, UnsupportedLayerError, translate
from generator.explorer.packing import packed
from generator.figures.pictures import COLOR_MAPS, LEVELS
from generator.model import graph, threads
from generator.model.activations import Recorder, batch_size, batches
from generator.model.graph import Call
from generator.model.probabilities import from_outputs
from generator.model.trained import Trained
from generator.model.weights import restore
from generator.records.condition import Recipe
from generator.records.dataset import Dataset
from generator.records.explorer import Exploration, Explorer, Rounding, TestImage

TRAINED, UNTRAINED, IMAGES, CHECK = "trained", "untrained", "images", "check"
MAX_IMAGES, MAX_OF_A_CLASS = 30, 3
STEP = 2.0**-17
"""The step to which the activations are rounded; finer steps are not worth their bytes."""


def explore(
    recipe: Recipe, arrays: Mapping[str, np.ndarray], dataset: Dataset, replicate: Trained, index: int
) -> tuple[Exploration, dict[str, bytes]]:
    """The explorer with its packed files by name, or the reason why there is none.

    `index` is that of the test image that is shown first. The files are the weights, "trained" and "untrained"
    (float16, laid out as in `Operation.weights`), "images" (uint8), and "check" (float32).
    """
    threads.fix(replicate.threads)
    model = restore(recipe, arrays["x_test"].shape[1:], dataset.classes, replicate.weights)
    calls = graph.read(model)
    try:
        network = translate(calls)
        weights = {
            TRAINED: _rounded(network, model, replicate.weights),
            UNTRAINED: _rounded(network, model, replicate.initial),
        }
        _set(model, replicate.weights)
        return _explored(_Explored(model, calls, network, dataset), arrays, replicate, index, weights)
    except UnsupportedLayerError as reason:
        return Exploration(None, str(reason)), {}


@dataclass(frozen=True)
class _Explored:
    """The network under study, with its trained weights rounded.

    Attributes:
        model: the Keras model.
        calls: the calls of its layers, in order.
        network: its operations.
        dataset: the source of its classes and of the range of the images.
    """

    model: Any
    calls: tuple[Call, ...]
    network: Translation
    dataset: Dataset


def _rounded(network: Translation, model: Any, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """The packed weights in half precision (n,)."""
    _set(model, weights)
    values = network.packed().astype(np.float16)
    if not np.isfinite(values).all():
        raise UnsupportedLayerError("some weights are too large for half precision")
    return values


def _set(model: Any, weights: Mapping[str, np.ndarray]) -> None:
    """Gives the model these weights, rounded to half precision."""
    with np.errstate(over="ignore"):  # an overflow is refused later, with a message
        model.set_weights([np.float32(np.float16(weights[name])) for name in sorted(weights)])


def _explored(
    subject: _Explored,
    arrays: Mapping[str, np.ndarray],
    replicate: Trained,
    index: int,
    weights: Mapping[str, np.ndarray],
) -> tuple[Exploration, dict[str, bytes]]:
    outputs = _outputs(subject, arrays["x_test"])
    labels = np.asarray(arrays["y_test"])
    indices = _picked(labels, index)
    images = np.rint(subject.dataset.shades(arrays["x_test"][indices]) * 255).astype(np.uint8)
    shown = indices.tolist().index(index)
    explorer = Explorer(
        seed=replicate.run.seed,
        classes=subject.dataset.classes,
        value_range=subject.dataset.value_range,
        operations=subject.network.operations,
        layers=subject.network.layers,
        output=replicate.run.output,
        images=tuple(TestImage(int(place), int(labels[place])) for place in indices),
        shown=shown,
        rounding=_rounding(replicate.probabilities, from_outputs(outputs, replicate.run.output), labels),
        palettes={scale: _palette(name) for scale, name in COLOR_MAPS.items()},
    )
    files = {name: packed(values) for name, values in weights.items()}
    return Exploration(explorer), {**files, IMAGES: packed(images), CHECK: packed(_activations(subject, images[shown]))}


def _outputs(subject: _Explored, images: np.ndarray) -> np.ndarray:
    """The model's outputs (N, k) for all images."""
    shown = batches(images, np.arange(len(images)), batch_size(subject.calls))
    return np.concatenate([batch.outputs for batch in Recorder(subject.model, ()).stream(shown)])


def _picked(labels: np.ndarray, index: int) -> np.ndarray:
    """The test images offered: the first few of each class, by class, including the image at `index`."""
    classes = np.unique(labels)
    if len(classes) > MAX_IMAGES:
        classes = np.union1d(classes[:: -(-len(classes) // MAX_IMAGES)], labels[index : index + 1])
    each = max(1, min(MAX_OF_A_CLASS, MAX_IMAGES // len(classes)))
    found = {int(label): np.flatnonzero(labels == label)[:each].tolist() for label in classes}
    own = found[int(labels[index])]
    if index not in own:
        own[-1] = index
    return np.array([place for places in found.values() for place in places])


def _rounding(full: np.ndarray, rounded: np.ndarray, labels: np.ndarray) -> Rounding:
    """How predictions from rounded weights differ from those in full precision; both are (N, classes)."""
    before, after = full.argmax(axis=1), rounded.argmax(axis=1)
    return Rounding(
        images=len(labels),
        correct=int((before == labels).sum()),
        correct_rounded=int((after == labels).sum()),
        changed=int((before != after).sum()),
    )


def _activations(subject: _Explored, image: np.ndarray) -> np.ndarray:
    """Keras's activations for one image (uint8): the maps of each layer, then the output, concatenated (n,)."""
    low, high = subject.dataset.value_range
    shown = (image / np.float32(255) * (high - low) + low)[None].astype(np.float32)
    (batch,) = Recorder(subject.model, graph.map_calls(subject.calls)).stream([shown])
    values = np.concatenate([np.ravel(part) for part in (*batch.maps, batch.outputs)])
    return (np.rint(values / STEP) * STEP).astype(np.float32)


def _palette(name: str) -> str:
    """The colors of a color map from low to high, three bytes each, in base64."""
    colors = matplotlib.colormaps[name](np.linspace(0, 1, LEVELS), bytes=True)[:, :3]
    return base64.b64encode(np.ascontiguousarray(colors).tobytes()).decode()
