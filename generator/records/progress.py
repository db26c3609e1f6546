"""What a running task says of itself, for the display."""

from __future__ import annotations

from generator.records.base import Record


class Progress(Record, frozen=True):
    """Where a replicate's training stands.

    Attributes:
        task: the replicate's name.
        epoch: the present one, from 1.
        epochs: in all.
        step: of the epoch, from 1.
        steps: of an epoch.
        metrics: Keras's running ones, by Keras's names.
    """

    task: str
    epoch: int
    epochs: int
    step: int
    steps: int
    metrics: dict[str, float]
