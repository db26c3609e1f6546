"""The lock of a folder: any number of builds beside each other, or one command alone."""

from __future__ import annotations

import threading
from pathlib import Path

from generator.core.lock import alone, exclusive, shared


def test_many_hold_a_lock_at_once_and_none_is_alone_meanwhile(tmp_path: Path) -> None:
    with shared(tmp_path), shared(tmp_path), exclusive(tmp_path) as is_alone:
        assert not is_alone
    with exclusive(tmp_path) as is_alone:
        assert is_alone
        with exclusive(tmp_path) as is_second_alone:
            assert not is_second_alone
    with exclusive(tmp_path) as is_alone:
        assert is_alone


def test_who_wants_to_be_alone_waits_until_the_others_are_done(tmp_path: Path) -> None:
    done: list[str] = []

    def second() -> None:
        with alone(tmp_path):
            done.append("second")

    with alone(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        with exclusive(tmp_path) as is_alone:
            assert not is_alone
        done.append("first")
    waiting.join()
    assert done == ["first", "second"]
