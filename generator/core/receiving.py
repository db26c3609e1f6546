"""The body of an answer over HTTP, piece by piece, and no more of it, and no longer, than is sensible.

A time-out only ends a silence: a server that sends a byte each second would keep a build waiting for days.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator

from generator.core.formatting import integer
from generator.core.reading import MIB

CHUNK_BYTES = 1 << 16
SLOW_SECONDS = 30
"""After as many seconds an answer may be too slow."""

MIN_BYTES_PER_SECOND = 1_000
MAX_SECONDS = 3_600
"""As long one file may take."""


class LimitError(ValueError):
    """An answer is larger, slower or longer on its way than is waited for; the text says which."""


def pieces(answer: http.client.HTTPResponse, most: int, clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """The body as it comes; `most` bytes of it. Raises LimitError at a limit, and what the connection raises."""
    begun, received = clock(), 0
    while piece := answer.read1(CHUNK_BYTES):
        received += len(piece)
        seconds = clock() - begun
        if received > most:
            raise LimitError(f"it is larger than {integer(most // MIB)} MiB")
        if seconds > SLOW_SECONDS and received < MIN_BYTES_PER_SECOND * seconds:
            raise LimitError(f"it is too slow, with {integer(received)} bytes in {integer(round(seconds))} seconds")
        if seconds > MAX_SECONDS:
            raise LimitError(f"it was not complete after {integer(MAX_SECONDS // 60)} minutes")
        yield piece
