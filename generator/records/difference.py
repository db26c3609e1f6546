"""The records of a comparison: what one edition of an article says that another does not."""

from __future__ import annotations

import datetime
from typing import Literal

from generator.records.base import Record
from generator.records.claims import Verdict
from generator.records.results import Number

Move = Literal["beyond the spread", "within the spread", "changed", "not judged", "added", "removed"]


class Side(Record, frozen=True):
    """One of the two editions."""

    title: str
    date: datetime.date
    commit: str | None
    dirty: bool
    generator: str


class Moved(Record, frozen=True):
    """A number that is not what it was: a mean over the replicates, or a single number.

    From `low` to `high` the replicates of one edition let one further run be expected, at 95%; both are None where
    the replicates give no such limits. A number without these has only changed; times are not judged. `replicates` are
    those that the limits are of.
    """

    name: str
    move: Move
    before: Number | None
    after: Number | None
    low: float | None = None
    high: float | None = None
    replicates: int = 0


class Change(Record, frozen=True):
    """Anything else that is not what it was, as text; None is where there is no such thing."""

    name: str
    before: str | None
    after: str | None


class ClaimChange(Record, frozen=True):
    """A claim whose verdict or condition changed, or that only one edition makes (None in the other)."""

    sentence: str
    before: Verdict | None
    after: Verdict | None
    condition_before: str | None
    condition_after: str | None


class Piece(Record, frozen=True):
    """A stretch of text that both editions have, or only one of them."""

    kind: Literal["same", "removed", "added"]
    text: str


class Passage(Record, frozen=True):
    """Text that changed, with what stands around it, under the heading of its section."""

    section: str
    pieces: tuple[Piece, ...]


class FigureChange(Record, frozen=True):
    """A figure that looks otherwise, by its name; the digests are of what it shows, None where there is none."""

    name: str
    caption: str
    before: str | None
    after: str | None


class Difference(Record, frozen=True):
    """All that differs; `compared` numbers were in both editions.

    `comparisons` are verdicts on published figures, `stages` digests of the code behind the numbers.
    """

    before: Side
    after: Side
    compared: int
    numbers: tuple[Moved, ...]
    claims: tuple[ClaimChange, ...]
    settings: tuple[Change, ...]
    layers: tuple[Change, ...]
    data: tuple[Change, ...]
    environment: tuple[Change, ...]
    comparisons: tuple[Change, ...]
    stages: tuple[Change, ...]
    prose: tuple[Passage, ...]
    code: tuple[Passage, ...]
    figures: tuple[FigureChange, ...]
