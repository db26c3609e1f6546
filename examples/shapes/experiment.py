"""The experiment: color images of three shapes, generated from a seed, and a network with two branches."""

import numpy as np
from keras import Input, Model, layers

SIZE = 16
TRAIN, TEST = 900, 300


def load_data():
    """Draws the images; the seed is fixed, so that every call returns the same images."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, TRAIN + TEST)
    images = np.stack([draw(label, random) for label in labels])
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


def draw(label, random):
    """A disk (0), a square (1), or a cross (2), with random color, position, and noise."""
    y, x = np.indices((SIZE, SIZE))
    y, x = np.abs(y - random.integers(5, SIZE - 5)), np.abs(x - random.integers(5, SIZE - 5))
    shape = (np.hypot(x, y) <= 4, np.maximum(x, y) <= 3, (np.minimum(x, y) <= 1) & (np.maximum(x, y) <= 4))[label]
    image = shape[..., None] * random.uniform(0.4, 1, 3) + random.normal(0, 0.25, (SIZE, SIZE, 3))
    return np.clip(image, 0, 1).astype("float32")


def build_model():
    """Small and large filters side by side."""
    image = Input((SIZE, SIZE, 3))
    small = layers.Conv2D(8, 3, padding="same", activation="relu", name="small")(image)
    large = layers.Conv2D(8, 7, padding="same", activation="relu", name="large")(image)
    x = layers.Concatenate(name="both")([small, large])
    x = layers.MaxPooling2D(4, name="pool")(x)
    x = layers.Flatten(name="flatten")(x)
    model = Model(image, layers.Dense(3, activation="softmax", name="dense")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
