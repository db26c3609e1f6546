"""What the system denies: space, permission, memory. strace lets single calls fail; disk and limits are real."""

from __future__ import annotations

import math
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
from tests.faults.trials import RETITLED, Ended, Place, Row, healed, misreported, row, run, run_new, unfinished, whole
from tests.support.other_user import SUPERUSER, as_another, can_be_another, give

ERRORS = ("ENOSPC", "EDQUOT", "EROFS", "EACCES", "ENOMEM")
CALLS = ("fsync", "mkdir", "rename", "openat", "write")
"""The calls that outputs need; of the last two, which everything needs, those that go to files of the test."""

MOST = 8
"""So many places at most of each call are tried, spaced evenly."""

DISKS = (64, 256, 384, 512, 768, 1024, 1536, 2048)
"""Sizes of small disks, in KiB."""

MEMORY = (96, 160, 256, 384, 512, 1024, 2048, 3072, 4096)
"""Limits of the memory that a process may map, in MiB."""


def rows(place: Place) -> Iterator[Row]:
    """Each fault in a first build, a rebuild of the article, and a publish."""
    lacking = "" if shutil.which("strace") else "strace is not installed"
    for name, arguments in _commands(place).items():
        for call in CALLS:
            yield _row_if(f"{name}: {call} fails", lacking, _injected(place, name, arguments, call))
    yield _row_if("no new process: ENOMEM", lacking, map(_no_process, [place]))
    lacking = "" if _can_mount() else "nothing can be mounted here, which takes a superuser outside of most containers"
    yield _row_if("a folder that is read-only", lacking, (_denied(place, name, _read_only) for name in _folders(place)))
    other = "" if can_be_another() else "this is not the superuser, so that no folder is another user's"
    yield _row_if("a folder of another user", other, (_denied(place, name, _of_another) for name in _folders(place)))
    yield _row_if("a small disk", lacking, (_on_disk(place, size) for size in DISKS))
    yield row("little memory in a rebuild", (_with_memory(place, size, cold=False) for size in MEMORY))
    yield row("little memory in a first build", (_with_memory(place, size, cold=True) for size in MEMORY))


def _row_if(fault: str, lacking: str, tries: Iterator[str]) -> Row:
    """The row of these tries, which are only made if nothing is lacking."""
    return Row(fault, 0, (), lacking) if lacking else row(fault, tries)


def _commands(place: Place) -> dict[str, list[str]]:
    publish = [sys.executable, "-m", "generator", "publish", str(place.folder / "pages"), f"--out={place.out}"]
    return {"first build": command(place.paper), "rebuild": command(place.paper, *RETITLED), "publish": publish}


def _injected(place: Place, name: str, arguments: Sequence[str], call: str) -> Iterator[str]:
    cold = name == "first build"
    numbers = _numbers(place, cold, arguments, call)
    step, errors = math.ceil(len(numbers) / MOST) or 1, cycle(ERRORS)
    for number in numbers[::step]:
        error = next(errors)
        place.restore(cold)
        with tempfile.NamedTemporaryFile("r") as log:
            ended = run_new(_strace(arguments, call, f"error={error}:when={number}", log.name))
            hit = [line for line in log if "(INJECTED)" in line and _is_output(place, call, line)]
        # Threads change the order of calls, so that one for another file may fail in place of the one that was meant.
        found = (_told(place, ended, error) if hit else misreported(ended)) or whole(place) or healed(place)
        yield found and f"{name}, {call} {number} of {numbers[-1]}, {error}: {found}"


def _numbers(place: Place, cold: bool, arguments: Sequence[str], call: str) -> list[int]:
    """Which of these calls that the command makes, counted from 1, are for an output.

    Only its first thread is looked at: what others and its children write is either read by it, or a task's own.
    """
    place.restore(cold)
    with tempfile.NamedTemporaryFile("r") as log:
        run_new(["strace", "--decode-fds=path", "--quiet=all", f"--output={log.name}", f"--trace={call}", *arguments])
        lines = [line for line in log if line.startswith(f"{call}(")]
    return [number for number, line in enumerate(lines, 1) if _is_output(place, call, line)]


def _is_output(place: Place, call: str, line: str) -> bool:
    """Whether a line of strace's is of a call for an output."""
    if call == "openat":
        return "O_CREAT" in line and str(place.folder) in line
    return call != "write" or re.match(rf"write\(\d+<{re.escape(str(place.folder))}", line) is not None


def _strace(arguments: Sequence[str], call: str, what: str, log: str = os.devnull) -> list[str]:
    options = ["--decode-fds=path", "--quiet=all", f"--output={log}", f"--trace={call}", f"--inject={call}:{what}"]
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
    ended = run_new(_strace(command(place.paper), calls, "error=ENOMEM:when=1+"))
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
        return run_new(as_another(arguments), HOME=str(work))
    finally:
        give(work, SUPERUSER)  # lest git refuses the repository


def _can_mount() -> bool:
    """Whether file systems can be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
        if mounted.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return mounted.returncode == 0


# --- a disk, memory ------------------------------------------------------------------------------


@contextmanager
def _small_disk(place: Path, size: int) -> Iterator[None]:
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
    found = found or healed(place)
    return found and f"{size} KiB: {found}"


def _with_memory(place: Place, size: int, cold: bool) -> str:
    place.restore(cold)
    limit = size * 2**20
    ended = run_new(
        command(place.paper, *(() if cold else RETITLED)),
        lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    found = misreported(ended) or whole(place)
    if not found and ended.status and "memory" not in ended.said:
        found = f"it did not speak of memory: {ended.said}"
    found = found or healed(place)
    return found and f"{size} MiB: {found}"
