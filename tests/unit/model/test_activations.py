"""What layers return for a stream of batches: as Keras computes it, whether it is compiled or not."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from generator.model import graph
from generator.model.activations import Recorder, batches


def network() -> Any:
    """Two layers with maps in a nested model, and one that is not trained by default."""
    keras.utils.set_random_seed(0)
    image = keras.Input((12, 12, 1))
    inner = keras.Sequential([keras.Input((12, 12, 1)), layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D()])
    x = layers.BatchNormalization()(inner(image))
    return keras.Model(image, layers.Dense(4)(layers.Flatten()(x)))


def images(count: int) -> np.ndarray:
    return np.random.default_rng(1).random((count, 12, 12, 1), dtype=np.float32)


def streamed(recorder: Recorder, shown: np.ndarray, size: int) -> list[np.ndarray]:
    """The maps of each call, and the outputs."""
    found = [[*batch.maps, batch.outputs] for batch in recorder.stream(batches(shown, np.arange(len(shown)), size))]
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def test_batches_of_any_size_give_what_keras_gives() -> None:
    model, shown = network(), images(70)
    calls = graph.map_calls(graph.read(model))
    *maps, outputs = streamed(Recorder(model, calls), shown, 32)  # the last batch has 6
    np.testing.assert_allclose(outputs, np.asarray(model(shown)), rtol=1e-5, atol=1e-6)
    expected = shown
    for call, found in zip(calls, maps, strict=True):
        expected = np.asarray(call.layer(expected))
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_each_call_of_a_layer_in_several_nested_models_has_what_it_returned() -> None:
    """One of them is called before and after the other; the calls are listed in another order."""
    keras.utils.set_random_seed(0)
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    one = keras.Sequential([keras.Input((12, 12, 1)), shared])
    other = keras.Sequential([keras.Input((12, 12, 1)), shared, layers.ReLU()])
    image = keras.Input((12, 12, 1))
    scaled = [layers.Rescaling(scale)(image) for scale in (1.0, 2.0, 3.0)]
    x = layers.Concatenate()([other(scaled[0]), one(scaled[1]), other(scaled[2])])
    model: Any = keras.Model(image, layers.Dense(4)(layers.Flatten()(x)))
    calls = graph.read(model)
    returned, _ = Recorder(model, calls[1:])(images(5))
    found = [call for call in calls if call.layer is shared]
    assert len(found) == 3
    for call in found:
        (source,) = call.node.inputs
        np.testing.assert_allclose(returned[call.node.name], shared(returned[source]), rtol=1e-5, atol=1e-6)


def test_a_call_inside_another_layer_is_not_taken_for_one_of_the_graph() -> None:
    keras.utils.set_random_seed(0)
    shared = layers.Conv2D(2, 3, padding="same", name="shared")
    sequence = keras.Input((3, 12, 12, 2))
    inner = layers.TimeDistributed(shared)(sequence)
    model: Any = keras.Model(sequence, shared(shared(inner[:, 0])))
    calls = [call for call in graph.read(model) if call.layer is shared]
    returned, outputs = Recorder(model, calls)(np.random.default_rng(1).random((5, 3, 12, 12, 2), dtype=np.float32))
    last, first = (returned[call.node.name] for call in reversed(calls))
    np.testing.assert_allclose(last, shared(first), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(outputs, last, rtol=1e-5, atol=1e-6)


def test_weights_that_are_set_between_two_batches_are_used() -> None:
    model, shown = network(), images(10)
    recorder = Recorder(model, graph.map_calls(graph.read(model)))
    for factor in (1, 2, 3):
        model.set_weights([factor * weight for weight in model.get_weights()])
        outputs = streamed(recorder, shown, 5)[-1]
        np.testing.assert_allclose(outputs, np.asarray(model(shown)), rtol=1e-5, atol=1e-6)


def test_a_stream_runs_the_author_s_layer_for_its_first_batches_alone() -> None:
    """From then on, the model is compiled."""
    called: list[object] = []

    class Noting(layers.Layer):  # type: ignore[misc]  # Keras has no types
        def call(self, inputs: Any) -> Any:
            called.append(inputs)
            return inputs

    image = keras.Input((12, 12, 1))
    model: Any = keras.Model(image, layers.Dense(2)(layers.Flatten()(Noting()(image))))
    called.clear()
    streamed(Recorder(model, ()), images(50), 5)
    assert [tf.is_symbolic_tensor(inputs) for inputs in called] == [False, True]


def test_a_model_that_its_author_runs_eagerly_is_not_compiled() -> None:
    class Eager(layers.Layer):  # type: ignore[misc]  # Keras has no types
        def compute_output_shape(self, shape: Any) -> Any:
            return shape

        def call(self, inputs: Any) -> Any:
            return inputs if isinstance(inputs, keras.KerasTensor) else tf.constant(2 * inputs.numpy())

    image = keras.Input((12, 12, 1))
    model: Any = keras.Model(image, layers.Dense(2)(layers.Flatten()(Eager()(image))))
    model.compile(loss="mse", run_eagerly=True)
    assert np.array_equal(streamed(Recorder(model, ()), images(10), 5)[0], np.asarray(model(images(10))))
