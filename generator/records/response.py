"""The record of the response stage: the response of a replicate, or of its untrained twin, to the image shown.

The activations themselves are arrays next to the record, in the order of the layers.
"""

from __future__ import annotations

from generator.records.base import Record
from generator.records.graph import LayerKind


class LayerResponse(Record, frozen=True):
    """A convolution or pooling layer's response to the image.

    Attributes:
        name: name of the layer.
        kind: for readers.
        shape: (height, width, channels) of its maps.
        silent: channels that are zero for the image, from 0.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, int, int]
    silent: tuple[int, ...]


class ImageResponse(Record, frozen=True):
    """The test image whose feature maps are shown, and the network's prediction for it.

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


class Response(Record, frozen=True):
    """The response of one set of weights to the image.

    Attributes:
        seed: seed of the replicate.
        image: the image and its class.
        layers: in depth order.
    """

    seed: int
    image: ImageResponse
    layers: tuple[LayerResponse, ...]
