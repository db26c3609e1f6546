"""Ablation: networks in which it is known what each channel is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import keras
import numpy as np
import pytest
from keras import layers

from generator.measures import ablation
from generator.measures.ablation import ablate, correlated
from generator.model import graph
from generator.records.measures import Ablation
from generator.records.run import OutputKind


def by_hand(model: Any, name: str, channel: int, images: np.ndarray, labels: np.ndarray) -> float:
    """Accuracy with the kernels and bias of a channel of a linear or ReLU convolution set to zero."""
    layer = model.get_layer(name)
    kernel, bias = layer.get_weights()
    emptied = kernel.copy(), bias.copy()
    emptied[0][..., channel], emptied[1][channel] = 0, 0
    layer.set_weights(emptied)
    outputs = np.asarray(model(images, training=False))
    layer.set_weights([kernel, bias])
    return float((outputs.argmax(axis=1) == labels).mean())


def branches(images: Any, padding: str = "same") -> tuple[Any, Any, Any]:
    """The convolutions that are ablated: two that read the first one."""
    first = layers.Conv2D(3, 3, activation="relu", padding=padding, name="first")(images)
    left = layers.Conv2D(4, 3, activation="relu", padding="same", name="left")(first)
    return first, left, layers.Conv2D(4, 3, activation="relu", padding="same", name="right")(first)


def branching() -> Any:
    """With operations that are no layers, and a nested model."""
    keras.utils.set_random_seed(1)
    image = keras.Input((8, 8, 1))
    _, left, right = branches(image, "valid")
    inner = keras.Sequential([keras.Input((6, 6, 4)), layers.Conv2D(5, 3, activation="relu", name="inside")])
    x = inner(keras.ops.maximum(left, right) + right)
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


def skipping() -> Any:
    """Of layers alone; some read the image, or a layer before the one that is ablated, past it."""
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 8, 1))
    first, left, right = branches(image)
    x = layers.Concatenate()([layers.Add()([left, right]), first, image])
    return centered(image, layers.Dense(3), layers.GlobalAveragePooling2D()(x))


def centered(image: Any, last: Any, x: Any) -> Any:
    """A model in which each class is given, by the bias of its last layer."""
    model = keras.Model(image, last(x))
    outputs = np.asarray(model(np.random.default_rng(0).random((300, 8, 8, 1), dtype=np.float32)))
    last.bias.assign(-outputs.mean(axis=0))
    return model


class Several(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Returns a scalar and a map that are not of any image, beside the images."""

    def call(self, inputs: Any) -> Any:
        return inputs, keras.ops.convert_to_tensor(0.5), keras.ops.arange(8.0)[None, :, None, None]

    def compute_output_shape(self, shape: Any) -> Any:
        return shape, (), (1, 8, 1, 1)


def sharing() -> Any:
    """Layers past the one that is ablated read what is the same for all images."""
    keras.utils.set_random_seed(3)
    image = keras.Input((8, 8, 1))
    same, scalar, rows = Several()(image)
    _, left, right = branches(same)
    x = layers.Multiply()([layers.Concatenate()([left, right]), rows])
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(Times()([x, scalar]))))


def pieces() -> Any:
    """A layer past the one that is ablated reads several rows for each image, and another a table of ten rows."""
    keras.utils.set_random_seed(4)
    image = keras.Input((8, 8, 1))
    first, left, right = branches(image)
    pixels = Pieces()(image)
    x = layers.Concatenate()([layers.Add()([left, right]), Whole()([pixels, first])])
    score = Score()([layers.Dense(10)(layers.GlobalAveragePooling2D()(x)), Table()(image)])
    return centered(image, layers.Dense(3), score)


