"""Makes visible to generator.data.tracing what h5py and TensorFlow read in C and C++, without Python's audit events.

The functions through which Python calls them are wrapped, so that each file is recorded before it is read. TensorFlow
learns many file names only while a graph runs, such as when tf.data maps tf.io.read_file over them. In these cases, a
recording step is added to the graph; it passes the name on and does not change the result. generator.data.tracing lists
what is not seen.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable
from typing import Any

import h5py  # type: ignore[import-untyped]
import tensorflow as tf
from tensorflow.python.data.ops import readers
from tensorflow.python.lib.io import _pywrap_file_io
from tensorflow.python.ops import gen_experimental_dataset_ops, gen_io_ops

from generator.data import tracing


def follow() -> None:
    """Replaces the functions for the rest of this process."""
    _follow_hdf5()
    _follow_file_system()
    _follow_operations()


def _follow_hdf5() -> None:
    open_, create = h5py.h5f.open, h5py.h5f.create

    def opened(name: Any, flags: int = h5py.h5f.ACC_RDWR, fapl: Any = None) -> Any:
        if not _is_object(fapl):
            tracing.note_read(name)
            if flags & h5py.h5f.ACC_RDWR:
                tracing.note_written(name)
        return open_(name, flags, fapl)

    def created(name: Any, flags: int = h5py.h5f.ACC_TRUNC, fcpl: Any = None, fapl: Any = None) -> Any:
        if not _is_object(fapl):
            tracing.note_written(name)
        return create(name, flags, fcpl, fapl)

    h5py.h5f.open, h5py.h5f.create = opened, created


def _is_object(access: Any) -> bool:
    """Whether h5py reads through a Python object, whose own reads are seen. The file's name is then not a path."""
    return access is not None and access.get_driver() == h5py.h5fd.fileobj_driver


def _follow_file_system() -> None:
    """Follows tf.io.gfile. Each key is the name of a function or class of TensorFlow's file system."""
    telling: dict[str, tuple[Callable[[Any], None], ...]] = {
        "BufferedInputStream": (tracing.note_read,),
        "WritableFile": (tracing.note_written,),
        "GetChildren": (tracing.note_listed,),
        "GetMatchingFiles": (_note_matched,),
        "CopyFile": (tracing.note_read, tracing.note_written),
        "RenameFile": (tracing.note_read, tracing.note_written),
    }
    for name, tells in telling.items():
        setattr(_pywrap_file_io, name, _after(tells, getattr(_pywrap_file_io, name)))


def _after(tells: tuple[Callable[[Any], None], ...], call: Callable[..., Any]) -> Callable[..., Any]:
    def told(*arguments: Any) -> Any:
        for tell, argument in zip(tells, arguments, strict=False):
            tell(argument)
        return call(*arguments)

    return told


def _follow_operations() -> None:
    """Follows reading a file, matching a pattern, and the files that a tf.data.Dataset reads records or lines from."""
    read_file, matching_files = gen_io_ops.read_file, gen_io_ops.matching_files
    read_csv = gen_experimental_dataset_ops.csv_dataset_v2
    names_of = readers._create_or_validate_filenames_dataset

    def read(filename: Any, name: str | None = None) -> Any:
        return read_file(_telling(tracing.note_read, filename), name)

    def matched(pattern: Any, name: str | None = None) -> Any:
        return matching_files(_telling(_note_matched, pattern), name)

    def named(filenames: Any, name: str | None = None) -> Any:
        return names_of(filenames, name).map(lambda file: _telling(tracing.note_read, file))

    def csv(filenames: Any, *arguments: Any, **options: Any) -> Any:
        return read_csv(_telling(tracing.note_read, filenames), *arguments, **options)

    gen_experimental_dataset_ops.csv_dataset_v2 = csv
    gen_io_ops.read_file = read
    gen_io_ops.matching_files = tf.io.matching_files = matched
    readers._create_or_validate_filenames_dataset = named


def _telling(tell: Callable[[Any], None], names: Any) -> Any:
    """The same names as a tensor; before they are used, `tell` is called with each."""
    tensor = tf.convert_to_tensor(names)

    def told(values: Any) -> Any:
        for value in values.ravel().tolist() if hasattr(values, "ravel") else [values]:
            tell(value)
        return values

    if tf.executing_eagerly():
        told(tensor.numpy())
        return tensor
    # Not stateful: a dataset with a stateful step cannot be saved, nor reordered by tf.data's own optimizations.
    passed = tf.numpy_function(told, [tensor], tf.string, stateful=False)
    passed.set_shape(tensor.shape)
    return passed


def _note_matched(pattern: Any) -> None:
    """Records the folders in which a pattern is matched."""
    glob.glob(os.fsdecode(pattern))  # noqa: PTH207  # its listings are recorded; Path.glob takes no absolute pattern
