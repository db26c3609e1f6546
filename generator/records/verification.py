"""The record of a verification: a published edition beside what its sources give today."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.results import Number

FileVerdict = Literal["identical", "differs", "missing", "contradicted"]
ValueVerdict = Literal["identical", "within tolerance", "outside", "not judged"]


class FileCheck(Record, frozen=True):
    """A file of the site, and whether it is what the site's own manifest says.

    Attributes:
        name: within the site.
        verdict: missing is a file that is not there, or that a manifest must name and does not; contradicted is one
            that says something else than another file of the site, or than the edition's sources.
    """

    name: str
    verdict: FileVerdict


class ValueCheck(Record, frozen=True):
    """A value as published and as rebuilt.

    Attributes:
        name: dotted, as in results.json.
        verdict: how the two compare.
        published: None where it is only in the other.
        rebuilt: None where it is only in the other.
        tolerance: how far apart the two may be; None: they must be equal.
        reason: why a value is not judged; empty for one that is.
    """

    name: str
    verdict: ValueVerdict
    published: Number | None
    rebuilt: Number | None
    tolerance: float | None = None
    reason: str = ""


class Verification(Record, frozen=True):
    """What was found; claims' verdicts and the data's digests are among the values.

    Attributes:
        edition: its name.
        commit: whole.
        files: of the site.
        values: of either edition.
        interrupted: whether the site's front does not match its editions, as after a publish that was killed.
        variables: of the environment, by name, that the published results rest on; their values are not published.
        checked: whether load_data() was called twice for the published results, and returned the same arrays.
    """

    edition: str
    commit: str
    files: tuple[FileCheck, ...]
    values: tuple[ValueCheck, ...]
    interrupted: bool = False
    variables: tuple[str, ...] = ()
    checked: bool = True

    @property
    def holds(self) -> bool:
        files = not self.interrupted and all(check.verdict == "identical" for check in self.files)
        return files and all(check.verdict != "outside" for check in self.values)
