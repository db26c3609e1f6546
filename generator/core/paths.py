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


def absolute(path: Path, named: str) -> Path:
    """The absolute path, without links, of what the user named as `named`.

    Raises UsageError when links in it form a loop, or when it is not UTF-8, as records and pages are.
    """
    try:
        whole = path.resolve()
        str(whole).encode()
    except UnicodeEncodeError:
        step = "Rename the folder, or name another."
        raise UsageError(f"The path {os.fsencode(whole)!r} is not UTF-8", named, step) from None
    except (OSError, RuntimeError, ValueError):  # RuntimeError: links that form a loop
        raise UsageError(f"Cannot create a folder at {path}", named, "Correct the path.") from None
    return whole


def expanded(path: str) -> Path:
    """The absolute path with ~ expanded; links are not resolved."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:  # ~NAME of no user, which may be the name of a file
        return Path(path).absolute()


def default_out(paper: Path) -> Path:
    """The folder that the paper in this folder is built into without --out.

    Raises UsageError if another paper uses it, or as `absolute`.
    """
    folder = absolute(paper, "--paper")
    if folder == REPORT:
        return BUILD
    if folder.name in _OF_REPORT:
        what = f"{Place(BUILD / folder.name)} is used by the paper in {Place(REPORT)}"
        raise UsageError(what, Place(paper), "Rename the paper's folder, or choose another folder with --out.")
    return BUILD / folder.name


def readable(path: str) -> str:
    """A path as text, with escapes for bytes that are not UTF-8."""
    return os.fsencode(path).decode(errors="backslashreplace")
