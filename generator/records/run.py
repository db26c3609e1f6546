"""The record of the training stage: what one replicate produced, apart from how long it took.

Measured times, and the log lines that quote them, are a record of their own: everything in `Run` is equal
whenever the inputs are equal.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from generator.records.base import Record
from generator.records.graph import Node

Count = Annotated[int, msgspec.Meta(ge=1)]

OutputKind = Literal["probabilities", "logits", "probability", "logit"]
"""What a network gives for an image: for each class, or the one number of two classes."""


class TrainingSettings(Record, frozen=True):
    """The [training] table of paper.toml; `threads` are those of one replicate.

    `epochs` are those asked for: how many ran, a `Run` says.
    """

    epochs: Count = 2
    batch_size: Count = 32
    replicates: Count = 3
    threads: Count = 1


class Layer(Record, frozen=True):
    """One row of the model's summary; `inputs` names the layers it reads.

    A dimension of None is the batch; of several outputs, `output_shape` is that of the first.
    """

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int
    trainable: int
    inputs: tuple[str, ...]


class Summary(Record, frozen=True):
    """The model as typed rows, with totals, and as Keras prints it."""

    layers: tuple[Layer, ...]
    total: int
    trainable: int
    non_trainable: int
    bytes: int
    text: str


class Epoch(Record, frozen=True):
    """The steps that one epoch took, and Keras's metrics at its end, by Keras's names (accuracy, val_loss, ...)."""

    steps: int
    metrics: dict[str, float]


class Curve(Record, frozen=True):
    """Loss and accuracy on the training images while training, each the mean over all images since the point before.

    `steps` are counted over all epochs, from 1; each epoch ends on a point. `metrics` has Keras's names.
    """

    steps: tuple[int, ...]
    metrics: dict[str, tuple[float, ...]]


class Run(Record, frozen=True):
    """One replicate: the model, its graph in the order of computation, and its training from one seed.

    `epochs` are those that ran, at least one: a model may stop early, and replicates after different epochs. `output`
    says what the network gives.
    """

    seed: int
    summary: Summary
    graph: tuple[Node, ...]
    epochs: tuple[Epoch, ...]
    curve: Curve
    output: OutputKind


class Times(Record, frozen=True):
    """Seconds spent by one replicate, and the log lines in Keras's own form, which quote them."""

    epoch_seconds: tuple[float, ...]
    total_seconds: float
    log: tuple[str, ...]


class Environment(Record, frozen=True):
    """Where a replicate was trained; it decides no key but the versions do."""

    python: str
    versions: dict[str, str]
    platform: str
    cpu: str
    threads: int
    onednn: bool
    seed: int
    commit: str | None
    dirty: bool
