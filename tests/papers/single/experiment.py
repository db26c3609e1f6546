"""One dense layer and three classes; the data is made here, from no file."""

import keras
import numpy as np


def load_data():
    """Bright spots in three places."""
    random = np.random.default_rng(7)
    labels = random.integers(0, 3, 200)
    images = random.random((200, 5, 7, 1), dtype=np.float32) / 2
    images[np.arange(200), 2, labels * 2 + 1, 0] = 1
    return (images[:150], labels[:150]), (images[150:], labels[150:])


def build_model():
    """A linear classifier."""
    model = keras.Sequential([keras.Input((5, 7, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
