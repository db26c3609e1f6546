"""The base class of every record: typed, frozen, and without unknown fields."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that does not change after it is made."""
