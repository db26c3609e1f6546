"""The hyperparameters of a model: the numbers and texts in Keras's configurations of its layers, optimizer, and loss.

They are what the code sets, under Keras's own names. Values that a layer does not put into its configuration are left
out, and so are switches (true or false) and values that do not affect what the network computes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from generator.records.run import MAX_INTEGER, Hyperparameter, Setting

MAX_TYPED = 15  # the most characters of a typed number; longer ones show the error of single precision

_NOT_READ = ("name", "dtype", "data_format", "batch_shape", "registered_name", "kind", "parameters", "shape")
"""Names that do not affect what is computed, or that the summary already gives."""


def hyperparameters(model: Any) -> tuple[Hyperparameter, ...]:
    """Those of a compiled model before it is trained, since a schedule or a callback may change its learning rate."""
    return (*_of_layers(model), *_of_optimizer(model.optimizer), *_of_loss(model.loss))


def _of_layers(model: Any) -> Iterator[Hyperparameter]:
    for layer in model.layers:
        for path, value in _settings(_configuration(layer)):
            yield Hyperparameter(("layers", layer.name, *path), value)


def _of_optimizer(optimizer: Any) -> Iterator[Hyperparameter]:
    if optimizer is not None:
        yield Hyperparameter(("optimizer", "kind"), type(optimizer).__name__)
        yield from (Hyperparameter(("optimizer", *path), value) for path, value in _settings(_configuration(optimizer)))


def _of_loss(loss: Any) -> Iterator[Hyperparameter]:
    """The name of the loss; nothing if there are several."""
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", None))
    if isinstance(name, str) and name.isidentifier():
        yield Hyperparameter(("loss",), name)


def _configuration(of: Any) -> Mapping[str, Any]:
    """Keras's configuration; empty if an author's class has no working one, which is only needed to save a model."""
    try:
        configuration = of.get_config()
    except Exception:
        return {}
    return configuration if isinstance(configuration, Mapping) else {}


def _settings(configuration: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Setting]]:
    """The numbers and texts of a configuration by path; an object in it has its `kind`, and its own settings below."""
    for name, value in configuration.items():
        if not isinstance(name, str) or not name.isidentifier() or name in _NOT_READ:
            continue
        match value:
            case {"class_name": str(kind), "config": Mapping() as inner}:
                yield (name, "kind"), kind
                yield from (((name, *path), each) for path, each in _settings(inner))
            case {"class_name": str(), "config": str(function)}:
                yield (name,), function
            case _ if (setting := _setting(value)) is not None:
                yield (name,), setting


def _setting(value: object) -> Setting | None:
    """A number, a text, or several numbers; None for anything else."""
    match value:
        case str() if value and value.isprintable():
            return value
        case [_, *_]:
            numbers = [_number(each) for each in value]
            return None if None in numbers else tuple(each for each in numbers if each is not None)
    return _number(value)


def _number(value: object) -> int | float | None:
    match value:
        case bool() | np.bool_():
            return None
        case int() | np.integer() if abs(int(value)) <= MAX_INTEGER:
            return int(value)
        case float() | np.floating() if math.isfinite(value):
            return _typed(float(value))
    return None


def _typed(value: float) -> float:
    """The number as it was typed: Keras stores 0.001 in single precision, which is 0.0010000000474974513."""
    with np.errstate(over="ignore"):
        single = np.float32(value)
    is_longer = len(repr(value)) > MAX_TYPED and float(single) == value
    return float(str(single)) if is_longer else value
