"""The record of results.json as read from another edition.

Only what is compared is typed. The rest is kept unparsed, so that an old edition can still be read after the record of
a measurement has changed. A field that is added to results.json gets a default here, for editions without it.
"""

from __future__ import annotations

import msgspec

from generator.records.article import ArticleText
from generator.records.base import Record
from generator.records.claims import Claim
from generator.records.dataset import Dataset
from generator.records.edition import Edition
from generator.records.published import Reproduction
from generator.records.reads import Inputs
from generator.records.results import Number, Provenance, Scale
from generator.records.run import Environment, Layer

FORMAT = 1
"""The format of results.json; an edition in another format cannot be compared."""

OTHER = msgspec.Raw(b"null")

OF_VARIANT = "data ("
"""How the stages begin that load the data of a variant."""


class Stated(Record, frozen=True):
    """A value in results.json; its name is its key.

    Attributes:
        value: the value itself.
        stage: stage that it comes from.
        replicate: seed of its replicate; None: all.
        code: digest of the stage's code.
        data: digest of the stage's data.
        scale: as in `Value`.
        trials: as in `Value`.
    """

    value: Number
    stage: str
    replicate: int | None
    code: str
    data: str
    scale: Scale = "plain"
    trials: int | None = None


class Data(Record, frozen=True):
    """Where the data came from.

    Attributes:
        source: description for readers; None if the paper declares no data.
        arrays: the arrays that it became.
        checked: whether load_data() was checked to return the same arrays a second time.
    """

    source: str | None
    arrays: Dataset
    checked: bool = True


class ReplicateRecord(Record, frozen=True):
    """One replicate and where it was trained. What was measured on it is among the values.

    Attributes:
        seed: seed of the replicate.
        environment: where it was trained.
        epochs: not read.
        correct: not read.
        images: not read.
        layers: not read.
        curve: not read.
        measures: not read.
        times: not read.
    """

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
    """results.json.

    Attributes:
        format: format of the file.
        title: title of the article.
        edition: the build that it belongs to.
        data: the data behind the run.
        model: layers in order.
        stages: what the results of each stage are based on.
        claims: in the order of the prose.
        published: comparisons with an earlier article.
        values: every number, by its dotted name.
        replicates: in the order of their seeds.
        inputs: what the author's code read besides the data.
        commit: not compared.
        figures: not compared.
        obstacles: not compared.
        text: the article's text; None in editions written before it was included.
        variants: not compared; their values are.
        measures: descriptions of the author's measures, by name.
    """

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
    inputs: Inputs = Inputs()
    commit: msgspec.Raw = OTHER
    figures: msgspec.Raw = OTHER
    obstacles: msgspec.Raw = OTHER
    text: ArticleText | None = None
    variants: msgspec.Raw = OTHER
    measures: dict[str, str] = {}

    @property
    def variants_data(self) -> dict[str, str]:
        """Digests of the arrays of variants, by the stage that loads them."""
        return {stage: behind.data for stage, behind in self.stages.items() if stage.startswith(OF_VARIANT)}
