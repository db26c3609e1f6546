"""Each layer that the page knows computes what Keras computes, and sees what it depends on; others are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import msgspec
import numpy as np
import pytest
from keras import layers as kl
from playwright.sync_api import Browser, Page

from generator.explorer.layers import ACTIVATIONS, Translation, UnsupportedLayerError, translate
from generator.model import graph
from generator.model.activations import recorded
from tests.support.scripting import decoded, encoded, parts_page

SHAPE = (9, 7, 4)
Maker = Callable[[Any], Any]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    return parts_page(browser, "explorer-network.js")


def made(layer: Maker, shape: tuple[int | None, ...] = SHAPE) -> Any:
    """A model of what `layer` makes of an image, with weights that are all different."""
    keras.utils.set_random_seed(3)
    image = keras.Input(shape)
    model = keras.Model(image, layer(image))
    random = np.random.default_rng(5)
    model.set_weights(
        [random.uniform(0.1, 1, weight.shape) - 0.4 * ("kernel" in weight.path) for weight in model.weights]
    )
    return model


def translated(model: Any) -> Translation:
    return translate(graph.read(model))


def computed(page: Page, network: Translation, image: np.ndarray) -> np.ndarray:
    """What the script gives for an image (H, W, C)."""
    operations = msgspec.to_builtins(network.operations)
    given = [operations, encoded(network.packed().astype(np.float32)), encoded(image)]
    run = """([operations, weights, image]) => {
        const network = networkOf(operations, fromBase64(weights, Float32Array));
        return toBase64(network.run(fromBase64(image, Float32Array)).at(-1)); }"""
    return decoded(page.evaluate(run, given))


def image(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def branches(x: Any) -> Any:
    """Paths of different lengths that meet, one of them in a model of its own that is called twice."""
    inner_in = keras.Input((9, 7, 4))
    inner = keras.Model(inner_in, kl.Conv2D(4, 3, padding="same", activation="tanh")(inner_in))
    joined = kl.Add()([inner(x), inner(kl.BatchNormalization()(x)), x])
    return kl.Concatenate()([joined, kl.Conv2D(2, 1)(x), kl.ZeroPadding2D(((1, 0), (0, 2)))(kl.Conv2D(3, (2, 3))(x))])


LAYERS: dict[str, Maker] = {
    "convolution": kl.Conv2D(5, 3),
    "padded convolution": kl.Conv2D(5, (3, 2), padding="same", use_bias=False),
    "strided convolution": kl.Conv2D(3, (2, 4), strides=(2, 3), padding="same", activation="relu"),
    "dilated convolution": kl.Conv2D(3, 3, dilation_rate=(2, 1), padding="same"),
    "grouped convolution": kl.Conv2D(6, 3, groups=2),
    "depthwise convolution": kl.DepthwiseConv2D(3, depth_multiplier=2, activation="relu"),
    "strided depthwise convolution": kl.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False),
    "separable convolution": kl.SeparableConv2D(5, 3, depth_multiplier=2, padding="same", activation="sigmoid"),
    "max pooling": kl.MaxPooling2D((2, 3)),
    "overlapping padded max pooling": kl.MaxPooling2D(3, strides=2, padding="same"),
    "average pooling": kl.AveragePooling2D(2),
    "padded average pooling": kl.AveragePooling2D((4, 3), strides=(3, 2), padding="same"),
    "global max pooling": kl.GlobalMaxPooling2D(),
    "global average pooling": kl.GlobalAveragePooling2D(keepdims=True),
    "dense on every pixel": kl.Dense(3, activation="tanh"),
    "flatten and dense": lambda x: kl.Dense(3, activation="softmax")(kl.Flatten()(x)),
    "batch normalization": kl.BatchNormalization(),
    "batch normalization without scale and shift": kl.BatchNormalization(scale=False, center=False, epsilon=0.1),
    "batch normalization of a vector": lambda x: kl.BatchNormalization()(kl.Flatten()(x)),
    "rectified linear unit with all its options": kl.ReLU(max_value=0.7, negative_slope=0.3, threshold=0.2),
    "leaky rectified linear unit": kl.LeakyReLU(negative_slope=0.1),
    "exponential linear unit": kl.ELU(alpha=0.5),
    "softmax over channels": kl.Softmax(),
    "dropout": kl.Dropout(0.5),
    "rescaling": kl.Rescaling(2.0, offset=-1.0),
    "rescaling by channel": kl.Rescaling([1.0, 2.0, 3.0, 4.0], offset=[0.0, 0.1, 0.2, 0.3]),
    "zero padding": kl.ZeroPadding2D(((1, 2), (0, 3))),
    "concatenation of vectors": lambda x: kl.Concatenate()([kl.Flatten()(x), kl.GlobalMaxPooling2D()(x)]),
    "difference": lambda x: kl.Subtract()([x, kl.BatchNormalization()(x)]),
    "product": lambda x: kl.Multiply()([x, x]),
    "mean": lambda x: kl.Average()([x, kl.BatchNormalization()(x), x]),
    "greater": lambda x: kl.Maximum()([x, kl.BatchNormalization()(x)]),
    "lesser": lambda x: kl.Minimum()([x, kl.BatchNormalization()(x)]),
    "sum by an operator": lambda x: x + kl.Conv2D(4, 1)(x),
    "branches": branches,
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_computes_what_keras_computes(page: Page, name: str) -> None:
    model, shown = made(LAYERS[name]), image()
    expected = np.ravel(model(shown[None], training=False))
    assert computed(page, translated(model), shown) == pytest.approx(expected, abs=2e-6, rel=2e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_computes_what_keras_computes(page: Page, name: str) -> None:
    model, shown = made(kl.Activation(name)), image() * 3
    expected = np.ravel(model(shown[None], training=False))
    assert computed(page, translated(model), shown) == pytest.approx(expected, abs=2e-6, rel=2e-6)


def test_weights_survive_half_precision_as_numpy_rounds_them(page: Page) -> None:
    values = np.concatenate([np.random.default_rng(2).normal(size=500), [0, -0.0, 6e-8, 1e-7, -3e-5, 65504, 1 / 3]])
    halves = values.astype(np.float16)
    read = page.evaluate("text => toBase64(fromHalves(fromBase64(text, Uint8Array)))", encoded(halves))
    assert np.array_equal(decoded(read), halves.astype(np.float32))


# --- receptive fields ----------------------------------------------------------------------------


def depends_on(model: Any, position: tuple[int, int]) -> np.ndarray:
    """The pixels (H, W) whose change changes a position; weights are positive and small, so that nothing cancels."""
    for weight in model.weights:
        weight.assign(np.full(weight.shape, 0.05))
    shape = model.input_shape[1:]
    still = np.full(shape, 0.5, np.float32)
    changed = np.repeat(still[None], shape[0] * shape[1] + 1, axis=0)
    for pixel in range(shape[0] * shape[1]):
        changed[pixel, pixel // shape[1], pixel % shape[1]] += 0.25
    values = np.asarray(model(changed, training=False))[:, position[0], position[1]]
    return np.asarray(np.any(values[:-1] != values[-1], axis=1)).reshape(shape[:2])


def deep(x: Any) -> Any:
    x = kl.Conv2D(3, 3, padding="same", strides=2, activation="relu")(x)
    return kl.AveragePooling2D(2, padding="same")(kl.Conv2D(2, 2, dilation_rate=2, padding="same")(x))


def uneven(x: Any) -> Any:
    """Two paths of different strides that meet: what a position sees is no one rectangle for all of them."""
    half = kl.Conv2D(2, 3, strides=2, padding="same")(x)
    pooled = kl.AveragePooling2D((5, 4), strides=(2, 2), padding="same")(kl.Conv2D(2, 1)(x))
    return kl.Add()([half, pooled])


FIELDS: dict[str, Maker] = {
    **{name: LAYERS[name] for name in LAYERS if "convolution" in name or name in ("zero padding", "branches")},
    "padded average pooling": LAYERS["padded average pooling"],
    "deep": deep,
    "uneven": uneven,
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_receptive_field_is_what_a_position_depends_on(page: Page, name: str) -> None:
    model = made(FIELDS[name])
    operations = translated(model).operations
    rows, columns = operations[-1].shape[:2]
    for position in {(0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)}:
        found = page.evaluate(
            "([operations, row, column]) => [...fieldOf(operations, operations.length - 1, row, column)]",
            [msgspec.to_builtins(operations), *position],
        )
        assert np.array_equal(np.reshape(found, SHAPE[:2]) == 1, depends_on(model, position)), position


# --- what the page does not know -----------------------------------------------------------------


class Doubled(kl.Dense):  # type: ignore[misc]  # Keras has no types
    """A subclass, which may do anything."""


UNKNOWN: dict[str, tuple[Maker, str]] = {
    "a layer": (kl.LayerNormalization(name="norm"), r"the layer 'norm' \(LayerNormalization\)"),
    "a subclass": (Doubled(2, name="mine"), r"the layer 'mine' \(Doubled\)"),
    "an activation": (kl.Conv2D(2, 1, activation=keras.ops.sin, name="wavy"), "the activation 'sin' of 'wavy'"),
    "an axis": (kl.BatchNormalization(axis=1, name="odd"), "'odd' does not work along the channels"),
    "a precision": (kl.Conv2D(2, 1, dtype="mixed_float16", name="half"), "'half' computes in float16"),
    "an operation": (lambda x: keras.ops.sin(x), r"\(Sin\)"),
    "an operator with a number": (lambda x: x * 2, r"\(Multiply\)"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_the_page_does_not_know_is_named(name: str) -> None:
    layer, words = UNKNOWN[name]
    with pytest.raises(UnsupportedLayerError, match=words):
        translated(made(layer))


def test_an_image_whose_size_is_not_fixed_is_named() -> None:
    with pytest.raises(UnsupportedLayerError, match="the size of 'input' is not fixed"):
        translated(made(kl.Conv2D(2, 1), (None, None, 3)))


def test_a_layer_that_is_called_twice_has_its_weights_once() -> None:
    shared = kl.Conv2D(4, 3, padding="same")
    network = translated(made(lambda x: shared(shared(x))))
    assert network.packed().size == 3 * 3 * 4 * 4 + 4
    assert network.operations[1].weights == network.operations[2].weights


def test_the_layers_shown_are_those_whose_maps_are_measured() -> None:
    model = made(lambda x: kl.MaxPooling2D(name="pool")(kl.SeparableConv2D(2, 3, name="two steps")(x)))
    network = translated(model)
    names = [(layer.name, layer.kind, network.operations[layer.operation].shape) for layer in network.layers]
    assert names == [("two steps", "convolution", (7, 5, 2)), ("pool", "pooling", (3, 2, 2))]
    returned, _ = recorded(model, graph.map_calls(graph.read(model)), image()[None])
    assert list(returned) == [layer.name for layer in network.layers]
