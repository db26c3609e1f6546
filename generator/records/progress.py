"""What a running task reports about itself, for the display."""

from __future__ import annotations

from generator.records.base import Record


class Progress(Record, frozen=True):
    """The progress of a task.

    Attributes:
        task: what is running, such as a replicate.
        done: how much is done, in steps or layers.
        total: how much there is.
        at: the current position, in words.
        is_milestone: whether a log always has a line for it.
        metrics: Keras's running metrics, by Keras's names.
    """

    task: str
    done: int
    total: int
    at: str
    is_milestone: bool
    metrics: dict[str, float] = {}
