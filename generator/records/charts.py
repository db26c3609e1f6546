"""The record of the charts: the panels of each as SVG files, and what it leaves out."""

from __future__ import annotations

from generator.records.base import Record


class Panel(Record, frozen=True):
    """An SVG file next to the record. Its title contains its text alternative, made from the same data.

    Attributes:
        file: the file's name.
        title: title above the panel.
    """

    file: str
    title: str


class Chart(Record, frozen=True):
    """One chart. Its panels are side by side if there is room.

    Attributes:
        name: name by which the prose places it.
        panels: empty if the measure does not apply.
        omissions: what is left out, and why.
        shows: prefixes of the names of the results shown.
    """

    name: str
    panels: tuple[Panel, ...]
    omissions: tuple[str, ...]
    shows: tuple[str, ...]
