"""A build after the prose was edited: how long it takes, of that the PDF, and how large what it writes is."""

from __future__ import annotations

import gzip
import statistics
import sys
from collections.abc import Iterator

from tests.bench.places import Place, edit
from tests.bench.processes import REPEATS, Measured, run
from tests.bench.rows import Row

TYPESETTING = """
import sys, time
from pathlib import Path
from generator.article import typesetting
from generator.render import pdf
from generator.cli import main

told = Path(sys.argv.pop())

def measured(*arguments, typeset=pdf.typeset):
    import weasyprint
    started = time.perf_counter()
    made = typeset(*arguments)
    told.write_text(str(time.perf_counter() - started))
    return made

pdf.typeset = measured
main()
"""
"""A build that writes the seconds of typesetting, without imports, to the file that its last argument names."""


def rows(place: Place) -> Iterator[Row]:
    """The rebuild beside the original, which its reader has to run again, and the PDF beside the rebuild."""
    site, cold = place.built / "site", place.cold
    edited = [_edited(place) for _ in range(REPEATS)]
    rebuild, peer = statistics.median(build.seconds for build in edited), place.notebook
    yield Row(
        "a build after an edit of the prose", rebuild, "s", "1/30 of its peer", peer.name, peer.seconds, peer.note
    )
    yield Row("peak memory of that build", edited[-1].peak, "MB", "400 MB", "the cold build", cold.peak)
    typesetting = statistics.median(_typesetting(place) for _ in range(REPEATS))
    yield Row("typesetting the PDF", typesetting, "s", "2 s", "the build after an edit", rebuild)
    size = (site / "article.pdf").stat().st_size
    yield Row("size of the PDF", size / 1e6, "MB", "3 MB", note="with what is attached")
    page = (site / "index.html").read_bytes()
    yield Row("size of the page", len(page) / 1e6, "MB", "1.6 MB")
    yield Row("size of the page, gzipped", len(gzip.compress(page)) / 1e6, "MB", "1.0 MB", "the page", len(page) / 1e6)


def _edited(place: Place) -> Measured:
    edit(place.paper / "article.md")
    return run(*place.build)


def _typesetting(place: Place) -> float:
    told = place.folder / "seconds"
    edit(place.paper / "article.md")
    run(sys.executable, "-c", TYPESETTING, *place.build[3:], told)
    return float(told.read_text())
