"""The records of what an earlier article published, and of how it compares with the results of this one."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from generator.records.base import Record

Agreement = Literal[
    "equal",
    "within the spread",
    "outside the spread",
    "internally inconsistent",
    "undecided",
    "not judged",
    "not run",
]


MAX_METRIC = Decimal("1e300")

Time = Annotated[float, msgspec.Meta(gt=0, le=1e300)]
Parameters = Annotated[int, msgspec.Meta(ge=0)]


class PublishedEpoch(Record, frozen=True):
    """One epoch of the published training.

    Attributes:
        metrics: by Keras's names, with trailing zeros, which show the published precision.
        seconds: duration; None: not published.
        milliseconds_per_step: duration of a step; None: not published.
    """

    metrics: dict[str, Decimal] = {}
    seconds: Time | None = None
    milliseconds_per_step: Time | None = None

    def __post_init__(self) -> None:
        """Refuses numbers that JSON cannot represent, or that are near the limit of a float."""
        for name, value in self.metrics.items():
            if not value.is_finite() or abs(value) > MAX_METRIC:
                raise ValueError(f"{name} must be a number between -1e300 and 1e300")


class Published(Record, frozen=True):
    """The [published] table of paper.toml; None: not published.

    Attributes:
        parameters: number of parameters, by layer.
        total: number of parameters.
        trainable: number of trainable parameters.
        steps: number of steps in an epoch.
        epochs: in order.
    """

    parameters: dict[str, Parameters] = {}
    total: Parameters | None = None
    trainable: Parameters | None = None
    steps: Annotated[int, msgspec.Meta(ge=1)] | None = None
    epochs: tuple[PublishedEpoch, ...] = ()


class Reproduction(Record, frozen=True):
    """One published number, and the run's number that corresponds to it.

    Attributes:
        path: the parts of its name below `published`.
        label: its name for readers.
        published: the published number.
        verdict: how the two compare.
        reproduced: the mean over the replicates; None: the run has no such number.
        low: lower 95% limit for one further run; None: the replicates give no limits.
        high: upper limit; None with `low`.
        ratio: reproduced divided by published, for times only; None for others.
        expected: the number that the published table's own arithmetic implies; None if the table is consistent.
        reason: how the table is inconsistent, or why the row is undecided; empty for others.
        decimals: number of decimals that were published.
        by_replicate: the value of each replicate.
    """

    path: tuple[str | int, ...]
    label: str
    published: int | float
    verdict: Agreement
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
