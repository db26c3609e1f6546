"""Everything that an article reports on, in one record: what the stages left, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.core.environment import Commit
from generator.paper import Paper
from generator.records.dataset import Dataset, Source
from generator.records.evidence import Evidence
from generator.records.explorer import Exploration
from generator.records.figures import Figures
from generator.records.measures import Measures
from generator.records.response import Response
from generator.records.results import Provenance
from generator.records.run import Environment, Run, Times


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

    An article without the explorer has no `exploration`.
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
