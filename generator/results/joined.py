"""Combines the measures of a replicate into one record: each stage makes one that contains only what it measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from generator.records.base import Record
from generator.records.measures import LayerMeasures, Measures


def joined(parts: Sequence[Measures]) -> Measures:
    """The parts combined. There is at least one, and all belong to one replicate."""
    together: Measures = _joined(parts)
    omissions = tuple(omission for part in parts for omission in part.omissions)
    return msgspec.structs.replace(together, omissions=omissions)


def _joined(values: Sequence[Any]) -> Any:
    """For records, and for layers one by one, combines each field; for other values, takes the first known one."""
    known = [value for value in values if value is not None]
    first = next((value for value in known if value != ()), known[0] if known else None)
    if isinstance(first, Record):
        fields = {name: _joined([getattr(value, name) for value in known]) for name in first.__struct_fields__}
        return msgspec.structs.replace(first, **fields)
    if isinstance(first, tuple) and first and isinstance(first[0], LayerMeasures):
        return tuple(_joined(layers) for layers in zip(*(value for value in known if value), strict=True))
    return first
