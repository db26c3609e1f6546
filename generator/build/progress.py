"""How running tasks report progress to the build, and how the build tells them to stop.

A task connects to the build and sends its progress as lines of JSON. When the build ends early, it closes the
connection; the task's next message then fails with a ConnectionError, which ends the task. This works in the same way
for processes on this machine and for workers of a cluster.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import msgspec

from generator.records.base import Record
from generator.records.progress import Progress


class Address(Record, frozen=True):
    """Where a build listens for its tasks.

    Attributes:
        host: name or number.
        port: from 1.
        key: secret that only the build's own tasks know.
    """

    host: str
    port: int
    key: str


class _Server(socketserver.ThreadingTCPServer):
    """Accepts connections, and keeps them so that it can close them."""

    daemon_threads = True

    def __init__(self, host: str, key: str, handle: Callable[[Progress], None]) -> None:
        super().__init__((host, 0), _Listener)
        self.key, self.handle = key.encode(), handle
        self.connections: list[socket.socket] = []

    def end(self) -> None:
        self.shutdown()
        for connection in self.connections:
            with contextlib.suppress(OSError):  # a finished task has closed its connection
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Listener(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        if not hmac.compare_digest(self.rfile.readline().strip(), self.server.key):
            return
        self.server.connections.append(self.connection)
        with contextlib.suppress(OSError):  # the task was killed
            for line in self.rfile:
                with contextlib.suppress(msgspec.DecodeError):  # ... in the middle of a line
                    self.server.handle(msgspec.json.decode(line, type=Progress))


@contextlib.contextmanager
def listening(handle: Callable[[Progress], None], scheduler: str | None = None) -> Iterator[Address]:
    """Listens while the block runs: on loopback, or on the interface that faces a cluster's scheduler."""
    server = _Server(_interface(scheduler), secrets.token_hex(32), handle)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Address(str(server.server_address[0]), server.server_address[1], server.key.decode())
    finally:
        server.end()
        thread.join()


@contextlib.contextmanager
def sending(address: Address) -> Iterator[Callable[[Progress], None]]:
    """Connects to a build. The function it yields raises ConnectionError once the build has ended."""
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(address.key.encode() + b"\n")
        yield lambda progress: connection.sendall(msgspec.json.encode(progress) + b"\n")


def _interface(scheduler: str | None) -> str:
    """This machine's address on the way to the scheduler ("tcp://host:port"); no packet is sent to find it."""
    if scheduler is None:
        return "127.0.0.1"
    parts = urlsplit(scheduler)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((parts.hostname or "127.0.0.1", parts.port or 8786))
        return str(probe.getsockname()[0])
