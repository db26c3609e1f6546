"""Compares what the author's code read with its state today: an entry is found only if nothing it read has changed.

Reads are recorded elsewhere, in the processes of tasks (generator.data.tracing). This module defines how they are named
and digested, for both sides, and describes what has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from generator.core.checked import read_checked, write_checked
from generator.core.errors import ReportError
from generator.core.files import sha256
from generator.records.reads import Reads

READS = "reads.json"
"""The file of an entry that contains its `Reads`; an entry without it depends only on its key."""

SETTLED = 2_000_000_000
"""A file may change again within this many nanoseconds without a new time, so its digest is not cached."""

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True)
class Scope:
    """The folders that belong to the author's code, and what its stage already accounts for.

    Attributes:
        paper: the paper's folder.
        home: its repository, or the paper's folder if there is none.
        out: the folder for everything built.
        code: SHA-256, by path, of the code files that the stage's key covers.
        variables: environment variables of the build, which the author's code sees on other machines; None: those of
            this process.
    """

    paper: Path
    home: Path
    out: Path
    code: Mapping[str, str | None] = field(default_factory=dict)
    variables: Mapping[str, str] | None = field(default=None, repr=False)  # Dask logs the arguments of failed tasks

    def name(self, path: str) -> str:
        """The name by which an absolute path is recorded."""
        return os.path.relpath(path, self.paper) if Path(path).is_relative_to(self.home) else path

    def place(self, name: str) -> str:
        """The absolute path that was recorded as `name`."""
        return os.path.normpath(self.paper / name)


def encoded(reads: Reads) -> bytes:
    """The content of an entry's file; equal for equal reads. Raises ReportError for a name that is not UTF-8."""
    try:
        return msgspec.json.encode(reads, order="sorted")
    except UnicodeEncodeError as error:
        what = f"The paper's code reads {os.fsencode(error.object)!r}, and that name is not UTF-8"
        raise ReportError(what, next="Rename the file or the folder.") from None


def decoded(folder: Path) -> Reads:
    """The reads of the entry in `folder`. Raises OSError or ValueError when they are damaged."""
    path = folder / READS
    if not os.path.lexists(path):
        return Reads()
    if not path.is_file():  # opening a pipe would wait for a writer
        raise ValueError(f"{path} is not a file")
    return msgspec.json.decode(path.read_bytes(), type=Reads)


# --- digests -------------------------------------------------------------------------------------


def stamp(path: str) -> Stamp | None:
    """Detects a change of a regular file without reading it; None if there is no such file."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):  # ValueError: not a valid file name
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def file_digest(path: str) -> str | None:
    """The SHA-256 of a regular file's bytes; None when it cannot be read."""
    try:
        return sha256(Path(path)) if stamp(path) else None
    except OSError:
        return None


def names(folder: str, out: Path) -> list[str]:
    """The names in a folder. Raises OSError when it cannot be listed.

    Hidden names, bytecode, and the folder for everything built come and go on their own and are left out.
    """
    found = (place for place in Path(folder).iterdir() if place != out)
    return sorted(place.name for place in found if place.name[0] != "." and place.name != "__pycache__")


def folder_digest(path: str, out: Path) -> str | None:
    """The SHA-256 of the names in a folder, None when it cannot be listed."""
    try:
        return hashlib.sha256(b"\0".join(map(os.fsencode, names(path, out)))).hexdigest()
    except OSError:
        return None


def kind_of(path: str) -> str | None:
    """What is at a path: "file", "folder", or "other"; None if nothing is."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # ValueError: no file can have such a name
        return None
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def version_of(package: str) -> str | None:
    """The version of an installed package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def value_digest(value: str | None) -> str | None:
    """The SHA-256 of a variable's value."""
    return None if value is None else hashlib.sha256(os.fsencode(value)).hexdigest()


# --- today ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Today:
    """The current state of what can be read.

    Attributes:
        scope: defines the names by which reads are recorded.
        variables: of the environment that a task would have.
        _known: digests of files by path, with the stamps that detect changes.
    """

    scope: Scope
    variables: Mapping[str, str]
    _known: dict[str, tuple[Stamp, str]] = field(default_factory=dict)

    def changes(self, reads: Reads) -> list[str]:
        """A line for everything that has changed since it was read."""
        return [
            *_changed(reads.files, self._file, FILE),
            *_changed(reads.folders, lambda name: folder_digest(self.scope.place(name), self.scope.out), FOLDER),
            *_changed(reads.places, lambda name: kind_of(self.scope.place(name)), PLACE),
            *_changed(reads.packages, version_of, PACKAGE),
            *_changed(reads.variables, lambda name: value_digest(self.variables.get(name)), VARIABLE),
        ]

    @contextlib.contextmanager
    def remembering(self, path: Path) -> Iterator[None]:
        """Caches the digests of files in the file `path`, by their stamps, since what was read may be large.

        Digests of files that have changed since or no longer exist are dropped.
        """
        self._known.update(read_checked(path, dict[str, tuple[Stamp, str]]) or {})
        before = dict(self._known)
        yield
        if self._known != before:
            write_checked(path, {file: seen for file, seen in self._known.items() if stamp(file) == seen[0]})

    def _file(self, name: str) -> str | None:
        path = self.scope.place(name)
        now = stamp(path)
        if now is None:
            return None
        before, digest = self._known.get(path, (None, None))
        if before != now:
            digest = file_digest(path)
            if digest and time.time_ns() - max(now[1], now[2]) > SETTLED:
                self._known[path] = now, digest
        return digest


@dataclass(frozen=True)
class _Words:
    """Messages about something that was read: {0} is its name, {1} its old value, and {2} its new one.

    Attributes:
        changed: it differs.
        new: it did not exist before.
        gone: it no longer exists.
    """

    changed: str
    new: str
    gone: str


FILE = _Words("{0} changed", "{0} was absent and is now there", "{0} is gone")
FOLDER = _Words("the list of files in {0} changed", FILE.new, FILE.gone)
PLACE = _Words("{0} was a {1} and is now a {2}", FILE.new, FILE.gone)
PACKAGE = _Words("{0} was {1} and is now {2}", "{0} was not installed and is now", "{0} is no longer installed")
VARIABLE = _Words("{0} changed", "{0} was not set and is now", "{0} is no longer set")


def _changed(before: Mapping[str, str | None], today: Callable[[str], str | None], words: _Words) -> Iterator[str]:
    for name, digest in before.items():
        now = today(name)
        if now != digest:
            said = words.new if digest is None else words.gone if now is None else words.changed
            yield said.format(name, digest, now)
