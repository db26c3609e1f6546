"""What a further edition costs: the thirty-first publish beside the first, both as an author types them."""

from __future__ import annotations

import io
import shutil
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console

from generator.build import last_request
from generator.core.console import Display
from generator.core.environment import Commit
from generator.core.files import write_together
from generator.diff.edition import read_results
from generator.editions.candidate import Candidate
from generator.editions.publishing import publish
from generator.paper import load_paper

BETWEEN = range(2, 31)
REPEATS = 5


def publish_command(out: Path, target: Path) -> tuple[str | Path, ...]:
    return sys.executable, "-m", "generator", "publish", "--out", out, "--allow-dirty", target


def publish_between(out: Path, target: Path, folder: Path) -> None:
    """Editions 2 to 30: the site that was built, each with a line of its own on the page."""
    request = last_request.recall(out)
    paper = load_paper(request.folder, request.overrides)
    site = {path.name: path.read_bytes() for path in (out / "site").iterdir()}
    results = read_results(site["results.json"], "results.json")
    commit = msgspec.json.decode(results.commit, type=Commit)
    for number in BETWEEN:
        page = site["index.html"].replace(b"</body>", f"<!-- {number} --></body>".encode())
        files = {**site, "index.html": page}
        write_together({folder / name: content for name, content in files.items()})
        new = Candidate(folder, files, results, commit, paper, request, fonts="")
        publish(new, str(target), Display(Console(file=io.StringIO())))


def compared(folder: Path, out: Path, run: Callable[..., float], edit: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of the first publish and of the thirty-first, after `edit` has built another site."""
    first = statistics.median(run(*publish_command(out, folder / f"first-{number}")) for number in range(REPEATS))
    thirty = folder / "first-0"
    publish_between(out, thirty, folder / "candidate")
    edit()
    copies = [Path(shutil.copytree(thirty, folder / f"copy-{number}")) for number in range(REPEATS)]
    return first, statistics.median(run(*publish_command(out, copy)) for copy in copies)
