"""The record of what an article needs from the run: only that is measured and prepared."""

from __future__ import annotations

from generator.records.base import Record


class Needs(Record, frozen=True):
    """What an article needs, according to its prose and paper.toml.

    Attributes:
        explorer: whether the network runs in the page.
        measures: the stages of measures, by condition, in order; the evidence is always measured.
        drawn: names of the author's own figures and tables.
        compared: whether the article shows the comparison of variants.
    """

    explorer: bool
    measures: dict[str, tuple[str, ...]]
    drawn: tuple[str, ...] = ()
    compared: bool = False
