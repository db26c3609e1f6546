"""The graph of a Keras model: every call of a layer, in the order in which the model makes them.

Nested models are expanded. A layer that is called twice becomes two nodes. What a layer does to positions is known only
for Keras's own classes: an author's subclass may do anything, and counts as opaque.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import keras
import numpy as np
from keras import layers as kl

from generator.records.graph import LayerKind, Node, Pair, Window

CONVOLUTIONS = (kl.Conv2D, kl.Conv2DTranspose, kl.DepthwiseConv2D, kl.SeparableConv2D)
POOLINGS = (kl.MaxPooling2D, kl.AveragePooling2D)

JOINS = {
    kl.Add: "add", kl.Subtract: "subtract", kl.Multiply: "multiply", kl.Average: "average",
    kl.Maximum: "maximum", kl.Minimum: "minimum",
}  # fmt: skip
"""Layers that combine inputs of one shape value by value, with their operations."""

UNCHANGED = {
    *(kl.Identity, kl.Dropout, kl.SpatialDropout2D, kl.GaussianNoise, kl.GaussianDropout, kl.AlphaDropout),
    *(kl.ActivityRegularization, kl.RandomFlip, kl.RandomRotation, kl.RandomTranslation, kl.RandomZoom),
    *(kl.RandomContrast, kl.RandomBrightness),
}
"""Layers that return their input unchanged, outside training."""

_KERNELS = {kl.Conv2D, kl.DepthwiseConv2D, kl.SeparableConv2D}
# Those with an axis are only pointwise if it is the channel axis.
_POINTWISE = {
    *(kl.Activation, kl.ReLU, kl.LeakyReLU, kl.PReLU, kl.ELU, kl.Softmax, kl.Dense, kl.Rescaling),
    *(kl.BatchNormalization, kl.LayerNormalization, kl.UnitNormalization),
    *UNCHANGED,
}
# Operations that `x + y` and keras.ops add to a graph, by the names of Keras's own classes.
_OPERATIONS = {"Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum", "Minimum", "Relu", "Sigmoid", "Tanh"}


@dataclass(frozen=True)
class Call:
    """A node with its layer.

    Attributes:
        node: node of the graph.
        layer: the Keras operation; None for the model's input.
        number: number of the call of that layer, from 0.
        has_rows: for each of its outputs, whether it has a row, or several, for each image.
    """

    node: Node
    layer: Any
    number: int
    has_rows: tuple[bool, ...]


def read(model: Any) -> tuple[Call, ...]:
    """Every call of a layer in a built functional or sequential keras.Model, in the order in which they are made."""
    images, *shape = model.inputs[0].shape
    walk = _Walk(_numbers(model), images)
    walk.calls.append(Call(Node(walk.unique("input"), "InputLayer", "input", (), tuple(shape)), None, 0, (True,)))
    walk.into(model, ["input"])
    return tuple(walk.calls)


def by_depth(model: Any) -> Iterator[list[Any]]:
    """Keras's nodes that are calls, in the order in which a model makes them; those of one list are parallel."""
    known = _functional(model)._nodes_by_depth
    for depth in sorted(known, reverse=True):
        yield [node for node in known[depth] if not node.is_input]


