"""Downloading: from a real server on this machine, whole and verified or with a plain message."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from generator.core.errors import ReportError
from generator.core.receiving import SENSIBLE, Limits
from generator.data import download
from generator.records.dataset import Download, Mirror
from tests.support.slow_server import dripping

BODY = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(BODY).hexdigest()
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()


@dataclass
class Answer:
    """What the server says to one GET; `length` is what it claims when that is not the body's."""

    status: int = 200
    body: bytes = BODY
    length: int | None = None
    chunked: bool = False


@dataclass
class Server:
    """Gives its answers in order, and the last one from then on."""

    address: str
    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    gets: int = 0

    def file(self, **digests: str) -> Download:
        return Download(url=f"{self.address}/data.bin", **(digests or {"sha256": SHA256}))

    def next(self) -> Answer:
        self.gets += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_error(405)

        def do_GET(self) -> None:
            answer = state.next()
            self.send_response(answer.status)
            if answer.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(answer.length or len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            """Keeps the tests' output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state = Server(f"http://127.0.0.1:{httpd.server_port}")
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield state
        httpd.shutdown()
        thread.join()


class Pauses:
    """Stands in for waiting, and keeps the seconds that were asked for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def ignore(name: str, received: int, expected: int | None) -> None:
    """Progress that nobody watches."""


def refusal(file: Download, target: Path, pause: Pauses | None = None, limits: Limits = SENSIBLE) -> ReportError:
    with pytest.raises(ReportError) as caught:
        download.fetch(file, target, ignore, pause or Pauses(), limits)
    assert caught.value.next
    assert list(target.parent.glob("*")) == [], "a failed download leaves nothing behind"
    return caught.value


def free_port() -> int:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return int(closed.getsockname()[1])


# One file


@pytest.mark.parametrize("digests", [{"sha256": SHA256}, {"md5": MD5}, {"sha256": SHA256, "md5": MD5}])
def test_a_file_with_the_right_digest_is_written_whole(server: Server, tmp_path: Path, digests: dict[str, str]) -> None:
    target = tmp_path / "made" / "data.bin"
    download.fetch(server.file(**digests), target, ignore)
    assert target.read_bytes() == BODY
    assert [path.name for path in target.parent.iterdir()] == ["data.bin"]


def test_a_wrong_digest_is_refused_without_another_attempt(server: Server, tmp_path: Path) -> None:
    error = refusal(server.file(md5="0" * 32), tmp_path / "data.bin")
    assert error.what == f"has the md5 {MD5}, not the declared {'0' * 32}"
    assert error.where == f"{server.address}/data.bin"
    assert "paper.toml" in error.next
    assert server.gets == 1


def test_both_digests_must_be_right(server: Server, tmp_path: Path) -> None:
    error = refusal(server.file(sha256=SHA256, md5="0" * 32), tmp_path / "data.bin")
    assert "md5" in error.what


def test_a_server_that_is_slow_with_its_headers_is_told_without_another_attempt(tmp_path: Path) -> None:
    """Each byte comes well before the connection counts as silent."""
    with dripping(b"HTTP/1.1 200 OK\r\nServer: ") as (address, requests):
        file = Download(url=f"{address}/data.bin", sha256=SHA256)
        error = refusal(file, tmp_path / "data.bin", limits=Limits(slow=0.2))
    assert error.what == "could not be downloaded: it is too slow, with 0 bytes of the file in 0 seconds"
    assert len(requests) == 1


def test_progress_is_told_as_bytes_come(server: Server, tmp_path: Path) -> None:
    told: list[int] = []
    download.fetch(
        server.file(sha256=SHA256), tmp_path / "data.bin", lambda name, received, expected: told.append(received)
    )
    assert told[0] == 0 and told[-1] == len(BODY) and told == sorted(told)


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>Sign in", b"\xef\xbb\xbf\n <HTML>moved"])
def test_a_web_page_instead_of_data_is_called_that(server: Server, tmp_path: Path, page: bytes) -> None:
    server.answers = [Answer(body=page)]
    error = refusal(server.file(), tmp_path / "data.bin")
    assert error.what == "is a web page, not the data"
    assert "browser" in error.next


def test_a_refused_address_is_not_asked_again(server: Server, tmp_path: Path) -> None:
    server.answers = [Answer(status=404)]
    error = refusal(server.file(), tmp_path / "data.bin")
    assert error.what == "could not be downloaded: the server answered 404 (Not Found)"
    assert server.gets == 1


def test_a_broken_transfer_is_tried_again_with_growing_pauses(server: Server, tmp_path: Path) -> None:
    server.answers = [Answer(body=BODY[:100], length=len(BODY)), Answer(status=503), Answer()]
    pause = Pauses()
    download.fetch(server.file(), tmp_path / "data.bin", ignore, pause)
    assert (tmp_path / "data.bin").read_bytes() == BODY
    assert len(pause.seconds) == 2
    assert pause.seconds[0] < pause.seconds[1]


def test_a_transfer_that_always_breaks_off_is_refused_after_three_attempts(server: Server, tmp_path: Path) -> None:
    server.answers = [Answer(body=BODY[:100], length=len(BODY))]
    error = refusal(server.file(), tmp_path / "data.bin")
    assert error.what == "could not be downloaded: the connection broke after 100 of 256000 bytes"
    assert server.gets == 3


def test_a_transfer_without_a_length_that_breaks_off_is_refused(server: Server, tmp_path: Path) -> None:
    server.answers = [Answer(body=b"A\r\n0123456789\r\n", chunked=True)]
    error = refusal(server.file(), tmp_path / "data.bin")
    assert error.what.startswith("could not be downloaded: the connection broke after")


def test_nobody_at_the_address_is_refused_after_three_attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    pause = Pauses()
    file = Download(url=f"http://127.0.0.1:{free_port()}/data.bin", sha256=SHA256)
    error = refusal(file, tmp_path / "data.bin", pause)
    assert error.what == "could not be downloaded: Connection refused"
    assert "--data PATH" in error.next
    assert len(pause.seconds) == 2


def test_a_server_that_stops_answering_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = Download(url=f"http://127.0.0.1:{silent.getsockname()[1]}/data.bin", sha256=SHA256)
        error = refusal(file, tmp_path / "data.bin", limits=Limits(silence=0.05))
    assert error.what == "could not be downloaded: the server stopped answering"


def test_a_file_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ReportError) as caught:
        download.fetch(server.file(), tmp_path / "file" / "data.bin", ignore)
    assert caught.value.what.startswith("cannot be written: ")
    assert "data.bin" in str(caught.value.where)
    assert "KERAS_HOME" in caught.value.next


