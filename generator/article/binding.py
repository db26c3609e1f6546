"""Binds the numbers in the prose to the results that they are computed from.

An expression is bound to the results whose names it uses, regardless of filters and arithmetic. Text without a number
is not bound. This module writes no HTML: generator.render.links links a number to its origin.
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
    """A number in the prose that comes from the run.

    Attributes:
        value: the number in machine-readable form.
        origins: the origins of the results that it was computed from, at least one.
    """

    value: str
    origins: Sequence[Origin]


def bind(expression: str, text: str, values: Values, origins: Origins, place: Place) -> Bound | None:
    """The number that an expression prints as `text`; None if it prints no number, or uses no result.

    Raises:
        ReportError: the expression cannot be evaluated.
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
    """The origins at a path: of a single value, of the mean and ends of a spread, or of all values below the path."""
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