def map_calls(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls of convolution and pooling layers, which return maps."""
    return tuple(call for call in calls if isinstance(call.layer, (*CONVOLUTIONS, *POOLINGS)))


def first_kernels(maps: Sequence[Call]) -> tuple[str, np.ndarray | None]:
    """The name and kernels (h, w, in, n) of the first convolution among the calls of layers that return maps.

    There are no kernels without a convolution, or if it is not a plain one, whose kernels would not be its filters.
    """
    first = next((call for call in maps if isinstance(call.layer, CONVOLUTIONS)), None)
    if first is None or not isinstance(first.layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
        return first.node.name if first else "", None
    return first.node.name, np.asarray(first.layer.kernel).copy()


def layer_kind(call: Call) -> LayerKind:
    """The kind of a layer that returns maps."""
    return "pooling" if isinstance(call.layer, POOLINGS) else "convolution"


def operation_name(layer: Any) -> str | None:
    """Keras's name for an operation that `x + y` or keras.ops added to a graph; None for a layer."""
    return type(layer).__name__ if type(layer).__module__.startswith("keras.src.ops.") else None


def is_channels_first(layer: Any) -> bool:
    """Whether a layer's maps are (N, C, H, W) rather than (N, H, W, C)."""
    return getattr(layer, "data_format", None) == "channels_first"


def downstream(calls: Sequence[Call], name: str) -> frozenset[str]:
    """The names of the nodes that depend on the node `name`."""
    reached = {name}
    for call in calls:
        if reached.intersection(call.node.inputs):
            reached.add(call.node.name)
    return frozenset(reached - {name})


Way = tuple[int, ...]
"""A call in a model that may have nested models: the identities of Keras's nodes that lead to it, outermost first."""


def _numbers(model: Any) -> dict[Way, int]:
    """The number of each call among the calls of its layer, from 0, in the order in which the model makes them.

    Source: run_through_graph() of keras/src/ops/function.py in Keras 3.15, which walks `_nodes_by_depth` in this way.
    """
    counts: Counter[int] = Counter()
    numbers = {}
    for way, layer in _made(model):
        numbers[way] = counts[id(layer)]
        counts[id(layer)] += 1
    return numbers


def _made(model: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    """The calls of layers, in the order in which a model that is called at `way` makes them."""
    for nodes in by_depth(model):
        for node in nodes:
            below = (*way, id(node))
            if _is_model(node.operation):
                yield from _made(node.operation, below)
            else:
                yield below, node.operation


def _functional(model: Any) -> Any:
    return model._functional if isinstance(model, keras.Sequential) else model


def _is_model(layer: Any) -> bool:
    return isinstance(layer, keras.Sequential) or hasattr(layer, "_nodes_by_depth")


@dataclass
class _Walk:
    """The calls found so far, with the names in use.

    `numbers` are those of all calls, and `images` is what Keras knows of the number of images, usually None.
    """

    numbers: Mapping[Way, int]
    images: int | None
    calls: list[Call] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def into(self, model: Any, sources: Sequence[str], way: Way = ()) -> list[str]:
        """Adds the calls of a model that reads the nodes `sources`; returns the nodes of its outputs."""
        functional = _functional(model)
        made = dict(zip(map(id, functional.inputs), sources, strict=True))
        # Parallel layers are in the order of the model's summary.
        places = {id(layer): place for place, layer in enumerate(functional.operations)}
        for nodes in by_depth(model):
            for node in sorted(nodes, key=lambda node: places[id(node.operation)]):
                names = self._named(node, [made[id(tensor)] for tensor in node.input_tensors], (*way, id(node)))
                made |= zip(map(id, node.outputs), names, strict=True)
        return [made[id(tensor)] for tensor in functional.outputs]

    def _named(self, node: Any, inputs: list[str], way: Way) -> list[str]:
        """Adds the node of one call, or, for a nested model, its nodes; returns the names of its outputs."""
        layer = node.operation
        if _is_model(layer):
            return self.into(layer, inputs, way)
        name = self.unique(layer.name)
        role, window = _geometry(layer, node)
        shape = tuple(node.outputs[0].shape[1:])
        made = Node(name, type(layer).__name__, role, tuple(inputs), shape, window)
        has_rows = tuple(tuple(tensor.shape[:1]) == (self.images,) for tensor in node.outputs)
        self.calls.append(Call(made, layer, self.numbers[way], has_rows))
        return [name] * len(node.outputs)

    def unique(self, name: str) -> str:
        free, number = name, 2
        while free in self.names:
            free, number = f"{name} ({number})", number + 1
        self.names.add(free)
        return free


Role = Literal["window", "pointwise", "join", "opaque"]


def _geometry(layer: Any, node: Any) -> tuple[Role, Window | None]:
    """What a layer does to positions; opaque unless this is known for certain."""
    before, after = [tensor.shape[1:] for tensor in node.input_tensors], node.outputs[0].shape[1:]
    if len(after) != 3 or any(len(shape) != 3 for shape in before) or is_channels_first(layer):
        return "opaque", None
    if window := _window(layer, before[0][:2]):
        return "window", window
    known = type(layer) in {*_POINTWISE, *JOINS, kl.Concatenate} or operation_name(layer) in _OPERATIONS
    if not known or any(shape[:2] != after[:2] for shape in before) or not _is_by_channel(layer):
        return "opaque", None
    return ("join" if len(before) > 1 else "pointwise"), None


def _is_by_channel(layer: Any) -> bool:
    """Whether the layer's axis, if it has one, is the channel axis."""
    axis = getattr(layer, "axis", None)
    axes = axis if isinstance(axis, list | tuple) else [axis]
    return all(one in (None, -1, 3) for one in axes)


def _window(layer: Any, size: Pair) -> Window | None:
    """The window of a layer on an input of `size`; None for a layer that has none."""
    if type(layer) in _KERNELS:
        return _padded(layer.padding, size, layer.kernel_size, layer.strides, layer.dilation_rate)
    if type(layer) in POOLINGS:
        return _padded(layer.padding, size, layer.pool_size, layer.strides, (1, 1))
    if type(layer) is kl.ZeroPadding2D:
        return Window((1, 1), before=(layer.padding[0][0], layer.padding[1][0]))
    return None


def _padded(padding: str, size: Pair, kernel: Any, strides: Any, dilation: Any) -> Window:
    """The window for a padding. "same" works as in TensorFlow: ceil(size / stride) positions, any odd pixel last."""
    before = (0, 0)
    if padding == "same":
        extents = [(k - 1) * d + 1 for k, d in zip(_pair(kernel), _pair(dilation), strict=True)]
        rows, columns = map(_before, size, _pair(strides), extents)
        before = (rows, columns)
    return Window(_pair(kernel), _pair(strides), _pair(dilation), before)


def _before(size: int, stride: int, extent: int) -> int:
    return max((-(-size // stride) - 1) * stride + extent - size, 0) // 2


def _pair(value: Any) -> Pair:
    first, second = (value, value) if isinstance(value, int) else value
    return int(first), int(second)
