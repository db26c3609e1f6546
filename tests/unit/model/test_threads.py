"""How TensorFlow runs in a process."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.config import is_op_determinism_enabled

from generator.model import threads


def test_iterators_are_not_tuned_since_their_end_would_wait_for_the_tuner(monkeypatch: pytest.MonkeyPatch) -> None:
    iterate, iterated = threads._iterate, list[Any]()

    def noted(dataset: Any) -> Any:
        iterated.append(dataset)
        return iterate(dataset)

    monkeypatch.setattr(threads, "_iterate", noted)
    monkeypatch.setattr(tf.data.Dataset, "__iter__", iterate)
    threads.leave_out_autotuning()
    assert [int(number) for number in tf.data.Dataset.range(3)] == [0, 1, 2]
    assert [dataset.options().autotune.enabled for dataset in iterated] == [False]


def test_datasets_that_keras_makes_of_arrays_are_iterated_as_they_are_and_others_deterministically(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rewriting that makes a dataset deterministic would allocate as much memory as its arrays take."""
    iterate, enforced = threads._iterate, list[bool]()

    def noted(dataset: Any) -> Any:
        enforced.append(is_op_determinism_enabled())
        return iterate(dataset)

    monkeypatch.setattr(threads, "_iterate", noted)
    monkeypatch.setattr(tf.data.Dataset, "__iter__", iterate)
    tf.config.experimental.enable_op_determinism()
    threads.leave_out_autotuning()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Flatten()])
    model.predict(np.zeros((3, 1)), verbose=0)
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False  # as an author may set it
    for dataset in (tf.data.Dataset.range(3), tf.data.Dataset.range(3).with_options(options)):
        list(dataset)
    *of_arrays, plain, of_author = enforced
    assert set(of_arrays) == {False} and plain and of_author and is_op_determinism_enabled()
