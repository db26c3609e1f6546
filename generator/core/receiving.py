"""Receives a file over HTTP in pieces, with limits on its size and on the time it takes.

A socket's timeout only limits silence: a server that sends one byte each second, of its headers or of the file, would
keep a build waiting for days. The request is therefore made in a thread, and the caller stops waiting at a limit.
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
    """A file is too large, too slow, or takes too long; the text says which."""


class Piece(NamedTuple):
    """Some bytes of a file, and the file's whole length if the server sends it."""

    content: bytes
    expected: int | None


@dataclass(frozen=True)
class Limits:
    """How long one request may take, from looking up the server's name to the last byte of the file.

    Attributes:
        silence: seconds without a byte after which a connection counts as broken.
        slow: seconds after which the lowest rate is enforced.
        rate: lowest average rate since the request began, in bytes per second.
        whole: seconds for the whole request.
    """

    silence: float = 20.0
    slow: float = 30.0
    rate: float = 1_000.0
    whole: float = 3_600.0

    def seconds(self, received: int) -> float:
        """Seconds since the request began by which more than `received` bytes of the file must have arrived."""
        return min(self.whole, max(self.slow, received / self.rate))


SENSIBLE = Limits()


def receive(url: str, most: int, limits: Limits = SENSIBLE) -> Iterator[Piece]:
    """The pieces of the file at an address, as they arrive; the first piece is empty and has the length.

    Raises LimitError at a limit, such as more than `most` bytes, and whatever the request raises.
    """
    begun, received = time.monotonic(), 0
    arrived, is_given_up = SimpleQueue[Piece | Exception | None](), Event()
    # A daemon: neither a name lookup nor the reading of headers can be stopped from outside.
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
    """Puts the pieces of the file into a queue, and then None, or the exception that ended the transfer."""
    try:
        with urllib.request.urlopen(url, timeout=silence) as answer:
            length = answer.headers.get("Content-Length")
            expected = int(length) if length is not None else None
            arrived.put(Piece(b"", expected))
            while not is_given_up.is_set() and (content := answer.read1(CHUNK_BYTES)):
                arrived.put(Piece(content, expected))
        arrived.put(None)
    except Exception as error:  # any exception is raised again where the file is waited for
        arrived.put(error)


def _next(arrived: SimpleQueue[Piece | Exception | None], begun: float, received: int, limits: Limits) -> Piece | None:
    left = begun + limits.seconds(received) - time.monotonic()
    try:
        found = arrived.get(timeout=max(0.0, left))
    except Empty:
        raise _late(received, limits) from None
    if isinstance(found, Exception):
        raise found
    if found is not None and left < 0:  # otherwise, a constant supply of pieces would never count as late
        raise _late(received, limits)
    return found


def _late(received: int, limits: Limits) -> LimitError:
    seconds = limits.seconds(received)
    if seconds == limits.whole:
        return LimitError(f"it was not complete after {integer(round(seconds / 60))} minutes")
    return LimitError(
        f"it is too slow, with {integer(received)} bytes of the file in {integer(round(seconds))} seconds"
    )
