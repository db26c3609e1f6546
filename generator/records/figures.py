"""The record of the figures stage: pictures, and the numbers printed around them.

Pictures are PNG files beside the record. Text is not in them: the templates set it in type.
"""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.charts import Chart
from generator.records.graph import LayerKind


class Picture(Record, frozen=True):
    """A PNG file of the stage, with its size in pixels."""

    file: str
    width: int
    height: int


class LayerMaps(Record, frozen=True):
    """All channels of one layer, tiled in `columns` x `rows`, on one scale from `low` to `high`.

    `shape` is (height, width, channels). `low` is 0 unless the layer has negative activations; `scale` is
    then "diverging", and the range symmetric about 0. `dead` channels are zero for every test image, `silent`
    ones for the image shown.
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
    colour_bar: Picture
    dead: tuple[int, ...]
    silent: tuple[int, ...]


class FeatureMaps(Record, frozen=True):
    """The feature-map figure of one replicate for one test image."""

    seed: int
    index: int
    label: int
    predicted: int
    probability: float
    input: Picture
    layers: tuple[LayerMaps, ...]


class KernelSet(Record, frozen=True):
    """The kernels of one set of weights as tiles, on a scale from -`high` to `high`."""

    high: float
    picture: Picture


class Kernels(Record, frozen=True):
    """The first convolution's kernels of one replicate, before and after training.

    `shape` is (height, width) of each of the `count` kernels, which stand in rows of `columns`: as many rows for each
    as there are `inputs`, the channels of the layer's input.
    """

    shape: tuple[int, int]
    inputs: int
    count: int
    columns: int
    trained: KernelSet
    untrained: KernelSet
    colour_bar: Picture


class Figures(Record, frozen=True):
    """Every figure made from the evidence; what a network does not have is None or empty.

    `untrained_maps` are those of the untrained twin; `mistakes` the images that the replicate takes, most confidently,
    for another class, in the order of the measures' mistakes.
    """

    feature_maps: FeatureMaps | None
    untrained_maps: FeatureMaps | None = None
    kernels: Kernels | None = None
    mistakes: tuple[Picture, ...] = ()
    charts: tuple[Chart, ...] = ()
