"""The record of the response stage: what a replicate, or its untrained twin, makes of the image shown.

The activations themselves are arrays and lie beside the record, in the order of the layers.
"""

from __future__ import annotations

from generator.records.base import Record
from generator.records.graph import LayerKind


class LayerResponse(Record, frozen=True):
    """A convolution or pooling layer; `silent` lists the channels that are zero for the image."""

    name: str
    kind: LayerKind
    shape: tuple[int, int, int]
    silent: tuple[int, ...]


class ImageResponse(Record, frozen=True):
    """The test image whose feature maps are shown, and what the network makes of it."""

    index: int
    label: int
    predicted: int
    probability: float


class Response(Record, frozen=True):
    """What one set of weights makes of the image, layers in depth order."""

    seed: int
    image: ImageResponse
    layers: tuple[LayerResponse, ...]