# Who answers


def test_a_server_that_refuses_the_question_is_reachable(server: Server) -> None:
    url = server.file().url
    start = time.monotonic()
    download.ask([url])(url)  # raises, unless there was an answer
    assert time.monotonic() - start < download.OFFLINE_AFTER


def test_a_closed_port_is_reported_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    url = f"http://127.0.0.1:{free_port()}/data.bin"
    with pytest.raises(ReportError) as caught:
        download.ask([url])(url)
    assert caught.value.what == "cannot be reached: Connection refused"
    assert caught.value.where == url


def test_silent_mirrors_share_one_deadline_and_do_not_delay_one_that_answers(server: Server) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(6)]
        urls = [f"http://127.0.0.1:{each.getsockname()[1]}/data.bin" for each in silent]
        start = time.monotonic()
        wait_for = download.ask([*urls, server.file().url], within=1.0)
        wait_for(server.file().url)
        assert time.monotonic() - start < 1.0
        for url in urls:
            with pytest.raises(ReportError, match="cannot be reached"):
                wait_for(url)
        assert time.monotonic() - start < 3.0, "six deadlines of a second would take six"


def test_names_that_never_resolve_share_one_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: resolved.wait(60) and [])
    monkeypatch.setenv("no_proxy", "*")
    urls = [f"http://mirror{number}.invalid/data.bin" for number in range(6)]
    start = time.monotonic()
    wait_for = download.ask(urls, within=0.5)
    for url in urls:
        with pytest.raises(ReportError, match="no answer within 0.5 seconds"):
            wait_for(url)
    assert time.monotonic() - start < 2.0, "six deadlines of half a second would take three"
    resolved.set()


