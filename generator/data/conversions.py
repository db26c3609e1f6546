"""Converts arrays without loss into the form that a build uses, and says what was converted.

A conversion returns the array and a few words on what was done to it, or none. What cannot be converted is returned as
it is, and the caller says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_EXACT = 2**24
"""Every whole number up to this one is a float32."""


def plain_labels(labels: Array) -> tuple[Array, list[str]]:
    """Labels as integers (N,): of shape (N, 1), as one-hot rows (N, classes), or whole numbers of another type."""
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
    """Images as float32 (N, H, W, C): of another type of number, or without their channel axis."""
    done = []
    if images.ndim == 3:
        images = images[..., None]
        done.append("from shape (N, H, W) to (N, H, W, 1)")
    if images.dtype != np.float32 and images.dtype.kind in "buif" and _fits(images):
        done.append(f"from {images.dtype} to float32")
        with np.errstate(over="ignore"):  # what overflows is infinite, and reported as such
            images = images.astype(np.float32)
    return images, done


def told(done: Mapping[str, list[str]]) -> tuple[str, ...]:
    """What was done to arrays by their names, in lines: arrays to which the same was done share one."""
    names: dict[str, list[str]] = {}
    for name, steps in done.items():
        if steps:
            names.setdefault(" and ".join(steps), []).append(name)
    return tuple(f"{', '.join(each)}: converted {how}" for how, each in names.items())


def _is_one_hot(labels: Array) -> bool:
    """Whether each row (of two classes or more) has a single 1 among zeros."""
    if labels.ndim != 2 or labels.shape[1] < 2 or labels.dtype.kind not in "buif":
        return False
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


def _is_whole(labels: Array) -> bool:
    return labels.dtype.kind == "b" or bool((np.isfinite(labels) & (labels == np.floor(labels))).all())


def _fits(images: Array) -> bool:
    """Whether whole numbers are exact as float32; other numbers are rounded to it."""
    is_wide = images.dtype.kind in "ui" and images.dtype.itemsize > 2 and images.size > 0
    return not is_wide or (int(images.max()) <= _EXACT and int(images.min()) >= -_EXACT)
