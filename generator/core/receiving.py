"""A file received over HTTP, piece by piece: no more of it, and no longer, than is sensible.

A time-out of a socket only ends a silence: a server that sends a byte each second, of its headers or of the file, would
keep a build waiting for days. The request is therefore made in a thread, and whoever waits for it gives up at a limit.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import NamedTuple

from generator.core.formatting import integer
from generator.core.reading import MIB

CHUNK_BYTES = 1 << 16


class LimitError(ValueError):
    """A file is larger, slower, or longer on its way than is waited for; the text says which."""


class Piece(NamedTuple):
    """Some bytes of a file, and its whole length if the server tells it."""

    content: bytes
    expected: int | None


@dataclass(frozen=True)
class Limits:
    """How long one request may take, from looking up the server's name to the last byte of the file.

    Attributes:
        silence: seconds without a byte after which a connection counts as broken.
        slow: seconds after which the file must have come at the least rate.
        rate: the least rate, in bytes a second since the request began.
        whole: seconds for the whole request.
    """

    silence: float = 20.0
    slow: float = 30.0
    rate: float = 1_000.0
    whole: float = 3_600.0

    def seconds(self, received: int) -> float:
        """By when, in seconds since the request began, more than so many bytes of the file must have come."""
        return min(self.whole, max(self.slow, received / self.rate))


SENSIBLE = Limits()


def receive(url: str, most: int, limits: Limits = SENSIBLE) -> Iterator[Piece]:
    """The file at an address as it comes, `most` bytes of it; the first piece is empty and tells the length.

    Raises LimitError at a limit, and what the request raises.
    """
    begun, received = time.monotonic(), 0
    arrived, is_given_up = SimpleQueue[Piece | Exception | None](), Event()
    # A daemon: neither looking up a name nor reading headers can be ended from outside.
    Thread(target=_fill, args=(arrived, is_given_up, url, limits.silence), daemon=True).start()
    try:
        while (piece := _next(arrived, begun, received, limits)) is not None:
            received += len(piece.content)
            if received > most:
                raise LimitError(f"it is larger than {integer(most // MIB)} MiB")
            yield piece
    finally:
        is_given_up.set()


def _fill(arrived: SimpleQueue[Piece | Exception | None], is_given_up: Event, url: str, silence: float) -> None:
    """Puts the pieces of the file into a queue, and None after the last, or why there are no more."""
    try:
        with urllib.request.urlopen(url, timeout=silence) as answer:
            length = answer.headers.get("Content-Length")
            expected = int(length) if length is not None else None
            arrived.put(Piece(b"", expected))
            while not is_given_up.is_set() and (content := answer.read1(CHUNK_BYTES)):
                arrived.put(Piece(content, expected))
        arrived.put(None)
    except Exception as error:  # of every kind: it is raised again where the file is waited for
        arrived.put(error)


def _next(arrived: SimpleQueue[Piece | Exception | None], begun: float, received: int, limits: Limits) -> Piece | None:
    left = begun + limits.seconds(received) - time.monotonic()
    try:
        found = arrived.get(timeout=max(0.0, left))
    except Empty:
        raise _late(received, limits) from None
    if isinstance(found, Exception):
        raise found
    if found is not None and left < 0:  # pieces that are always there would otherwise never be late
        raise _late(received, limits)
    return found


def _late(received: int, limits: Limits) -> LimitError:
    seconds = limits.seconds(received)
    if seconds == limits.whole:
        return LimitError(f"it was not complete after {integer(round(seconds / 60))} minutes")
    return LimitError(
        f"it is too slow, with {integer(received)} bytes of the file in {integer(round(seconds))} seconds"
    )
