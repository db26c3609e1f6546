"""Writes a site's files so that a publish may be killed at any moment: an edition is complete, or it does not exist.

Everything is first written and synced under temporary names in v/, so that a full disk is noticed before the site
changes. Then the edition is moved into place in one step, and after it the front files, one by one. A publish that is
killed in between leaves a front that is older than v/, or mixed; the next publish rewrites it. This works on any file
system that can rename. generator.editions.catalogue decides which files there are.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.core.files import sync, write_together
from generator.records.publication import EDITIONS

LOCK = ".publish.lock"
"""The file in the site's folder that prevents two publishes at once."""

_FRONT = "front"
_STAGED = re.compile(rf"([0-9]+|{_FRONT})\.tmp")


def write(
    folder: Path, editions: Mapping[str, Mapping[str, bytes]], front: Mapping[str, bytes], stale: Iterable[str]
) -> None:
    """Adds `editions`, each with its files by name; then removes the `stale` front files, and moves those of `front`
    into place in the order given.

    If it raises OSError, each edition is either complete or does not exist.
    """
    remove_staged(folder)
    try:
        for name, files in {**editions, _FRONT: front}.items():
            _stage(_staged(folder, name), files)
        for name in editions:
            _staged(folder, name).rename(folder / EDITIONS / name)
        sync(folder / EDITIONS)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
        for name in front:
            (_staged(folder, _FRONT) / name).replace(folder / name)
        sync(folder)
    finally:
        remove_staged(folder)
        with contextlib.suppress(OSError):  # it contains editions
            (folder / EDITIONS).rmdir()


def remove_staged(folder: Path) -> None:
    """Removes what a killed publish left in v/."""
    for path in (folder / EDITIONS).glob("*.tmp"):
        if _STAGED.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _staged(folder: Path, name: str) -> Path:
    return folder / EDITIONS / f"{name}.tmp"


def _stage(place: Path, files: Mapping[str, bytes]) -> None:
    place.mkdir(parents=True)
    write_together({place / name: content for name, content in files.items()})
    sync(place)
