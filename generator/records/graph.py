"""The record of a model's graph: what each layer reads, and how it moves over its input."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

Pair = tuple[int, int]

LayerKind = Literal["convolution", "pooling"]
"""Kinds of layers that have maps."""


class Window(Record, frozen=True):
    """How a convolution or pooling layer moves over its input, as (rows, columns), in pixels of that input.

    Attributes:
        size: size of the patch that is read.
        stride: distance from one patch to the next.
        dilation: distance from one value of a patch to the next.
        before: padding above and left of the input.
    """

    size: Pair
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    before: Pair = (0, 0)


class Node(Record, frozen=True):
    """One call of a layer.

    Attributes:
        name: unique in the graph.
        kind: Keras's class.
        role: for each position, a window reads a patch of its input; a pointwise node, and a join of several inputs,
            read that same position; an opaque one reads something else, such as every position.
        inputs: names of the nodes that it reads.
        shape: shape of its output, without the batch; None: unknown.
        window: how it moves over its input; None for other roles.
    """

    name: str
    kind: str
    role: Literal["input", "window", "pointwise", "join", "opaque"]
    inputs: tuple[str, ...]
    shape: tuple[int | None, ...]
    window: Window | None = None
