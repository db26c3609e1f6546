"""A network that trains in a second, in the process of the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import numpy as np
import tensorflow as tf

from generator.model import threads
from generator.records.run import TrainingSettings

NETWORK = """
import keras
from keras import layers

def build_model():
    image = keras.Input((6, 6, 1))
    inner_in = keras.Input((4, 4, 3))
    inner = keras.Model(inner_in, layers.MaxPooling2D(name="pool")(inner_in), name="inner")
    dead = keras.initializers.Constant([0.5, -50.0, 0.0])
    x = layers.Conv2D(3, 3, activation="relu", bias_initializer=dead, trainable=False, name="conv")(image)
    x = inner(x)
    x = layers.Conv2D(2, 2, name="signed")(x)
    x = layers.Flatten()(x)
    model = keras.Model(image, layers.Dense(2)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model
"""

SETTINGS = TrainingSettings(epochs=2, batch_size=10)


def arrays() -> dict[str, np.ndarray]:
    """40 + 20 images (6, 6, 1), of class 1 where a row is bright."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 60)
    images = random.random((60, 6, 6, 1), dtype=np.float32) / 2
    images[labels == 1, 2] += 0.5
    return {"x_train": images[:40], "y_train": labels[:40], "x_test": images[40:], "y_test": labels[40:]}


@contextmanager
def threads_as_they_are() -> Iterator[None]:
    """Other tests of this process may have begun to use TensorFlow, after which its threads can no longer be set."""

    def fix(count: int) -> None:
        tf.config.experimental.enable_op_determinism()
        threads.leave_out_autotuning()

    with mock.patch.object(threads, "fix", fix):
        yield
