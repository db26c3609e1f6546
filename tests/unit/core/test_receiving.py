"""A request over HTTP ends at a limit, whatever the server goes on sending, and in whatever part of its answer."""

from __future__ import annotations

import time
from urllib.error import HTTPError

import pytest

from generator.core.reading import MIB
from generator.core.receiving import SENSIBLE, LimitError, Limits, receive
from tests.support.slow_server import dripping

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
IMPATIENT = Limits(silence=30, slow=0.2)


def received(address: str, limits: Limits = SENSIBLE, most: int = MIB) -> bytes:
    return b"".join(content for content, _ in receive(address, most, limits))


def test_a_file_within_the_limits_is_received_whole() -> None:
    with dripping(OK + b"\r\n" + b"a" * MIB, rest=b"") as (address, _):
        assert received(address) == b"a" * MIB


def test_the_first_piece_is_empty_and_tells_the_length() -> None:
    with dripping(OK + b"Content-Length: 3\r\n\r\nabc", rest=b"") as (address, _):
        pieces = list(receive(address, MIB))
    assert pieces[0] == (b"", 3)
    assert b"".join(content for content, _ in pieces) == b"abc"


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 20",
        OK + b"Server: ",
        b"HTTP/1.1 302 Found\r\nLocation: /",
        OK + b"\r\n",
        OK + b"Content-Length: 100000\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;",
    ],
)
def test_a_slow_server_is_told_in_time_wherever_it_is_slow(beginning: bytes) -> None:
    begun = time.monotonic()
    with (
        dripping(beginning, rest=b"1" * 10_000) as (address, _),
        pytest.raises(LimitError, match=r"^it is too slow, with \d+ bytes of the file in 0 seconds$"),
    ):
        received(address, IMPATIENT)
    assert time.monotonic() - begun < 5, "all of it would take 100 seconds"


def test_a_file_without_an_end_is_too_large() -> None:
    with (
        dripping(OK + b"\r\n" + b"a" * MIB) as (address, _),
        pytest.raises(LimitError, match=r"^it is larger than 1 MiB$"),
    ):
        received(address)


def test_an_hour_is_enough_for_any_file() -> None:
    assert SENSIBLE.whole == 3_600
    with (
        dripping(OK + b"\r\n" + b"a" * MIB) as (address, _),
        pytest.raises(LimitError, match=r"^it was not complete after 0 minutes$"),
    ):
        received(address, Limits(whole=0.2), 2 * MIB)


def test_what_the_server_refuses_is_raised_where_the_file_is_waited_for() -> None:
    with (
        dripping(b"HTTP/1.1 404 Not Found\r\n\r\n", rest=b"") as (address, _),
        pytest.raises(HTTPError, match="404") as caught,
    ):
        received(address)
    caught.value.close()


@pytest.mark.parametrize(("received", "seconds"), [(0, 30), (30_000, 30), (60_000, 60), (10**8, 3_600)])
def test_a_kilobyte_a_second_is_asked_for_after_half_a_minute(received: int, seconds: float) -> None:
    assert SENSIBLE.seconds(received) == seconds
