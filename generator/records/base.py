"""The kind of every record: typed, frozen, and without room for a field it does not know."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that is only read after it is made."""
