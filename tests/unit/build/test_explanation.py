"""Why a stage runs again, and how long training will take, told from the last run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from generator.build.explanation import reasons, training_estimate
from generator.build.store import Key, Store
from generator.data.reads import READS, Scope, Today, encoded, value_digest
from generator.records.reads import Reads
from generator.records.run import Times


@pytest.mark.parametrize(("rounds", "time"), [(1, "60\u00a0s"), (3, "3\u00a0min")])
def test_replicates_that_run_in_rounds_take_so_many_times_as_long(tmp_path: Path, rounds: int, time: str) -> None:
    store, key = Store(tmp_path), Key("train", {"seed": "0"})
    times = msgspec.json.encode(Times((20.0, 40.0), 60.0, ()))

    def put(folder: Path) -> None:
        (folder / "times.json").write_bytes(times)

    store.remember(key, store.write(key, put))
    assert training_estimate(store, 2, rounds) == f"it takes about {time}, at 30\u00a0s an epoch as in the last run"


def test_what_was_read_and_changed_is_named_beside_parts_of_the_key(tmp_path: Path) -> None:
    scope = Scope(tmp_path, tmp_path, tmp_path / "build")
    store, key = Store(tmp_path / "build", Today(scope, {"DROPOUT": "0.2"})), Key("train", {"seed": "0", "code a": "1"})
    reads = Reads({"config.json": None}, {}, {"DROPOUT": value_digest("0.1")})

    def put(folder: Path) -> None:
        (folder / READS).write_bytes(encoded(reads))

    store.remember(key, store.write(key, put))
    (tmp_path / "config.json").write_text("{}")
    told = ["config.json was absent and is now there", "DROPOUT changed"]
    assert reasons(store, key) == told
    assert reasons(store, Key("train", {"seed": "0", "code a": "2"})) == ["code a changed", *told]
