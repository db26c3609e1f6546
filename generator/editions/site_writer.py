"""Writes a site's files so that a publish may be killed at any moment: an edition is complete or not there.

Everything is first written and synced under temporary names in v/, so that a full disk is noticed before the site has
changed. Then the edition is moved into its place in one step, and after it the files of the front, one by one. A
publish that is killed in between leaves a front that is older than v/, or mixed, and the next publish writes it again.
Any file system that can rename is enough. generator.editions.catalogue decides which files there are.
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
"""The file in the site's folder that keeps two publishes apart."""

_FRONT = "front"
_STAGED = re.compile(rf"([0-9]+|{_FRONT})\.tmp")


def write(
    folder: Path, editions: Mapping[str, Mapping[str, bytes]], front: Mapping[str, bytes], stale: Iterable[str]
) -> None:
    """Adds `editions`, each with its files by name; then removes the `stale` files of the front, and moves those of
    `front` into their places in the order given.

    Raises OSError, after which each edition is there whole or not at all.
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
        with contextlib.suppress(OSError):  # it holds editions
            (folder / EDITIONS).rmdir()


def remove_staged(folder: Path) -> None:
    """Removes what a publish leaves in v/ when it is killed."""
    for path in (folder / EDITIONS).glob("*.tmp"):
        if _STAGED.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _staged(folder: Path, name: str) -> Path:
    return folder / EDITIONS / f"{name}.tmp"


def _stage(place: Path, files: Mapping[str, bytes]) -> None:
    place.mkdir(parents=True)
    write_together({place / name: content for name, content in files.items()})
    sync(place)
