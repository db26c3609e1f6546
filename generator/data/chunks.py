"""Arrays that may be larger than memory: they are read a chunk at a time, and what is made from them is in files.

A memory-mapped array stays in its file. A copy of it would be in memory as a whole, so a copy goes to a temporary file,
which is memory-mapped as well. Other arrays are in memory anyway, and so are their copies.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from generator.core.files import naming

Array = NDArray[Any]

CHUNK_BYTES = 1 << 22
"""How much of an array is read at a time: little memory, and long enough that the number of chunks costs nothing."""


def chunks(array: Array) -> Iterator[slice]:
    """The consecutive parts of an array (N, ...), each of about `CHUNK_BYTES`, or of one row if that is larger."""
    at_once = max(1, CHUNK_BYTES * len(array) // max(1, array.nbytes))
    return (slice(start, start + at_once) for start in range(0, len(array), at_once))


def as_type(array: Array, kind: DTypeLike) -> Array:
    """An array with its values converted to another type."""
    if not _is_mapped(array):
        return array.astype(kind)
    return _in_file((array[part].astype(kind) for part in chunks(array)), kind, array.shape)


def chosen(array: Array, is_chosen: NDArray[np.bool_]) -> Array:
    """The rows of an array (N, ...) for which `is_chosen` (N,) is true, of which there is at least one."""
    if not _is_mapped(array):
        return np.asarray(array[is_chosen])
    rows = (array[part][is_chosen[part]] for part in chunks(array))
    return _in_file(rows, array.dtype, (int(is_chosen.sum()), *array.shape[1:]))


def _is_mapped(array: Array) -> bool:
    return isinstance(array, np.memmap) and array.size > 0  # an empty file cannot be mapped


def _in_file(parts: Iterable[Array], kind: DTypeLike, shape: tuple[int, ...]) -> Array:
    """A memory-mapped array of these parts, in a file that is gone when the array is."""
    with naming(Path(tempfile.gettempdir())), tempfile.TemporaryFile() as file:
        for part in parts:
            file.write(np.ascontiguousarray(part).data)
        file.flush()
        return np.memmap(file, kind, "r", shape=shape)
