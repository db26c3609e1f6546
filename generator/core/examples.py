"""Starts new papers: copies an example to the folder where an author wants to write.

An example builds as it is, so that an author starts from a paper that works.
"""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path

from generator.core.diagnostics import suggestion
from generator.core.errors import Place, UsageError
from generator.core.paths import EXAMPLES

DEFAULT = "digits"
AUTHOR = "Your Name"
"""The author of every example, whose name is to be replaced before a paper is published."""

_DATE = re.compile(r"^date = \d{4}-\d\d-\d\d", re.MULTILINE)


def names() -> list[str]:
    """The names of the examples."""
    return sorted(toml.parent.name for toml in EXAMPLES.glob("*/paper.toml"))


def copy_example(example: str, folder: Path, today: datetime.date) -> None:
    """Copies an example to `folder`, which is new or empty, and dates the paper `today`.

    Raises UsageError when there is no such example, or the folder is not empty or cannot be written.
    """
    if example not in names():
        raise UsageError(f"There is no example {example!r}", "--from", suggestion(Path(example).name, names()))
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError("This already exists, and is not an empty folder", Place(folder), "Name a new folder.")
    try:
        shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        toml = folder / "paper.toml"
        toml.write_text(_DATE.sub(f"date = {today}", toml.read_text(encoding="utf-8")), encoding="utf-8")
    except OSError as error:
        reason = f"Cannot create this folder: {error.strerror or error}"
        raise UsageError(reason, Place(folder), "Name a folder that you can write to.") from None
