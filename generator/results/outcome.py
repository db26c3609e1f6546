"""Everything that an article reports on, in one record: what the stages left, and what is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.core.environment import Commit
from generator.paper import Paper
from generator.records.analysis import Declared, OwnExhibit, OwnMeasure
from generator.records.condition import Condition
from generator.records.dataset import Dataset, Source
from generator.records.evidence import Evidence
from generator.records.explorer import Exploration
from generator.records.figures import Figures
from generator.records.measures import Measures
from generator.records.reads import Inputs
from generator.records.response import Response
from generator.records.results import Number, Provenance
from generator.records.run import Environment, Run, Times


@dataclass(frozen=True)
class Replicate:
    """All records of one replicate.

    Attributes:
        run: of its training.
        times: how long that took.
        environment: where that was.
        evidence: how it did on the test set.
        measures: what was measured inside the network.
        own: what the author's own measures gave.
    """

    run: Run
    times: Times
    environment: Environment
    evidence: Evidence
    measures: Measures
    own: tuple[OwnMeasure, ...] = ()


@dataclass(frozen=True)
class ConditionOutcome:
    """All records of a condition.

    Attributes:
        condition: what its networks were made from.
        dataset: the arrays, without their values.
        replicates: in the order of their seeds.
    """

    condition: Condition
    dataset: Dataset
    replicates: tuple[Replicate, ...]


@dataclass(frozen=True)
class Outcome:
    """All records of a build.

    Attributes:
        paper: as it was built.
        source: of the data; None where the paper declares none.
        main: the main condition.
        response: the first replicate's to the image shown.
        figures: of all replicates.
        provenance: by stage.
        commit: of the paper's folder.
        exploration: None for an article without the explorer.
        inputs: what the author's code read besides the data.
        constants: of the experiment, by name.
        variants: in the order of paper.toml.
        declared: functions of analysis.py.
        drawn: the author's own figures and tables.
    """

    paper: Paper
    source: Source | None
    main: ConditionOutcome
    response: Response
    figures: Figures
    provenance: Mapping[str, Provenance]
    commit: Commit
    exploration: Exploration | None = None
    inputs: Inputs = Inputs()
    constants: Mapping[str, Number] = field(default_factory=dict)
    variants: tuple[ConditionOutcome, ...] = ()
    declared: tuple[Declared, ...] = ()
    drawn: tuple[OwnExhibit, ...] = ()

    @property
    def dataset(self) -> Dataset:
        """The arrays of the main condition, without their values."""
        return self.main.dataset

    @property
    def replicates(self) -> tuple[Replicate, ...]:
        """The replicates of the main condition, in the order of their seeds."""
        return self.main.replicates

    @property
    def class_names(self) -> tuple[str, ...]:
        """One for each class, as paper.toml or the data has them; without names, the classes' numbers.

        Names in the data are those of its own labels, and names in paper.toml are not those of a sample.
        """
        declared = self.paper.data.classes if self.paper.data else ()
        found = self.source.class_names if self.source and self.dataset.keeps_labels else ()
        named = found if self.source and self.source.preview else declared or found
        return named if len(named) == self.dataset.classes else tuple(map(str, range(self.dataset.classes)))
