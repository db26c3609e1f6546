"""How the maps of a layer stand in rows, in pictures and in the page; the page's script has the same rule.

Layers of about the same depth have rows of one length, so that they end at one edge beside and below each other.
"""

from __future__ import annotations

_COLUMNS = ((32, 8), (256, 16))
"""Up to so many channels, so many tiles in a row."""

_MOST_COLUMNS = 32


def tile_columns(channels: int) -> int:
    """The number of tiles in a full row of a layer; templates/script/explorer-maps.js counts in the same way."""
    return next((columns for most, columns in _COLUMNS if channels <= most), _MOST_COLUMNS)
