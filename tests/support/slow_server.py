"""A server on this machine that begins an answer and goes on with it byte by byte, for as long as anybody listens."""

from __future__ import annotations

import contextlib
import os
import socketserver
import threading
from collections.abc import Iterator
from unittest import mock

PAUSE_SECONDS = 0.01
"""Between two bytes."""


@contextlib.contextmanager
def dripping(beginning: bytes, rest: bytes = b"a" * 10_000) -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and the first line of each request so far; each gets the beginning at once, and the rest slowly."""
    requests: list[bytes] = []
    is_over = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            requests.append(self.rfile.readline())
            while self.rfile.readline().strip():
                """Reads the headers of the request: a connection closed before them is reset."""
            with contextlib.suppress(OSError):  # nobody listens anymore
                self.wfile.write(beginning)
                for byte in rest:
                    if is_over.wait(PAUSE_SECONDS):
                        return
                    self.wfile.write(bytes([byte]))

    with (
        mock.patch.dict(os.environ, {"no_proxy": "*"}),
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server,
    ):
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", requests
        finally:
            is_over.set()
            server.shutdown()
