"""The record of what is measured inside the network, on one replicate and on its untrained twin.

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
"""The measures that are their own stages, each with the stages that it depends on, which come before it."""


class Omission(Record, frozen=True):
    """Why a measure was not taken.

    Attributes:
        measure: the measure.
        layer: the layer; None: it does not belong to a layer.
        reason: for readers, without a period.
    """

    measure: Measure
    layer: str | None
    reason: str


class Field(Record, frozen=True):
    """A layer's receptive field in input pixels, as (rows, columns).

    Position i of the layer sees the `size` pixels starting at `start` + i · `stride`; what is outside the image is
    padding.

    Attributes:
        name: name of the layer.
        size: size of the field.
        stride: distance from one position to the next.
        start: start of the first position's field.
    """

    name: str
    size: Pair
    stride: Pair
    start: Pair


class Null(Record, frozen=True):
    """The values that a measure has when there is nothing to find.

    Attributes:
        mean: mean of many such values.
        low: lower end of their central 95%.
        high: upper end of their central 95%.
    """

    mean: float
    low: float
    high: float


class EdgeEnergy(Record, frozen=True):
    """The share of each kernel's energy in the Frei-Chen edge subspace, in [0, 1].

    Attributes:
        layer: the first convolution.
        kernels: the share of each kernel.
        centered: the share of each kernel minus its mean.
        null: the mean over the same number of random kernels.
        centered_null: the same for random kernels minus their means.
    """

    layer: str
    kernels: Channels
    centered: Channels
    null: Null
    centered_null: Null


class Probe(Record, frozen=True):
    """A linear classifier of a layer's activations.

    Attributes:
        accuracy: accuracy on test images, in [0, 1].
        shuffled: accuracy of a probe trained on shuffled labels, in [0, 1].
    """

    accuracy: float
    shuffled: float


class LayerMeasures(Record, frozen=True):
    """One convolution or pooling layer; None: not measured.

    Attributes:
        name: name of the layer.
        kind: for readers.
        channels: number of channels.
        dead: channels that are zero for every test image, from 0.
        probe_mean: probe of the channel means.
        probe_pca: probe of principal components, of the same number in every layer.
        orientation: orientation selectivity of each channel, in [0, 1].
        selectivity: class selectivity of each channel for its preferred class, in [−1, 1].
        preferred: the preferred class of each channel.
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
    """The accuracy lost when each channel of a layer is set to zero.

    Attributes:
        layer: name of the layer.
        images: number of test images that it was measured on.
        accuracy: accuracy with all channels, in [0, 1].
        channels: the channels that were set to zero, one at a time, from 0.
        lost: accuracy lost with each of them.
        correlation: Spearman's correlation of that with the channels' class selectivity; None if either is constant.
    """

    layer: str
    images: int
    accuracy: float
    channels: tuple[int, ...]
    lost: tuple[float, ...]
    correlation: float | None


class Probing(Record, frozen=True):
    """What all probes have in common.

    Attributes:
        train_images: number of images that probes are trained on.
        test_images: number of images that they are tested on.
        basis_images: number of images that principal components are computed from.
        dimensions: number of principal components.
        pixels: probe of the raw pixels; None if the images are too large for it.
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
        images: number of test images of the class.
        precision: in [0, 1]; None for a class that is never predicted.
        recall: in [0, 1]; None for a class without a test image.
    """

    label: int
    images: int
    precision: float | None
    recall: float | None


class Mistake(Record, frozen=True):
    """A test image that the network misclassifies.

    Attributes:
        index: index in the test set, from 0.
        label: its class.
        predicted: the predicted class.
        probability: probability of that class, in [0, 1].
    """

    index: int
    label: int
    predicted: int
    probability: float


class Predictions(Record, frozen=True):
    """The replicate's predictions on the test set.

    Attributes:
        confusion: numbers of images by true class (row) and predicted class.
        classes: scores, in the order of the classes.
        mistakes: the most confident first.
    """

    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]
    mistakes: tuple[Mistake, ...]


class Measures(Record, frozen=True):
    """Measures of one replicate: of the trained network, of its untrained twin, and those without a twin.

    Each stage makes such a record of what it measured; generator.results.joined combines them.

    Attributes:
        seed: seed of the replicate.
        fields: receptive fields of the layers that have one, in depth order.
        trained: measured after training.
        untrained: measured on the initial weights.
        ablation: ablation of the layers that it was measured on.
        probing: what all probes have in common; None if no probe was trained.
        predictions: predictions of the trained network.
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
