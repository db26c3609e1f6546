"""Why a stage is run again, in words: the parts of its key that differ from those of its last run, and what it read."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator

import msgspec

from generator.build.store import Key, Store
from generator.core.formatting import duration, seconds
from generator.records.run import Times

_OF_FUNCTION = re.compile(r" \w+\(\)$")


def stage_lines(store: Store, key: Key, stale: bool, epochs: int, rounds: int) -> Iterator[str]:
    """Lines on whether a stage runs and why; before training, also on how long it may take."""
    if not stale:
        yield f"{key.stage}: up to date"
        return
    yield f"{key.stage}: stale, because"
    yield from (f"  - {line}" for line in reasons(store, key))
    if key.stage == "train":
        yield f"  {training_estimate(store, epochs, rounds)}"


def reasons(store: Store, key: Key) -> list[str]:
    """A line for each part of `key`, and for each thing read, that is not as it was when the stage last ran."""
    last = store.last(key.stage)
    if last is None:
        return ["it has not run before"]
    names = sorted({*last.parts, *key.parts} - {"seed"})
    changed = [_change(name, last.parts.get(name), key.parts.get(name)) for name in names]
    return [line for line in changed if line] + store.changes(key) or ["its result is not in the store"]


def changed_names(before: Key, now: Key) -> list[str]:
    """The names of the parts that differ, without what kind of part each of them is."""
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
    if name.startswith(("setting ", "version ", "dirty")):
        return f"{name} was {before} and is now {now}"
    return f"{name} changed"


def training_estimate(store: Store, epochs: int, rounds: int) -> str:
    """Roughly how long training `epochs` epochs takes, from the epochs of the last run.

    Replicates that do not all run at once take as many `rounds`.
    """
    entry = store.last_entry("train")
    if entry is None:
        return "how long it takes is not known, as there is no last run"
    mean = statistics.fmean(msgspec.json.decode(entry.read("times.json"), type=Times).epoch_seconds)
    return f"it takes about {duration(mean * epochs * rounds)}, at {seconds(mean)} an epoch as in the last run"
