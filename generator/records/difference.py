"""The records of a comparison: what differs between two editions of an article."""

from __future__ import annotations

import datetime
from typing import Literal

from generator.records.base import Record
from generator.records.claims import Verdict
from generator.records.results import Number

Move = Literal["beyond the spread", "within the spread", "changed", "not judged", "added", "removed", "unchanged"]
Unit = Literal["", "percent", "points", "seconds"]
"""How a result is written: a share, a difference of shares, a time, or any other value."""


class Side(Record, frozen=True):
    """One of the two editions.

    Attributes:
        title: title of the article.
        date: date printed in the article.
        commit: short hash; None outside a git repository.
        dirty: whether the work tree had changes that are not in the commit.
        generator: the generator's version.
    """

    title: str
    date: datetime.date
    commit: str | None
    dirty: bool
    generator: str


class Moved(Record, frozen=True):
    """A number of two editions: a mean over the replicates, or a single number.

    Attributes:
        name: dotted name, as in results.json.
        move: how it changed; a number without limits has only "changed", and times are not judged.
        before: None if only the later edition has it.
        after: None if only the earlier edition has it.
        low: lower 95% limit for one further run, from the replicates of one edition; None without limits.
        high: upper limit; None with `low`.
        replicates: how many replicates the limits are based on.
        words: what it is, for readers; its name if it has no description.
        unit: how its values are written for readers; the values here are as in results.json.
    """

    name: str
    move: Move
    before: Number | None
    after: Number | None
    low: float | None = None
    high: float | None = None
    replicates: int = 0
    words: str = ""
    unit: Unit = ""


class Change(Record, frozen=True):
    """Anything else that changed, as text.

    Attributes:
        name: what it is.
        before: None if it did not exist.
        after: None if it no longer exists.
    """

    name: str
    before: str | None
    after: str | None


class ClaimChange(Record, frozen=True):
    """A claim whose verdict or condition changed, or that only one edition makes.

    Attributes:
        sentence: wording of the claim.
        before: verdict; None if the edition does not make the claim.
        after: verdict; None if the edition does not make the claim.
        condition_before: None with `before`.
        condition_after: None with `after`.
        printed: the alternative wording, if the later edition prints it and the earlier one does not; otherwise empty.
    """

    sentence: str
    before: Verdict | None
    after: Verdict | None
    condition_before: str | None
    condition_after: str | None
    printed: str = ""


class Piece(Record, frozen=True):
    """A piece of text that is in both editions, or only in one.

    Attributes:
        kind: which of the editions contain it.
        text: words with single spaces, or lines of code.
    """

    kind: Literal["same", "removed", "added"]
    text: str


class Passage(Record, frozen=True):
    """Text that changed, with the text around it.

    Attributes:
        section: the heading above it.
        pieces: pieces from both editions, in order.
    """

    section: str
    pieces: tuple[Piece, ...]


class FigureChange(Record, frozen=True):
    """A figure that looks different.

    Attributes:
        name: name by which the prose places it.
        caption: caption in the later edition that has it.
        before: digest of what it shows; None if the edition has no such figure.
        after: digest of what it shows; None if the edition has no such figure.
    """

    name: str
    caption: str
    before: str | None
    after: str | None


class Difference(Record, frozen=True):
    """Everything that differs between two editions.

    Attributes:
        before: the first edition.
        after: the second edition.
        abstract: numbers that the later edition's abstract states, changed or not, including times.
        text: other numbers that its text states and that changed, without times, which nearly always change.
        compared: how many numbers both editions have.
        numbers: numbers that changed, by name.
        claims: claims that changed.
        settings: settings of the training.
        layers: layers of the model, one line each.
        data: its source, and its arrays by digest.
        environment: versions and machine.
        comparisons: verdicts on published numbers.
        stages: digests of the code behind the numbers.
        prose: passages of the text that changed; None if an edition does not contain its text.
        code: passages of the listings that changed; None as for the prose.
        figures: figures that look different.
    """

    before: Side
    after: Side
    abstract: tuple[Moved, ...]
    text: tuple[Moved, ...]
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
