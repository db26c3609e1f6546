"""An answer over HTTP ends at a limit, whatever the server goes on sending."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPResponse
from itertools import repeat
from typing import cast

import pytest

from generator.core.reading import MIB
from generator.core.receiving import MAX_SECONDS, LimitError, pieces


class _Answer:
    """A body in pieces, and a clock that goes on by as many seconds with each."""

    def __init__(self, body: Iterator[bytes], seconds: float) -> None:
        self._body, self._seconds, self._now = body, seconds, 0.0

    def read1(self, count: int) -> bytes:
        self._now += self._seconds
        return next(self._body, b"")

    def clock(self) -> float:
        return self._now


def received(body: Iterator[bytes], seconds: float = 0, most: int = MIB) -> bytes:
    answer = _Answer(body, seconds)
    return b"".join(pieces(cast(HTTPResponse, answer), most, answer.clock))


def test_a_body_within_the_limits_is_received_whole() -> None:
    assert received(repeat(b"a" * 1024, 1024), 1.0) == b"a" * MIB


def test_a_byte_a_second_is_too_slow_and_told_after_half_a_minute() -> None:
    with pytest.raises(LimitError, match="it is too slow, with 31 bytes in 31 seconds"):
        received(repeat(b"a"), 1.0)


def test_a_body_without_an_end_is_too_large() -> None:
    with pytest.raises(LimitError, match="it is larger than 1 MiB"):
        received(repeat(b"a" * 1024))


def test_an_hour_is_enough_for_any_body() -> None:
    with pytest.raises(LimitError, match="it was not complete after 60 minutes"):
        received(repeat(b"a" * 70_000), 60.0, 1024 * MIB)
    assert MAX_SECONDS == 3600
