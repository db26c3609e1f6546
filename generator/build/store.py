"""The store: keeps the output of stages, and finds it by everything that it was made from.

An entry is in <root>/<stage>/<digest of its key>/<digest of its reads>/ and never changes. A key contains what is known
before a stage runs. What the stage reads is known only after it has run, so a key may have several entries, and an
entry is found only if what it read is unchanged: a verifying trace, as in Mokhov, Mitchell, and Peyton Jones, "Build
systems à la carte" (2018).

An entry is written in its own folder and moved into place as a whole, so that two builds cannot damage each other's
entries. It contains the digests of its files, and counts as missing if they do not match. The only file of an entry
whose content the store itself interprets, besides the manifest, is the list of its reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from generator.core.checked import read_checked, write_checked
from generator.core.files import UNFINISHED, naming, sha256, sync, write_atomically
from generator.data.reads import READS, Today, decoded
from generator.records.base import Record
from generator.records.reads import Reads

MANIFEST = "manifest.json"
LAST = "last.json"


@dataclass(frozen=True)
class Key:
    """What an entry of a stage depends on.

    Attributes:
        stage: the stage's name.
        parts: digest, version, or setting, by name.
    """

    stage: str
    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(_json({"stage": self.stage, "parts": dict(self.parts)})).hexdigest()


@dataclass(frozen=True)
class Entry:
    """An entry in the store.

    Attributes:
        key: the key that it was made for.
        folder: the folder with its files.
        digest: equal for equal files.
        basis: digest of all that it was made from: its key, and what was read.
    """

    key: Key
    folder: Path
    digest: str
    basis: str

    def path(self, name: str) -> Path:
        return self.folder / name

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()


class _Last(Record, frozen=True):
    """What a stage used last.

    Attributes:
        parts: parts of the key.
        entry: name of the entry's folder.
    """

    parts: dict[str, str]
    entry: str


class Store:
    """The entries in one folder. Without `today`, entries that read something are not found.

    Attributes:
        root: the folder.
        used: the folders of all entries that were found or written, relative to the root.
    """

    def __init__(self, root: Path, today: Today | None = None) -> None:
        self.root, self._today = root, today
        self.used: set[str] = set()

    def find(self, key: Key) -> Entry | None:
        """The first entry of `key` whose reads are unchanged today and whose files are all intact; None: none is."""
        kept = (folder for folder in self._folders(key) if not self._changes(folder) and _is_whole(folder, key))
        return next((self._use(key, folder) for folder in kept), None)

    def changes(self, key: Key) -> list[str]:
        """A line for everything that has changed since an entry of `key`, or else the entry used last, read it."""
        last = self.last_entry(key.stage)
        folders = self._folders(key) or ([last.folder] if last else [])
        return min(map(self._changes, folders), key=len, default=[])

    def changes_since(self, entry: Entry) -> list[str]:
        """A line for everything that has changed since the entry read it."""
        return self._changes(entry.folder)

    def write(self, key: Key, fill: Callable[[Path], None]) -> Entry:
        """Calls `fill` to put files into an empty folder, and makes that folder the entry of `key`.

        Another build may have made the same entry meanwhile; if that one is intact, it stays.
        """
        stage = self.root / key.stage
        stage.mkdir(parents=True, exist_ok=True)
        with naming(stage), tempfile.TemporaryDirectory(dir=stage, prefix=UNFINISHED) as name:
            new = Path(name) / "entry"
            new.mkdir()
            fill(new)
            _seal(new, key)
            folder = stage / key.digest / _trace(new)
            folder.parent.mkdir(exist_ok=True)
            _move(new, folder, key)
        return self._use(key, folder)

    def entry_in(self, folder: str) -> Entry | None:
        """The entry in a folder relative to the root, if it is intact, even if its inputs have changed."""
        place = self.root / folder
        try:
            key = Key(place.parts[-3], json.loads((place / MANIFEST).read_bytes())["parts"])
        except (OSError, LookupError, ValueError, TypeError):
            return None
        return self._use(key, place) if _is_whole(place, key) else None

    def remember(self, key: Key, entry: Entry) -> None:
        """Records `key` and its entry as those that their stage used last, for `last` and `last_entry`."""
        write_checked(self.root / key.stage / LAST, _Last(dict(key.parts), entry.folder.name))

    def last(self, stage: str) -> Key | None:
        """The key that a stage used last, or None."""
        last = self._last(stage)
        return last[0] if last else None

    def last_entry(self, stage: str) -> Entry | None:
        """The entry that a stage used last, if it is intact, even if its inputs have changed."""
        if (last := self._last(stage)) is None:
            return None
        key, name = last
        folder = self.root / stage / key.digest / name
        return _entry(key, folder) if _is_whole(folder, key) else None

    def _last(self, stage: str) -> tuple[Key, str] | None:
        last = read_checked(self.root / stage / LAST, _Last)
        return (Key(stage, last.parts), last.entry) if last else None

    def _use(self, key: Key, folder: Path) -> Entry:
        self.used.add(folder.relative_to(self.root).as_posix())
        with suppress(OSError):  # the folder may belong to someone else
            os.utime(folder)
        return _entry(key, folder)

    def _folders(self, key: Key) -> list[Path]:
        return sorted((self.root / key.stage / key.digest).glob("*"))

    def _changes(self, folder: Path) -> list[str]:
        try:
            reads = decoded(folder)
        except (OSError, ValueError):
            return ["the record of what it read is damaged"]
        if self._today is None:
            return [] if reads == Reads() else ["there is no record of what it read"]
        return self._today.changes(reads)


def _move(new: Path, folder: Path, key: Key) -> None:
    """Makes `new` the entry in `folder`, unless an intact one is there."""
    try:
        new.rename(folder)
    except OSError:
        if not os.path.lexists(folder):
            raise
        if not _is_whole(folder, key):
            folder.rename(new.parent / "bad")
            new.rename(folder)


def _entry(key: Key, folder: Path) -> Entry:
    basis = hashlib.sha256(f"{folder.parent.name} {folder.name}".encode()).hexdigest()
    return Entry(key, folder, sha256(folder / MANIFEST), basis)


def _seal(folder: Path, key: Key) -> None:
    """Writes the manifest last: the key's parts, and the digest of every file. Everything is synced to disk."""
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    for name in files:
        sync(folder / name)
    write_atomically(folder / MANIFEST, _json({"parts": dict(key.parts), "files": files}))
    sync(folder)


def _trace(folder: Path) -> str:
    """The digest of what an entry read."""
    path = folder / READS
    return sha256(path) if path.exists() else hashlib.sha256(b"").hexdigest()


def _is_whole(folder: Path, key: Key) -> bool:
    """Whether a folder contains an intact entry of `key`."""
    manifest = folder / MANIFEST
    try:
        written = json.loads(manifest.read_bytes()) if manifest.is_file() else {}
        files = written["files"].items()
        return written["parts"] == dict(key.parts) and all(_has(folder / name, digest) for name, digest in files)
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RecursionError):  # it may contain anything
        return False


def _has(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest  # opening a pipe would wait for a writer


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode()
