"""The records of what an earlier article published, and of how it compares with what this one found."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

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


Number = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]
"""Neither infinite nor nan, which JSON cannot hold."""

Time = Annotated[float, msgspec.Meta(gt=0, le=1e300)]
Parameters = Annotated[int, msgspec.Meta(ge=0)]


class PublishedEpoch(Record, frozen=True):
    """One epoch of the published training: Keras's metrics by their names, and times if they were given."""

    metrics: dict[str, Number] = {}
    seconds: Time | None = None
    milliseconds_per_step: Time | None = None


class Published(Record, frozen=True):
    """The [published] table of paper.toml: parameters by layer and in total, steps of an epoch, epochs in order."""

    parameters: dict[str, Parameters] = {}
    total: Parameters | None = None
    trainable: Parameters | None = None
    steps: Annotated[int, msgspec.Meta(ge=1)] | None = None
    epochs: tuple[PublishedEpoch, ...] = ()


class Reproduction(Record, frozen=True):
    """One published number and what the run gives in its place.

    `path` names it below `published`. `reproduced` is the mean over the replicates, and `by_replicate` what each gave;
    from `low` to `high` one further run would be expected, at 95%. `expected` is what the published table's own
    arithmetic asks for when it is internally inconsistent, and `reason` says how, or why the row is undecided. `ratio`,
    for times only, is reproduced to published. `decimals` are those that the number was published with.
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
    by_replicate: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        return ".".join(str(part) for part in self.path)
