"""The response stage: how a replicate and its untrained twin respond to the one test image that the article shows.

It is separate from the measures, so that another image does not repeat them. Which channels are dead is among the
measures, since one image is not enough to decide it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from generator.model import graph, threads
from generator.model.activations import Recorder
from generator.model.graph import Call, layer_kind
from generator.model.probabilities import from_outputs
from generator.model.trained import Trained
from generator.model.weights import restore
from generator.records.condition import Recipe
from generator.records.response import ImageResponse, LayerResponse, Response


@dataclass(frozen=True)
class ImageMaps:
    """The response of one set of weights to the image.

    Attributes:
        response: the record.
        maps: maps (h, w, c) of its layers.
    """

    response: Response
    maps: tuple[np.ndarray, ...]


def respond(
    recipe: Recipe, arrays: Mapping[str, np.ndarray], classes: int, replicate: Trained, index: int
) -> tuple[ImageMaps, ImageMaps]:
    """The responses of the replicate and of its twin to the test image at `index`."""
    threads.fix(replicate.threads)
    model = restore(recipe, arrays["x_test"].shape[1:], classes, replicate.weights)
    maps = graph.map_calls(graph.read(model))
    image = np.asarray(arrays["x_test"][[index]])

    def show(probabilities: np.ndarray | None) -> ImageMaps:
        (batch,) = Recorder(model, maps).stream([image])
        shown = tuple(layer[0] for layer in batch.maps)
        if probabilities is None:
            probabilities = from_outputs(batch.outputs, replicate.run.output)[0]
        response = ImageResponse(
            index=index,
            label=int(arrays["y_test"][index]),
            predicted=int(probabilities.argmax()),
            probability=float(probabilities.max()),
        )
        return ImageMaps(Response(replicate.run.seed, response, tuple(map(_layer, maps, shown))), shown)

    trained = show(replicate.probabilities[index])
    model.set_weights([replicate.initial[name] for name in sorted(replicate.initial)])
    return trained, show(None)


def _layer(call: Call, map_: np.ndarray) -> LayerResponse:
    height, width, channels = map_.shape
    return LayerResponse(
        name=call.node.name,
        kind=layer_kind(call),
        shape=(height, width, channels),
        silent=tuple(int(channel) for channel in np.flatnonzero(~map_.any(axis=(0, 1)))),
    )
