"""Converts arrays to PNG files: the tiles of one palette picture, with values as squares and no interpolation.

Only the values of what is much longer in one direction than in the other are rectangles (generator/core/tiling.py).

The space between tiles is transparent, or gray if zero is white, so that one picture suits light pages, dark pages, and
paper. Pictures have no text and no metadata, so equal arrays give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from typing import Any, Literal

import matplotlib
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generator.core.tiling import MAX_TILE_PIXELS, averaged, stretch
from generator.records.figures import Picture

ColorScale = Literal["sequential", "diverging"]

WIDTH, GAP = 900, 4  # pixels: the width that a page has room for, and the space between two tiles
# Palette: nothing, the gray of a dead channel (visible on white and on black), that of lines between tiles, then the
# color map. The number of levels is odd, so that a diverging scale has one for zero.
NOTHING, INK, LINE, FIRST, LEVELS = 0, 1, 2, 3, 251
INK_COLOR, LINE_COLOR = (118, 118, 118), (211, 209, 203)
COLOR_MAPS: dict[ColorScale, str] = {"sequential": "viridis", "diverging": "RdBu_r"}


def levels(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Palette indices of values from `low` to `high`; if all values are zero, they get the color of zero."""
    share = (values - low) / ((high - low) or 1.0)
    return (FIRST + np.rint(share * (LEVELS - 1))).astype(np.uint8)


def tile(
    indices: NDArray[np.uint8], columns: int, width: int = WIDTH, crossed: Iterable[int] = (), is_lined: bool = False
) -> NDArray[np.uint8]:
    """The channels of palette indices (H, W, C) side by side, in reading order, enlarged by a whole number.

    `width` is the available width in pixels; `crossed` channels are empty tiles with a cross. With `is_lined`, the
    space between tiles is gray, and after the last one of an incomplete row, since on a white page tiles would run
    together that are white themselves. Empty places in the last row are transparent.
    """
    channels = indices.shape[2]
    room = min(MAX_TILE_PIXELS, (width + GAP) // columns - GAP)
    shown = _enlarged(indices, room)
    down, right = shown.shape[0] + GAP, shown.shape[1] + GAP
    canvas = np.full((math.ceil(channels / columns) * down - GAP, columns * right - GAP), NOTHING, np.uint8)
    for channel in range(channels):
        top, left = channel // columns * down, channel % columns * right
        each = _cross(*shown.shape[:2]) if channel in crossed else shown[:, :, channel]
        if is_lined and each.any():
            canvas[max(top - GAP, 0) : top + down, max(left - GAP, 0) : left + right] = LINE
        canvas[top : top + down - GAP, left : left + right - GAP] = each
    return canvas


def shortened(values: NDArray[Any]) -> NDArray[Any]:
    """Values (H, W, ...); along a strip too long for a picture, they are averaged (generator/core/tiling.py)."""
    for axis, count in enumerate(averaged(*values.shape[:2])):
        if count > 1:
            parts = np.split(values, range(count, values.shape[axis], count), axis)
            values = np.stack([part.mean(axis) for part in parts], axis)
    return values


def _enlarged(pixels: NDArray[np.uint8], room: int) -> NDArray[np.uint8]:
    """Pixels (H, W, ...) enlarged by a whole number so that they fit into a square of `room` pixels, if they can."""
    height, width = pixels.shape[:2]
    tall, wide = stretch(height, width)
    factor = max(1, room // max(height * tall, width * wide))
    return pixels.repeat(factor * tall, 0).repeat(factor * wide, 1)


def _cross(height: int, width: int) -> NDArray[np.uint8]:
    """An empty tile with a frame and a cross."""
    rows, columns = np.ogrid[:height, :width]
    stroke = max(1, min(height, width) // 32)
    reach = stroke * max(height, width) / 2
    falling = np.abs(rows * (width - 1) - columns * (height - 1)) <= reach
    upright = np.minimum(rows, height - 1 - rows) < stroke
    sideways = np.minimum(columns, width - 1 - columns) < stroke
    marked = falling | falling[:, ::-1] | upright | sideways
    return np.where(marked, INK, NOTHING).astype(np.uint8)


def save_color_bar(scale: ColorScale, files: dict[str, bytes]) -> Picture:
    """The color bar of a scale; all pictures on that scale share it."""
    bar = np.arange(FIRST, FIRST + LEVELS, dtype=np.uint8)[None, :].repeat(12, 0)
    return save_palette(f"scale-{scale}.png", bar, scale, files)


def save_image(name: str, image: NDArray[Any], side: int, files: dict[str, bytes]) -> Picture:
    """An image (H, W, C) in [0, 1], enlarged by a whole number to about `side` pixels.

    It is in color if it has three channels, and otherwise the mean of its channels in gray.
    """
    shown = shortened(image)
    shades = shown if image.shape[2] == 3 else shown.mean(axis=2)
    pixels = np.rint(np.clip(shades, 0, 1) * 255).astype(np.uint8)
    picture = _save(name, Image.fromarray(_enlarged(pixels, side)), files)
    return msgspec.structs.replace(picture, stretch=stretch(*image.shape[:2]))


def save_palette(name: str, indices: NDArray[np.uint8], scale: ColorScale, files: dict[str, bytes]) -> Picture:
    """Palette indices (H, W) in the colors of a scale."""
    height, width = indices.shape
    picture = Image.frombytes("P", (width, height), indices.tobytes())
    colors = matplotlib.colormaps[COLOR_MAPS[scale]](np.linspace(0, 1, LEVELS), bytes=True)
    picture.putpalette([*INK_COLOR, *INK_COLOR, *LINE_COLOR, *colors[:, :3].ravel().tolist()])
    picture.info["transparency"] = NOTHING
    return _save(name, picture, files)


def _save(name: str, picture: Image.Image, files: dict[str, bytes]) -> Picture:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    files[name] = buffer.getvalue()
    return Picture(file=name, width=picture.width, height=picture.height)
