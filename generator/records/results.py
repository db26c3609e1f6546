"""The record of the results: every number that a paper can show, with its origin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from generator.records.base import Record

Number = int | float | str | bool | tuple[int | float, ...]
Scale = Literal["plain", "share", "signed", "positive"]
"""The range of a quantity: any number, from 0 to 1, from −1 to 1, or above 0."""


class Value(Record, frozen=True):
    """A value and where it comes from.

    Attributes:
        path: the parts of its dotted name.
        value: the value itself.
        stage: stage that it comes from.
        replicate: seed of its replicate; None: all.
        scale: scale on which limits are computed, for what was measured on replicates.
        trials: number of images, or of booleans, that it is a share of; None if unknown.
    """

    path: tuple[str | int, ...]
    value: Number
    stage: str
    replicate: int | None = None
    scale: Scale = "plain"
    trials: int | None = None

    @property
    def name(self) -> str:
        return ".".join(str(part) for part in self.path)


class Provenance(Record, frozen=True):
    """What a stage's results are based on, as digests.

    Attributes:
        code: digest of the stage's code.
        data: digest of its data.
        key: digest of everything that it depends on.
    """

    code: str
    data: str
    key: str


class Origin(Record, frozen=True):
    """A value, and where it comes from.

    Attributes:
        name: its dotted name.
        value: the value itself.
        stage: stage that it comes from.
        replicate: seed of its replicate; None: all.
        code: digest of the stage's code.
        data: digest of the stage's data.
    """

    name: str
    value: Number
    stage: str
    replicate: int | None
    code: str
    data: str


Path = tuple[str | int, ...]


def origins(values: tuple[Value, ...], provenance: Mapping[str, Provenance]) -> dict[Path, Origin]:
    """The origin of every value, by the parts of its name."""
    return {
        value.path: Origin(
            value.name,
            value.value,
            value.stage,
            value.replicate,
            provenance[value.stage].code,
            provenance[value.stage].data,
        )
        for value in values
    }


def tree(values: tuple[Value, ...]) -> dict[str, Any]:
    """The values as nested mappings, for expressions such as `test.accuracy.mean`."""
    root: dict[Any, Any] = {}
    for value in values:
        *branches, leaf = value.path
        place = root
        for branch in branches:
            place = place.setdefault(branch, {})
        place[leaf] = value.value
    return root
