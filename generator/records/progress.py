"""What a running task says of itself, for the display."""

from __future__ import annotations

from generator.records.base import Record


class Progress(Record, frozen=True):
    """Where a task stands.

    Attributes:
        task: what is at work, such as a replicate.
        done: how much is done, in steps or layers.
        total: how much there is.
        at: where that is, in words.
        is_milestone: whether it is worth a line where there are no bars.
        metrics: Keras's running ones, by Keras's names.
    """

    task: str
    done: int
    total: int
    at: str
    is_milestone: bool
    metrics: dict[str, float] = {}
