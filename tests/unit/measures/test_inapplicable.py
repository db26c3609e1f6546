"""Measures that no layer can have are known before training."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from generator.measures.inapplicable import inapplicable
from generator.model import graph

BEHIND = "'flat' (Flatten) does not read a patch of fixed size for each position"
NO_FIELD = {"field": BEHIND, "orientation": f"its receptive field is unknown: {BEHIND}"}
PADDED = {"orientation": "each of its positions sees padding beside the image"}
SMALL = {"orientation": "images of 2x2 pixels are too small for a grating"}


def found(size: int, *more: Any) -> dict[str, str]:
    """The measures that a network for images of this size cannot have."""
    model = keras.Sequential([keras.Input((size, size, 1)), *more])
    return inapplicable(graph.read(model), (size, size, 1))


def unseen() -> list[Any]:
    """Layers behind which no receptive field is known."""
    return [layers.Flatten(name="flat"), layers.Dense(64), layers.Reshape((8, 8, 1))]


def test_a_measure_that_some_layer_has_is_left_to_the_run() -> None:
    assert found(8, layers.Conv2D(2, 3), layers.MaxPooling2D()) == {}
    assert found(8, layers.Conv2D(2, 3), *unseen(), layers.Conv2D(2, 3)) == {}
    assert found(8, layers.Dense(2)) == {}, "there is no layer with maps, which has its own reason"


def test_a_measure_that_applies_to_no_layer_is_known_with_the_reason() -> None:
    assert found(8, *unseen(), layers.Conv2D(2, 3), layers.MaxPooling2D()) == NO_FIELD
    assert found(4, layers.Conv2D(2, 5, padding="same")) == PADDED
    assert found(2, layers.Conv2D(2, 1)) == SMALL
