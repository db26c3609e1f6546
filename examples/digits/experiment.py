"""The experiment: a small convolutional network for digits of 8 × 8 pixels."""

from keras import Input, Sequential, layers

from generator import dataset


def load_data():
    """The images and labels that the article reports on, prepared for training."""
    (x_train, y_train), (x_test, y_test) = dataset.load("digits")
    return (prepared(x_train), y_train), (prepared(x_test), y_test)


def prepared(images):
    """Scales pixels from 0..16 to 0..1 and adds a channel axis."""
    return images.astype("float32")[..., None] / 16


def build_model():
    """Two convolutions, pooling, and a dense layer."""
    model = Sequential(
        [
            Input((8, 8, 1)),
            layers.Conv2D(16, 3, activation="relu", name="conv1"),
            layers.Conv2D(32, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, activation="softmax", name="dense"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
