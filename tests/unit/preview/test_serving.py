"""The preview's server, asked over real connections: what it gives, to whom, and what it does not."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from generator.core.errors import UsageError
from generator.preview import serving
from generator.preview.rebuilding import Board
from generator.preview.serving import PreviewServer
from generator.records.preview import State

SECRET = "not for everyone"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PreviewServer]:
    site = tmp_path / "site"
    (site / "v").mkdir(parents=True)
    (site / "index.html").write_text("the page")
    (site / "v" / "a b.json").write_text("{}")
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "site-secret").write_text(SECRET)
    (site / "link").symlink_to(tmp_path / "secret")
    (site / "up").symlink_to(tmp_path)
    (site / "loop").symlink_to("loop")
    with PreviewServer(0, lambda: [site], Board(State(0, "building", ""))) as made:
        threading.Thread(target=made.serve_forever, args=[0.01], daemon=True).start()
        yield made
        made.shutdown()


def asked(server: PreviewServer, path: str, method: str = "GET", host: str | None = "") -> tuple[int, str]:
    """Status and body of a request whose path goes out as it is; `host` replaces the right one, None leaves it out."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    if host is not None:
        connection.putheader("Host", host or f"127.0.0.1:{server.port}")
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def test_the_sites_files_are_given(server: PreviewServer) -> None:
    assert asked(server, "/site/") == asked(server, "/site/index.html?build=1") == (200, "the page")
    assert asked(server, "/site/v/a%20b.json") == (200, "{}")
    assert asked(server, "/site/index.html", "HEAD") == (200, "")


@pytest.mark.parametrize(
    "path",
    [
        "/secret", "/site/../secret", "/site/%2e%2e/secret", "/site/..%2fsecret", "/site/%2e%2e%2fsecret",
        "/site/v/../../secret", "/site/../site-secret", "/site/link", "/site/up/secret", "/site/loop", "/site/v",
        "/site//etc/passwd", "/site/%2fetc%2fpasswd", "//etc/passwd", "/etc/passwd", "/site/%00", "/site/\\..\\secret",
        "/site/" + "a" * 5000, "/site/%252e%252e/secret", "/site", "/.../", "site/index.html", "http://x/secret",
    ],
)  # fmt: skip
def test_nothing_outside_the_site_is_reached(server: PreviewServer, path: str) -> None:
    status, body = asked(server, path)
    assert status in (400, 404)
    assert SECRET not in body and "root:" not in body


def test_connections_have_a_limit_and_those_without_a_request_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(serving._Handler, "timeout", 0.5)
    with (
        PreviewServer(0, lambda: [tmp_path], Board(State(0, "building", ""))) as server,
        contextlib.ExitStack() as stack,
    ):
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        address = "127.0.0.1", server.port
        idle = [stack.enter_context(socket.create_connection(address)) for _ in range(20)]
        answers = [connection.recv(1000) for connection in idle]  # nothing where the server closes it
        assert [answer[:12] for answer in answers] == [b""] * 3 + [b"HTTP/1.0 503"] * 17
        assert asked(server, "/site/")[0] == 404, "there is room again"
        server.shutdown()


@pytest.mark.parametrize("path", ["/", "/events", "/site/index.html"])
@pytest.mark.parametrize(
    "host", ["example.org", "example.org:{port}", "127.0.0.1", "127.0.0.1.example.org:{port}", None]
)
def test_a_foreign_host_is_refused(server: PreviewServer, path: str, host: str | None) -> None:
    """As it comes from a browser that was told that example.org lives at 127.0.0.1."""
    named = host and host.format(port=server.port)
    status, body = asked(server, path, host=named)
    assert (status, "the page" in body, "<html" in body) == (403, False, False)


def test_this_machine_by_its_name_is_no_foreign_host(server: PreviewServer) -> None:
    assert asked(server, "/", host=f"localhost:{server.port}")[0] == 200


def test_only_the_loopback_address_is_listened_on(server: PreviewServer) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", server.port), timeout=10)


def test_nothing_can_be_sent_to_it(server: PreviewServer) -> None:
    assert {asked(server, "/site/index.html", method)[0] for method in ("POST", "PUT", "DELETE")} == {501}


def test_no_other_site_can_frame_or_read_it(server: PreviewServer) -> None:
    for path, framing in (("/", "frame-ancestors 'none'"), ("/site/index.html", "frame-ancestors 'self'")):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", path)
        headers = connection.getresponse().headers
        connection.close()
        assert framing in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Access-Control-Allow-Origin"] is None


def test_events_begin_with_the_latest_state_and_go_on(server: PreviewServer) -> None:
    server.board.post(State(1, "built", "7"))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/events")
    events = connection.getresponse()
    assert events.headers["Content-Type"] == "text/event-stream"
    assert event(events) == State(1, "built", "7")
    server.board.post(State(2, "failed", "7", "a\nb"))
    assert event(events) == State(2, "failed", "7", "a\nb")
    connection.close()


def event(events: http.client.HTTPResponse) -> State:
    line = events.readline()
    assert events.readline() == b"\n"
    return msgspec.json.decode(line.removeprefix(b"data: "), type=State)


def test_a_port_in_use_is_refused_with_what_to_do(server: PreviewServer, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"--port: Port {server.port} is in use\n  Choose another port"):
        PreviewServer(server.port, lambda: [tmp_path], server.board)


def test_a_connection_that_gets_no_thread_takes_no_place(
    server: PreviewServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    for _ in range(2 * serving.MAX_CONNECTIONS):
        with contextlib.suppress(OSError, http.client.HTTPException):
            asked(server, "/site/")
    monkeypatch.setattr(threading.Thread, "start", start)
    assert asked(server, "/site/")[0] == 200
