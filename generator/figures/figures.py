"""The figures stage: activations, kernels and misread images become pictures.

A layer is one palette PNG with all its channels as tiles, so that a page holds a handful of images and not
hundreds. Names and ranges are in the record, and the templates set them in type. All pictures are of one replicate
and of its untrained twin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.core.errors import ReportError
from generator.figures.pictures import (
    NOTHING,
    WIDTH,
    Scale,
    levels,
    save_colour_bar,
    save_image,
    save_palette,
    tile,
    tile_columns,
)
from generator.records.figures import FeatureMaps, Figures, Kernels, KernelSet, LayerMaps
from generator.records.response import LayerResponse, Response
from generator.results.applicability import MOST_INPUTS

INPUT_SIDE, MISTAKE_SIDE = 224, 112
AGAIN = "Run `make clean` and build again."


@dataclass(frozen=True)
class NetworkMaps:
    """What one set of weights makes of the image shown.

    Attributes:
        response: the record.
        maps: (H, W, C) by layer.
        dead: dead channels by layer, from 0.
    """

    response: Response
    maps: Sequence[NDArray[Any]]
    dead: Sequence[tuple[int, ...]]


@dataclass(frozen=True)
class FigureArrays:
    """What is drawn beside the maps.

    Attributes:
        image: (H, W, C) in [0, 1], the one shown.
        kernels: the first convolution's (h, w, in, n), “trained” and “untrained”; empty where there are none.
        mistakes: images (n, H, W, C) in [0, 1].
    """

    image: NDArray[Any]
    kernels: Mapping[str, NDArray[Any]]
    mistakes: NDArray[Any]


def draw(trained: NetworkMaps, untrained: NetworkMaps, arrays: FigureArrays) -> tuple[Figures, dict[str, bytes]]:
    """Every figure of one replicate: the record, and the PNG files that it names.

    Raises ReportError when activations or kernels are misshapen or not finite.
    """
    files: dict[str, bytes] = {}
    figures = Figures(
        feature_maps=_draw_feature_maps(trained, arrays.image, "maps", files),
        untrained_maps=_draw_feature_maps(untrained, arrays.image, "untrained-maps", files),
        kernels=_draw_kernels(arrays.kernels, files),
        mistakes=tuple(
            save_image(f"mistake-{rank:02d}.png", image, MISTAKE_SIDE, files)
            for rank, image in enumerate(arrays.mistakes, 1)
        ),
    )
    return figures, files


# --- feature maps ----------------------------------------------------------------------------------


def _draw_feature_maps(
    look: NetworkMaps, image: NDArray[Any], stem: str, files: dict[str, bytes]
) -> FeatureMaps | None:
    """The maps of every layer, if there are layers with maps; the names of the files begin with `stem`."""
    if not look.response.layers:
        return None
    each = zip(look.response.layers, look.maps, look.dead, strict=True)
    layers = tuple(
        _draw_layer(f"{stem}-{number:02d}.png", layer, _checked(activations, layer), dead, files)
        for number, (layer, activations, dead) in enumerate(each, 1)
    )
    shown = look.response.image
    return FeatureMaps(
        seed=look.response.seed,
        index=shown.index,
        label=shown.label,
        predicted=shown.predicted,
        probability=shown.probability,
        input=save_image("input.png", image, INPUT_SIDE, files),
        layers=layers,
    )


def _checked(activations: NDArray[Any], layer: LayerResponse) -> NDArray[Any]:
    place = f"feature maps, layer {layer.name!r}"
    if activations.shape != layer.shape:
        what = f"The activations have shape {activations.shape}, and the layer {layer.shape}"
        raise ReportError(what, place, AGAIN)
    _check_finite(activations, "Some activations", place)
    return activations


def _check_finite(values: NDArray[Any], what: str, place: str) -> None:
    if not np.isfinite(values).all():
        step = "The training diverged: lower the learning rate, or scale the inputs to [0, 1]."
        raise ReportError(f"{what} are infinite or not a number", place, step)


def _draw_layer(
    file: str, layer: LayerResponse, activations: NDArray[Any], dead: tuple[int, ...], files: dict[str, bytes]
) -> LayerMaps:
    """One layer; the file is named by depth, because a layer's own name may hold anything."""
    scale: Scale = "diverging" if (activations < 0).any() else "sequential"
    high = float(np.abs(activations).max())
    low = -high if scale == "diverging" else 0.0
    columns = tile_columns(layer.shape[2])
    tiles = tile(levels(activations, low, high), columns, crossed=dead)
    return LayerMaps(
        name=layer.name,
        kind=layer.kind,
        shape=layer.shape,
        columns=columns,
        rows=math.ceil(layer.shape[2] / columns),
        low=low,
        high=high,
        scale=scale,
        picture=save_palette(file, tiles, scale, files),
        colour_bar=save_colour_bar(scale, files),
        dead=dead,
        silent=layer.silent,
    )


# --- kernels ---------------------------------------------------------------------------------------


def _draw_kernels(kernels: Mapping[str, NDArray[Any]], files: dict[str, bytes]) -> Kernels | None:
    """Both sets of the first convolution's kernels, if there are any that a picture can show."""
    if not kernels or kernels["trained"].shape[2] > MOST_INPUTS:
        return None
    height, width, inputs, count = kernels["trained"].shape
    columns = tile_columns(count)
    return Kernels(
        shape=(height, width),
        inputs=inputs,
        count=count,
        columns=columns,
        trained=_draw_kernel_set("trained", kernels["trained"], columns, files),
        untrained=_draw_kernel_set("untrained", kernels["untrained"], columns, files),
        colour_bar=save_colour_bar("diverging", files),
    )


def _draw_kernel_set(name: str, kernels: NDArray[Any], columns: int, files: dict[str, bytes]) -> KernelSet:
    """One set on its own scale, symmetric about zero; kernels that are all zero have one from -1 to 1."""
    _check_finite(kernels, "Some weights", f"kernels, {name}")
    high = float(np.abs(kernels).max()) or 1.0
    tiles = tile(_in_rows(levels(kernels, -high, high), columns), columns, WIDTH // 2)
    return KernelSet(high=high, picture=save_palette(f"kernels-{name}.png", tiles, "diverging", files))


def _in_rows(indices: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """Kernels (h, w, in, n) as tiles (h, w, ...) in reading order, in rows of `columns`, a row for each input channel.

    What is missing in the last rows is nothing.
    """
    height, width, inputs, count = indices.shape
    rows = math.ceil(count / columns)
    full = np.full((height, width, inputs, rows * columns), NOTHING, np.uint8)
    full[..., :count] = indices
    return full.reshape(height, width, inputs, rows, columns).swapaxes(2, 3).reshape(height, width, -1)
