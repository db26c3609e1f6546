"""The records of the explorer: the network as the page's script runs it, and what paper.toml says of it.

Weights, images and the activations that the script is checked against are packed files beside the record.
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
"""How the names of the files end that hold packed arrays."""


class DrawingSettings(Record, frozen=True):
    """The [explorer.drawing] table: drawings are fitted into `box` pixels on a `canvas` of (rows, columns)."""

    canvas: tuple[Size, Size]
    box: Size


class ExplorerSettings(Record, frozen=True):
    """The [explorer] table; without `drawing` only test images are offered."""

    drawing: DrawingSettings | None = None


class Operation(Record, frozen=True):
    """One step of the network's computation, for one image: what it reads by place, and its output's shape.

    `weights` gives an array's first place in the packed weights and its shape.
    """

    name: str
    op: str
    inputs: tuple[int, ...]
    shape: tuple[int, ...]
    window: Window | None = None
    options: dict[str, str | int | float | tuple[float, ...] | None] = {}
    weights: dict[str, tuple[int, ...]] = {}


class ShownLayer(Record, frozen=True):
    """A convolution or pooling layer whose maps are shown: the place of its operation."""

    name: str
    kind: LayerKind
    operation: int


class TestImage(Record, frozen=True):
    """A test image that the page offers."""

    index: int
    label: int


class Rounding(Record, frozen=True):
    """What rounding the weights does to the test set: images read correctly, and those given another class."""

    images: int
    correct: int
    correct_rounded: int
    changed: int


class Explorer(Record, frozen=True):
    """A network that the page can run, from one replicate; the last operation gives the output.

    `value_range` are the values that the lowest and the highest byte of an image stand for. `output` says what the
    output is. `shown` is the place among `images` of the one that is shown first, for which
    Keras's activations are carried: those of `layers`, then the output.
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
    """The explorer, or the reason why there is none."""

    explorer: Explorer | None
    omission: str = ""
