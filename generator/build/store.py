"""The store: what a stage made, found again by everything it was made from.

An entry lives in <root>/<stage>/<digest of its key>/ and is never changed. It is filled in a folder of its own and
moved into place whole, so that two builds cannot spoil each other; it carries the digests of its own files,
and an entry that does not match them counts as missing. The store knows nothing of what is in the entries.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.core.files import sha256, sync, write_atomically

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
        folder: with the entry's files.
        digest: equal for equal files.
    """

    folder: Path
    digest: str

    def path(self, name: str) -> Path:
        return self.folder / name

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()


class Store:
    """The entries below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def peek(self, key: Key) -> Entry | None:
        """The entry of `key` without a look at its files, for one who only needs its digest."""
        folder = self._folder(key)
        try:
            manifest = (folder / MANIFEST).read_bytes()
        except OSError:
            return None
        return Entry(folder, hashlib.sha256(manifest).hexdigest())

    def find(self, key: Key) -> Entry | None:
        """The entry of `key`, if it is there and every file in it is what was written."""
        entry = self.peek(key)
        return entry if entry and _is_whole(entry.folder) else None

    def write(self, key: Key, fill: Callable[[Path], None]) -> Entry:
        """Lets `fill` put files into an empty folder and makes that the entry of `key`.

        Another build may have made the same entry meanwhile; a whole one that is there already stays.
        """
        folder = self._folder(key)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as name:
            new = Path(name) / "entry"
            new.mkdir()
            fill(new)
            _seal(new, key)
            self._move(new, folder)
        entry = self.peek(key)
        assert entry is not None, "an entry was just moved into place"
        return entry

    def remember(self, key: Key) -> None:
        """Makes `key` the one its stage used last, for `last` to find."""
        write_atomically(self.root / key.stage / "last.json", _json(dict(key.parts)))

    def last(self, stage: str) -> Key | None:
        """The key that a stage used last, or None."""
        try:
            parts = json.loads((self.root / stage / "last.json").read_bytes())
        except (OSError, ValueError):
            return None
        return Key(stage, parts) if isinstance(parts, dict) else None

    def _folder(self, key: Key) -> Path:
        return self.root / key.stage / key.digest

    def _move(self, new: Path, folder: Path) -> None:
        try:
            new.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
            if not _is_whole(folder):
                folder.rename(new.parent / "bad")
                new.rename(folder)


def _seal(folder: Path, key: Key) -> None:
    """Writes the manifest last: the key's parts, and the digest of every file; all of it on disk."""
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    for name in files:
        sync(folder / name)
    write_atomically(folder / MANIFEST, _json({"parts": dict(key.parts), "files": files}))
    sync(folder)


def _is_whole(folder: Path) -> bool:
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        return all(sha256(folder / name) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # whatever a damaged manifest may hold
        return False


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode()
