"""Packs arrays as bytes for the page: planes of bytes, deflated.

The first bytes of all values come first, then the second ones, and so on. Signs and exponents are similar and compress
well, while the last bits of a weight are noise. The page reassembles the planes.
"""

from __future__ import annotations

import zlib

import numpy as np

RAW = -15  # zlib's window bits for a stream without header and checksum, called "deflate-raw" in browsers


def packed(values: np.ndarray) -> bytes:
    """The values (any shape) in their own type, little-endian."""
    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    planes = little.view(np.uint8).reshape(-1, values.dtype.itemsize).T
    deflate = zlib.compressobj(9, zlib.DEFLATED, RAW)
    return deflate.compress(np.ascontiguousarray(planes).tobytes()) + deflate.flush()


def unpacked(content: bytes, kind: type[np.generic]) -> np.ndarray:
    """The values (n,) of a packed array of this type."""
    planes = np.frombuffer(zlib.decompress(content, RAW), np.uint8)
    size = np.dtype(kind).itemsize
    return np.ascontiguousarray(planes.reshape(size, -1).T).view(np.dtype(kind).newbyteorder("<")).ravel()
