"""What a user is told when a build cannot go on: what, where, what to do next.

Every failure that a user can act on is one of these two exceptions, raised where it is found and
printed once, by the command line. Any other exception is a bug in the generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A place in a file.

    Attributes:
        path: of the file.
        line: from 1; None where it is not known.
    """

    path: Path
    line: int | None = None

    def __str__(self) -> str:
        name = _shortest(self.path)
        return name if self.line is None else f"{name}:{self.line}"


class ReportError(Exception):
    """The build failed: `what` happened, at `where`, and what to do `next`."""

    exit_status = 1

    def __init__(self, what: str, where: Place | str | None = None, next: str = "") -> None:
        super().__init__(what, where, next)
        self.what, self.where, self.next = what, where, next

    def __str__(self) -> str:
        head = self.what if self.where is None else f"{self.where}: {self.what}"
        return f"{head}\n  {self.next}" if self.next else head


class UsageError(ReportError):
    """The command or the configuration is wrong, so nothing was built."""

    exit_status = 2


def _shortest(path: Path) -> str:
    """The path as the user would type it: relative to the current folder, if it is inside it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):  # it is elsewhere, or a link that leads back to itself
        return str(path)
