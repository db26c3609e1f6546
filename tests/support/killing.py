"""Publishes to a folder over and over, and kills each of these processes at another of its calls.

    python -m tests.support.killing FOLDER

A call is whatever changes the file system, as Python's audit events tell (PEP 578), and each fsync. Three publishes are
killed at each of their calls: the first one to a folder with an author's files, one that adds a file to the front, and
one that removes it. After each death every edition must be whole or absent, and the same publish again, or that of
another site, must give what it gives when nothing was killed, byte for byte. It runs apart from the test process, which
has threads and must not fork.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from generator.core.console import Display
from generator.editions.candidate import Candidate
from generator.editions.publishing import publish
from generator.editions.site_writer import LOCK
from tests.support.publications import candidate, tree

CHANGING = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink", "fcntl.flock"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Tree = dict[str, bytes | None]


def is_change(event: str, arguments: tuple[object, ...]) -> bool:
    flags = arguments[2] if event == "open" else None
    return event in CHANGING or (isinstance(flags, int) and bool(flags & WRITING))


def in_child(work: Callable[[], object], last: int | None = None) -> tuple[int, int]:
    """Runs `work` in a process of its own, killed at call `last`; its exit status, and how many calls it has made."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        calls = 0

        def count(fd: object = None) -> None:
            nonlocal calls
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

        os.fsync = count
        sys.addaudithook(lambda event, arguments: count() if is_change(event, arguments) else None)
        work()
        taken = calls
        os.write(writing, str(taken).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as counted:
        return status, int(counted.read() or 0)


def published(new: Candidate, site: Path) -> Tree:
    publish(new, str(site), Display(Console(file=io.StringIO())))
    assert [path.name for path in site.parent.iterdir()] == [site.name], "nothing is written beside the site"
    return tree(site)


def copied(site: Path, place: Path) -> Path:
    shutil.rmtree(place.parent, ignore_errors=True)
    return Path(shutil.copytree(site, place))


def editions(found: Tree) -> dict[str, Tree]:
    """The files of each edition in a site's tree; what is not in its place yet is none."""
    names = sorted({name.split("/")[1] for name in found if name.startswith("v/")})
    return {
        edition: {name: content for name, content in found.items() if name.startswith(f"v/{edition}/")}
        for edition in names
        if not edition.endswith(".tmp")
    }


def front(found: Tree) -> set[tuple[str, bytes | None]]:
    return {(name, content) for name, content in found.items() if not name.startswith("v") and name != LOCK}


def killed_everywhere(folder: Path, kept: Path, new: Candidate, other: Candidate) -> Iterator[bool]:
    """Kills the publish of `new` to the site `kept` at each of its calls; yields whether the edition was there then."""
    site, again = folder / "killed" / "site", folder / "again" / "site"
    before = tree(kept)
    after = published(new, copied(kept, again))
    followed = {True: published(other, again), False: published(other, copied(kept, again))}
    copied(kept, site)
    status, calls = in_child(lambda: published(new, site))
    assert status == 0, "a publish that is left alone succeeds"
    for last in range(1, calls + 1):
        copied(kept, site)
        status, _ = in_child(lambda: published(new, site), last)
        assert os.WIFSIGNALED(status), f"it was to die at call {last} of {calls}"
        found = tree(site)
        assert editions(found) in (editions(before), editions(after)), f"killed at call {last}, it left half an edition"
        assert front(found) <= front(before) | front(after), f"killed at call {last}, it left half a file"
        is_there = len(editions(found)) > len(editions(before))
        assert published(other, copied(site, again)) == followed[is_there], f"call {last}, then another site"
        assert published(new, site) == after, f"call {last}, then the same site"
        yield is_there


def main(folder: Path) -> None:
    os.fsync = lambda fd: None  # what is killed here is a process, not a machine
    site = folder / "home" / "site"
    site.mkdir(parents=True)
    for name in ("CNAME", "README.md"):
        (site / name).write_text("example.org")
    other = candidate(folder / "built-9", 9)
    for number, url in enumerate(("", "https://example.org/", ""), start=1):
        new = candidate(folder / f"built-{number}", number, url)
        found = list(killed_everywhere(folder, site, new, other))
        print(f"edition {number}: {found.count(False)} kills before it was there, {found.count(True)} after")
        published(new, site)
    assert (site / "CNAME").read_text() == (site / "README.md").read_text() == "example.org"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
