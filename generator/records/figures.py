"""The record of the figures stage: pictures, and the numbers printed around them.

Pictures are PNG files beside the record. Text is not in them: the templates set it in type.
"""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.charts import Chart
from generator.records.graph import LayerKind


class Picture(Record, frozen=True):
    """A PNG file of the stage.

    Attributes:
        file: the file's name.
        width: in pixels.
        height: in pixels.
    """

    file: str
    width: int
    height: int


class LayerMaps(Record, frozen=True):
    """All channels of one layer, tiled, on one scale.

    Attributes:
        name: of the layer.
        kind: for readers.
        shape: (height, width, channels).
        columns: tiles in a row.
        rows: rows of tiles.
        low: where the scale begins: 0 unless the layer has negative activations.
        high: where the scale ends.
        scale: diverging where there are negative activations; it is then symmetric about 0.
        picture: the tiles.
        color_bar: the scale's colors.
        dead: channels that are zero for every test image, from 0.
        silent: channels that are zero for the image shown, from 0.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, int, int]
    columns: int
    rows: int
    low: float
    high: float
    scale: Literal["sequential", "diverging"]
    picture: Picture
    color_bar: Picture
    dead: tuple[int, ...]
    silent: tuple[int, ...]


class Excerpt(Record, frozen=True):
    """A row of the channels of one layer that are most active for the image shown.

    Attributes:
        name: of the layer.
        shape: (height, width, channels) of all its maps.
        channels: those shown, in their order, from 0.
        picture: the tiles.
    """

    name: str
    shape: tuple[int, int, int]
    channels: tuple[int, ...]
    picture: Picture


class FeatureMaps(Record, frozen=True):
    """The feature maps of one replicate for one test image.

    Attributes:
        seed: of the replicate.
        index: of the image in the test set, from 0.
        label: its class.
        predicted: the class that the network gives it.
        probability: of that class, in [0, 1].
        input: the image.
        layers: in depth order.
    """

    seed: int
    index: int
    label: int
    predicted: int
    probability: float
    input: Picture
    layers: tuple[LayerMaps, ...]


class KernelSet(Record, frozen=True):
    """The kernels of one set of weights as tiles, on a scale from −`high` to `high`.

    Attributes:
        high: where the scale ends.
        beyond: number of weights that lie outside the scale and have the color of its end.
        picture: the tiles.
    """

    high: float
    beyond: int
    picture: Picture


class Kernels(Record, frozen=True):
    """The first convolution's kernels of one replicate, before and after training.

    Attributes:
        shape: (height, width) of each kernel.
        inputs: channels of the layer's input: the rows of tiles for each kernel.
        count: number of kernels.
        columns: kernels in a row.
        trained: after training.
        untrained: before training.
        color_bar: the scale's colors.
    """

    shape: tuple[int, int]
    inputs: int
    count: int
    columns: int
    trained: KernelSet
    untrained: KernelSet
    color_bar: Picture


class Figures(Record, frozen=True):
    """Every figure made from the evidence; what a network does not have is None or empty.

    Attributes:
        feature_maps: of the first replicate.
        untrained_maps: of its untrained twin.
        excerpts: of the feature maps, layer by layer: a picture of the network at work.
        kernels: of the first convolution.
        mistakes: images that the replicate misclassifies most confidently, in the order of the measures' mistakes.
        charts: of all replicates.
    """

    feature_maps: FeatureMaps | None
    untrained_maps: FeatureMaps | None = None
    excerpts: tuple[Excerpt, ...] = ()
    kernels: Kernels | None = None
    mistakes: tuple[Picture, ...] = ()
    charts: tuple[Chart, ...] = ()
