"""The record of what is measured inside the network: on one replicate, and on its untrained twin.

The twin is the same network with the replicate's own initial weights. A measure that does not apply is None or
empty, and an `Omission` says why. Tuples of channels are in the order of the layer's channels; None marks one
that is left out.
"""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.graph import LayerKind, Pair

Channels = tuple[float | None, ...]
Measure = Literal["field", "edge_energy", "orientation", "probe", "selectivity", "ablation", "kernels"]


class Omission(Record, frozen=True):
    """Why a measure was not taken: of one layer, or (`layer` is None) at all."""

    measure: Measure
    layer: str | None
    reason: str


class Field(Record, frozen=True):
    """A layer's receptive field in input pixels, as (rows, columns).

    Position i of the layer sees the `size` pixels from `start` + i * `stride` on; what lies outside the image is
    padding.
    """

    name: str
    size: Pair
    stride: Pair
    start: Pair


class Null(Record, frozen=True):
    """What a measure gives where there is nothing to find: its mean, and the ends of its central 95%."""

    mean: float
    low: float
    high: float


class EdgeEnergy(Record, frozen=True):
    """The share of each kernel's energy in the Frei-Chen edge subspace, in [0, 1], also of kernels less their mean.

    The nulls are of the mean over as many random kernels.
    """

    layer: str
    kernels: Channels
    centred: Channels
    null: Null
    centred_null: Null


class Probe(Record, frozen=True):
    """Test accuracy of a linear classifier, in [0, 1], and of one that learned from shuffled labels."""

    accuracy: float
    shuffled: float


class LayerMeasures(Record, frozen=True):
    """One convolution or pooling layer. `dead` channels are zero on every test image.

    `probe_mean` reads the mean of each channel, `probe_pca` as many principal components in every layer.
    `orientation` is in [0, 1]; `selectivity` in [-1, 1], for the class `preferred`.
    """

    name: str
    kind: LayerKind
    channels: int
    dead: tuple[int, ...]
    probe_mean: Probe | None
    probe_pca: Probe | None
    orientation: Channels | None
    selectivity: Channels | None
    preferred: tuple[int | None, ...] | None


class Network(Record, frozen=True):
    """Everything measured on one set of weights, layers in depth order."""

    layers: tuple[LayerMeasures, ...]
    edge_energy: EdgeEnergy | None


class Ablation(Record, frozen=True):
    """The accuracy that each channel of a layer is worth: what is lost on `images` test images when it is zero.

    `correlation` is Spearman's between that and the channels' class selectivity; None where either is constant.
    """

    layer: str
    images: int
    accuracy: float
    lost: tuple[float, ...]
    correlation: float | None


class Probing(Record, frozen=True):
    """What all probes share: numbers of images, principal components, and the probes of the raw pixels.

    `pixels` is None for images too large for that.
    """

    train_images: int
    test_images: int
    basis_images: int
    dimensions: int
    pixels: Probe | None
    pixels_pca: Probe


class ClassScore(Record, frozen=True):
    """Precision is None for a class that is never predicted, recall for one without a test image."""

    label: int
    images: int
    precision: float | None
    recall: float | None


class Mistake(Record, frozen=True):
    """A test image that the network takes, with this probability, for another class; `index` is in the test set."""

    index: int
    label: int
    predicted: int
    probability: float


class Predictions(Record, frozen=True):
    """The replicate's predictions of the test set.

    `confusion` counts images by true class (row) and predicted class; `mistakes` begin with the most confident.
    """

    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]
    mistakes: tuple[Mistake, ...]


class Measures(Record, frozen=True):
    """All of one replicate: the trained network, its untrained twin, and what needs no twin."""

    seed: int
    fields: tuple[Field, ...]
    trained: Network
    untrained: Network
    ablation: tuple[Ablation, ...]
    probing: Probing | None
    predictions: Predictions
    omissions: tuple[Omission, ...]
