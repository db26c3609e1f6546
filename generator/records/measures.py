"""The record of what is measured inside the network: on one replicate, and on its untrained twin.

The twin is the same network with the replicate's own initial weights. A measure that does not apply is None or
empty, and an `Omission` says why. Tuples of channels are in the order of the layer's channels; None marks one
that is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from generator.records.base import Record
from generator.records.graph import LayerKind, Pair

Channels = tuple[float | None, ...]
Measure = Literal["field", "edge_energy", "orientation", "probe", "selectivity", "ablation", "kernels"]

AFTER: Mapping[str, tuple[str, ...]] = {
    "activity": (),
    "probes": (),
    "orientation": ("activity",),
    "ablation": ("activity",),
}
"""The measures that are stages of their own, each with those that it rests on, which come before it."""


class Omission(Record, frozen=True):
    """Why a measure was not taken.

    Attributes:
        measure: which one.
        layer: whose it would be; None: of no layer.
        reason: for readers, without a full stop.
    """

    measure: Measure
    layer: str | None
    reason: str


class Field(Record, frozen=True):
    """A layer's receptive field in input pixels, as (rows, columns).

    Position i of the layer sees the `size` pixels from `start` + i · `stride` on; what lies outside the image is
    padding.

    Attributes:
        name: of the layer.
        size: of the field.
        stride: from one position to the next.
        start: of the first position's field.
    """

    name: str
    size: Pair
    stride: Pair
    start: Pair


class Null(Record, frozen=True):
    """What a measure gives where there is nothing to find.

    Attributes:
        mean: of many such values.
        low: lower end of their central 95%.
        high: upper end of it.
    """

    mean: float
    low: float
    high: float


class EdgeEnergy(Record, frozen=True):
    """The share of each kernel's energy in the Frei-Chen edge subspace, in [0, 1].

    Attributes:
        layer: the first convolution.
        kernels: of each kernel.
        centered: of each kernel minus its mean.
        null: the mean over the same number of random kernels.
        centered_null: the same of kernels minus their mean.
    """

    layer: str
    kernels: Channels
    centered: Channels
    null: Null
    centered_null: Null


class Probe(Record, frozen=True):
    """A linear classifier of a layer's activations.

    Attributes:
        accuracy: on test images, in [0, 1].
        shuffled: accuracy of one that learned from shuffled labels, in [0, 1].
    """

    accuracy: float
    shuffled: float


class LayerMeasures(Record, frozen=True):
    """One convolution or pooling layer; None stands for what was not measured.

    Attributes:
        name: of the layer.
        kind: for readers.
        channels: number of channels.
        dead: channels that are zero on every test image, from 0.
        probe_mean: reads the mean of each channel.
        probe_pca: reads the same number of principal components in every layer.
        orientation: selectivity of each channel, in [0, 1].
        selectivity: of each channel for its class, in [−1, 1].
        preferred: that class, by channel.
    """

    name: str
    kind: LayerKind
    channels: int
    dead: tuple[int, ...] | None = None
    probe_mean: Probe | None = None
    probe_pca: Probe | None = None
    orientation: Channels | None = None
    selectivity: Channels | None = None
    preferred: tuple[int | None, ...] | None = None


class Network(Record, frozen=True):
    """Everything measured on one set of weights.

    Attributes:
        layers: in depth order.
        edge_energy: None without a plain first convolution.
    """

    layers: tuple[LayerMeasures, ...]
    edge_energy: EdgeEnergy | None


class Ablation(Record, frozen=True):
    """The accuracy that each channel of a layer is worth.

    Attributes:
        layer: its name.
        images: test images that it was measured on.
        accuracy: with all channels, in [0, 1].
        channels: that were set to zero, each by itself, from 0.
        lost: accuracy lost with each of them.
        correlation: Spearman's, of that and the channels' class selectivity; None where either is constant.
    """

    layer: str
    images: int
    accuracy: float
    channels: tuple[int, ...]
    lost: tuple[float, ...]
    correlation: float | None


class Probing(Record, frozen=True):
    """What all probes share.

    Attributes:
        train_images: number of images that probes learn from.
        test_images: number of images that they are tested on.
        basis_images: number of images that principal components are of.
        dimensions: number of principal components.
        pixels: probe of the raw pixels; None for images too large for it.
        pixels_pca: probe of the pixels' principal components.
    """

    train_images: int
    test_images: int
    basis_images: int
    dimensions: int
    pixels: Probe | None
    pixels_pca: Probe


class ClassScore(Record, frozen=True):
    """How one class is distinguished from the others.

    Attributes:
        label: the class.
        images: of the class in the test set.
        precision: in [0, 1]; None for a class that is never predicted.
        recall: in [0, 1]; None for a class without a test image.
    """

    label: int
    images: int
    precision: float | None
    recall: float | None


class Mistake(Record, frozen=True):
    """A test image that the network gives another class.

    Attributes:
        index: in the test set, from 0.
        label: its class.
        predicted: the class that it is given.
        probability: of that class, in [0, 1].
    """

    index: int
    label: int
    predicted: int
    probability: float


class Predictions(Record, frozen=True):
    """The replicate's predictions of the test set.

    Attributes:
        confusion: numbers of images by true class (row) and predicted class.
        classes: scores in the order of the classes.
        mistakes: the most confident first.
    """

    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]
    mistakes: tuple[Mistake, ...]


class Measures(Record, frozen=True):
    """Measures of one replicate: the trained network, its untrained twin, and what needs no twin.

    Each stage leaves such a record of what it measured; generator.results.joined puts them together.

    Attributes:
        seed: of the replicate.
        fields: of the layers that have one, in depth order.
        trained: measured after training.
        untrained: measured on the initial weights.
        ablation: of the layers that it was measured on.
        probing: None where no probe was trained.
        predictions: of the trained network.
        omissions: what was not measured.
    """

    seed: int
    fields: tuple[Field, ...] = ()
    trained: Network = Network((), None)
    untrained: Network = Network((), None)
    ablation: tuple[Ablation, ...] = ()
    probing: Probing | None = None
    predictions: Predictions = Predictions((), (), ())
    omissions: tuple[Omission, ...] = ()
