"""What the system refuses is told with its place and what to do, and memory as memory."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from generator.core import shortage


class ResourceExhaustedError(Exception):
    """As TensorFlow's class is called."""


class AbortedError(Exception):
    """Another one of TensorFlow's."""


def refused(number: int, *names: str) -> OSError:
    """An error as the system makes it: of a file, or of moving one to another."""
    return OSError(number, os.strerror(number), *names[:1], *([None, names[1]] if len(names) > 1 else []))


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EROFS, "Check that you may write there"),
        (errno.EACCES, "Check that you may write there"),
        (errno.EISDIR, "Move it away"),
        (errno.EIO, "Correct this"),
    ],
)
def test_a_refusal_is_told_with_its_place_and_a_step(number: int, step: str) -> None:
    told = shortage.told(refused(number, "build/x"))
    assert told and told.startswith(f"build/x: {os.strerror(number)}\n  ") and step in told


def test_of_a_move_the_place_is_the_one_that_it_went_to() -> None:
    told = shortage.told(refused(errno.EACCES, "build/.temporary", "build/x"))
    assert told and told.startswith("build/x: Permission denied\n")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        refused(errno.ENOMEM),
        ImportError("libx.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        ResourceExhaustedError("OOM when allocating tensor"),
        AbortedError(
            "Operation received an exception: message: could not create a primitive, in file mkl_softmax_op.cc"
        ),
    ],
)
def test_memory_is_told_as_memory(error: Exception) -> None:
    told = shortage.told(error)
    assert told and told.startswith("There is not enough memory") and "lower training.replicates" in told


def test_what_numpy_cannot_allocate_is_told_with_its_size() -> None:
    with pytest.raises(MemoryError) as caught:
        np.zeros(2**60, np.uint8)
    assert "EiB" in (shortage.told(caught.value) or "")


def test_a_defect_is_not_the_systems() -> None:
    assert shortage.told(ValueError("Unable to allocate")) is None
    assert shortage.told(RuntimeError("dictionary changed size")) is None
