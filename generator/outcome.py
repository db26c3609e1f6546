"""Everything that an article reports on, in one record: what the stages left, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from generator.environment import Commit
from generator.paper import Paper
from generator.records.dataset import Dataset, Source
from generator.records.evidence import Evidence
from generator.records.explorer import Exploration
from generator.records.figures import Figures
from generator.records.measures import Measures
from generator.records.reads import Inputs
from generator.records.response import Response
from generator.records.results import Provenance
from generator.records.run import Environment, Run, Times
from generator.store import Entry


@dataclass(frozen=True)
class Replicate:
    """All records of one replicate."""

    run: Run
    times: Times
    environment: Environment
    evidence: Evidence
    measures: Measures


@dataclass(frozen=True)
class Outcome:
    """All records of a build; `response` is the first replicate's to the image shown, `provenance` is by stage.

    An article without the explorer has no `exploration`. `inputs` are what the author's code read besides the data.
    """

    paper: Paper
    source: Source | None
    dataset: Dataset
    replicates: tuple[Replicate, ...]
    response: Response
    figures: Figures
    provenance: Mapping[str, Provenance]
    commit: Commit
    exploration: Exploration | None = None
    inputs: Inputs = Inputs()


def read_replicate(run: Entry, evidence: Entry) -> Replicate:
    """The records in a replicate's entries."""
    return Replicate(
        run=msgspec.json.decode(run.read("run.json"), type=Run),
        times=msgspec.json.decode(run.read("times.json"), type=Times),
        environment=msgspec.json.decode(run.read("environment.json"), type=Environment),
        evidence=msgspec.json.decode(evidence.read("evidence.json"), type=Evidence),
        measures=msgspec.json.decode(evidence.read("measures.json"), type=Measures),
    )


def read_exploration(explorer: Entry) -> Exploration:
    """The record in the explorer's entry."""
    return msgspec.json.decode(explorer.read("explorer.json"), type=Exploration)
