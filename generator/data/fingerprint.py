"""Detects whether a file or a folder has changed, without reading it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from generator.data.reads import kind_of, stamp


def fingerprint(path: Path) -> str | None:
    """The stamp of a file, or a digest of those of all files in a folder; None if there is neither."""
    if kind_of(str(path)) == "file":
        return _stamped(path)
    if kind_of(str(path)) != "folder":  # a device or a pipe, which may never end
        return None
    try:
        # No layout is deeper than train/CLASS/IMAGE; unlike rglob, these patterns follow links to folders.
        files = sorted(file for pattern in ("*", "*/*", "*/*/*") for file in path.glob(pattern))
        listing = [f"{file.relative_to(path)} {_stamped(file)}" for file in files]
        return hashlib.sha256(os.fsencode("\n".join(listing))).hexdigest()
    except OSError:
        return None


def _stamped(file: Path) -> str:
    """The stamp as text. A folder, or a link to nowhere, has "None": it need not be part of the data."""
    return " ".join(map(str, stamp(str(file)) or ("None",)))
