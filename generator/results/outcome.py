"""Everything that an article reports on, in one record: the results of the stages, and their provenance."""

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
        run: results of its training.
        times: how long its training took.
        environment: where it was trained.
        evidence: its results on the test set.
        measures: what was measured inside the network.
        own: results of the author's own measures.
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


def validated_on(dataset: Dataset) -> str:
    """The digest of the images that validation metrics are measured on."""
    return (dataset.x_validation or dataset.x_test).sha256


@dataclass(frozen=True)
class Outcome:
    """All records of a build.

    Attributes:
        paper: the paper as it was built.
        source: source of the data; None if the paper declares none.
        main: the main condition.
        response: the first replicate's response to the image shown.
        figures: figures of all replicates.
        provenance: provenance by stage.
        commit: commit of the paper's folder.
        exploration: the explorer; None for an article without one.
        inputs: what the author's code read besides the data.
        constants: constants of experiment.py and analysis.py, by name.
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
    def validated(self) -> dict[str, str]:
        """Digests of the images that the conditions validate on, by condition."""
        return {one.condition.name: validated_on(one.dataset) for one in (self.main, *self.variants)}

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
        """A name for each class, from paper.toml or the data; without names, the classes' numbers.

        Names in the data apply only to its own labels, and names in paper.toml do not apply to a sample.
        """
        declared = self.paper.data.classes if self.paper.data else ()
        found = self.source.class_names if self.source and self.dataset.keeps_labels else ()
        named = found if self.source and self.source.preview else declared or found
        return named if len(named) == self.dataset.classes else tuple(map(str, range(self.dataset.classes)))
