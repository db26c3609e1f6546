"""What a running task says of itself, for the display."""

from __future__ import annotations

from generator.records.base import Record


class Progress(Record, frozen=True):
    """Where a replicate's training stands; counts start at 1, `metrics` are Keras's running ones."""

    task: str
    epoch: int
    epochs: int
    step: int
    steps: int
    metrics: dict[str, float]
