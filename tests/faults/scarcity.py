"""What the system denies: space, permission, memory. strace lets single calls fail; disk and limits are real."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from tests.conftest import command
from tests.faults.trials import RETITLED, Ended, Place, Row, healed, misreported, row, run, unfinished, whole
from tests.support.other_user import SUPERUSER, as_another, can_be_another, give

ERRORS = ("ENOSPC", "EDQUOT", "EROFS", "EACCES", "ENOMEM")
CALLS = ("fsync", "mkdir", "rename")
"""The calls that outputs need, and hardly anything else; `write` also goes to pipes and the terminal."""

MOST = 12
"""So many places at most of each call are tried, spaced evenly."""

DISKS = (64, 256, 384, 512, 768, 1024, 1536, 2048)
"""Sizes of small disks, in KiB."""

MEMORY = (96, 160, 256, 384, 512, 1024, 2048, 3072, 4096)
"""Limits of the memory that a process may map, in MiB."""


def rows(place: Place) -> Iterator[Row]:
    """Each fault in a first build, a rebuild of the article, and a publish."""
    if shutil.which("strace"):
        for name, arguments in _commands(place).items():
            for call in CALLS:
                yield row(f"{name}: {call} fails", _injected(place, name, arguments, call))
        yield row("no new process: ENOMEM", [_no_process(place)])
    else:
        print("strace is not installed: no single calls fail", file=sys.stderr)
    yield row("a folder that is read-only", (_denied(place, name, _read_only) for name in _folders(place)))
    if can_be_another():
        yield row("a folder of another user", (_denied(place, name, _of_another) for name in _folders(place)))
    else:
        print("This is not the superuser: no folder is another user's", file=sys.stderr)
    yield row("a small disk", (_on_disk(place, size) for size in DISKS))
    yield row("little memory in a rebuild", (_with_memory(place, size, cold=False) for size in MEMORY))
    yield row("little memory in a first build", (_with_memory(place, size, cold=True) for size in MEMORY))


def _commands(place: Place) -> dict[str, list[str]]:
    publish = [sys.executable, "-m", "generator", "publish", str(place.folder / "pages"), f"--out={place.out}"]
    return {"first build": command(place.paper), "rebuild": command(place.paper, *RETITLED), "publish": publish}


def _injected(place: Place, name: str, arguments: Sequence[str], call: str) -> Iterator[str]:
    cold = name == "first build"
    count = _count(place, cold, arguments, call)
    step, errors = max(1, count // MOST), cycle(ERRORS)
    for number in range(1, count + 1, step):
        error = next(errors)
        place.restore(cold)
        ended = run(_strace(arguments, call, f"error={error}:when={number}"))
        found = _told(place, ended, error) or whole(place) or healed(place)
        yield found and f"{name}, {call} {number} of {count}, {error}: {found}"


def _count(place: Place, cold: bool, arguments: Sequence[str], call: str) -> int:
    """How many of these calls the command makes; those of its children are not its outputs."""
    place.restore(cold)
    with tempfile.NamedTemporaryFile("r") as log:
        run(["strace", "--quiet=all", f"--output={log.name}", f"--trace={call}", *arguments])
        return len(re.findall(rf"^{call}\(", log.read(), re.MULTILINE))


def _strace(arguments: Sequence[str], call: str, what: str) -> list[str]:
    options = ["--quiet=all", "--output=/dev/null", f"--trace={call}", f"--inject={call}:{what}"]
    return ["strace", *options, *arguments]


def _told(place: Place, ended: Ended, error: str) -> str:
    """What is wrong with how a failed call was told, and with what it left."""
    if found := misreported(ended):
        return found
    if ended.status and tempfile.gettempdir() not in ended.said:  # the place of this test is in there, too
        return f"it named no place: {ended.said}"
    if ended.status and error == "ENOMEM" and "memory" not in ended.said:
        return f"it did not speak of memory: {ended.said}"
    if left := unfinished(place.folder):
        return f"it left {left}"
    pages = place.folder / "pages"
    return "it left an empty site" if pages.is_dir() and not any(pages.iterdir()) else ""


def _no_process(place: Place) -> str:
    place.restore(cold=True)
    calls = "clone,clone3,fork,vfork"
    ended = run(_strace(command(place.paper), calls, "error=ENOMEM:when=1+"))
    found = misreported(ended)
    if not found and (ended.status == 0 or "memory" not in ended.said):
        found = f"it did not speak of memory: {ended.said}"
    return found or healed(place)


# --- folders -------------------------------------------------------------------------------------


def _folders(place: Place) -> list[Path]:
    """The folders that a build writes to, and the one beside the paper that is published to."""
    build = place.copy / "build"
    return [path.relative_to(place.copy) for path in (place.copy, build, *build.glob("*/"), *build.glob("cache/*/"))]


def _denied(place: Place, name: Path, denied: Callable[[Path, Path, Sequence[str]], Ended]) -> str:
    """A rebuild of the article and a publish, which may not write to one folder."""
    place.restore()
    commands = _commands(place)
    for tried in ("rebuild", "publish"):
        ended = denied(place.folder, name, commands[tried])
        found = _told(place, ended, "") or whole(place) or healed(place)
        if found:
            return f"{tried}: {name}: {found}"
    return ""


def _read_only(work: Path, name: Path, arguments: Sequence[str]) -> Ended:
    folder = work / name
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        return run(arguments)
    finally:
        subprocess.run(["umount", folder], check=True)


def _of_another(work: Path, name: Path, arguments: Sequence[str]) -> Ended:
    """Only the folder itself is the superuser's, what is in it is not."""
    give(work)
    os.chown(work / name, SUPERUSER, SUPERUSER)
    try:
        return run(as_another(arguments), HOME=str(work))
    finally:
        give(work, SUPERUSER)  # lest git refuses the repository


# --- a disk, memory ------------------------------------------------------------------------------


@contextmanager
def _small_disk(place: Path, size: int) -> Iterator[None]:
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def _on_disk(place: Place, size: int) -> str:
    place.restore(cold=True)
    with _small_disk(place.out, size):
        ended = run(command(place.paper))
        found = misreported(ended) or whole(place)
        if not found and ended.status and ("space" not in ended.said or str(place.out) not in ended.said):
            found = f"it did not speak of space, or named no place: {ended.said}"
        if not found and (left := unfinished(place.out)):
            found = f"it left {left}"
    place.out.rmdir()
    found = found or healed(place)
    return found and f"{size} KiB: {found}"


def _with_memory(place: Place, size: int, cold: bool) -> str:
    place.restore(cold)
    limit = size * 2**20
    ended = run(
        command(place.paper, *(() if cold else RETITLED)),
        lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    found = misreported(ended) or whole(place)
    if not found and ended.status and "memory" not in ended.said:
        found = f"it did not speak of memory: {ended.said}"
    found = found or healed(place)
    return found and f"{size} MiB: {found}"
