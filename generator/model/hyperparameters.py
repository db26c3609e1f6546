"""The hyperparameters of a model: the numbers and texts in Keras's configurations of its layers, optimizer, and loss.

They are what the code says, under Keras's own names. What a layer does not put into its configuration has no name here,
nor have switches (true or false) and what does not bear on what the network computes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from generator.records.run import MAX_INTEGER, Hyperparameter, Setting

_NOT_READ = ("name", "dtype", "data_format", "batch_shape", "registered_name")
_OF_SUMMARY = ("parameters", "kind", "shape")
"""What the summary says of a layer under these names; a layer's own configuration cannot replace it."""


def hyperparameters(model: Any) -> tuple[Hyperparameter, ...]:
    """Those of a compiled model, before it is trained: a schedule or a callback may change its learning rate."""
    return (*_of_layers(model), *_of_optimizer(model.optimizer), *_of_loss(model.loss))


def _of_layers(model: Any) -> Iterator[Hyperparameter]:
    for layer in model.layers:
        for path, value in _settings(_configuration(layer)):
            if path[0] not in _OF_SUMMARY:
                yield Hyperparameter(("layers", layer.name, *path), value)


def _of_optimizer(optimizer: Any) -> Iterator[Hyperparameter]:
    if optimizer is not None:
        yield Hyperparameter(("optimizer", "kind"), type(optimizer).__name__)
        yield from (Hyperparameter(("optimizer", *path), value) for path, value in _settings(_configuration(optimizer)))


def _of_loss(loss: Any) -> Iterator[Hyperparameter]:
    """The name of the loss; of several, there is none."""
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", None))
    if isinstance(name, str) and _is_text(name):
        yield Hyperparameter(("loss",), name)


def _configuration(of: Any) -> Mapping[str, Any]:
    """Keras's configuration; empty where an author's class has none that works, which only saving a model needs."""
    try:
        configuration = of.get_config()
    except Exception:
        return {}
    return configuration if isinstance(configuration, Mapping) else {}


def _settings(configuration: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Setting]]:
    """The numbers and texts of a configuration by their path; an object in it has its `kind`, and its own below it."""
    for name, value in configuration.items():
        if name in _NOT_READ or not name.isidentifier():
            continue
        match value:
            case {"class_name": str(kind), "config": Mapping() as inner}:
                yield (name, "kind"), kind
                yield from (((name, *path), each) for path, each in _settings(inner) if path != ("kind",))
            case {"class_name": str(), "config": str(function)}:
                yield (name,), function
            case _ if (setting := _setting(value)) is not None:
                yield (name,), setting


def _setting(value: object) -> Setting | None:
    """A number, a text, or the sizes of axes; None of anything else."""
    match value:
        case bool() | np.bool_():
            return None
        case int() | np.integer():
            return int(value) if abs(int(value)) <= MAX_INTEGER else None
        case float() | np.floating():
            return _shortest(float(value)) if math.isfinite(value) else None
        case str():
            return value if _is_text(value) else None
        case [_, *_] if isinstance(value, Sequence) and all(type(size) is int for size in value):
            return tuple(value)
    return None


def _is_text(value: str) -> bool:
    return bool(value) and value.isprintable()


def _shortest(value: float) -> float:
    """The number as it was typed: Keras keeps 0.001 as the nearest number of single precision."""
    single = np.float32(value)
    return float(str(single)) if float(single) == value else value
