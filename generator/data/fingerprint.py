"""Tells whether a file or a folder has changed, without reading it."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path


def fingerprint(path: Path) -> str | None:
    """Size and time of change of a file, or those of all files in a folder; None when there is neither."""
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            return f"{status.st_size} {status.st_mtime_ns}"
        if not stat.S_ISDIR(status.st_mode):  # a device or a pipe, which may never end
            return None
        # No layout is deeper than train/CLASS/IMAGE; unlike rglob, these patterns follow links to folders.
        files = sorted(file for pattern in ("*", "*/*", "*/*/*") for file in path.glob(pattern))
        listing = [f"{file.relative_to(path)} {_size_and_time(file)}" for file in files]
        return hashlib.sha256(os.fsencode("\n".join(listing))).hexdigest()
    except (OSError, ValueError):  # ValueError: no file can have such a name
        return None


def _size_and_time(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:  # a link to nowhere, say, which need not be part of the data
        return "unreadable"
    return "folder" if stat.S_ISDIR(status.st_mode) else f"{status.st_size} {status.st_mtime_ns}"
