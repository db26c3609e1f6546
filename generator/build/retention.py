"""Decides what stays in the store: entries used by the last builds of each paper, and those of the last week.

Each build records what it used. Once a day, a build removes the rest after it has finished; `clean` removes it at once.
A build holds the shared lock of the store, so that nothing is removed while another build is running. Unfinished files
found while nobody holds the lock were left by a killed build.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from generator.core.checked import read_checked, write_checked
from generator.core.errors import Place, ReportError
from generator.core.files import UNFINISHED
from generator.core.lock import exclusive
from generator.data.sources import MEMORIES
from generator.records.base import Record

LAST_BUILDS = 20
"""How many builds of each paper keep what they used."""

MIN_AGE = 7 * 24 * 3600.0
"""How many seconds an entry is kept, at least, after it was made or used."""

PERIOD = 24 * 3600.0
"""Seconds between removals."""

BUILDS = "builds"
"""The folder in the store with the records of builds."""

CLEANED = "cleaned"
"""The file in the store whose modification time is that of the last removal."""

USED_LAST = "steps-{}.json"
"""The names of the files in the store that hold which entries the last build of a paper used, by step."""

SMALL_FILES = (
    *("code.json", "files.json", "measuring.json"),
    *(MEMORIES.format("*"), USED_LAST.format("*"), f"{BUILDS}/*.json"),
)
"""What builds keep in the store besides entries."""

_DIGEST = re.compile("[0-9a-f]{64}")


class Used(Record, frozen=True):
    """What one build used.

    Attributes:
        paper: absolute path of its folder.
        entries: folders relative to the store.
    """

    paper: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Freed:
    """What was removed from the store.

    Attributes:
        entries: how many.
        size: of their files, in bytes.
        kept: how many entries remain.
        stuck: why one of the entries could not be removed; empty if all could.
    """

    entries: int
    size: int
    kept: int
    stuck: str = ""


def record(root: Path, paper: Path, used: Collection[str]) -> None:
    """Records what a build of `paper` used."""
    name = f"{time.time_ns()}-{os.getpid()}.json"
    write_checked(root / BUILDS / name, Used(str(paper), tuple(sorted(used))))


def remove_unfinished(out: Path) -> None:
    """Removes what killed builds left below `out`, unless another build is running there."""
    root = out / "cache"
    with exclusive(root) as is_alone:
        for folder in (out, out / "site", root, *root.glob("*")) if is_alone else ():
            for path in folder.glob(f"{UNFINISHED}*"):
                with suppress(OSError):  # it does no harm
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def remove_daily(root: Path) -> None:
    """Removes what is not kept, unless that was done within a day or another build is running.

    A store in which this was never done has no records of earlier builds; the first day starts now.
    """
    cleaned = root / CLEANED
    with exclusive(root) as is_alone, suppress(OSError):  # a failure does not affect the build that has ended
        if is_alone and not cleaned.exists():
            cleaned.touch()
        elif is_alone and abs(time.time() - cleaned.stat().st_mtime) > PERIOD:
            _remove(root, _used_lately(root), MIN_AGE)
            cleaned.touch()


def clean(root: Path, everything: bool) -> Freed:
    """Removes what is not kept, or every entry. Raises ReportError when a build is running."""
    if not root.is_dir():
        return Freed(0, 0, 0)
    with exclusive(root) as is_alone:
        if not is_alone:
            step = "Wait until the build ends, then try again."
            raise ReportError("A build is using the store, or its file system has no locks", Place(root), step)
        if not everything:
            return _remove(root, _used_lately(root), MIN_AGE)
        _remove_files(root, SMALL_FILES, 0.0)
        return _remove(root, set(), 0.0)


def _remove(root: Path, kept: Collection[str], min_age: float) -> Freed:
    """Removes what can be removed; an entry that cannot does not stop the others."""
    _remove_files(root, (MEMORIES.format("*"),), min_age)
    removed, size, stuck, entries = 0, 0, "", list(_entries(root))
    for folder in entries:
        if folder.relative_to(root).as_posix() in kept:
            continue
        try:
            if _is_young(folder, min_age):
                continue
            held = sum(path.lstat().st_size for path in folder.rglob("*"))
            shutil.rmtree(folder)
        except OSError as error:
            stuck = f"{error.filename or folder}: {error.strerror or error}"
            continue
        removed, size = removed + 1, size + held
        with suppress(OSError):  # the key has other entries
            folder.parent.rmdir()
    return Freed(removed, size, len(entries) - removed, stuck)


def _remove_files(root: Path, patterns: Iterable[str], min_age: float) -> None:
    """Removes small files. A build that needs one writes it again."""
    for path in (path for pattern in patterns for path in root.glob(pattern)):
        with suppress(OSError):  # anything that is not a file stays
            if not _is_young(path, min_age):
                path.unlink()


def _is_young(path: Path, min_age: float) -> bool:
    return bool(min_age) and time.time() - path.lstat().st_mtime < min_age


def _entries(root: Path) -> Iterator[Path]:
    """The folders of entries, recognized by their names: anything else in the folder is not ours to remove."""
    for folder in root.glob("*/*/*"):
        if all(map(_DIGEST.fullmatch, (folder.name, folder.parent.name))) and folder.is_dir():
            yield folder


def _used_lately(root: Path) -> set[str]:
    """What the last builds of each paper used; older records are removed."""
    by_paper: dict[str, int] = defaultdict(int)
    entries = set[str]()
    for path in sorted((root / BUILDS).glob("*.json"), reverse=True):  # newest first: names start with the time
        used = read_checked(path, Used)
        if used is None or by_paper[used.paper] == LAST_BUILDS:
            with suppress(OSError):  # anything that is not a file stays
                path.unlink()
        else:
            by_paper[used.paper] += 1
            entries |= set(used.entries)
    return entries
