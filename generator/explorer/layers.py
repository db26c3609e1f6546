"""Translates a Keras model to operations that the page's script supports, or says why it cannot.

Only what is known for certain is translated: Keras's own classes, in float32, with channels last. Trained weights are
not copied here; an operation has their positions in the packed weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers as kl

from generator.model.graph import JOINS, UNCHANGED, Call, layer_kind, map_calls, operation_name
from generator.records.explorer import Operation, ShownLayer
from generator.records.graph import Window

Options = dict[str, str | int | float | tuple[float, ...] | None]

ACTIVATIONS = (
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid", "hard_sigmoid", "tanh", "softmax"),
    *("softplus", "softsign", "silu", "gelu", "exponential"),
)
_OPERATORS = ("Add", "Subtract", "Multiply", "Maximum", "Minimum")  # `x + y` and similar, by their names in Keras
_POOLS = {kl.MaxPooling2D: "max_pool", kl.AveragePooling2D: "average_pool"}
_GLOBAL = {kl.GlobalMaxPooling2D: "global_max", kl.GlobalAveragePooling2D: "global_average"}


class UnsupportedLayerError(Exception):
    """The network has something that the script does not support; the message says what."""


@dataclass(frozen=True)
class Translation:
    """A network as the page runs it.

    Attributes:
        operations: in order; the last one gives the output.
        layers: the layers with maps.
        variables: in the order in which they are packed.
    """

    operations: tuple[Operation, ...]
    layers: tuple[ShownLayer, ...]
    variables: tuple[Any, ...]

    def packed(self) -> np.ndarray:
        """The current values of the variables, concatenated (n,)."""
        values = [np.ravel(variable.numpy()) for variable in self.variables]
        return np.concatenate([*values, np.zeros(0, np.float32)])


def translate(calls: Sequence[Call]) -> Translation:
    """The operations of a model's calls. Raises UnsupportedLayerError when the script does not support a layer."""
    made = _Translator()
    for call in calls:
        made.take(call)
    shown = tuple(_layer(call, made.places[call.node.name]) for call in map_calls(calls))
    return Translation(tuple(made.operations), shown, tuple(made.variables))


def _layer(call: Call, place: int) -> ShownLayer:
    return ShownLayer(call.node.name, layer_kind(call), place)


@dataclass(frozen=True)
class _Step:
    """An operation without its place.

    Attributes:
        op: its name in the page's script.
        options: its options, by name.
        weights: variables, by name.
        window: how it moves over its input; None if it does not.
        shape: of its output; None if it is the layer's.
    """

    op: str
    options: Options = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)
    window: Window | None = None
    shape: tuple[int, ...] | None = None


class _Translator:
    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.places: dict[str, int] = {}
        self.variables: list[Any] = []
        self._starts: dict[int, int] = {}
        self._size = 0

    def take(self, call: Call) -> None:
        """Adds the operations of one call."""
        name, shape = call.node.name, _known_shape(call)
        inputs = tuple(self.places[source] for source in call.node.inputs)
        for step in _steps(call, [self.operations[place].shape for place in inputs]):
            weights = {key: self._placed(variable) for key, variable in step.weights.items() if variable is not None}
            made = Operation(name, step.op, inputs, step.shape or shape, step.window, step.options, weights)
            self.operations.append(made)
            inputs = (len(self.operations) - 1,)
        self.places[name] = len(self.operations) - 1

    def _placed(self, variable: Any) -> tuple[int, ...]:
        """Where a variable begins, and its shape; a layer that is called twice has one set of weights."""
        if id(variable) not in self._starts:
            self._starts[id(variable)] = self._size
            self.variables.append(variable)
            self._size += math.prod(variable.shape)
        return self._starts[id(variable)], *map(int, variable.shape)


def _known_shape(call: Call) -> tuple[int, ...]:
    shape = tuple(size for size in call.node.shape if size is not None)
    if len(shape) != len(call.node.shape):
        raise UnsupportedLayerError(f"the size of {call.node.name!r} is not fixed")
    return shape


