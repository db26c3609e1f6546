"""Publishes to a folder over and over, and kills each of these processes at another step of its work.

    python -m tests.support.killing FOLDER TIMES SEED

A step is anything that Python does to the file system, as its audit events tell (PEP 578): opening, linking, renaming,
removing, calling the system. One process counts them first; then each of TIMES others dies of SIGKILL at a step drawn
by SEED, and some more at the last steps. After each death the folder must hold the old site or the new one, byte for
byte. It runs apart from the test process, which has threads and must not fork.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from generator.core.console import Display
from generator.editions.publishing import publish
from tests.support.publications import candidate, tree

AT_THE_END = 45
"""Of so many steps before the last each third is tried besides: the exchange is among them, and removing the old."""

EVENTS = ("open", "os.", "shutil.", "ctypes.", "tempfile.", "fcntl.")


def in_child(work: Callable[[], object], step: int | None = None) -> tuple[int, int]:
    """Runs `work` in a process of its own, killed at `step`; its exit status, and how many steps it has taken."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        steps = 0

        def count(event: str, arguments: object) -> None:
            nonlocal steps
            if event.startswith(EVENTS):
                steps += 1
                if steps == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        work()
        taken = steps
        os.write(writing, str(taken).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as counted:
        return status, int(counted.read() or 0)


def main(folder: Path, times: int, seed: int) -> None:
    old, new = (candidate(folder / f"built-{number}", number) for number in (1, 2))
    site, kept = folder / "home" / "site", folder / "kept"
    display = Display(Console(file=io.StringIO()))
    publish(old, str(site), display)
    (site / "CNAME").write_text("example.org")
    shutil.copytree(site, kept)
    before = tree(site)
    status, steps = in_child(lambda: publish(new, str(site), display))
    assert status == 0, "a publish that is left alone succeeds"
    after = tree(site)
    assert before.keys() < after.keys()
    found = {"old": 0, "new": 0}
    drawn = random.Random(seed).sample(range(1, steps + 1), times)
    for step in (*drawn, *range(steps - AT_THE_END, steps + 1, 3)):
        if tree(site) == after:
            shutil.rmtree(site)
            shutil.copytree(kept, site)
        if step not in drawn:  # what the one before left would have to be removed first, and put off the end
            shutil.rmtree(site.with_name(".site.publishing"), ignore_errors=True)
        status, _ = in_child(lambda: publish(new, str(site), display), step)
        assert os.WIFSIGNALED(status), f"it was to die at step {step} of {steps}"
        now = tree(site)
        assert now in (before, after), f"killed at step {step} of {steps}, it left something else"
        found["old" if now == before else "new"] += 1
    publish(new, str(site), display)
    assert tree(site) == after
    assert [path.name for path in site.parent.iterdir()] == ["site"], "the last one cleans up after all others"
    kills = f"{steps} steps; after {sum(found.values())} kills"
    print(f"{kills} {found['old']} times the old site, {found['new']} times the new one")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
