"""The record of the charts: for each, its panels as SVG files, and what it leaves out."""

from __future__ import annotations

from generator.records.base import Record


class Panel(Record, frozen=True):
    """An SVG file beside the record; its alternative, made from the same data, is in it as its title."""

    file: str
    title: str


class Chart(Record, frozen=True):
    """One chart, of panels that stand side by side where there is room.

    `omissions` say what is not in it, and why; a chart without panels is not there at all. `shows` are the results in
    it, by the beginning of their names.
    """

    name: str
    panels: tuple[Panel, ...]
    omissions: tuple[str, ...]
    shows: tuple[str, ...]
