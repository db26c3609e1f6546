"""The table of variants: selected values of the main condition and of each variant, side by side.

If a column has a best value, that value is bold if its condition differs significantly from every other condition, by
paired t-tests on the differences within replicates. Holm's method adjusts them for all pairs of conditions in all such
columns: finding the best condition means comparing all conditions, so pairs without the best one count as well.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from generator.article import number_check
from generator.article.binding import Origins
from generator.article.cells import written_cell
from generator.core.errors import Place, ReportError
from generator.core.formatting import counted
from generator.paper import Column, Paper
from generator.prose import expressions
from generator.prose.expressions import LATER, Values, value_at
from generator.prose.names import paths_in
from generator.records.article import Exhibit
from generator.records.results import Path
from generator.render.links import Links
from generator.render.templates import render
from generator.results.condition_values import REPLICATE, VARIANTS, is_of_validation
from generator.results.outcome import Outcome
from generator.results.significance import ALPHA, holm, paired_p

Measured = Mapping[int, Mapping[int, float]]
"""The values measured in each replicate of each condition, by the row of the condition, then by seed."""

Pair = tuple[int, int, int]
"""A column, and the rows of two conditions."""


@dataclass(frozen=True)
class _Condition:
    """A row of the table.

    Attributes:
        title: the title that readers see.
        values: by name, without the name of the variant.
        origins: of the values, by the same names.
    """

    title: str
    values: Values
    origins: Origins


def comparison(outcome: Outcome, values: Values, origins: Origins, links: Links, place: Place) -> Exhibit:
    """The table, with a row for each condition, the main one first; `place` is where the columns are defined.

    Raises ReportError when the expression of a column cannot be evaluated, or when a column has a best value but is not
    one quantity.
    """
    columns = outcome.paper.comparison.columns
    for column in columns:
        _check_images(column, outcome.validated, place)
    conditions = [_Condition(outcome.main.condition.title, values, origins)]
    conditions += [_variant(one.condition.name, one.condition.title, values, origins) for one in outcome.variants]
    best, tests = _best(columns, [condition.values for condition in conditions], place)
    bound: dict[str, None] = {}
    rows = []
    for row, condition in enumerate(conditions):
        cells = []
        for index, column in enumerate(columns):
            html, names = written_cell(column.value, condition.values, condition.origins, links, place)
            bound.update(dict.fromkeys(names))
            cells.append((html, best.get(index) == row))
        rows.append((condition.title, cells))
    counts = {len(outcome.main.replicates), *(len(one.replicates) for one in outcome.variants)}
    note = _note(best, tests, any(column.best for column in columns), len(counts) > 1)
    html = render("exhibits/variants.html.j2", heads=[column.title for column in columns], rows=rows, note=note)
    return Exhibit(name=VARIANTS, kind="table", html=html, bound=tuple(bound))


def faults(paper: Paper, names: Values, place: Place, validated: Mapping[str, str]) -> Iterator[ReportError]:
    """The errors in the columns that the names of results reveal; `place` is where the columns are defined.

    `validated` are digests of the images that the conditions validate on, by condition.
    """
    conditions = [names, *(_below(names, name) for name in paper.variants)] if paper.variants else []
    for column in paper.comparison.columns:
        for known in conditions:
            try:
                _check(column, known, place)
                _check_images(column, validated, place)
            except ReportError as error:
                yield error
                break


def _check(column: Column, names: Values, place: Place) -> None:
    expressions.check(column.value, names, place)
    number_check.check(column.value, f"{{{{ {column.value} }}}}", place)
    paths = paths_in(column.value)
    if column.best and not (len(paths) == 1 and _may_be_quantity(names, paths[0])):
        raise _no_quantity(column, place)


def _check_images(column: Column, validated: Mapping[str, str], place: Place) -> None:
    """Refuses a best value of a validation metric if the conditions validate on different images."""
    if column.best and any(map(is_of_validation, paths_in(column.value))) and len({*validated.values()}) > 1:
        what = f'The column "{column.title}" has a best value, but the conditions validate on different images'
        step = 'Remove best, or show a metric of the test set, such as "test.accuracy | percent".'
        raise ReportError(what, place, step)


def _no_quantity(column: Column, place: Place) -> ReportError:
    what = f'The column "{column.title}" has a best value, but {column.value} is not one quantity over replicates'
    step = 'Write the name of a whole quantity, such as "test.accuracy | percent", or remove best.'
    return ReportError(what, place, step)


def _may_be_quantity(names: Values, path: Path) -> bool:
    """Whether a name is that of a quantity over replicates, or may be, because the names are not known yet."""
    if any(value_at(names, path[:length]) is LATER for length in range(1, len(path))):
        return True
    found = value_at(names, path)
    return isinstance(found, Mapping) and found.keys() >= {"mean", REPLICATE}


def _variant(name: str, title: str, values: Values, origins: Origins) -> _Condition:
    begin = (VARIANTS, name)
    own = {path[2:]: origin for path, origin in origins.items() if path[:2] == begin}
    return _Condition(title, _below(values, name), own)


def _below(values: Values, variant: str) -> Values:
    found = value_at(values, (VARIANTS, variant))
    assert isinstance(found, Mapping), variant
    return found


# --- the best ------------------------------------------------------------------------------------


def _best(columns: Sequence[Column], conditions: Sequence[Values], place: Place) -> tuple[dict[int, int], int]:
    """By column, the row of the condition that is significantly best; and how many pairs were tested."""
    measured = {index: _measured(column, conditions, place) for index, column in enumerate(columns) if column.best}
    p = {pair: value for index, known in measured.items() for pair, value in _pairs(index, known).items()}
    adjusted, found = holm(p), dict[int, int]()
    for index, by_row in measured.items():
        sign = 1 if columns[index].best == "most" else -1
        for row in by_row:
            others = [other for other in by_row if other != row]
            is_apart = all(adjusted[_pair(index, row, other)] <= ALPHA for other in others)
            if others and is_apart and all(sign * _difference(by_row, row, other) > 0 for other in others):
                found[index] = row
    return found, len(p)


def _measured(column: Column, conditions: Sequence[Values], place: Place) -> Measured:
    """The values of a column that shows one quantity, by condition and seed.

    Raises ReportError when the column does not show a quantity over replicates.
    """
    (path,) = paths_in(column.value)
    found: dict[int, Mapping[int, float]] = {}
    for row, values in enumerate(conditions):
        by_seed = value_at(values, (*path, REPLICATE))
        if not isinstance(by_seed, Mapping):
            raise _no_quantity(column, place)
        found[row] = by_seed
    return found


def _sides(measured: Measured, one: int, other: int) -> list[tuple[float, float]]:
    """The values of two conditions for each seed that both have."""
    return [(value, measured[other][seed]) for seed, value in measured[one].items() if seed in measured[other]]


def _difference(measured: Measured, one: int, other: int) -> float:
    """The mean difference over the seeds that both conditions have; its sign is the direction of the test."""
    return statistics.fmean(left - right for left, right in _sides(measured, one, other))


def _pairs(column: int, measured: Measured) -> dict[Pair, float]:
    """The p of each pair of conditions; 1 where it is undefined."""
    found = {}
    for one, other in combinations(measured, 2):
        sides = _sides(measured, one, other)
        size = max((abs(side) for both in sides for side in both), default=0.0)
        p = paired_p([left - right for left, right in sides], size)
        found[_pair(column, one, other)] = 1.0 if p is None else p
    return found


def _pair(column: int, one: int, other: int) -> Pair:
    return column, min(one, other), max(one, other)


def _note(best: Mapping[int, int], tests: int, is_sought: bool, is_partial: bool) -> str:
    """Explains the bold values, or why there are none; empty if no column has a best value.

    `is_partial` says that some conditions have fewer replicates than others.
    """
    if not is_sought:
        return ""
    shared = "on the replicates that both have, " if is_partial else ""
    how = (
        f"paired t-tests at {round(100 * ALPHA)}%, {shared}adjusted for {counted(tests, 'comparison')} by Holm’s method"
    )
    if not best:
        return f"No condition differs significantly from all others, by {how}."
    return f"Bold: differs significantly from all other conditions, by {how}."
