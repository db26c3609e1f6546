"""What a network's layers return: recorded while images stream through in batches, or replaced.

A layer is reached however deeply it is nested, because its call() is replaced while the model runs, or while it is
compiled.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from generator.model.graph import Call, is_channels_first, read
from generator.model.weights import plain
from generator.records.graph import Pair

BATCH, BATCH_BYTES = 250, 2**24
CHANNELS_LAST = (0, 2, 3, 1)

# What a layer returns, given the layer, the number of the call (from 0), and a function that computes the usual value.
Answer = Callable[[Any, int, Callable[[], Any]], Any]


@dataclass(frozen=True)
class Batch:
    """Some images, and what a model computes for them.

    Attributes:
        images: (n, H, W, C).
        maps: (n, h, w, c) for each call.
        outputs: outputs of the model (n, k).
    """

    images: np.ndarray
    maps: list[np.ndarray]
    outputs: np.ndarray


class Recorder:
    """Runs a model on batches of images, with the weights that it has at the time, and records what some calls return.

    Attributes:
        calls: the calls that are recorded.
    """

    def __init__(self, model: Any, calls: Sequence[Call]) -> None:
        self.calls = calls
        self._run = compiled(model, lambda images: recorded(model, calls, images))

    def __call__(self, images: np.ndarray) -> tuple[dict[str, Any], Any]:
        """What `recorded` returns for a batch of images (n, H, W, C)."""
        returned, outputs = self._run(tf.convert_to_tensor(images))
        return returned, outputs

    def stream(self, batches: Iterable[np.ndarray]) -> Iterator[Batch]:
        """What the model computes for `batches` of images (n, H, W, C), one batch after another."""
        for images in batches:
            returned, outputs = self(images)
            maps = [plain(np.asarray(channels_last(call, returned[call.node.name]))) for call in self.calls]
            yield Batch(images, maps, plain(np.asarray(outputs)))


def compiled(model: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which runs `model` on tensors of any number of images, but compiled from its second call on.

    Without compilation, TensorFlow prepares oneDNN's kernels for each batch again, which takes as long as hundreds of
    small images. Compiling takes as long, so a single call is not compiled.
    """
    if model.run_eagerly:
        return function
    count, later = itertools.count(), None

    def run(*tensors: Any) -> Any:
        nonlocal later
        if next(count) == 0:
            return function(*tensors)
        later = later or tf.function(function, input_signature=_of_any_number(tensors), autograph=False)
        return later(*tensors)

    return run


def _of_any_number(tensors: Any) -> Any:
    """The type of nested tensors, with any number of rows."""

    def of_any_number(tensor: Any) -> Any:
        return tf.TensorSpec((None, *tensor.shape[1:]) if tensor.shape.rank else (), tensor.dtype)

    return tf.nest.map_structure(of_any_number, tensors)


def batches(images: np.ndarray, indices: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The images (N, H, W, C) at `indices`, `size` at a time, so that they need not all fit in memory."""
    for start in range(0, len(indices), size):
        yield np.asarray(images[indices[start : start + size]])


def recorded(model: Any, calls: Sequence[Call], images: Any) -> tuple[dict[str, Any], Any]:
    """What each call returns for images (n, H, W, C), by node and as in Keras, and the model's outputs (n, k).

    Calls that a layer makes inside another one, which are not in the model's graph, are not recorded.
    """
    names = {(call.layer, call.number): call.node.name for call in calls}
    returned = {}

    def record(layer: Any, number: int, compute: Callable[[], Any]) -> Any:
        value = compute()
        if (layer, number) in names:
            returned[names[layer, number]] = tf.nest.map_structure(tf.convert_to_tensor, value)
        return value

    with intercepted([call.layer for call in read(model)], record):
        outputs = model(images, training=False)
    return returned, outputs


@contextlib.contextmanager
def intercepted(layers: Sequence[Any], answer: Answer) -> Iterator[None]:
    """Makes `answer` determine what each of `layers` returns while a model is called once.

    A call inside the call of another of these layers, such as that of the layer in a TimeDistributed, is left as it is.
    """
    counts: Counter[Any] = Counter()
    is_inside = False

    def stand_in(layer: Any) -> Callable[..., Any]:
        call = layer.call

        def answered(*args: Any, **kwargs: Any) -> Any:
            nonlocal is_inside
            if is_inside:
                return call(*args, **kwargs)
            counts[layer] += 1
            is_inside = True
            try:
                return answer(layer, counts[layer] - 1, lambda: call(*args, **kwargs))
            finally:
                is_inside = False

        return answered

    distinct = [layer for layer in dict.fromkeys(layers) if isinstance(layer, keras.Layer)]
    try:
        for layer in distinct:
            layer.call = stand_in(layer)
        yield
    finally:
        for layer in distinct:
            layer.__dict__.pop("call", None)


def map_shape(call: Call) -> tuple[int, int, int]:
    """Rows, columns, and channels of the maps that a call returns."""
    shape = (None, *call.node.shape)
    order = CHANNELS_LAST if is_channels_first(call.layer) else (0, 1, 2, 3)
    height, width, channels = (shape[axis] or 1 for axis in order[1:])
    return height, width, channels


def positions(call: Call) -> Pair:
    """Rows and columns of the maps that a call returns."""
    return map_shape(call)[:2]


def channels_last(call: Call, returned: Any) -> Any:
    """The maps (n, h, w, c) of a call, whatever its data format."""
    return np.transpose(returned, CHANNELS_LAST) if is_channels_first(call.layer) else returned


def batch_size(calls: Sequence[Call], space: int = BATCH_BYTES) -> int:
    """How many images to process at once, so that what the calls return for them fits in `space` bytes."""
    return max(1, min(BATCH, space // max(bytes_each(calls), 1)))


def bytes_each(calls: Sequence[Call]) -> int:
    """The size in bytes of what the calls return for one image."""
    return sum(4 * math.prod(size or 1 for size in call.node.shape) for call in calls)


def evenly(count: int, most: int) -> np.ndarray:
    """At most `most` of `count` indices, evenly spaced, so that data sorted by class includes every class."""
    return np.linspace(0, count - 1, min(count, most)).astype(int)
