"""Class probabilities from the outputs of a classifier, whose kind training determined and the `Run` records."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from generator.records.run import OutputKind

BATCH = 250
EPSILON = np.float32(1e-7)  # Keras's default, which experiments use


def predict(model: Any, images: np.ndarray) -> np.ndarray:
    """The outputs (N, k) of a keras.Model for images (N, H, W, C), as float32."""
    return np.asarray(model.predict(images, batch_size=BATCH, verbose=0), np.float32)


def kind_of(model: Any, outputs: np.ndarray) -> OutputKind:
    """What the outputs (N, k) of a trained model contain.

    This follows from the last layer's activation and the loss. If these are not conclusive, it follows from the values:
    a distribution over the classes, or a number from 0 to 1.
    """
    activation = getattr(model.outputs[0]._keras_history.operation, "activation", None)
    is_share = outputs.min() >= 0 and outputs.max() <= 1 and not getattr(model.loss, "from_logits", False)
    if outputs.shape[1] > 1:
        is_distribution = outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3)
        if activation is keras.activations.softmax or is_distribution:
            return "probabilities"
        return "unnormalized" if is_share else "logits"
    return "probability" if activation is keras.activations.sigmoid or is_share else "logit"


def from_outputs(outputs: np.ndarray, kind: OutputKind) -> np.ndarray:
    """Class probabilities (N, classes) from the network's outputs (N, k).

    Numbers that do not add up to one are clipped and divided by their sum, as in Keras's
    sparse_categorical_crossentropy (keras/src/backend/tensorflow/nn.py).
    """
    outputs = np.asarray(outputs, dtype=np.float32)
    match kind:
        case "probabilities":
            return outputs
        case "unnormalized":
            clipped = np.clip(outputs, EPSILON, 1 - EPSILON)
            return np.asarray(clipped / clipped.sum(axis=1, keepdims=True))
        case "logits":
            shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
        case "probability" | "logit":
            single = outputs if kind == "probability" else 1 / (1 + np.exp(-outputs))
            return np.concatenate([1 - single, single], axis=1)


def labels_from(outputs: np.ndarray, kind: OutputKind) -> np.ndarray:
    """The classes (N,) that the network predicts by its outputs (N, k)."""
    if outputs.shape[1] > 1:
        return np.asarray(outputs.argmax(axis=1))
    return np.asarray(outputs[:, 0] > (0.5 if kind == "probability" else 0.0), int)
