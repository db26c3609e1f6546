"""How the maps of a layer are arranged in rows, in pictures and in the page; the page's script has the same rules.

Layers with about the same number of channels have equally long rows, so that their edges align.
"""

from __future__ import annotations

import math

_COLUMNS = ((32, 8), (256, 16))
"""Pairs of a number of channels and the tiles in a row for up to that many channels."""

_MOST_COLUMNS = 32
MAX_ASPECT_RATIO = 4
"""How many times as long as the other a side of a map is drawn at most: a strip of a pixel shows nothing."""
MAX_TILE_PIXELS = 108
"""How long a map's sides are enlarged to, and its shorter side is stretched to, at most: pictures must stay small, so
the values along a strip that is too long for this are averaged."""


def tile_columns(channels: int) -> int:
    """The number of tiles in a full row of a layer. templates/script/explorer-maps.js has the same rule."""
    return next((columns for most, columns in _COLUMNS if channels <= most), _MOST_COLUMNS)


def stretch(height: int, width: int) -> tuple[int, int]:
    """How many units high and wide a value of a map or an image is drawn: (1, 1), a square, unless it is a long strip.

    templates/script/explorer-maps.js has the same rule.
    """
    return _times(height, width), _times(width, height)


def averaged(height: int, width: int) -> tuple[int, int]:
    """How many rows and columns of a map or an image are averaged in a picture: (1, 1) unless it is too long."""
    return _averaged(width, height), _averaged(height, width)


def _times(side: int, other: int) -> int:
    """How many times as long a side is drawn, because the other one is so much longer; a multiple of `_averaged`."""
    count = _averaged(side, other)
    return count * math.ceil(_needed(side, other) / count)


def _averaged(side: int, other: int) -> int:
    """How many values along the other side are averaged, so that this side needs no more pixels than a tile has."""
    return math.ceil(_needed(side, other) / max(1, MAX_TILE_PIXELS // side))


def _needed(side: int, other: int) -> int:
    return max(1, math.ceil(other / (MAX_ASPECT_RATIO * side)))
