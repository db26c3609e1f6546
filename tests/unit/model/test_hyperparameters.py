"""The hyperparameters of a model are what its code sets, by Keras's names."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers

from generator.model.hyperparameters import hyperparameters


def settings(*between: Any, **compiled: Any) -> dict[str, object]:
    """Those of a small model with other layers between its input and its output, by dotted name."""
    model = keras.Sequential(
        [keras.Input((8, 8, 1), name="image"), *between, layers.Flatten(name="flatten"), layers.Dense(2, name="dense")]
    )
    model.compile(**{"optimizer": "adam", "loss": "mse", **compiled})
    return {".".join(each.path): each.value for each in hyperparameters(model)}


def test_a_layer_gives_its_numbers_its_texts_and_the_sizes_of_its_axes() -> None:
    found = settings(layers.Conv2D(4, 3, activation="relu", name="conv"), layers.Dropout(0.3, name="dropout"))
    of_conv = {name: value for name, value in found.items() if name.startswith("layers.conv.")}
    assert of_conv == {
        "layers.conv.filters": 4,
        "layers.conv.kernel_size": (3, 3),
        "layers.conv.strides": (1, 1),
        "layers.conv.padding": "valid",
        "layers.conv.dilation_rate": (1, 1),
        "layers.conv.groups": 1,
        "layers.conv.activation": "relu",
        "layers.conv.kernel_initializer.kind": "GlorotUniform",
        "layers.conv.bias_initializer.kind": "Zeros",
    }
    assert found["layers.dropout.rate"] == 0.3


def test_a_number_of_single_precision_is_the_one_that_was_typed() -> None:
    penalty = keras.regularizers.L2(0.01)
    found = settings(layers.Dense(3, kernel_regularizer=penalty, name="narrow"), optimizer=keras.optimizers.SGD(0.1))
    assert found["layers.narrow.kernel_regularizer.l2"] == 0.01
    assert (found["optimizer.kind"], found["optimizer.learning_rate"], found["optimizer.momentum"]) == ("SGD", 0.1, 0.0)


def test_a_schedule_has_its_kind_and_its_own_numbers() -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=100, decay_rate=0.9)
    found = settings(optimizer=keras.optimizers.Adam(schedule))
    begin = "optimizer.learning_rate."
    of_schedule = {name.removeprefix(begin): value for name, value in found.items() if name.startswith(begin)}
    assert of_schedule["kind"] == "ExponentialDecay"
    assert (of_schedule["initial_learning_rate"], of_schedule["decay_steps"]) == (0.05, 100)


@pytest.mark.parametrize("typed", [2**-14, 123456792.0, 67108928.0, 1e300, 0.1, 1 / 3])
def test_a_number_that_was_not_kept_in_single_precision_stays_as_it_is(typed: float) -> None:
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [typed, 0.5, 0.25])
    found = settings(optimizer=keras.optimizers.SGD(schedule))
    assert found["optimizer.learning_rate.values"] == (typed, 0.5, 0.25)
    assert found["optimizer.learning_rate.boundaries"] == (10, 20)


def own_loss(true: Any, predicted: Any) -> Any:
    return keras.losses.mean_squared_error(true, predicted)


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("mse", "mse"),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), "sparse_categorical_crossentropy"),
        (own_loss, "own_loss"),
        (lambda true, predicted: own_loss(true, predicted), None),
        (None, None),
    ],
)
def test_a_loss_has_a_name_however_it_is_given(loss: object, name: str | None) -> None:
    assert settings(loss=loss).get("loss") == name


def test_a_layer_whose_configuration_fails_or_says_what_no_table_can_show_has_no_hyperparameters() -> None:
    class Failing(layers.Layer):  # type: ignore[misc]  # Keras has no types
        def get_config(self) -> Any:
            raise ValueError("not written yet")

        def call(self, images: Any) -> Any:
            return images

    class Odd(Failing):
        def get_config(self) -> Any:
            inner = {"class_name": "Inner", "config": {0: 1, "kind": "x", "rate": [1.0, 2**70]}}
            numbers = {"rate": float("nan"), "seed": 2**70, "table": [[1]], 5: 1}
            return {"kind": "mine", "text": "a\nb", "flag": True, "inner": inner, **numbers}

    found = settings(Failing(name="failing"), Odd(name="odd"))
    assert [name for name in found if name.startswith(("layers.failing", "layers.odd"))] == ["layers.odd.inner.kind"]