def test_being_offline_is_decided_within_five_seconds() -> None:
    assert download.OFFLINE_AFTER <= 5.0


# Progress


def test_progress_tells_the_bytes_received_and_expected(server: Server, tmp_path: Path) -> None:
    calls: list[tuple[str, int, int | None]] = []
    download.fetch(server.file(), tmp_path / "data.bin", lambda *call: calls.append(call))
    assert calls[0] == ("data.bin", 0, len(BODY))
    assert calls[-1] == ("data.bin", len(BODY), len(BODY))
    assert [received for _, received, _ in calls] == sorted(received for _, received, _ in calls)


def test_progress_is_plain_lines_without_a_terminal(server: Server, tmp_path: Path) -> None:
    lines: list[str] = []
    out = io.StringIO()
    with download.display(lines.append, Console(file=out)) as progress:
        download.fetch(server.file(), tmp_path / "data.bin", progress)
    assert lines == ["downloading data.bin (256.0 kB)", "downloaded data.bin"]
    assert out.getvalue() == ""


def test_progress_is_a_bar_on_a_terminal(server: Server, tmp_path: Path) -> None:
    lines: list[str] = []
    out = io.StringIO()
    with download.display(lines.append, Console(file=out, force_terminal=True, width=100)) as progress:
        download.fetch(server.file(), tmp_path / "data.bin", progress)
    assert "data.bin" in out.getvalue()
    assert "256.0/256.0 kB" in out.getvalue()
    assert lines == []


# What may be declared


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"url": "file:///etc/passwd", "md5": MD5}, "url must be the http or https address of a file"),
        ({"url": "https://example.org/", "md5": MD5}, "url must be the http or https address of a file"),
        (
            {"url": "https://example.org/a b.npz", "md5": MD5},
            "url must be the http or https address of a file",
        ),
        ({"url": "https://example.org/..", "md5": MD5}, "url must be the http or https address of a file"),
        ({"url": "https://example.org/a.npz"}, "sha256 or md5 must be given"),
        ({"url": "https://example.org/a.npz", "sha256": MD5}, "sha256 must be 64 digits"),
    ],
)
def test_a_download_that_makes_no_sense_is_refused(table: dict[str, str], what: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=what):
        msgspec.convert(table, Download)


def test_a_mirror_names_each_file_once() -> None:
    file = Download(url="https://example.org/a.npz", md5=MD5)
    for files in ((), (file, file)):
        with pytest.raises(ValueError, match="at least one file, and none of them twice"):
            Mirror(files=files)


def test_a_slow_download_is_told_now_and_then_without_a_terminal() -> None:
    lines, times = list[str](), iter([0.0, 10.0, 31.0, 31.0, 50.0])
    show = download._lines(lines.append, lambda: next(times))
    for received in (0, 1_000, 2_000, 3_000, 4_000):
        show("data.bin", received, 4_000)
    assert lines == ["downloading data.bin (4.0 kB)", "  2.0 kB of data.bin received", "downloaded data.bin"]


def test_a_name_beside_a_bar_is_shown_as_it_is() -> None:
    out = io.StringIO()
    with download.display(print, Console(file=out, force_terminal=True, width=100, color_system=None)) as progress:
        progress("[/]\x07.bin", 0, 10)
    assert "[/]\\u0007.bin" in out.getvalue() and "\x07" not in out.getvalue()
