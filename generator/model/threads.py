"""Sets TensorFlow's threads, and makes operations give the same bits each time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import tensorflow as tf
from tensorflow.python.framework.config import disable_op_determinism, is_op_determinism_enabled

_iterate = tf.data.Dataset.__iter__


def fix(count: int) -> None:
    """Sets the number of threads and makes operations deterministic. Call it before a process's first operation."""
    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)
    tf.config.experimental.enable_op_determinism()
    leave_out_autotuning()


def leave_out_autotuning() -> None:
    """Lets iterators over datasets, as used by fit() and predict(), end without waiting; results stay the same.

    In TensorFlow 2.21, deleting an iterator waits until the thread that tunes its buffers wakes up. That thread sleeps
    for 10 ms, and then twice as long each time, up to a minute, so every epoch would end with a pause.
    """
    tf.data.Dataset.__iter__ = _iterate_untuned


def _iterate_untuned(dataset: Any) -> Iterator[Any]:
    options = tf.data.Options()
    options.autotune.enabled = False
    with _without_rewriting() if _is_of_arrays(dataset.options()) else contextlib.nullcontext():
        iterator: Iterator[Any] = _iterate(dataset.with_options(options))
    return iterator


def _is_of_arrays(options: tf.data.Options) -> bool:
    """Whether a dataset has both of the options that Keras sets for those that it makes of arrays."""
    is_left_alone = options.experimental_optimization.apply_default_optimizations is False
    sharded = options.experimental_distribute.auto_shard_policy
    return is_left_alone and sharded == tf.data.experimental.AutoShardPolicy.DATA


@contextlib.contextmanager
def _without_rewriting() -> Iterator[None]:
    """Lets an iterator be made for a dataset that Keras makes of arrays without rewriting the dataset first.

    If operations must be deterministic, TensorFlow rewrites datasets, although Keras asks it not to rewrite these. At
    every epoch, it then reads all arrays, and allocates as much memory as they take. These datasets are deterministic
    anyway: each batch is gathered by indices, which a single operation shuffles.
    """
    if not is_op_determinism_enabled():
        yield
        return
    disable_op_determinism()
    try:
        yield
    finally:
        tf.config.experimental.enable_op_determinism()
