"""The records of what an earlier article published, and of how it compares with what this one found."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

Verdict = Literal[
    "equal",
    "within the spread",
    "outside the spread",
    "internally inconsistent",
    "undecided",
    "not judged",
    "not run",
]


class PublishedEpoch(Record, frozen=True):
    """One epoch of the published training: Keras's metrics by their names, and times if they were given."""

    metrics: dict[str, float] = {}
    seconds: float | None = None
    milliseconds_per_step: float | None = None


class Published(Record, frozen=True):
    """The [published] table of paper.toml: parameters by layer and in total, steps of an epoch, epochs in order."""

    parameters: dict[str, int] = {}
    total: int | None = None
    trainable: int | None = None
    steps: int | None = None
    epochs: tuple[PublishedEpoch, ...] = ()


class Comparison(Record, frozen=True):
    """One published number and what the run gives in its place.

    `path` names it below `published`. `reproduced` is the mean over the replicates; from `low` to `high` one
    further run would be expected, at 95%. `expected` is what the published table's own arithmetic asks for
    when it is internally inconsistent, and `reason` says how. `ratio`, for times only, is reproduced to published.
    `decimals` are those that the number was published with.
    """

    path: tuple[str | int, ...]
    label: str
    published: int | float
    verdict: Verdict
    reproduced: int | float | None = None
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    expected: int | None = None
    reason: str = ""
    decimals: int = 0

    @property
    def name(self) -> str:
        return ".".join(str(part) for part in self.path)
