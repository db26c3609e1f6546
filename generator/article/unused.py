"""Which results the article shows nowhere, told in a few lines: what was measured and not reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.core.formatting import first_few
from generator.records.results import Path, Value

MOST_NAMED = 3
_PARTS_OF_A_SPREAD = {"mean", "low", "high"}


def unused(values: Iterable[Value], used: Iterable[str], shown: tuple[str, ...]) -> list[str]:
    """Lines for the terminal, one for each group of results; none if the article shows them all.

    A quantity over replicates counts once, and is used if any part of it is. `shown` are the beginnings of names that
    exhibits show.
    """
    quantities: dict[str, list[str]] = {}
    for value in values:
        quantities.setdefault(_quantity(value.path), []).append(value.name)
    known = set(used)
    left = [
        name
        for name, parts in quantities.items()
        if not known & set(parts) and not any(name == begin or name.startswith(f"{begin}.") for begin in shown)
    ]
    if not left:
        return []
    lines = [f"  {first_few(names, MOST_NAMED)}" for names in _grouped(left).values()]
    return [f"The article does not use {len(left)} of {len(quantities)} results, which are in results.json:", *lines]


def _quantity(path: Path) -> str:
    """The name of what a value is a part of: without the ends of its interval, and without the replicate."""
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
