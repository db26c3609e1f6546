"""The preview's server: a small page at /, the built site in a frame on that page, and events for that page.

It listens only on 127.0.0.1, and answers only requests for that name, so that no other site can reach it through the
reader's browser with a name that resolves to this machine (DNS rebinding). It serves nothing outside the folders that
it is given and adds nothing to their files.
"""

from __future__ import annotations

import contextlib
import errno
import mimetypes
import secrets
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from generator.core.errors import ReportError, UsageError
from generator.preview.rebuilding import Board
from generator.render.templates import render

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
BEAT = 15.0
"""Seconds after the last event until an empty one is sent, to find out whether the page is still open."""

MAX_CONNECTIONS = 64
"""The most connections that are answered at a time; each open page has one for its events."""

MAX_WAIT = 10.0
"""Seconds within which a connection must send its request; browsers open some without one."""

SITE = "/site/"
_FULL = b"HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\nToo many pages of this are open.\n"
_KINDS = {".html": "text/html; charset=utf-8", ".json": "application/json", ".cff": "text/plain; charset=utf-8"}
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class PreviewServer(ThreadingTCPServer):
    """Serves the files of `folders`, each from the first that has it; the events come from `board`.

    Each connection has its own thread.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS

    def __init__(self, port: int, folders: Callable[[], Sequence[Path]], board: Board) -> None:
        self.folders, self.board = folders, board
        self._free = threading.Semaphore(MAX_CONNECTIONS)
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise _refused(port, error) from None

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for one more connection; if not, the connection is told so and closed."""
        is_free = self._free.acquire(blocking=False)
        if not is_free:
            with contextlib.suppress(OSError):  # it is already closed
                request.sendall(_FULL)
        return is_free

    def process_request(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # there is no memory for one more thread
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores errors of a page that was closed before it was answered."""


def _refused(port: int, error: OSError) -> UsageError:
    step = "Choose another port, or omit --port to use any free one."
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"Port {port} is in use", "--port", step)
    return UsageError(f"Cannot listen on port {port}: {error.strerror}", "--port", step)


class _Handler(BaseHTTPRequestHandler):
    server: PreviewServer
    timeout = MAX_WAIT

    def do_GET(self) -> None:  # noqa: N802  # http.server calls this name
        if self.headers.get("Host") not in {f"{name}:{self.server.port}" for name in NAMES}:
            self._send(HTTPStatus.FORBIDDEN, b"This is a preview on 127.0.0.1, and answers to that name only.\n")
            return
        path = urlsplit(self.path).path
        if path == "/":
            self._send_shell()
        elif path == "/events":
            self._send_events()
        else:
            self._send_file(path)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Does nothing, so that requests are not logged."""

    def _send_shell(self) -> None:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; "
            "connect-src 'self'; frame-src 'self'; frame-ancestors 'none'"
        )
        try:
            page = render("preview.html.j2", nonce=nonce, site=SITE)
        except ReportError as error:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}\n".encode())
            return
        self._send(HTTPStatus.OK, page.encode(), _KINDS[".html"], policy)

    def _send_file(self, path: str) -> None:
        found = self._found(path)
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, b"File not found in the site.\n")
            return
        file, content = found
        kind = _KINDS.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._send(HTTPStatus.OK, content, kind, "frame-ancestors 'self'")

    def _found(self, path: str) -> tuple[Path, bytes] | None:
        """The file that a path names, and its content; None if there is no such file."""
        for folder in self.server.folders() if path.startswith(SITE) else ():
            with contextlib.suppress(OSError):  # a build has just removed it; another folder may have it
                if file := inside(folder, unquote(path.removeprefix(SITE))):
                    return file, file.read_bytes()
        return None

    def _send_events(self) -> None:
        self._send_head(HTTPStatus.OK, "text/event-stream")
        number = -1
        try:
            while self.command == "GET":
                found = self.server.board.after(number, BEAT)
                if found:
                    number = found[0]
                self.wfile.write(b"data: %s\n\n" % msgspec.json.encode(found[1]) if found else b": still here\n\n")
        except OSError:  # the page was closed
            return

    def _send(
        self,
        status: HTTPStatus,
        body: bytes,
        kind: str = "text/plain; charset=utf-8",
        policy: str = "default-src 'none'",
    ) -> None:
        self._send_head(status, kind, {"Content-Length": str(len(body)), "Content-Security-Policy": policy})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_head(self, status: HTTPStatus, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **_HEADERS, **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()


def inside(folder: Path, name: str) -> Path | None:
    """The file of that name if it is in `folder` with links and dots resolved; an empty name means index.html."""
    try:
        file = (folder / (name or "index.html")).resolve()
        return file if file.is_file() and file.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError, RuntimeError):  # a name that is too long, a zero byte, or a loop of links
        return None
