"""Converts arrays without loss into the form that a build uses, and says what was converted.

A conversion returns the array and a list of what was done to it. An array that cannot be converted is returned
unchanged, and the caller reports what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.data.chunks import as_type

Array = NDArray[Any]

_EXACT = 2**24
"""float32 represents all integers up to this one exactly."""


def plain_labels(labels: Array) -> tuple[Array, list[str]]:
    """Labels as integers (N,), from shape (N, 1), one-hot rows (N, classes), or integers stored as another type."""
    done = []
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
        done.append("from shape (N, 1) to (N,)")
    if _is_one_hot(labels):
        labels = labels.argmax(axis=1)
        done.append("from one-hot rows to integers")
    if labels.ndim == 1 and labels.dtype.kind in "bf" and _is_whole(labels):
        done.append(f"from {labels.dtype} to int64")
        labels = labels.astype(np.int64)
    return labels, done


def plain_images(images: Array) -> tuple[Array, list[str]]:
    """Images as float32 (N, H, W, C), from another numeric type or from shape (N, H, W)."""
    done = []
    if images.ndim == 3:
        images = images[..., None]
        done.append("from shape (N, H, W) to (N, H, W, 1)")
    if images.dtype != np.float32 and images.dtype.kind in "buif" and _fits(images):
        done.append(f"from {images.dtype} to float32")
        with np.errstate(over="ignore"):  # an overflow gives infinity, which is reported later
            images = as_type(images, np.float32)
    return images, done


def told(done: Mapping[str, list[str]]) -> tuple[str, ...]:
    """One line for each set of conversions, with the names of the arrays that had them."""
    names: dict[str, list[str]] = {}
    for name, steps in done.items():
        if steps:
            names.setdefault(" and ".join(steps), []).append(name)
    return tuple(f"{', '.join(each)}: converted {how}" for how, each in names.items())


def _is_one_hot(labels: Array) -> bool:
    """Whether each row (of at least two classes) has a single 1 and otherwise zeros."""
    if labels.ndim != 2 or labels.shape[1] < 2 or labels.dtype.kind not in "buif":
        return False
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


def _is_whole(labels: Array) -> bool:
    return labels.dtype.kind == "b" or bool((np.isfinite(labels) & (labels == np.floor(labels))).all())


def _fits(images: Array) -> bool:
    """Whether float32 represents integer images exactly; other numeric types may be rounded."""
    is_wide = images.dtype.kind in "ui" and images.dtype.itemsize > 2 and images.size > 0
    return not is_wide or (int(images.max()) <= _EXACT and int(images.min()) >= -_EXACT)
