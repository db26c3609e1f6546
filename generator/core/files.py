"""Writes files completely or not at all: first beside their place, then moved into it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

UNFINISHED = ".unfinished-"
"""Begins the name of whatever is not in its place yet, so that what a killed process left can be found."""


def write_atomically(path: Path, content: bytes) -> None:
    """Writes `content` to `path` by way of a temporary file in the same folder; fsynced."""
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Writes files that belong together: none is in its place before all are on disk, beside their places.

    A link or a pipe in the place of a file is replaced. Raises OSError when a folder is, before anything has changed.
    """
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            written[path] = _write_beside(path, content)
        for path in contents:
            if path.is_dir() and not path.is_symlink():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        for path, temporary in written.items():
            temporary.replace(path)
    except BaseException:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)
        raise


def _write_beside(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{UNFINISHED}{path.name}-{secrets.token_hex(4)}")
    try:
        with naming(path), temporary.open("xb") as file:  # a new file has the mode that the umask gives
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Names `path` in an OSError of the block that names no file, as the one of a write to a full disk."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Brings a file, or the list of names that a folder is, to the disk.

    Some file systems have no such call for folders (SMB, some of FUSE); there it does nothing.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not path.is_dir():
            raise
    finally:
        os.close(handle)
