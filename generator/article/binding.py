"""Bound numbers of the prose: which results an expression prints.

An expression is bound by the names that it uses, whatever filters and arithmetic follow. Text without a number is not
linked. generator.render.links links a number to its origin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

from generator.core.errors import Place
from generator.core.formatting import SPREAD, is_spread
from generator.prose.expressions import Values, printed_value
from generator.prose.literals import numbers_in
from generator.prose.names import paths_in
from generator.records.results import Origin, Path

Origins = Mapping[Path, Origin]


@dataclass(frozen=True)
class Bound:
    """A number of the run.

    Attributes:
        value: as machines read it.
        origins: of what it was computed from, at least one.
    """

    value: str
    origins: Sequence[Origin]


def bind(expression: str, text: str, values: Values, origins: Origins, place: Place) -> Bound | None:
    """What the number is that an expression prints as `text`; None if that is no number, or of no run.

    Raises:
        ReportError: the expression fails.
    """
    read = [origin for path in paths_in(expression) for origin in _below(path, values, origins)]
    if not read:
        return None
    value = printed_value(expression, values, place)
    if is_spread(value):
        return Bound(repr(value["mean"]), read)
    if isinstance(value, Real) and not isinstance(value, bool):
        return Bound(repr(value), read)
    return Bound(text, read) if numbers_in(text) else None


def _below(path: Path, values: Values, origins: Origins) -> Iterator[Origin]:
    """The origins of what stands at a path: of one value, of the ends of a spread, or of all that is below."""
    value: object = values
    for length, part in enumerate(path, 1):
        value = value[part] if isinstance(value, Mapping) else value
        if path[:length] in origins:
            yield origins[path[:length]]
            return
    if is_spread(value):
        yield from (origins[*path, end] for end in SPREAD if (*path, end) in origins)
    else:
        yield from (origin for known, origin in origins.items() if known[: len(path)] == path)