class Pieces(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Each pixel of each image as a row."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.reshape(inputs, (-1, 1))


class Whole(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """The images of which `Pieces` are, at the places of a map."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.reshape(inputs[0], (-1, *inputs[1].shape[1:3], 1))


class Table(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A table with as many rows as there are images in the test, but of none of them."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.reshape(keras.ops.sin(keras.ops.arange(30.0)), (10, 3))


class Score(layers.Layer):  # type: ignore[misc]  # Keras has no types
    def call(self, inputs: Any) -> Any:
        return inputs[0] @ inputs[1]


class Times(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A product, which is no operation in the graph."""

    def call(self, inputs: Any) -> Any:
        return inputs[0] * inputs[1]


def measured(model: Any, images: np.ndarray, labels: np.ndarray, output: OutputKind = "logits") -> dict[str, Any]:
    calls = graph.read(model)
    return {one.layer: one for one in ablate(model, calls, graph.map_calls(calls), images, labels, output)}


@pytest.mark.parametrize("network", [branching, skipping, sharing, pieces])
@pytest.mark.parametrize(("space", "count"), [(2**12, 10), (2**24, 300)], ids=["one at a time", "several at a time"])
def test_what_is_lost_is_what_removing_the_kernel_loses_in_any_branch(
    network: Callable[[], Any], space: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "SPACE", space)
    model, random = network(), np.random.default_rng(0)
    images = random.random((count, 8, 8, 1), dtype=np.float32)
    labels = np.asarray(model(images)).argmax(axis=1)  # so that the intact network is always right
    found = measured(model, images, labels)
    for name in ("first", "left", "right"):
        lost = [1 - by_hand(model, name, channel, images, labels) for channel in range(len(found[name].lost))]
        assert found[name].accuracy == 1
        assert found[name].lost == pytest.approx(lost, abs=0.004)
    assert max(max(found[name].lost) for name in found) > 0.1


def test_a_channel_that_nothing_reads_is_worth_nothing_and_the_only_one_everything() -> None:
    convolution, dense = layers.Conv2D(2, 1, name="first"), layers.Dense(2)
    model: Any = keras.Sequential([keras.Input((4, 4, 1)), convolution, layers.GlobalAveragePooling2D(), dense])
    convolution.set_weights([np.ones((1, 1, 1, 2)), np.zeros(2)])
    dense.set_weights([np.array([[1.0, -1.0], [0.0, 0.0]]), np.array([-0.5, 0.5])])
    labels = np.arange(400) % 2
    images = np.broadcast_to((1 - labels)[:, None, None, None], (400, 4, 4, 1)).astype(np.float32)
    assert measured(model, images, labels)["first"].lost == (0.5, 0)


def test_layers_of_another_precision_are_ablated_too() -> None:
    """The rest of the network stays in single precision."""
    convolution, dense = layers.Conv2D(2, 1, name="first", dtype="bfloat16"), layers.Dense(2)
    model: Any = keras.Sequential([keras.Input((4, 4, 1)), convolution, layers.GlobalAveragePooling2D(), dense])
    convolution.set_weights([np.ones((1, 1, 1, 2)), np.zeros(2)])
    dense.set_weights([np.array([[1.0, -1.0], [0.0, 0.0]]), np.array([-0.5, 0.5])])
    labels = np.arange(400) % 2
    images = np.broadcast_to((1 - labels)[:, None, None, None], (400, 4, 4, 1)).astype(np.float32)
    assert measured(model, images, labels)["first"].lost == (0.5, 0)


def test_a_single_output_is_read_as_probability_or_logit() -> None:
    for activation, output in (("sigmoid", "probability"), (None, "logit")):
        convolution, dense = layers.Conv2D(1, 1, name="first"), layers.Dense(1, activation)
        model: Any = keras.Sequential([keras.Input((4, 4, 1)), convolution, layers.GlobalAveragePooling2D(), dense])
        convolution.set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
        dense.set_weights([np.array([[6.0]]), np.array([-3.0])])
        labels = np.arange(100) % 2
        images = np.broadcast_to(labels[:, None, None, None], (100, 4, 4, 1)).astype(np.float32)
        one = measured(model, images, labels, cast(OutputKind, output))["first"]
        assert (one.accuracy, one.lost) == (1, (0.5,))


def test_the_model_is_left_as_it_was() -> None:
    model = branching()
    images = np.ones((2, 8, 8, 1), np.float32)
    before = np.asarray(model(images))
    measured(model, images, np.zeros(2, int))
    assert np.array_equal(np.asarray(model(images)), before)


def test_correlation_is_of_ranks_and_leaves_out_silent_channels() -> None:
    assert correlated(lost(0.0, 0.1, 5.0, 9.0), (0.1, 0.2, 0.3, None)) == pytest.approx(1)
    assert correlated(lost(3.0, 2.0, 1.0), (0.1, 0.2, 0.9)) == pytest.approx(-1)
    assert correlated(lost(1.0, 1.0, 1.0), (0.1, 0.2, 0.9)) is None
    assert correlated(lost(1.0, 2.0), None) is None


def lost(*by_channel: float) -> Ablation:
    return Ablation("layer", 10, 0.9, tuple(range(len(by_channel))), by_channel, None)


def test_a_limit_leaves_evenly_spaced_channels_and_each_layer_keeps_one() -> None:
    calls = graph.map_calls(graph.read(branching()))
    every, some = (ablation.ablated(calls, most) for most in (None, 8))
    assert every == [[0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3, 4]]
    assert some == [[0, 2], [0, 3], [0, 3], [0, 4]]
    assert ablation.ablated(calls, 1) == [[0]] * 4


def test_channels_that_are_left_out_do_not_change_what_the_others_are_worth() -> None:
    model = branching()
    calls, random = graph.read(model), np.random.default_rng(0)
    images, labels = random.random((40, 8, 8, 1), dtype=np.float32), random.integers(0, 3, 40)
    maps = graph.map_calls(calls)
    every, some = (ablate(model, calls, maps, images, labels, "logits", most) for most in (None, 8))
    for whole, part in zip(every, some, strict=True):
        assert part.lost == tuple(whole.lost[channel] for channel in part.channels)
