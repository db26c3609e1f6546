"""The record of a verification: a published edition beside what its sources give today."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.results import Number

FileVerdict = Literal["identical", "differs", "missing", "contradicted"]
ValueVerdict = Literal["identical", "within tolerance", "outside", "not judged"]


class FileCheck(Record, frozen=True):
    """A file of the site, and whether it is what the site's own manifest says.

    "missing" is one that is not there, or that a manifest must name and does not; "contradicted" is one that says
    something else than another file of the site, or than the edition's sources.
    """

    name: str
    verdict: FileVerdict


class ValueCheck(Record, frozen=True):
    """A value as published and as rebuilt; None where there is none.

    `tolerance` is how far apart the two may be; None where they must be equal. `reason` is why a value
    that differs is not judged, where that is not so for all editions alike.
    """

    name: str
    verdict: ValueVerdict
    published: Number | None
    rebuilt: Number | None
    tolerance: float | None = None
    reason: str = ""


class Verification(Record, frozen=True):
    """What was found; claims' verdicts and the data's digests are among the values.

    `variables` are those of the environment that the published results rest on; their values are not published.
    """

    edition: str
    commit: str
    files: tuple[FileCheck, ...]
    values: tuple[ValueCheck, ...]
    variables: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        files = all(check.verdict == "identical" for check in self.files)
        return files and all(check.verdict != "outside" for check in self.values)
