"""The records of the explorer: the network as the page's script runs it, and its settings in paper.toml.

Weights, images, and the activations that the script is checked against are packed files next to the record.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from generator.records.base import Record
from generator.records.dataset import ValueRange
from generator.records.graph import LayerKind, Pair, Window
from generator.records.run import OutputKind

Size = Annotated[int, msgspec.Meta(ge=1)]

PACKED = ".packed"
"""Suffix of files that contain packed arrays."""


class DrawingSettings(Record, frozen=True):
    """The [explorer.drawing] table: how a drawing becomes an image.

    Attributes:
        canvas: (rows, columns) of the image, in pixels.
        box: side in pixels of the square that drawings are fitted into.
    """

    canvas: tuple[Size, Size]
    box: Size


class ExplorerSettings(Record, frozen=True):
    """The [explorer] table.

    Attributes:
        drawing: how drawings become images; None: readers can only choose test images.
    """

    drawing: DrawingSettings | None = None


class Operation(Record, frozen=True):
    """One step of the network's computation, for one image.

    Attributes:
        name: name of the node that it belongs to.
        op: its name in the page's script.
        inputs: indices, from 0, of the operations whose output it reads.
        shape: shape of its output, without the batch.
        window: how it moves over its input; None if it does not.
        options: its other parameters, by name.
        weights: by name, the index of an array's first value in the packed weights, followed by its shape.
    """

    name: str
    op: str
    inputs: tuple[int, ...]
    shape: tuple[int, ...]
    window: Window | None = None
    options: dict[str, str | int | float | tuple[float, ...] | None] = {}
    weights: dict[str, tuple[int, ...]] = {}


class ShownLayer(Record, frozen=True):
    """A convolution or pooling layer whose maps are shown.

    Attributes:
        name: name of the layer.
        kind: for readers.
        operation: index of its operation, from 0.
    """

    name: str
    kind: LayerKind
    operation: int


class TestImage(Record, frozen=True):
    """A test image that the page offers for choice.

    Attributes:
        index: index in the test set, from 0.
        label: its class.
    """

    index: int
    label: int


class Rounding(Record, frozen=True):
    """How rounding the weights affects the test set.

    Attributes:
        images: number of images in the test set.
        correct: classified correctly with full precision.
        correct_rounded: classified correctly with rounded weights.
        changed: classified differently with rounded weights.
    """

    images: int
    correct: int
    correct_rounded: int
    changed: int


class Explorer(Record, frozen=True):
    """A network that the page can run, from one replicate.

    Attributes:
        seed: seed of the replicate.
        classes: number of classes.
        value_range: values represented by the lowest and the highest byte of an image.
        operations: in order; the last one computes the output.
        layers: layers whose maps are shown.
        output: what the output contains.
        images: test images offered.
        shown: index in `images` of the one shown first, for which Keras's activations are included: those of
            `layers`, then the output.
        rounding: effect of half precision.
        palettes: colors of the maps by name, packed in base64.
    """

    seed: int
    classes: int
    value_range: ValueRange
    operations: tuple[Operation, ...]
    layers: tuple[ShownLayer, ...]
    output: OutputKind
    images: tuple[TestImage, ...]
    shown: int
    rounding: Rounding
    palettes: dict[str, str]

    @property
    def image_shape(self) -> tuple[int, ...]:
        return self.operations[0].shape

    @property
    def size(self) -> Pair:
        return self.image_shape[0], self.image_shape[1]


class Exploration(Record, frozen=True):
    """The explorer, or the reason why there is none.

    Attributes:
        explorer: None if the page cannot run the network.
        omission: the reason; empty if there is an explorer.
    """

    explorer: Explorer | None
    omission: str = ""
