"""Tells rows from columns."""

import keras
from scaling import scaled

from generator import dataset

FILTERS = 4


def load_data():
    """Bars of two directions."""
    (x_train, y_train), (x_test, y_test) = dataset.load("bars")
    return (scaled(x_train), y_train), (scaled(x_test), y_test)


def build_model():
    """One convolution."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(FILTERS, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
