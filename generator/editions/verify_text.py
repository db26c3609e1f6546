"""The findings of a verification as lines for a terminal: counts, and every value that is not exactly as published.

Other data may explain all other differences, so it is told next to the verdict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from generator.core.formatting import as_text, integer, listed
from generator.diff.difference import SHORT
from generator.records.results import Number
from generator.records.verification import FileCheck, FileVerdict, ValueCheck, Verification

INTERRUPTED = "Publish interrupted: the front pages do not match the editions in v/"
UNCHECKED = (
    "The author of this edition did not check that load_data() gives the same arrays twice ([data] check = false), "
    "so its results may depend on chance"
)
PUBLISH_AGAIN = "Publish again; this rewrites the front pages."
NOT_TOLD = ("identical", "not judged")
_DIGEST = ".sha256"
_IS_DIGEST = re.compile(r"[0-9a-f]{64}")
_MEANT: dict[FileVerdict, str] = {
    "differs": "not the file that was published: its digest differs",
    "missing": "listed, but not in the site, or in the site, but not listed",
    "contradicted": "contradicts the results, the sources, or another file of the edition",
}


def before_rebuild(edition: str, files: Iterable[FileCheck], interrupted: bool) -> Iterator[str]:
    """What the files of a site show without a rebuild, if anything is wrong with them."""
    if faults := list(_of_files(files)):
        yield f"Edition {edition} already fails verification, before anything is rebuilt:"
        yield from faults
        if interrupted:
            yield f"{INTERRUPTED}. {PUBLISH_AGAIN}"
        yield "It is rebuilt anyway, to compare its values; Ctrl+C stops this."


def _of_files(files: Iterable[FileCheck]) -> Iterator[str]:
    faults = (check for check in files if check.verdict != "identical")
    yield from (f"  {check.verdict}: {check.name} ({_MEANT[check.verdict]})" for check in faults)


_GIVE_DATA = "Get the data of the edition, name it with --data PATH, and verify again."
_LOOK_AT_CODE = (
    "The paper names no source of its data: see what load_data() in experiment.py reads or computes, "
    "and whether its libraries have other versions here."
)


def lines(found: Verification) -> Iterator[str]:
    """All findings, and the verdict last."""
    files = Counter[str](check.verdict for check in found.files)
    values = Counter[str](check.verdict for check in found.values)
    yield f"files: {_counts(files)}"
    yield from _of_files(found.files)
    if found.interrupted:
        yield f"{INTERRUPTED}. {PUBLISH_AGAIN}"
    yield f"values: {_counts(values)}"
    yield from (f"  {_check_line(check)}" for check in found.values if check.verdict not in NOT_TOLD)
    reasons = Counter[str](check.reason for check in found.values if check.reason)
    yield from (f"  {integer(count)} not judged: {reason}" for reason, count in reasons.items())
    if found.variables and not found.holds:
        names = ", ".join(found.variables)
        yield f"  The published results depend on environment variables that may differ here: {names}"
    if not found.checked:
        yield f"  {UNCHECKED}."
    yield from _of_data(found.values)
    verdict = "passes verification" if found.holds else "fails verification"
    yield f"Edition {found.edition}, commit {found.commit[:10]}, {verdict}."


def _of_data(values: Iterable[ValueCheck]) -> Iterator[str]:
    """That the data is other data, where each is from, and what to do."""
    by_name = {check.name: check for check in values}
    other = [name for name, check in by_name.items() if name.endswith(_DIGEST) and check.verdict == "outside"]
    if not other:
        return
    names = listed([name.removeprefix("data.").removesuffix(_DIGEST) for name in other])
    yield f"The data differs: load_data() returned other arrays here than the edition was trained on ({names})."
    if source := by_name.get("data.source"):
        yield f"Published from: {_text(source.published)}. Loaded here from: {_text(source.rebuilt)}."
    step = _GIVE_DATA if source else _LOOK_AT_CODE
    yield f"Every result depends on the data, so all other differences may follow from this. {step}"


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{integer(count)} {verdict}" for verdict, count in counted.most_common())


def _check_line(check: ValueCheck) -> str:
    may = "" if check.tolerance is None else f" (may differ by {as_text(check.tolerance)})"
    return f"{check.verdict}: {check.name}, published {_text(check.published)}, rebuilt {_text(check.rebuilt)}{may}"


def _text(value: Number | None) -> str:
    """The value with all digits, since a difference may be in the last one."""
    if isinstance(value, str) and _IS_DIGEST.fullmatch(value):
        return f"{value[:SHORT]}…"
    return "nothing" if value is None else repr(value) if isinstance(value, float) else as_text(value)
