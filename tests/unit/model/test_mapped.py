"""Memory-mapped arrays that TensorFlow reads in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from generator.model.mapped import MappedArray, load

VALUES = np.arange(60, dtype=np.float32).reshape(4, 5, 3)


@pytest.fixture
def mapped(tmp_path: Path) -> MappedArray:
    np.save(tmp_path / "x.npy", VALUES)
    return load(tmp_path / "x.npy")


def test_a_tensor_shares_the_memory_of_the_whole_array(mapped: MappedArray) -> None:
    tensor = tf.convert_to_tensor(mapped)
    assert np.shares_memory(np.asarray(tensor), np.asarray(mapped))
    assert not np.asarray(tensor).flags.writeable


@pytest.mark.parametrize(
    "part", [slice(1, 3), slice(None, None, -1), slice(0, 0), [0, 2], (slice(None), 1), 2], ids=repr
)
def test_parts_become_tensors_with_their_values(mapped: MappedArray, part: Any) -> None:
    """Also those that do not begin where a tensor can."""
    assert np.array_equal(tf.convert_to_tensor(mapped[part]).numpy(), VALUES[part])


def test_labels_of_the_other_byte_order_become_tensors_with_their_values(tmp_path: Path) -> None:
    np.save(tmp_path / "labels.npy", np.arange(3, dtype=">i4"))
    assert tf.convert_to_tensor(load(tmp_path / "labels.npy")).numpy().tolist() == [0, 1, 2]


def test_the_tensor_of_another_type_has_converted_values(mapped: MappedArray) -> None:
    assert tf.convert_to_tensor(mapped, "float64").dtype == tf.float64


def test_a_change_of_a_copy_does_not_change_the_tensor_made_of_it(mapped: MappedArray) -> None:
    copy = mapped.copy()
    tensor = tf.convert_to_tensor(copy)
    copy[:] = 0
    assert np.array_equal(tensor.numpy(), VALUES)


def test_results_of_operations_are_plain_as_those_of_memory_mapped_arrays_are(mapped: MappedArray) -> None:
    assert type(mapped * 2) is np.ndarray and type(mapped.max(axis=0)) is np.ndarray
    assert type(mapped.sum()) is np.float32
