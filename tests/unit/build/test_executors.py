"""What is told of a Dask cluster that cannot be used."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

from generator.build import cluster
from generator.build.executors import Workers
from generator.core.console import Display
from generator.core.errors import UsageError


def test_an_address_where_nobody_answers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.5)
    nobody = "tcp://127.0.0.1:9"
    with ExitStack() as stack:
        workers = Workers(stack, Display(Console()), nobody, tmp_path / "log", tmp_path, most=1)
        with pytest.raises(UsageError, match=f"No scheduler answers at {nobody}: ") as caught:
            workers.submit_of_replicate(print)
    assert caught.value.next == "Give the address that `dask scheduler` prints, such as tcp://127.0.0.1:8786."
