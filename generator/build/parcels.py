"""Packs folders for the workers of a cluster, and tasks and results whose paths are inside these folders.

A worker has none of the build's folders. Each folder that a task reads is packed as a parcel, which a worker unpacks
once, in a folder of its own. In pickles that travel in either direction, a path inside such a folder is replaced by the
folder's name and the path within it, so that each side finds its own copy. A process on this machine has no such
folders, and its paths stay as they are.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.core.errors import ReportError
from generator.data.reads import Scope

_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The date of each file in a parcel, so that equal folders give equal parcels; ZIP has none before."""

Places = Mapping[str, Path]
"""Folders by a name that is the same on both sides."""


@dataclass(frozen=True)
class Parcel:
    """A packed folder.

    Attributes:
        digest: SHA-256 of the content.
        content: a ZIP archive.
    """

    digest: str
    content: bytes


def packed(folder: Path, top: Path, is_left_out: Callable[[Path], bool] = lambda path: False) -> Parcel:
    """The folders and regular files in `folder`, by their paths relative to `top`, without those that are left out.

    Raises ReportError for a name that is not UTF-8.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(_paths(folder, is_left_out)):
            mode = path.stat().st_mode
            entry = zipfile.ZipInfo(_name(path, top) + "/" * path.is_dir(), _FIRST_DATE)
            entry.external_attr = mode << 16
            archive.writestr(entry, b"" if path.is_dir() else path.read_bytes())
    return Parcel(hashlib.sha256(content.getbuffer()).hexdigest(), content.getvalue())


def _paths(folder: Path, is_left_out: Callable[[Path], bool]) -> Iterator[Path]:
    """The folder, and the folders and regular files in it. Links to folders are followed, except back to one above."""
    yield folder
    for path in folder.iterdir():
        if is_left_out(path):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not folder.resolve().is_relative_to(path.resolve()):
            yield from _paths(path, is_left_out)


def _name(path: Path, top: Path) -> str:
    name = path.relative_to(top).as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        what = f"The name {os.fsencode(name)!r} is not UTF-8, so the file cannot be sent to the cluster"
        raise ReportError(what, next="Rename the file or the folder.") from None
    return name


def pickled(value: object, places: Places) -> bytes:
    """A pickle of a task or a result, for a process that has its own copies of these folders."""
    content = io.BytesIO()
    _Pickler(content, places).dump(value)
    return content.getvalue()


def unpickled(content: bytes, places: Places) -> Any:
    """What `pickled` was given, with paths in this side's folders."""
    return _Unpickler(io.BytesIO(content), places).load()


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, places: Places) -> None:
        super().__init__(file)
        # The innermost folder counts.
        self._places = sorted(places.items(), key=lambda place: len(place[1].parts), reverse=True)

    def persistent_id(self, value: Any) -> tuple[str, str] | None:
        if not isinstance(value, Path):
            return None
        inside = ((name, value.relative_to(place)) for name, place in self._places if value.is_relative_to(place))
        return next(((name, path.as_posix()) for name, path in inside), None)

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Scope):  # its code is by paths, too, as texts
            code = tuple((Path(path), digest) for path, digest in value.code.items())
            return _scope, (value.paper, value.home, value.out, code, value.variables)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, places: Places) -> None:
        super().__init__(file)
        self._places = places

    def persistent_load(self, identity: Any) -> Path:
        name, path = identity
        return Path(self._places[name], path)


def _scope(paper: Path, home: Path, out: Path, code: Any, variables: Mapping[str, str] | None) -> Scope:
    return Scope(paper, home, out, {str(path): digest for path, digest in code}, variables)
