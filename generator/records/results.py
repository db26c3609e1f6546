"""The record of the results: every number that a paper can show, with what is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from generator.records.base import Record

Number = int | float | str | bool | tuple[float, ...]
Scale = Literal["plain", "share", "signed", "positive"]
"""What a quantity can be: any number, one from 0 to 1, one from −1 to 1, or one above 0."""


class Value(Record, frozen=True):
    """A value and where it comes from.

    Attributes:
        path: the parts of its dotted name.
        value: the value itself.
        stage: that it comes from.
        replicate: its seed; None: all.
        scale: on which limits are computed, for what was measured on replicates.
        trials: of how many test images it is a share; None where that is not known.
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
    """What a stage's results rest on, as digests.

    Attributes:
        code: of the stage's code.
        data: of its data.
        key: of all that it depends on.
    """

    code: str
    data: str
    key: str


class Origin(Record, frozen=True):
    """A value, and what is behind it.

    Attributes:
        name: its dotted name.
        value: the value itself.
        stage: that it comes from.
        replicate: its seed; None: all.
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
    """Where every value comes from, by the parts of its name."""
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
