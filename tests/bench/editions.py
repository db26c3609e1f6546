"""What a further edition costs: the thirty-first publish beside the first, both as an author types them."""

from __future__ import annotations

import io
import shutil
import statistics
import sys
from collections.abc import Iterator
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
from tests.bench.places import Place, edit
from tests.bench.processes import REPEATS, run
from tests.bench.rows import Row, unmeasured

BETWEEN = range(2, 31)
NAME = "the thirty-first publish"


def rows(place: Place) -> Iterator[Row]:
    """The thirty-first publish beside the first, each of another site."""
    out = place.built
    if place.is_preview:
        yield unmeasured(NAME, "what is built on the sample cannot be published")
        return
    firsts = [place.folder / f"first-{number}" for number in range(REPEATS)]
    first = statistics.median(_published(out, target) for target in firsts)
    publish_between(out, firsts[0], place.folder / "candidate")
    edit(place.paper / "article.md")
    run(*place.build)
    copies = [Path(shutil.copytree(firsts[0], place.folder / f"copy-{number}")) for number in range(REPEATS)]
    last = statistics.median(_published(out, copy) for copy in copies)
    yield Row(NAME, last, "s", "2 × its peer", "the first publish", first)


def _published(out: Path, target: Path) -> float:
    return run(sys.executable, "-m", "generator", "publish", "--out", out, "--allow-dirty", target).seconds


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
