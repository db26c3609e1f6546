"""The records of an author's own analysis: what analysis.py declares, and what its functions gave."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

Kind = Literal["measure", "figure", "table"]
Width = Literal["column", "text"]

STAGE = "analysis-"
"""How the stages of an author's functions begin; the function's name follows."""

OwnPath = tuple[str | int, ...]


class Declared(Record, frozen=True):
    """A function that analysis.py declares.

    Attributes:
        name: of the function.
        kind: what it gives.
        line: in the file, from 1.
        words: first sentence of its docstring, without its full stop; empty: there is none.
        width: of a figure.
    """

    name: str
    kind: Kind
    line: int
    words: str = ""
    width: Width = "column"

    @property
    def stage(self) -> str:
        return STAGE + self.name


class OwnNumber(Record, frozen=True):
    """A number that a measure returned.

    Attributes:
        path: the keys that lead to it.
        value: the number.
    """

    path: OwnPath
    value: int | float


class OwnMeasure(Record, frozen=True):
    """What a measure of the author's gave for one replicate.

    Attributes:
        name: of the function.
        seed: of the replicate.
        numbers: in the order in which it returned them.
        arrays: the keys that lead to its arrays, which lie beside the record in this order.
    """

    name: str
    seed: int
    numbers: tuple[OwnNumber, ...]
    arrays: tuple[OwnPath, ...]


class Cell(Record, frozen=True):
    """A cell of an author's table.

    Attributes:
        text: what it says; empty for a result.
        path: parts of the name of the result that it shows; empty for text.
        filter: by which the result is written; empty: as the prose writes it.
    """

    text: str = ""
    path: OwnPath = ()
    filter: str = ""


class OwnExhibit(Record, frozen=True):
    """A figure or a table that a function of the author's gave.

    Attributes:
        name: of the function.
        kind: which of the two it is.
        alt: what a figure shows, in words.
        width: of a figure.
        header: of a table.
        rows: of a table.
        used: names of the results that the function looked at.
    """

    name: str
    kind: Kind
    alt: str = ""
    width: Width = "column"
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    used: tuple[str, ...] = ()
