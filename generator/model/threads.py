"""TensorFlow's threads, and operations that give the same bits each time."""

from __future__ import annotations

import tensorflow as tf


def fix(count: int) -> None:
    """Sets the number of threads and makes operations deterministic; for a process, before its first operation."""
    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)
    tf.config.experimental.enable_op_determinism()
