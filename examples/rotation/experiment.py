"""The experiment: a small convolutional network that classifies images of digits, 8 × 8 pixels each."""

import numpy as np
from keras import Input, Model, callbacks, layers, optimizers
from scipy import ndimage

from generator import dataset

PATIENCE = 3


def load_data(most=0):
    """The digits; with `most`, the training images are joined by copies, each turned by up to so many degrees."""
    (x_train, y_train), (x_test, y_test) = dataset.load("digits")
    x_train, x_test = prepared(x_train), prepared(x_test)
    if most:
        angles = np.random.default_rng(0).uniform(-most, most, len(x_train))
        copies = np.stack([turned(image, angle) for image, angle in zip(x_train, angles, strict=True)])
        x_train, y_train = np.concatenate([x_train, copies]), np.concatenate([y_train, y_train])
    return (x_train, y_train), (x_test, y_test)


def prepared(images):
    """Scales pixels from 0..16 to 0..1 and adds a channel axis."""
    return images.astype("float32")[..., None] / 16


def turned(image, angle):
    """The image, turned about its center by so many degrees."""
    return ndimage.rotate(image, angle, reshape=False, order=1)


def build_model(pooling=True):
    """Two convolutions, pooling unless it is left out, and a dense layer."""
    image = Input((8, 8, 1))
    x = layers.Conv2D(16, 3, activation="relu", name="conv1")(image)
    x = layers.Conv2D(32, 3, activation="relu", name="conv2")(x)
    if pooling:
        x = layers.MaxPooling2D(name="pool")(x)
    x = layers.Flatten(name="flatten")(x)
    model = Model(image, layers.Dense(10, activation="softmax", name="dense")(x))
    model.compile(optimizers.Adam(0.004), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit_options():
    """Training ends when the loss on the images set aside has not improved for a few epochs."""
    return {"callbacks": [callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)]}
