"""A signal ends a command in order, with the status that shells give it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from generator.core import signals
from generator.core.signals import ENDING, INTERRUPTED, Interrupted

STATUSES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Those of pytest are put back."""
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_raises_what_no_handler_of_failures_catches(number: signal.Signals) -> None:
    signals.raise_interrupted()
    with pytest.raises(Interrupted) as caught:
        signal.raise_signal(number)
    assert caught.value.exit_status == STATUSES[number]
    assert not isinstance(caught.value, Exception | KeyboardInterrupt)


def test_a_second_signal_changes_nothing_while_the_command_ends_and_a_later_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("generator.core.signals.time.monotonic", lambda: now)
    signals.raise_interrupted()
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGHUP)
    now += 0.1
    signal.raise_signal(signal.SIGTERM)
    now += signals.DEAF + 0.1
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.raise_interrupted()
    signal.raise_signal(signal.SIGHUP)


def test_at_the_end_signals_change_nothing() -> None:
    signals.raise_interrupted()
    signals.ignore()
    for number in ENDING:
        signal.raise_signal(number)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_while_modules_are_imported_is_told_in_one_line(number: signal.Signals) -> None:
    code = "import os, sys; from generator.core import signals; signals.exit_at_once(); "
    code += "signals.signal.raise_signal(int(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(int(number))], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (STATUSES[number], f"{INTERRUPTED}\n")
