"""The record of a verification: a published edition next to what its sources produce today."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record
from generator.records.results import Number

FileVerdict = Literal["identical", "differs", "missing", "contradicted"]
ValueVerdict = Literal["identical", "within tolerance", "outside", "not judged"]


class FileCheck(Record, frozen=True):
    """A file of the site, and whether it matches the site's own manifest.

    Attributes:
        name: name within the site.
        verdict: missing: the file does not exist, or a manifest that must list it does not; contradicted: it says
            something different from another file of the site, or from the edition's sources.
    """

    name: str
    verdict: FileVerdict


class ValueCheck(Record, frozen=True):
    """A value as published and as rebuilt.

    Attributes:
        name: dotted name, as in results.json.
        verdict: how the two compare.
        published: None if only the rebuilt edition has it.
        rebuilt: None if only the published edition has it.
        tolerance: how much the two may differ; None: they must be equal.
        reason: why a value is not judged; empty for one that is.
    """

    name: str
    verdict: ValueVerdict
    published: Number | None
    rebuilt: Number | None
    tolerance: float | None = None
    reason: str = ""


class Verification(Record, frozen=True):
    """What was found. Claims' verdicts and the data's digests are among the values.

    Attributes:
        edition: its name.
        commit: full hash.
        files: files of the site.
        values: values of either edition.
        interrupted: whether the site's front page does not match its editions, as after a publish that was killed.
        variables: names of environment variables that the published results depend on; their values are not published.
        checked: whether load_data() was called twice for the published results and returned the same arrays.
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
