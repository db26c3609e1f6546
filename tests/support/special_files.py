"""What can stand in the place of a file and is none: reading it may never end, or needs more memory than there is."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from generator.core.reading import MIB


def _folder(path: Path) -> None:
    path.mkdir()


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(path))  # an absolute path may be too long for a socket


def _endless(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20_000 * MIB)  # without taking any of the disk


KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (os.mkfifo, "it is a pipe, not a file"),
    "device": (_device, "it is a device, not a file"),
    "folder": (_folder, "it is a folder, not a file"),
    "socket": (_socket, "it is a socket, not a file"),
    "loop": (_loop, "it is a link that points back to itself"),
    "endless": (_endless, "it is larger than"),
}
"""How each is made, and what is said of it."""
