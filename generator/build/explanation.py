"""Explains why a stage runs again: what changed in its key since its last run, and in what it read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from generator.build.store import Key, Store
from generator.core.errors import Place

_OF_FUNCTION = re.compile(r" \w+\(\)$")


def lines(stage: str, reasons: Sequence[str]) -> Iterator[str]:
    """Lines that say that a stage is stale and why, or, without reasons, that it is up to date."""
    if not reasons:
        yield f"{stage}: up to date"
        return
    yield f"{stage}: stale, because"
    yield from (f"  - {line}" for line in reasons)


def site_line(site: Path, differing: Collection[Path]) -> str:
    """A line that says whether a build would replace the site, of whose files some differ from the results."""
    if not differing:
        return "site: up to date"
    if not (site / "index.html").is_file():
        return f"site: would be written to {Place(site)}"
    return f"site: would be replaced, because {Place(site)} differs from what a build would write"


def reasons(store: Store, key: Key) -> list[str]:
    """A line for each part of `key`, and for each thing read, that has changed since the stage last ran."""
    last = store.last(key.stage)
    if last is None:
        return ["it has not run before"]
    names = sorted({*last.parts, *key.parts} - {"seed"})
    changed = [_change(name, last.parts.get(name), key.parts.get(name)) for name in names]
    return [line for line in changed if line] + store.changes(key) or ["its result is not in the store"]


def changed_names(before: Key, now: Key) -> list[str]:
    """The names of the parts that differ, without their kinds."""
    names = sorted({*before.parts, *now.parts})
    changed = (name for name in names if before.parts.get(name) != now.parts.get(name))
    return list(dict.fromkeys(_OF_FUNCTION.sub("", name.split(" ", 1)[-1]) for name in changed))


def _change(name: str, before: str | None, now: str | None) -> str | None:
    if before == now:
        return None
    if before is None:
        return f"{name} is new"
    if now is None:
        return f"{name} is gone"
    if name == "dirty":
        return "there are uncommitted changes" if now == "True" else "all changes are committed now"
    if name.startswith(("setting ", "argument ", "version ")):
        return f"{name} was {before} and is now {now}"
    return f"{name} changed"
