"""How the maps of a layer are arranged in rows, in pictures and in the page; the page's script has the same rules.

Layers with about the same number of channels have equally long rows, so that their edges align.
"""

from __future__ import annotations

import math

_COLUMNS = ((32, 8), (256, 16))
"""Pairs of a number of channels and the tiles in a row for up to that many channels."""

_MOST_COLUMNS = 32
_MOST_UNEQUAL = 4
"""How many times as long in one direction as in the other a map is drawn at most: a strip of a pixel shows nothing."""


def tile_columns(channels: int) -> int:
    """The number of tiles in a full row of a layer. templates/script/explorer-maps.js has the same rule."""
    return next((columns for most, columns in _COLUMNS if channels <= most), _MOST_COLUMNS)


def stretch(height: int, width: int) -> tuple[int, int]:
    """How many units high and wide a value of a map or an image is drawn: (1, 1), a square, unless it is a long strip.

    templates/script/explorer-maps.js has the same rule.
    """
    return math.ceil(width / (_MOST_UNEQUAL * height)), math.ceil(height / (_MOST_UNEQUAL * width))
