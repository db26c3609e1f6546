"""Finds the results that were measured but not used in the article, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.records.results import Path, Value
from generator.results.code_values import is_setting
from generator.results.condition_values import VARIANTS

_PARTS_OF_A_SPREAD = {"mean", "low", "high"}


def unused(values: Iterable[Value], used: Iterable[str], shown: tuple[str, ...]) -> tuple[list[str], int]:
    """The names of the results that the article does not use, and how many results there are.

    A quantity over replicates counts once, and is used if any part of it is. `shown` are the prefixes of names that
    exhibits show. Settings in the code are not results. Variants are left out: they have values for all names, so that
    any can be compared.
    """
    quantities: dict[str, list[str]] = {}
    for value in values:
        if is_setting(value.path) or value.path[0] == VARIANTS:
            continue
        quantities.setdefault(_quantity(value.path), []).append(value.name)
    known = set(used)
    left = [
        name
        for name, parts in quantities.items()
        if not known & set(parts) and not any(name == begin or name.startswith(f"{begin}.") for begin in shown)
    ]
    return left, len(quantities)


def summary(names: Sequence[str], total: int) -> list[str]:
    """One line, or none if the article uses all results."""
    return [f"Results in the article: {total - len(names)} of {total}; --verbose lists the others."] if names else []


def listing(names: Iterable[str]) -> Iterator[str]:
    """All names, one line for each group."""
    return (f"  not used: {', '.join(group)}" for group in _grouped(names).values())


def _quantity(path: Path) -> str:
    """The name of the quantity that a value is part of, without the part of its interval or the replicate."""
    if len(path) > 2 and path[-2] == "replicate":
        path = path[:-2]
    elif path[-1] in _PARTS_OF_A_SPREAD:
        path = path[:-1]
    return ".".join(map(str, path))


def _grouped(names: Iterable[str]) -> Mapping[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition(".")[0], []).append(name)
    return groups
