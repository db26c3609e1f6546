"""The conditions of a study: what the networks of a paper, and of each of its variants, are made from.

The main condition is the one that paper.toml describes outside [variants]; the article is about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from generator.records.base import Record
from generator.records.run import Count, TrainingSettings

MAIN = ""
"""The name of the main condition."""

Argument = bool | int | float | str | tuple[bool | int | float | str, ...]
"""What paper.toml can give a function of the author's."""

Arguments = dict[str, Argument]


class TrainingChanges(Record, frozen=True):
    """What a variant trains otherwise; None: as the main condition has it.

    Attributes:
        epochs: as of `TrainingSettings`.
        batch_size: as of `TrainingSettings`.
        validation: as of `TrainingSettings`.
        replicates: how many at most; there are never more than of the main condition, with whose seeds they are paired.
    """

    epochs: Count | None = None
    batch_size: Count | None = None
    validation: Annotated[float, msgspec.Meta(ge=0, lt=1)] | None = None
    replicates: Count | None = None


class Variant(Record, frozen=True):
    """A table [variants.NAME]: what is changed, and nothing else.

    Attributes:
        title: for readers.
        model: keyword arguments of build_model().
        training: settings of the training.
        data: keyword arguments of load_data().
    """

    title: Annotated[str, msgspec.Meta(min_length=1)]
    model: Arguments = {}
    training: TrainingChanges = TrainingChanges()
    data: Arguments = {}


class Condition(Record, frozen=True):
    """What replicates are made from.

    Attributes:
        name: of the variant; MAIN for the main condition.
        title: for readers.
        model: keyword arguments of build_model() that are not its defaults.
        data: keyword arguments of load_data() that are not its defaults.
        training: how they are trained.
    """

    name: str
    title: str
    model: Arguments
    data: Arguments
    training: TrainingSettings

    def replicate(self, seed: int) -> str:
        """How progress and messages call a replicate."""
        return f"{self.name}, replicate {seed}" if self.name else f"replicate {seed}"


@dataclass(frozen=True)
class Recipe:
    """How a network is made: the author's code, and what it is given.

    Attributes:
        path: of experiment.py.
        arguments: keyword arguments of build_model().
    """

    path: Path
    arguments: Mapping[str, Argument] = field(default_factory=dict)
