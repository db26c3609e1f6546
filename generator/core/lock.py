"""Locks between commands: on a file for what only one may use at a time, on a folder for what many may use at once.

A lock ends with the process that holds it, however the process ends. A leftover file blocks nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from generator.core.errors import Place, ReportError


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Holds a lock on the file `path`, which exists only as long as the lock.

    Raises ReportError, saying that another `what` is running, if it is held already.
    """
    handle = _acquired(path, what)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


@contextlib.contextmanager
def shared(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder together with any number of others; does nothing on a file system without locks."""
    with _waited_for(folder, fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder once nobody else holds it; does nothing on a file system without locks."""
    with _waited_for(folder, fcntl.LOCK_EX):
        yield


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[bool]:
    """Holds the lock of a folder alone. Yields False, and holds nothing, if it is held or there are no locks."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _is_acquired_alone(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _waited_for(folder: Path, kind: int) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, kind)
        yield
    finally:
        os.close(handle)


def _is_acquired_alone(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _acquired(path: Path, what: str) -> int:
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise ReportError(f"Another {what} is running", Place(path), "Wait until it ends, and try again.") from None
        if _is_at(path, handle):
            return handle
        os.close(handle)  # its last holder removed the file in between, so others would not see this lock


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
