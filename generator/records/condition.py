"""The conditions of a study: what the networks of a paper and of each of its variants are made from.

The main condition is the one that paper.toml describes outside [variants]. The article is about it.
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
"""The types of arguments that paper.toml can pass to an author's function."""

Arguments = dict[str, Argument]


class TrainingChanges(Record, frozen=True):
    """What a variant changes in training; None: as in the main condition.

    Attributes:
        epochs: as in `TrainingSettings`.
        batch_size: as in `TrainingSettings`.
        validation: as in `TrainingSettings`.
        replicates: the most to train; never more than in the main condition, with whose seeds they are paired.
    """

    epochs: Count | None = None
    batch_size: Count | None = None
    validation: Annotated[float, msgspec.Meta(ge=0, lt=1)] | None = None
    replicates: Count | None = None


class Variant(Record, frozen=True):
    """A table [variants.NAME], which contains only what is changed.

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
    """What the replicates of a condition are made from.

    Attributes:
        name: name of the variant; MAIN for the main condition.
        title: for readers.
        model: keyword arguments of build_model() that are not its defaults.
        data: keyword arguments of load_data() that are not its defaults.
        training: how the replicates are trained.
    """

    name: str
    title: str
    model: Arguments
    data: Arguments
    training: TrainingSettings

    def replicate(self, seed: int) -> str:
        """The name of a replicate in progress and messages."""
        return f"{self.name}, replicate {seed}" if self.name else f"replicate {seed}"


@dataclass(frozen=True)
class Recipe:
    """How a network is made: the author's code, and its arguments.

    Attributes:
        path: path of experiment.py.
        arguments: keyword arguments of build_model().
    """

    path: Path
    arguments: Mapping[str, Argument] = field(default_factory=dict)
