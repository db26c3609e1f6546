"""The records of a comparison: what one edition of an article says that another does not."""

from __future__ import annotations

import datetime
from typing import Literal

from generator.records.base import Record
from generator.records.claims import Verdict
from generator.records.results import Number

Move = Literal["beyond the spread", "within the spread", "changed", "not judged", "added", "removed"]


class Side(Record, frozen=True):
    """One of the two editions.

    Attributes:
        title: of the article.
        date: printed in the article.
        commit: short; None outside a git repository.
        dirty: whether the working tree held changes that are not in the commit.
        generator: the generator's version.
    """

    title: str
    date: datetime.date
    commit: str | None
    dirty: bool
    generator: str


class Moved(Record, frozen=True):
    """A number that is not what it was: a mean over the replicates, or a single number.

    Attributes:
        name: dotted, as in results.json.
        move: how far: a number without limits has only changed, and times are not judged.
        before: None where only the other edition has it.
        after: None where only the other edition has it.
        low: from here the replicates of one edition let one further run be expected, at 95%; None without such limits.
        high: up to here; None with `low`.
        replicates: how many the limits are of.
    """

    name: str
    move: Move
    before: Number | None
    after: Number | None
    low: float | None = None
    high: float | None = None
    replicates: int = 0


class Change(Record, frozen=True):
    """Anything else that is not what it was, as text.

    Attributes:
        name: what it is.
        before: None where there was no such thing.
        after: None where there is no such thing.
    """

    name: str
    before: str | None
    after: str | None


class ClaimChange(Record, frozen=True):
    """A claim whose verdict or condition changed, or that only one edition makes.

    Attributes:
        sentence: as the claim is worded.
        before: verdict; None where the edition does not make the claim.
        after: verdict; None where the edition does not make the claim.
        condition_before: None with `before`.
        condition_after: None with `after`.
    """

    sentence: str
    before: Verdict | None
    after: Verdict | None
    condition_before: str | None
    condition_after: str | None


class Piece(Record, frozen=True):
    """A stretch of text that both editions have, or only one of them.

    Attributes:
        kind: which of them has it.
        text: words with single spaces, or lines of code.
    """

    kind: Literal["same", "removed", "added"]
    text: str


class Passage(Record, frozen=True):
    """Text that changed, with what stands around it.

    Attributes:
        section: the heading that it stands under.
        pieces: in their order, from both editions.
    """

    section: str
    pieces: tuple[Piece, ...]


class FigureChange(Record, frozen=True):
    """A figure that looks different.

    Attributes:
        name: by which the prose places it.
        caption: of the later edition that has it.
        before: digest of what it shows; None where the edition has no such figure.
        after: digest of what it shows; None where the edition has no such figure.
    """

    name: str
    caption: str
    before: str | None
    after: str | None


class Difference(Record, frozen=True):
    """All that differs between two editions.

    Attributes:
        before: the first edition.
        after: the second edition.
        compared: how many numbers both editions have.
        numbers: those that moved, by name.
        claims: those that changed.
        settings: of the training.
        layers: of the model, described in a line.
        data: its source, and its arrays by digest.
        environment: versions and machine.
        comparisons: verdicts on published numbers.
        stages: digests of the code behind the numbers.
        prose: passages of the text that changed; None where an edition does not keep its text.
        code: passages of the listings that changed; None as for the prose.
        figures: those that look different.
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
    prose: tuple[Passage, ...] | None
    code: tuple[Passage, ...] | None
    figures: tuple[FigureChange, ...]
