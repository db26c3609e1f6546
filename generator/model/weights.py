"""Reads a model's weights after training, and restores them for measurements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from generator.model.experiment import Experiment
from generator.records.condition import Recipe


def weights_of(model: Any) -> dict[str, np.ndarray]:
    """Every variable of a keras.Model, by a name that sorts in the model's order ("000000.dense/kernel")."""
    return {f"{index:06}.{variable.path}": plain(variable.numpy()) for index, variable in enumerate(model.weights)}


def plain(values: np.ndarray) -> np.ndarray:
    """Converts types that NumPy has no name for, such as bfloat16, to float32, which can represent all their values."""
    return values.astype(np.float32) if values.dtype.kind == "V" else values


def restore(recipe: Recipe, shape: tuple[int, ...], classes: int, weights: Mapping[str, np.ndarray]) -> Any:
    """The keras.Model of a recipe for images of `shape` with these weights instead of its initial ones."""
    keras.backend.clear_session()
    model = Experiment(recipe.path).build_model(shape, classes, recipe.arguments)
    model.set_weights([weights[name] for name in sorted(weights)])
    return model
