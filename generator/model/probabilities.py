"""Class probabilities, from whatever a classifier gives."""

from __future__ import annotations

from typing import Any

import numpy as np

BATCH = 250


def predict(model: Any, images: np.ndarray) -> np.ndarray:
    """The class probabilities (N, classes) of a keras.Model for images (N, H, W, C)."""
    return from_outputs(model.predict(images, batch_size=BATCH, verbose=0))


def from_outputs(outputs: np.ndarray) -> np.ndarray:
    """Class probabilities (N, classes) from what the network gives: a distribution, logits, or one sigmoid."""
    outputs = np.asarray(outputs, dtype=np.float32)
    if outputs.shape[1] == 1:
        single = outputs if outputs.min() >= 0 and outputs.max() <= 1 else 1 / (1 + np.exp(-outputs))
        return np.concatenate([1 - single, single], axis=1)
    if outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
        return outputs
    shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
