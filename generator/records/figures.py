"""The record of the figures stage: pictures, and the numbers printed around them.

Pictures are PNG files next to the record. They contain no text: the templates typeset it.
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
        width: width in pixels.
        height: height in pixels.
        stretch: how many times as high and as wide as a square the values of an image are drawn.
    """

    file: str
    width: int
    height: int
    stretch: tuple[int, int] = (1, 1)


class LayerMaps(Record, frozen=True):
    """All channels of one layer as tiles with one color scale.

    Attributes:
        name: name of the layer.
        kind: for readers.
        shape: (height, width, channels).
        columns: tiles in a row.
        rows: rows of tiles.
        low: lower end of the scale: 0 unless the layer has negative activations.
        high: upper end of the scale.
        scale: diverging if there are negative activations, and then symmetric about 0.
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
        name: name of the layer.
        shape: (height, width, channels) of all its maps.
        channels: the channels shown, in order, from 0.
        picture: the tiles.
    """

    name: str
    shape: tuple[int, int, int]
    channels: tuple[int, ...]
    picture: Picture


class FeatureMaps(Record, frozen=True):
    """The feature maps of one replicate for one test image.

    Attributes:
        seed: seed of the replicate.
        index: index of the image in the test set, from 0.
        label: its class.
        predicted: the class that the network predicts.
        probability: probability of that class, in [0, 1].
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
        high: upper end of the scale.
        beyond: number of weights outside the scale, which have the color of its end.
        picture: the tiles.
    """

    high: float
    beyond: int
    picture: Picture


class Kernels(Record, frozen=True):
    """The first convolution's kernels of one replicate, before and after training.

    Attributes:
        shape: (height, width) of each kernel.
        inputs: number of input channels, each of which is a row of tiles for each kernel.
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
    """Every figure made from the evidence. What a network does not have is None or empty.

    Attributes:
        feature_maps: feature maps of the first replicate.
        untrained_maps: feature maps of its untrained twin.
        excerpts: excerpts of the feature maps, layer by layer.
        kernels: kernels of the first convolution.
        mistakes: images that the replicate misclassifies most confidently, in the order of the measures' mistakes.
        charts: charts of all replicates.
    """

    feature_maps: FeatureMaps | None
    untrained_maps: FeatureMaps | None = None
    excerpts: tuple[Excerpt, ...] = ()
    kernels: Kernels | None = None
    mistakes: tuple[Picture, ...] = ()
    charts: tuple[Chart, ...] = ()
