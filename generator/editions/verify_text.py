"""The findings of a verification as lines for a terminal: counts, and every value that is not exactly as published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from generator.core.formatting import as_text, integer
from generator.records.results import Number
from generator.records.verification import ValueCheck, Verification

INTERRUPTED = "Publish interrupted: the front pages do not match the editions in v/"
UNCHECKED = (
    "The author of this edition did not check that load_data() gives the same arrays twice ([data] check = false), "
    "so its results may depend on chance"
)
PUBLISH_AGAIN = "Publish again; this rewrites the front pages."
NOT_TOLD = ("identical", "not judged")


def lines(found: Verification) -> Iterator[str]:
    """All findings, and the verdict last."""
    files = Counter[str](check.verdict for check in found.files)
    values = Counter[str](check.verdict for check in found.values)
    yield f"files: {_counts(files)}"
    yield from (f"  {check.verdict}: {check.name}" for check in found.files if check.verdict != "identical")
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
    verdict = "passes verification" if found.holds else "fails verification"
    yield f"Edition {found.edition}, commit {found.commit[:10]}, {verdict}."


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{integer(count)} {verdict}" for verdict, count in counted.most_common())


def _check_line(check: ValueCheck) -> str:
    may = "" if check.tolerance is None else f" (may differ by {as_text(check.tolerance)})"
    return f"{check.verdict}: {check.name}, published {_text(check.published)}, rebuilt {_text(check.rebuilt)}{may}"


def _text(value: Number | None) -> str:
    """The value with all digits, since a difference may be in the last one."""
    return "nothing" if value is None else repr(value) if isinstance(value, float) else as_text(value)
