"""The record of the training stage: what one replicate produced, without how long it took.

Measured times, and the log lines that quote them, are in a separate record: everything in `Run` is equal whenever the
inputs are equal.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from generator.records.base import Record
from generator.records.graph import Node

Count = Annotated[int, msgspec.Meta(ge=1)]

OutputKind = Literal["probabilities", "unnormalized", "logits", "probability", "logit"]
"""A network's output for an image: a number for each class, or one number for two classes.

Unnormalized outputs are numbers from 0 to 1, such as sigmoids for each class, which the loss divides by their sum.
"""


class TrainingSettings(Record, frozen=True):
    """The [training] table of paper.toml.

    Attributes:
        epochs: number of epochs requested; each `Run` records how many ran.
        batch_size: images in a step.
        replicates: number of replicates, with the seeds 0, 1, 2, …
        threads: number of threads for each replicate.
        validation: share of the training images of each class that is set aside for validation; 0: none.
    """

    epochs: Count = 2
    batch_size: Count = 32
    replicates: Count = 3
    threads: Count = 1
    validation: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0


class Layer(Record, frozen=True):
    """One row of the model's summary.

    Attributes:
        name: name of the layer.
        kind: Keras's class.
        output_shape: shape with the batch, which is None; if there are several outputs, that of the first.
        parameters: number of parameters.
        trainable: number of trainable parameters.
        inputs: names of the layers that it reads.
    """

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int
    trainable: int
    inputs: tuple[str, ...]


MAX_INTEGER = 2**63 - 1  # the largest that a record can contain

Setting = int | float | str | tuple[int | float, ...]
"""A value that the code sets: a number, a text, or several numbers."""


class Hyperparameter(Record, frozen=True):
    """A number or a text that the code sets.

    Attributes:
        path: what it belongs to, followed by Keras's name for it: layers, conv1, filters.
        value: the value itself.
    """

    path: tuple[str, ...]
    value: Setting


class Summary(Record, frozen=True):
    """The model as typed rows, with totals.

    Attributes:
        layers: in Keras's order.
        total: number of parameters.
        trainable: number of trainable parameters.
        non_trainable: number of the others.
        bytes: size of the parameters in bytes.
        text: the summary as printed by Keras.
        hyperparameters: of the layers, the optimizer, and the loss, before training.
    """

    layers: tuple[Layer, ...]
    total: int
    trainable: int
    non_trainable: int
    bytes: int
    text: str
    hyperparameters: tuple[Hyperparameter, ...] = ()


class Epoch(Record, frozen=True):
    """One epoch of the training.

    Attributes:
        steps: number of steps.
        metrics: at its end, by Keras's names (accuracy, loss, val_accuracy, …).
    """

    steps: int
    metrics: dict[str, float]


class Curve(Record, frozen=True):
    """Metrics on the training images during training; each epoch ends on a point.

    Attributes:
        steps: step of each point, counted over all epochs from 1.
        metrics: by Keras's names; at each point, the mean over all images since the previous point.
    """

    steps: tuple[int, ...]
    metrics: dict[str, tuple[float, ...]]


class Run(Record, frozen=True):
    """One trained replicate.

    Attributes:
        seed: seed of every random number of the training.
        summary: summary of the model.
        graph: calls of layers in the order of computation.
        epochs: the epochs that ran, in order, at least one; a model may stop early.
        curve: metrics during training.
        output: what the network's output contains.
    """

    seed: int
    summary: Summary
    graph: tuple[Node, ...]
    epochs: tuple[Epoch, ...]
    curve: Curve
    output: OutputKind


class Times(Record, frozen=True):
    """How long one replicate took.

    Attributes:
        epoch_seconds: by epoch.
        total_seconds: duration of the whole training.
        log: lines in Keras's own form, which quote times.
    """

    epoch_seconds: tuple[float, ...]
    total_seconds: float
    log: tuple[str, ...]


class Environment(Record, frozen=True):
    """Where a replicate was trained. It affects no key, except for the versions.

    Attributes:
        python: version of Python.
        versions: versions of packages, by name.
        platform: operating system.
        cpu: the processor's name.
        threads: number of threads of the replicate.
        onednn: whether TensorFlow used oneDNN.
        seed: seed of the replicate.
        commit: full hash; None outside a git repository.
        dirty: whether the work tree had changes that are not in the commit.
    """

    python: str
    versions: dict[str, str]
    platform: str
    cpu: str
    threads: int
    onednn: bool
    seed: int
    commit: str | None
    dirty: bool
