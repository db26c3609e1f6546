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


def suggestion(name: str, known: Iterable[str], most: int = MAX_NAMES) -> str:
    """The known name nearest to `name`, and all known names, or the nearest of them if there are more than `most`.

    A name that begins with `name`, if that is more than two letters, is nearest. No number is near another.
    """
    names = sorted(set(known), key=lambda one: (not one.isdecimal(), int(one) if one.isdecimal() else 0, one))
    if not names:
        return "There are none here."
    longer = [one for one in names if len(name) > 2 and one.startswith(name)]
    close = [] if name.isdecimal() else longer or difflib.get_close_matches(name, names, 1)
    nearest = names if len(names) <= most else set(difflib.get_close_matches(name, names, most, cutoff=0))
    listed = ", ".join(one for one in names if one in nearest)
    known_names = f"Known: {listed}." if len(names) <= most else f"Known, among others: {listed}."
    return f'Did you mean "{close[0]}"? {known_names}' if close else known_names


def refuse(diagnostics: Iterable[ReportError]) -> None:
    """Ends the build if there are any; each is reported once, ordered by file and line.

    Raises:
        ReportError: the only one, or one that lists them all with their places.
    """
    each = {(diagnostic.where, diagnostic.what, diagnostic.next): diagnostic for diagnostic in diagnostics}
    told = sorted(each.values(), key=_position)
    if len(told) == 1:
        raise told[0]
    if told:
        lines = [f"  {one.where}: {_on_a_line(one)}" for one in told[:MAX_REPORTED]]
        lines += [f"  … and {len(told) - MAX_REPORTED} more"] if len(told) > MAX_REPORTED else []
        what = "\n".join([f"There are {len(told)} errors.", *lines])
        raise ReportError(what, next="Correct them and build again.")


def _on_a_line(diagnostic: ReportError) -> str:
    """What happened, ended as a sentence, and what to do next."""
    end = "" if not diagnostic.next or diagnostic.what.endswith((".", "?", "!", ":")) else "."
    return f"{diagnostic.what}{end} {diagnostic.next}".rstrip()


def _position(diagnostic: ReportError) -> tuple[str, int]:
    where = diagnostic.where
    return (str(where.path), where.line or 0) if isinstance(where, Place) else (str(where or ""), 0)
