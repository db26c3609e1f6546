"""The record of results.json as another edition's reader sees it.

Only what is compared is typed; the rest is kept as it is, so that an old edition can be read when the record of a
measurement has changed. A field that is added to results.json gets a default here, for the editions without it.
"""

from __future__ import annotations

import msgspec

from generator.records.base import Record
from generator.records.claims import Claim
from generator.records.dataset import Dataset
from generator.records.edition import Edition
from generator.records.published import Reproduction
from generator.records.results import Number, Provenance, Scale
from generator.records.run import Environment, Layer

FORMAT = 1
"""The form of results.json; an edition of another form cannot be compared."""

OTHER = msgspec.Raw(b"null")


class Stated(Record, frozen=True):
    """A value as results.json states it; its name is the key that it stands under.

    `scale` and `trials` are those of `Value`, where they are not its defaults.
    """

    value: Number
    stage: str
    replicate: int | None
    code: str
    data: str
    scale: Scale = "plain"
    trials: int | None = None


class Data(Record, frozen=True):
    """Where the data came from, and the arrays that they became."""

    source: str | None
    arrays: Dataset


class ReplicateRecord(Record, frozen=True):
    """One replicate: where it was trained. What was measured on it is among the values."""

    seed: int
    environment: Environment
    epochs: msgspec.Raw = OTHER
    correct: msgspec.Raw = OTHER
    images: msgspec.Raw = OTHER
    layers: msgspec.Raw = OTHER
    curve: msgspec.Raw = OTHER
    measures: msgspec.Raw = OTHER
    times: msgspec.Raw = OTHER


class Document(Record, frozen=True):
    """results.json; `model` are the layers in their order."""

    format: int
    title: str
    edition: Edition
    data: Data
    model: tuple[Layer, ...]
    stages: dict[str, Provenance]
    claims: tuple[Claim, ...]
    published: tuple[Reproduction, ...]
    values: dict[str, Stated]
    replicates: tuple[ReplicateRecord, ...]
    commit: msgspec.Raw = OTHER
    figures: msgspec.Raw = OTHER
    obstacles: msgspec.Raw = OTHER
