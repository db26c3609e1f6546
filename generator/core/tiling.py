"""How the maps of a layer are arranged in rows, in pictures and in the page; the page's script has the same rule.

Layers with about the same number of channels have equally long rows, so that their edges align.
"""

from __future__ import annotations

_COLUMNS = ((32, 8), (256, 16))
"""Pairs of a number of channels and the tiles in a row for up to that many channels."""

_MOST_COLUMNS = 32


def tile_columns(channels: int) -> int:
    """The number of tiles in a full row of a layer. templates/script/explorer-maps.js has the same rule."""
    return next((columns for most, columns in _COLUMNS if channels <= most), _MOST_COLUMNS)
