"""The records of an author's own analysis: what analysis.py declares, and what its functions returned."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

Kind = Literal["measure", "figure", "table"]
Width = Literal["column", "text"]

STAGE = "analysis-"
"""Prefix of the stages of an author's functions; the function's name follows."""

OwnPath = tuple[str | int, ...]


class Declared(Record, frozen=True):
    """A function that analysis.py declares.

    Attributes:
        name: name of the function.
        kind: what it returns.
        line: line in the file, from 1.
        words: first sentence of its docstring, without the period; empty: there is none.
        width: width of a figure.
    """

    name: str
    kind: Kind
    line: int
    words: str = ""
    width: Width = "column"

    @property
    def stage(self) -> str:
        return STAGE + self.name


class TriedMeasure(Record, frozen=True):
    """What a measure returned for a network that was not trained.

    Attributes:
        name: name of the function.
        numbers: names of the numbers.
        arrays: names of the arrays.
    """

    name: str
    numbers: tuple[OwnPath, ...]
    arrays: tuple[OwnPath, ...]


class OwnNumber(Record, frozen=True):
    """A number that a measure returned.

    Attributes:
        path: the keys that lead to it, outermost first.
        value: the number.
        trials: how many booleans `value` is the share of; None if it is not such a share.
    """

    path: OwnPath
    value: int | float
    trials: int | None = None


class OwnMeasure(Record, frozen=True):
    """What one of the author's measures returned for one replicate.

    Attributes:
        name: name of the function.
        seed: seed of the replicate.
        numbers: in the order in which they were returned.
        arrays: the keys that lead to its arrays, which are stored next to the record in this order.
    """

    name: str
    seed: int
    numbers: tuple[OwnNumber, ...]
    arrays: tuple[OwnPath, ...]


class Cell(Record, frozen=True):
    """A cell of an author's table.

    Attributes:
        text: the text shown; empty for a result.
        path: parts of the name of the result shown; empty for text.
        filter: filter that formats the result; empty: as in the prose.
    """

    text: str = ""
    path: OwnPath = ()
    filter: str = ""


class OwnExhibit(Record, frozen=True):
    """A figure or a table that one of the author's functions returned.

    Attributes:
        name: name of the function.
        kind: figure or table.
        alt: description of what a figure shows.
        width: width of a figure.
        header: header of a table.
        rows: rows of a table.
        used: names of the results that the function accessed.
    """

    name: str
    kind: Kind
    alt: str = ""
    width: Width = "column"
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    used: tuple[str, ...] = ()
