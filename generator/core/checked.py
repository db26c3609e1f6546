"""Small files that one build leaves for the next, each with a digest of itself: a damaged one counts as missing.

What they hold can always be computed again. Larger results, and those that took long, are in the store.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec

from generator.core.files import write_atomically
from generator.records.base import Record

Kept = TypeVar("Kept")


class _Checked(Record, frozen=True):
    """What such a file holds.

    Attributes:
        sha256: of the bytes of `content`.
        content: the value, as JSON.
    """

    sha256: str
    content: msgspec.Raw


def write_checked(path: Path, value: object) -> None:
    """Writes `value`, which msgspec can encode, for `read_checked` to read."""
    content = msgspec.json.encode(value)
    write_atomically(path, msgspec.json.encode(_Checked(_digest(content), msgspec.Raw(content))))


def read_checked(path: Path, kind: type[Kept]) -> Kept | None:
    """The value in a file; None when there is no such file, or it is not as it was written."""
    try:
        if not path.is_file():  # to open a pipe would wait for a writer
            return None
        found = msgspec.json.decode(path.read_bytes(), type=_Checked)
        content = bytes(found.content)
        return msgspec.json.decode(content, type=kind) if _digest(content) == found.sha256 else None
    except (OSError, ValueError, RecursionError):  # whatever a damaged file may contain
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
