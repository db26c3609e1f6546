"""Two branches over a color image, joined, with batch normalization."""

import keras
from keras import layers

from generator import dataset


def load_data():
    """Color images from one folder for each class."""
    (x_train, y_train), (x_test, y_test) = dataset.load("shapes")
    return (x_train.astype("float32") / 255, y_train), (x_test.astype("float32") / 255, y_test)


def normalized(x, filters, size, name):
    """A convolution without activation, so that its maps have both signs, then the rest of the block."""
    x = layers.Conv2D(filters, size, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)


def build_model():
    """An inner model is shared by nothing but nested all the same."""
    image = keras.Input((32, 32, 3))
    left = normalized(image, 6, 3, "left-narrow")
    right = normalized(image, 6, 5, "right>wide")
    x = layers.Concatenate()([left, right])
    x = layers.AveragePooling2D(4)(x)
    inner_in = keras.Input((8, 8, 12))
    inner = keras.Model(
        inner_in, layers.SeparableConv2D(10, 3, activation="relu", name="inside")(inner_in), name="inner"
    )
    x = inner(x)
    x = layers.DepthwiseConv2D(3, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    logits = layers.Dense(4)(x)
    model = keras.Model(image, logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05), loss, metrics=["accuracy"])
    return model
