"""Memory-mapped arrays that TensorFlow reads in place.

TensorFlow copies NumPy arrays, so that each process that trains would have all images in memory, twice at times. From a
`MappedArray`, Keras's fit(), evaluate(), and predict() gather each batch out of the file instead, by the same pipeline,
in the same order, and with the same results. Pages of the file may leave memory at any time, and processes share them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

ALIGNMENT = 64
"""TensorFlow needs tensors to begin at multiples of this many bytes; so does the data of an .npy file in that file."""


class MappedArray(np.memmap[Any, Any]):
    """A memory-mapped array, of which TensorFlow makes a tensor without copying it. Copies are in memory."""

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        """The tensor that tf.convert_to_tensor() returns; Keras calls it, too."""
        is_converted = dtype is not None and dtype != self.dtype
        is_plain = self.flags.c_contiguous and self.dtype.isnative and self.ctypes.data % ALIGNMENT == 0
        if is_converted or self.flags.writeable or not is_plain:
            return tf.convert_to_tensor(np.asarray(self), dtype, name=name)
        return tf.experimental.dlpack.from_dlpack(np.asarray(_Exported(self)).__dlpack__())

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """The result of an operation, which is not memory-mapped: a scalar, or a plain array, as for np.memmap."""
        return self.view(np.memmap).__array_wrap__(array, context, return_scalar)


class _Exported:
    """The memory of an array, without the mark that it is read-only, which TensorFlow's version of DLPack lacks.

    TensorFlow does not write to tensors whose memory it does not own.
    """

    def __init__(self, array: MappedArray) -> None:
        self._array = array
        address, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (address, False)}


def load(path: Path) -> MappedArray:
    """The array in an .npy file."""
    array: np.memmap[Any, Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array.view(MappedArray)
