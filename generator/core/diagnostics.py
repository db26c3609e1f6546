"""Errors in what an author wrote: all reported at once, each with the nearest name that would have worked.

This is for errors that can be collected, such as unknown names in the prose. They are not raised where they are found,
but added to a list; `refuse` ends the build if the list is not empty.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from generator.core.errors import Place, ReportError

MAX_NAMES = 12
"""The most names listed in a message: nobody reads longer lists."""

MAX_REPORTED = 20
"""The most errors reported at once: one wrong name can occur on a hundred lines."""


class Diagnostics:
    """The errors found so far in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[ReportError] = []

    def tell(self, line: int, what: str, next: str) -> None:
        """Adds what is wrong on a line (from 1), and what to do about it."""
        self.found.append(ReportError(what, Place(self.path, line), next))


def suggestion(name: str, known: Iterable[str]) -> str:
    """The known name nearest to `name`, and all known names, or the nearest of them if there are many."""
    names = sorted(set(known), key=lambda one: (not one.isdecimal(), int(one) if one.isdecimal() else 0, one))
    if not names:
        return "There are none here."
    close = difflib.get_close_matches(name, names, 1)
    if len(names) > MAX_NAMES:
        listed = ", ".join(difflib.get_close_matches(name, names, MAX_NAMES, cutoff=0)) + ", …"
    else:
        listed = ", ".join(names)
    return f'Did you mean "{close[0]}"? Known: {listed}.' if close else f"Known: {listed}."


def refuse(diagnostics: Iterable[ReportError]) -> None:
    """Ends the build if there are any; each is reported once, ordered by file and line.

    Raises:
        ReportError: the only one, or one that lists them all, with the place of the first.
    """
    each = {(diagnostic.where, diagnostic.what, diagnostic.next): diagnostic for diagnostic in diagnostics}
    told = sorted(each.values(), key=_position)
    if len(told) == 1:
        raise told[0]
    if told:
        lines = [f"  {one.where}: {one.what} {one.next}".rstrip() for one in told[:MAX_REPORTED]]
        lines += [f"  … and {len(told) - MAX_REPORTED} more"] if len(told) > MAX_REPORTED else []
        what = "\n".join([f"There are {len(told)} errors.", *lines])
        raise ReportError(what, told[0].where, "Correct them and build again.")


def _position(diagnostic: ReportError) -> tuple[str, int]:
    where = diagnostic.where
    return (str(where.path), where.line or 0) if isinstance(where, Place) else (str(where or ""), 0)
