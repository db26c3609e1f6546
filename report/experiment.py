"""The experiment: a small convolutional network that learns to classify handwritten digits."""

from keras import Input, Model, layers, optimizers

from generator import dataset


def load_data():
    """MNIST, with pixels scaled to [0, 1] and a channel axis."""
    (x_train, y_train), (x_test, y_test) = dataset.load("mnist")
    x_train = x_train.astype("float32")[..., None] / 255
    x_test = x_test.astype("float32")[..., None] / 255
    return (x_train, y_train), (x_test, y_test)


def build_model(learning_rate=0.001):
    """Five convolutions in three blocks, each ending in max pooling, followed by two dense layers."""
    image = Input(shape=(28, 28, 1), name="image")

    x = layers.Conv2D(32, 3, activation="relu", name="conv1")(image)
    x = layers.Conv2D(32, 3, activation="relu", name="conv2")(x)
    x = layers.MaxPooling2D(2, name="pool1")(x)

    x = layers.Conv2D(64, 3, activation="relu", name="conv3")(x)
    x = layers.Conv2D(64, 3, activation="relu", name="conv4")(x)
    x = layers.MaxPooling2D(2, name="pool2")(x)

    x = layers.Conv2D(128, 3, activation="relu", name="conv5")(x)
    x = layers.MaxPooling2D(2, name="pool3")(x)

    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(128, activation="relu", name="dense")(x)
    digit = layers.Dense(10, activation="softmax", name="dense_1")(x)

    model = Model(image, digit, name="digits")
    model.compile(
        optimizer=optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


if __name__ == "__main__":
    build_model().summary()
