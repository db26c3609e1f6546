"""Diagnostics of what an author wrote: all reported at once, each with the nearest name that would have worked.

Only for faults that can be gathered, such as unknown names in the prose. Whoever finds one does not raise
it but puts it in a list; `refuse` ends the build when the list is not empty.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from generator.core.errors import Place, ReportError

MOST_NAMES = 12
"""No more known names than this in a message: a longer list is not read."""

MOST_TOLD = 20
"""No more faults than this at once: one wrong name can stand on a hundred lines."""


class Diagnostics:
    """The faults found so far in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[ReportError] = []

    def tell(self, line: int, what: str, next: str) -> None:
        """Notes what is wrong on a line (from 1), and what to do about it."""
        self.found.append(ReportError(what, Place(self.path, line), next))


def suggestion(name: str, known: Iterable[str]) -> str:
    """The known name nearest to `name`, and the known names, or those of them that come near it."""
    names = sorted(known)
    if not names:
        return "There are none here."
    close = difflib.get_close_matches(name, names, 1)
    if len(names) > MOST_NAMES:
        listed = ", ".join(difflib.get_close_matches(name, names, MOST_NAMES, cutoff=0)) + ", …"
    else:
        listed = ", ".join(names)
    return f'Did you mean "{close[0]}"? Known: {listed}.' if close else f"Known: {listed}."


def refuse(diagnostics: Iterable[ReportError]) -> None:
    """Ends the build if there are any; each is told once, in the order of the lines they stand on.

    Raises:
        ReportError: the only one, or one that lists them all and stands where the first one does.
    """
    each = {(diagnostic.where, diagnostic.what, diagnostic.next): diagnostic for diagnostic in diagnostics}
    told = sorted(each.values(), key=_position)
    if len(told) == 1:
        raise told[0]
    if told:
        lines = [f"  {one.where}: {one.what} {one.next}".rstrip() for one in told[:MOST_TOLD]]
        lines += [f"  … and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
        what = "\n".join([f"There are {len(told)} mistakes.", *lines])
        raise ReportError(what, told[0].where, "Correct them and build again.")


def _position(diagnostic: ReportError) -> tuple[str, int]:
    where = diagnostic.where
    return (str(where.path), where.line or 0) if isinstance(where, Place) else (str(where or ""), 0)
