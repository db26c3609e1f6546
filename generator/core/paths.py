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

    Raises UsageError when it leads nowhere, or is no text, which records and pages are.
    """
    try:
        whole = path.resolve()
        str(whole).encode()
    except UnicodeEncodeError:
        step = "Rename the folder, or name another."
        raise UsageError(f"The path {os.fsencode(whole)!r} is not UTF-8", named, step) from None
    except (OSError, RuntimeError, ValueError):  # RuntimeError: of links that lead back to themselves
        raise UsageError(f"No folder can be at {path}", named, "Correct the path.") from None
    return whole


def expanded(path: str) -> Path:
    """The absolute path, in which ~ stands for the user's folder; links in it stay."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:  # ~NAME of nobody, which may be a file's name
        return Path(path).absolute()


def default_out(paper: Path) -> Path:
    """Where the paper in this folder is built unless --out names another place.

    Raises UsageError if that is taken, or as `absolute`.
    """
    folder = absolute(paper, "--paper")
    if folder == REPORT:
        return BUILD
    if folder.name in _OF_REPORT:
        what = f"{Place(BUILD / folder.name)} is taken by the paper in {Place(REPORT)}"
        raise UsageError(what, Place(paper), "Rename the paper's folder, or name another place with --out.")
    return BUILD / folder.name


def readable(path: str) -> str:
    """A path as text: the bytes of a name that are not UTF-8, as any system may have them, stand as escapes."""
    return os.fsencode(path).decode(errors="backslashreplace")
