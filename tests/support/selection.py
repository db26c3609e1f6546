"""What of several subjects a command runs: those that its arguments name, or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

Subject = TypeVar("Subject")


def selected(names: Sequence[str], subjects: Mapping[str, Subject]) -> dict[str, Subject]:
    """The named subjects, in the order of the names, or all. Raises SystemExit for a name that none of them has."""
    if unknown := [name for name in names if name not in subjects]:
        raise SystemExit(f"There is no subject {unknown[0]}. Choose from: {', '.join(subjects)}.")
    return {name: subjects[name] for name in names or subjects}
