"""The figures stage: draws activations, kernels, and misclassified images.

Each layer is one palette PNG with all its channels as tiles, so that a page has a handful of images instead of
hundreds. Pictures contain no text: names and ranges are in the record, and the templates print them. All pictures are
of one replicate and its untrained twin.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.core.errors import ReportError
from generator.core.tiling import tile_columns
from generator.figures.pictures import (
    NOTHING,
    WIDTH,
    ColorScale,
    levels,
    save_color_bar,
    save_image,
    save_palette,
    shortened,
    tile,
)
from generator.records.figures import Excerpt, FeatureMaps, Figures, Kernels, KernelSet, LayerMaps
from generator.records.response import LayerResponse, Response
from generator.results.applicability import MAX_INPUTS

INPUT_SIDE, MISTAKE_SIDE = 224, 112
EXCERPT = 8  # channels that represent a layer where there is no room for all
WITHIN = 0.98  # share of weights within the kernels' scale: with all, a single large one would make the rest pale
AGAIN = "Run `make clean` and build again."


@dataclass(frozen=True)
class NetworkMaps:
    """The response to the image shown, with one set of weights.

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
    """The arrays that are drawn besides the maps.

    Attributes:
        image: the image shown (H, W, C), in [0, 1].
        kernels: the first convolution's (h, w, in, n), “trained” and “untrained”; empty if there are none.
        mistakes: images (n, H, W, C) in [0, 1].
    """

    image: NDArray[Any]
    kernels: Mapping[str, NDArray[Any]]
    mistakes: NDArray[Any]


def draw(trained: NetworkMaps, untrained: NetworkMaps, arrays: FigureArrays) -> tuple[Figures, dict[str, bytes]]:
    """Every figure of one replicate: the record, and the PNG files that it names.

    Raises ReportError when activations or kernels have the wrong shape or are not finite.
    """
    files: dict[str, bytes] = {}
    figures = Figures(
        feature_maps=_draw_feature_maps(trained, arrays.image, "maps", files),
        untrained_maps=_draw_feature_maps(untrained, arrays.image, "untrained-maps", files),
        excerpts=tuple(_draw_excerpts(trained, files)),
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
    """The maps of every layer, if there are layers with maps; file names begin with `stem`."""
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
    """One layer. The file is named by depth, because the layer's own name may contain any character."""
    scale, low, high = _scale(activations)
    columns = tile_columns(layer.shape[2])
    tiles = tile(levels(shortened(activations), low, high), columns, crossed=dead, is_lined=scale == "diverging")
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
        color_bar=save_color_bar(scale, files),
        dead=dead,
        silent=layer.silent,
    )


def _draw_excerpts(look: NetworkMaps, files: dict[str, bytes]) -> Iterator[Excerpt]:
    """A row of each layer's most active channels, on the scale of all its channels."""
    for number, (layer, activations) in enumerate(zip(look.response.layers, look.maps, strict=True), 1):
        strongest = np.abs(activations).max(axis=(0, 1)).argsort(kind="stable")[::-1][:EXCERPT]
        channels = np.sort(strongest)
        scale, low, high = _scale(activations)
        shown = shortened(activations[:, :, channels])
        tiles = tile(levels(shown, low, high), EXCERPT, WIDTH // 2, is_lined=scale == "diverging")
        picture = save_palette(f"excerpt-{number:02d}.png", tiles, scale, files)
        yield Excerpt(layer.name, layer.shape, tuple(map(int, channels)), picture)


def _scale(activations: NDArray[Any]) -> tuple[ColorScale, float, float]:
    """The scale: from zero to the largest activation, or symmetric about zero if some are negative."""
    high = float(np.abs(activations).max())
    return ("diverging", -high, high) if (activations < 0).any() else ("sequential", 0.0, high)


# --- kernels ---------------------------------------------------------------------------------------


def _draw_kernels(kernels: Mapping[str, NDArray[Any]], files: dict[str, bytes]) -> Kernels | None:
    """Both sets of the first convolution's kernels, if there are any that a picture can show."""
    if not kernels or kernels["trained"].shape[2] > MAX_INPUTS:
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
        color_bar=save_color_bar("diverging", files),
    )


def _draw_kernel_set(name: str, kernels: NDArray[Any], columns: int, files: dict[str, bytes]) -> KernelSet:
    """One set with its own scale, which is symmetric about zero and includes nearly all weights.

    If all weights are zero, the scale is from -1 to 1.
    """
    _check_finite(kernels, "Some weights", f"kernels, {name}")
    sizes = np.abs(kernels)
    high = float(np.quantile(sizes, WITHIN, method="higher")) or float(sizes.max()) or 1.0
    indices = _in_rows(levels(shortened(np.clip(kernels, -high, high)), -high, high), columns)
    tiles = tile(indices, columns, WIDTH // 2, is_lined=True)
    picture = save_palette(f"kernels-{name}.png", tiles, "diverging", files)
    return KernelSet(high=high, beyond=int((sizes > high).sum()), picture=picture)


def _in_rows(indices: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """Kernels (h, w, in, n) as tiles (h, w, ...) in reading order: rows of `columns`, one for each input channel.

    Empty places in the last rows are transparent.
    """
    height, width, inputs, count = indices.shape
    rows = math.ceil(count / columns)
    full = np.full((height, width, inputs, rows * columns), NOTHING, np.uint8)
    full[..., :count] = indices
    return full.reshape(height, width, inputs, rows, columns).swapaxes(2, 3).reshape(height, width, -1)
