"""What the process of a task is given, and what comes back from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import environment, isolation


def onednn() -> tuple[bool, bool]:
    """Whether TensorFlow uses oneDNN here, and what is recorded of it."""
    from tensorflow.python.util import _pywrap_util_port

    recorded = environment.describe(0, 1, environment.Commit(None, None, False))
    return _pywrap_util_port.IsMklEnabled(), recorded.onednn


@pytest.mark.parametrize(("asked", "expected"), [(None, True), ("0", False), ("1", True)])
def test_onednn_is_on_unless_the_user_has_it_off_and_that_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None, expected: bool
) -> None:
    monkeypatch.delenv(environment.ONEDNN, raising=False)
    if asked is not None:
        monkeypatch.setenv(environment.ONEDNN, asked)
    assert isolation.run_apart(tmp_path / "log", onednn) == (expected, expected)


class OnlyHereError(Exception):
    """An exception that cannot be made from what it was made of."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def failing() -> None:
    raise OnlyHereError("this", "that")


def test_an_error_of_any_class_comes_back_as_one_that_is_known(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^OnlyHereError: this and that\n") as caught:
        isolation.run_apart(tmp_path / "log", failing)
    assert 'raise OnlyHereError("this", "that")' in caught.value.__notes__[0]
