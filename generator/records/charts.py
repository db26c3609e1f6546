"""The record of the charts: for each, its panels as SVG files, and what it leaves out."""

from __future__ import annotations

from generator.records.base import Record


class Panel(Record, frozen=True):
    """An SVG file beside the record; its alternative, made from the same data, is in it as its title.

    Attributes:
        file: the file's name.
        title: stands above the panel.
    """

    file: str
    title: str


class Chart(Record, frozen=True):
    """One chart, of panels that stand side by side where there is room.

    Attributes:
        name: by which the prose places it.
        panels: none where the measure does not apply.
        omissions: what is not in it, and why.
        shows: beginnings of the names of the results in it.
    """

    name: str
    panels: tuple[Panel, ...]
    omissions: tuple[str, ...]
    shows: tuple[str, ...]
