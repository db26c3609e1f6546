"""The folders of the project, named once."""

from __future__ import annotations

import os
from pathlib import Path

from generator.core.errors import Place, UsageError

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
REPORT = ROOT / "report"
EXAMPLES = ROOT / "examples"
BUILD = ROOT / "build"
_OF_REPORT = ("cache", "site")
"""The folders in build/ that hold what is built of report/."""


def default_out(paper: Path) -> Path:
    """Where the paper in this folder is built unless --out names another place. Raises UsageError if that is taken."""
    folder = paper.resolve()
    if folder == REPORT:
        return BUILD
    if folder.name in _OF_REPORT:
        what = f"{Place(BUILD / folder.name)} is taken by the paper in {Place(REPORT)}"
        raise UsageError(what, Place(paper), "Rename the paper's folder, or name another place with --out.")
    return BUILD / folder.name


def readable(path: str) -> str:
    """A path as text: the bytes of a name that are not UTF-8, as any system may have them, stand as escapes."""
    return os.fsencode(path).decode(errors="backslashreplace")