def _steps(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    """The operations of one call with inputs of these shapes."""
    layer, kind = call.layer, type(call.layer)
    if layer is None:
        return [_Step("input")]
    if getattr(layer, "compute_dtype", "float32") != "float32":
        raise UnsupportedLayerError(f"{call.node.name!r} computes in {layer.compute_dtype}")
    if getattr(layer, "data_format", None) == "channels_first":
        raise UnsupportedLayerError(f"{call.node.name!r} has its channels first")
    if kind in UNCHANGED:
        return [_Step("identity")]
    if kind in _LAYERS:
        return _LAYERS[kind](call, before)
    if operator := _operator(call, before):
        return [_Step(operator)]
    raise UnsupportedLayerError(f"the page does not support the layer {call.node.name!r} ({call.node.kind})")


def _operator(call: Call, before: Sequence[tuple[int, ...]]) -> str | None:
    name = operation_name(call.layer)
    return name.lower() if name in _OPERATORS and len(before) == 2 and before[0] == before[1] else None


def _convolution(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    layer = call.layer
    weights = {"kernel": layer.kernel, "bias": layer.bias}
    options: Options = {"groups": layer.groups, "activation": _activation(call)}
    return [_Step("convolution", options, weights, _window(call))]


def _depthwise(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    weights = {"kernel": call.layer.kernel, "bias": call.layer.bias}
    return [_Step("depthwise", {"activation": _activation(call)}, weights, _window(call))]


def _separable(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    """A convolution of each channel on its own, then a convolution of single pixels."""
    layer, (rows, columns, _) = call.layer, _known_shape(call)
    shape = (rows, columns, before[0][2] * layer.depth_multiplier)
    weights = {"kernel": layer.pointwise_kernel, "bias": layer.bias}
    options: Options = {"groups": 1, "activation": _activation(call)}
    return [
        _Step("depthwise", {"activation": "linear"}, {"kernel": layer.depthwise_kernel}, _window(call), shape),
        _Step("convolution", options, weights, Window((1, 1))),
    ]


def _pool(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    return [_Step(_POOLS[type(call.layer)], window=_window(call))]


def _global(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    return [_Step(_GLOBAL[type(call.layer)])]


def _padding(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    return [_Step("pad", window=_window(call))]


def _dense(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    layer = call.layer
    return [_Step("dense", {"activation": _activation(call)}, {"kernel": layer.kernel, "bias": layer.bias})]


def _flatten(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    return [_Step("identity")]  # with channels last, the values are in this order already


def _function(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    return [_Step("activation", {"activation": _activation(call)})]


def _relu(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    layer = call.layer
    limits = {"most": layer.max_value, "slope": layer.negative_slope, "threshold": layer.threshold}
    numbers: Options = {name: None if value is None else float(value) for name, value in limits.items()}
    return [_Step("activation", {"activation": "relu", **numbers})]


def _leaky_relu(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    return [_Step("activation", {"activation": "relu", "slope": float(call.layer.negative_slope)})]


def _elu(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    return [_Step("activation", {"activation": "elu", "alpha": float(call.layer.alpha)})]


def _softmax(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    _check_axis(call, before)
    return [_Step("activation", {"activation": "softmax"})]


def _normalization(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    layer = call.layer
    _check_axis(call, before)
    weights = {"gamma": layer.gamma, "beta": layer.beta, "mean": layer.moving_mean, "variance": layer.moving_variance}
    return [_Step("normalization", {"epsilon": float(layer.epsilon)}, weights)]


def _join(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    if len(set(before)) > 1:
        raise UnsupportedLayerError(f"{call.node.name!r} joins inputs of different shapes")
    return [_Step(JOINS[type(call.layer)])]


def _concatenate(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    _check_axis(call, before)
    return [_Step("concatenate")]


def _rescaling(call: Call, before: Sequence[tuple[int, ...]]) -> list[_Step]:
    factors = {name: np.ravel(getattr(call.layer, name)) for name in ("scale", "offset")}
    if any(len(values) not in (1, before[0][-1]) for values in factors.values()):
        raise UnsupportedLayerError(f"{call.node.name!r} does not scale by channel")
    return [_Step("rescaling", {name: tuple(map(float, values)) for name, values in factors.items()})]


_LAYERS: dict[type, Callable[[Call, Sequence[tuple[int, ...]]], list[_Step]]] = {
    kl.Conv2D: _convolution,
    kl.DepthwiseConv2D: _depthwise,
    kl.SeparableConv2D: _separable,
    **dict.fromkeys(_POOLS, _pool),
    **dict.fromkeys(_GLOBAL, _global),
    kl.ZeroPadding2D: _padding,
    kl.Dense: _dense,
    kl.Flatten: _flatten,
    kl.Activation: _function,
    kl.ReLU: _relu,
    kl.LeakyReLU: _leaky_relu,
    kl.ELU: _elu,
    kl.Softmax: _softmax,
    kl.BatchNormalization: _normalization,
    **dict.fromkeys(JOINS, _join),
    kl.Concatenate: _concatenate,
    kl.Rescaling: _rescaling,
}


def _window(call: Call) -> Window:
    if call.node.window is None:
        raise UnsupportedLayerError(f"what {call.node.name!r} reads for each position is not known")
    return call.node.window


def _activation(call: Call) -> str:
    """The name of an activation that is Keras's own; an author's function may have the same name, and is refused."""
    function = call.layer.activation
    for name in ACTIVATIONS:
        if function is getattr(keras.activations, name):
            return name
    called = getattr(function, "__name__", type(function).__name__)
    raise UnsupportedLayerError(f"the page does not support the activation {called!r} of {call.node.name!r}")


def _check_axis(call: Call, before: Sequence[tuple[int, ...]]) -> None:
    """Raises UnsupportedLayerError unless a layer works along the channels, which are the last axis."""
    axis, rank = call.layer.axis, len(before[0])
    axes = axis if isinstance(axis, list | tuple) else [axis]
    if any(one not in (-1, rank) for one in axes):
        raise UnsupportedLayerError(f"{call.node.name!r} does not work along the channels")
