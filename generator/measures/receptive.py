"""Computes receptive fields: which input pixels a position of a layer can depend on.

A field is the smallest rectangle around those pixels; dilation and wide strides leave holes in it. Where two paths
join, it spans both, which is the same rectangle for all positions only if the strides are equal. This module uses the
graph alone, not the weights.

Source: the recurrence of Araujo, Norris, and Sim, "Computing receptive fields of convolutional neural networks",
Distill 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from generator.records.graph import Node, Pair, Window
from generator.records.measures import Field


def fields(graph: Sequence[Node]) -> dict[str, Field | str]:
    """By node, the receptive field, or the reason why there is none; `graph` is in the order of computation."""
    found: dict[str, Field | str] = {}
    for node in graph:
        found[node.name] = _of_node(node, [found[name] for name in node.inputs])
    return found


def interior(field: Field, positions: Pair, image: Pair) -> tuple[slice, slice]:
    """The rows and columns of a layer with `positions` whose fields are inside the image; slices may be empty."""
    rows, columns = (
        _within(*axis) for axis in zip(field.size, field.stride, field.start, positions, image, strict=True)
    )
    return rows, columns


def _within(size: int, stride: int, start: int, positions: int, image: int) -> slice:
    first = max(0, -(start // stride))  # the smallest i with start + i * stride >= 0
    last = (image - size - start) // stride  # the largest i with start + i * stride + size <= image
    return slice(first, max(first, min(positions, last + 1)))


def _of_node(node: Node, before: list[Field | str]) -> Field | str:
    if node.role == "input":
        return Field(node.name, (1, 1), (1, 1), (0, 0))
    for field in before:
        if isinstance(field, str):
            return field
    known = [field for field in before if isinstance(field, Field)]
    if node.role == "opaque":
        return f"{node.name!r} ({node.kind}) does not read a patch of fixed size for each position"
    if node.window:
        return _through(known[0], node.window, node.name)
    return _joined(known, node.name)


def _through(field: Field, window: Window, name: str) -> Field:
    """The field after a window: (extent - 1) strides larger, its stride multiplied, its start moved by padding."""
    extents = [(size - 1) * dilation + 1 for size, dilation in zip(window.size, window.dilation, strict=True)]
    return Field(
        name=name,
        size=_each(lambda axis: field.size[axis] + (extents[axis] - 1) * field.stride[axis]),
        stride=_each(lambda axis: field.stride[axis] * window.stride[axis]),
        start=_each(lambda axis: field.start[axis] - window.before[axis] * field.stride[axis]),
    )


def _joined(before: list[Field], name: str) -> Field | str:
    strides = {field.stride for field in before}
    if len(strides) > 1:
        return f"{name!r} joins paths of different strides, so its positions see patches of different sizes"
    start = _each(lambda axis: min(field.start[axis] for field in before))
    end = _each(lambda axis: max(field.start[axis] + field.size[axis] for field in before))
    return Field(name, _each(lambda axis: end[axis] - start[axis]), strides.pop(), start)


def _each(of_axis: Callable[[int], int]) -> Pair:
    """A quantity along the rows and along the columns."""
    return of_axis(0), of_axis(1)
