"""How TensorFlow runs in a process."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from generator.model import threads


def test_iterators_are_not_tuned_since_their_end_would_wait_for_the_tuner(monkeypatch: pytest.MonkeyPatch) -> None:
    iterate, iterated = threads._iterate, list[Any]()

    def noted(dataset: Any) -> Any:
        iterated.append(dataset)
        return iterate(dataset)

    monkeypatch.setattr(threads, "_iterate", noted)
    monkeypatch.setattr(tf.data.Dataset, "__iter__", iterate)
    threads.leave_out_autotuning()
    assert [int(number) for number in tf.data.Dataset.range(3)] == [0, 1, 2]
    assert [dataset.options().autotune.enabled for dataset in iterated] == [False]
