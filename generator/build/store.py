"""The store: what a stage made, found again by everything it was made from.

An entry lives in <root>/<stage>/<digest of its key>/<digest of its reads>/ and is never changed. A key holds what is
known before a stage runs. What it read while it ran is known afterwards, so several entries may lie below one key, and
one is found only if what it read reads the same today: a verifying trace, as in Mokhov, Mitchell and Peyton Jones,
"Build systems à la carte" (2018).

An entry is filled in a folder of its own and moved into place whole, so that two builds cannot spoil each other; it
carries the digests of its own files, and an entry that does not match them counts as missing. Of what is in the
entries, the store knows only the reads.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.core.files import sha256, sync, write_atomically
from generator.data.reads import READS, Today, decoded
from generator.records.reads import Reads

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Key:
    """What an entry of a stage depends on.

    Attributes:
        stage: the stage's name.
        parts: digest, version or setting, by name.
    """

    stage: str
    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(_json({"stage": self.stage, "parts": dict(self.parts)})).hexdigest()


@dataclass(frozen=True)
class Entry:
    """An entry that is in the store.

    Attributes:
        key: that it was made for.
        folder: with the entry's files.
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


class Store:
    """The entries below one folder; without `today`, those that read something are not found."""

    def __init__(self, root: Path, today: Today | None = None) -> None:
        self.root, self._today = root, today

    def find(self, key: Key) -> Entry | None:
        """The first entry of `key` whose reads are the same today, and whose every file is what was written."""
        kept = (folder for folder in self._folders(key) if not self._changes(folder) and _is_whole(folder))
        return next((_entry(key, folder) for folder in kept), None)

    def changes(self, key: Key) -> list[str]:
        """A line for everything that is not as it was read: by an entry of `key`, or else by the one used last."""
        last = self.last_entry(key.stage)
        folders = self._folders(key) or ([last.folder] if last else [])
        return min(map(self._changes, folders), key=len, default=[])

    def changes_since(self, entry: Entry) -> list[str]:
        """A line for everything that is not as it was when the entry was made."""
        return self._changes(entry.folder)

    def write(self, key: Key, fill: Callable[[Path], None]) -> Entry:
        """Lets `fill` put files into an empty folder and makes that the entry of `key`.

        Another build may have made the same entry meanwhile; a whole one that is there already stays.
        """
        stage = self.root / key.stage
        stage.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=stage, prefix=".new-") as name:
            new = Path(name) / "entry"
            new.mkdir()
            fill(new)
            _seal(new, key)
            folder = stage / key.digest / _trace(new)
            folder.parent.mkdir(exist_ok=True)
            self._move(new, folder)
        return _entry(key, folder)

    def remember(self, key: Key, entry: Entry) -> None:
        """Makes `key` and its entry those that their stage used last, for `last` and `last_entry` to find."""
        content = {"parts": dict(key.parts), "entry": entry.folder.name}
        write_atomically(self.root / key.stage / "last.json", _json(content))

    def last(self, stage: str) -> Key | None:
        """The key that a stage used last, or None."""
        last = self._last(stage)
        return last[0] if last else None

    def last_entry(self, stage: str) -> Entry | None:
        """The entry that a stage used last, if it is whole, whatever has changed since."""
        if (last := self._last(stage)) is None:
            return None
        key, name = last
        folder = self.root / stage / key.digest / name
        return _entry(key, folder) if _is_whole(folder) else None

    def _last(self, stage: str) -> tuple[Key, str] | None:
        try:
            last = json.loads((self.root / stage / "last.json").read_bytes())
            return Key(stage, dict(last["parts"])), str(last["entry"])
        except (OSError, ValueError, KeyError, TypeError):  # whatever a damaged file may hold
            return None

    def _folders(self, key: Key) -> list[Path]:
        return sorted((self.root / key.stage / key.digest).glob("*"))

    def _changes(self, folder: Path) -> list[str]:
        try:
            reads = decoded(folder)
        except (OSError, ValueError):
            return ["what its result rests on is damaged"]
        if self._today is None:
            return [] if reads == Reads() else ["what it read is not known here"]
        return self._today.changes(reads)

    def _move(self, new: Path, folder: Path) -> None:
        try:
            new.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
            if not _is_whole(folder):
                folder.rename(new.parent / "bad")
                new.rename(folder)


def _entry(key: Key, folder: Path) -> Entry:
    basis = hashlib.sha256(f"{folder.parent.name} {folder.name}".encode()).hexdigest()
    return Entry(key, folder, sha256(folder / MANIFEST), basis)


def _seal(folder: Path, key: Key) -> None:
    """Writes the manifest last: the key's parts, and the digest of every file; all of it on disk."""
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    for name in files:
        sync(folder / name)
    write_atomically(folder / MANIFEST, _json({"parts": dict(key.parts), "files": files}))
    sync(folder)


def _trace(folder: Path) -> str:
    """The digest of what an entry read."""
    path = folder / READS
    return sha256(path) if path.exists() else hashlib.sha256(b"").hexdigest()


def _is_whole(folder: Path) -> bool:
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        return all(sha256(folder / name) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # whatever a damaged manifest may hold
        return False


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode()
