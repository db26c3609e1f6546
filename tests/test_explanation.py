"""How long training will take, told from the epochs of the last run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from generator.explanation import training_estimate
from generator.records.run import Times
from generator.store import Key, Store


@pytest.mark.parametrize(("rounds", "time"), [(1, "60 s"), (3, "3 min")])
def test_replicates_that_run_in_rounds_take_so_many_times_as_long(tmp_path: Path, rounds: int, time: str) -> None:
    store, key = Store(tmp_path), Key("train", {"seed": "0"})
    times = msgspec.json.encode(Times((20.0, 40.0), 60.0, ()))

    def put(folder: Path) -> None:
        (folder / "times.json").write_bytes(times)

    store.remember(key, store.write(key, put))
    assert training_estimate(store, 2, rounds) == f"it takes about {time}, at 30 s an epoch as in the last run"
