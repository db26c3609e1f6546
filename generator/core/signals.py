"""Signals that ask a command to end: it cleans up what it has begun, and ends with a one-line message.

A signal that was ignored when the process began, as by nohup, stays ignored.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = "Interrupted. Finished results are kept; build again to continue."

DEAF = 2.0
"""Seconds after a signal during which others are ignored: a terminal that closes sends two."""


class Interrupted(BaseException):
    """A signal has asked the process to end.

    It is not an Exception, so that no code handles it as a failure, and not a KeyboardInterrupt, which click turns into
    an exception of its own and an empty line.

    Attributes:
        exit_status: exit status of the process, by the convention of shells.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_status = 128 + number


def exit_at_once() -> None:
    """From now on, a signal ends the process immediately, for the time when there is nothing to clean up."""

    def leave(number: int, frame: FrameType | None) -> None:
        os.write(2, f"{INTERRUPTED}\n".encode())
        os._exit(128 + number)

    _handle(leave)


def raise_interrupted() -> None:
    """From now on, a signal raises Interrupted in the main thread."""
    latest = float("-inf")

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal latest
        before, latest = latest, time.monotonic()
        if latest - before > DEAF:
            raise Interrupted(number)

    _handle(interrupt)


def ignore() -> None:
    """From now on, signals are ignored, for the time when the process ends."""
    _handle(signal.SIG_IGN)  # unlike a function, Python leaves this in place when it ends


def _handle(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
