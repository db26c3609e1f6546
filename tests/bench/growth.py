"""How time and memory grow with a paper: with its replicates, and with its sections, figures, and references.

Each size is beside linear growth from the size before: as many times its value as the paper is larger. Replicates are
those of the tiny paper of the tests, trained from nothing but with its fonts kept. A document is that paper, whose
training is kept, with a longer article: its first build after each of several edits.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tests.bench.places import Place, edit
from tests.bench.processes import Measured, building, run
from tests.bench.rows import Row
from tests.conftest import keep, make_paper

REPLICATES = (1, 2, 4, 8)
SIZES = (10, 100, 1000)
REPEATS = 3
AIM = "1 × its peer"
PARAGRAPH = "A paragraph of some length, as a section has it, with words that fill a few lines of a page. " * 5


QUANTITIES: dict[str, tuple[str, Callable[[Measured], float]]] = {
    "time": ("s", lambda build: build.seconds),
    "processor time": ("s", lambda build: build.cpu),
    "memory": ("MB", lambda build: build.peak),
}
"""The unit of each quantity, and what it is of a build."""


def rows(place: Place) -> Iterator[Row]:
    """Replicates, then documents."""
    folder = place.folder / "growth"
    folder.mkdir()
    tiny = make_paper("tiny", folder)
    run(*building(tiny, folder / "build"))
    trained = ((count, [_trained(tiny, count) for _ in range(REPEATS)]) for count in REPLICATES)
    yield from grown("replicates", trained)
    for what, write in DOCUMENTS.items():
        yield from grown(what, ((count, _written(tiny, write, count)) for count in SIZES))


def grown(what: str, sizes: Iterable[tuple[int, Sequence[Measured]]]) -> Iterator[Row]:
    """Rows for the builds of each size, beside those of the size before, if any."""
    before: dict[str, float] = {}
    smaller = 0
    for count, builds in sizes:
        values = {name: statistics.median(map(of, builds)) for name, (_, of) in QUANTITIES.items()}
        for name, value in values.items():
            row = Row(f"{what}, {count}: {name} of a build", value, QUANTITIES[name][0])
            if before:
                peer, linear = f"linear growth from {smaller}", before[name] * count / smaller
                row = replace(row, aim=AIM, peer=peer, peer_value=linear)
            yield row
        before, smaller = values, count


def _trained(tiny: Path, count: int) -> Measured:
    """A build of the tiny paper with so many replicates, of which only the fonts are there."""
    folder = tiny.parent / "trained"
    keep(tiny, folder, "fonts")
    measured = run(*building(tiny, folder / "build"), "--replicates", str(count))
    shutil.rmtree(folder)
    return measured


def _written(tiny: Path, write: Callable[[Path, int], None], count: int) -> list[Measured]:
    """Builds of the tiny paper after edits of a longer article; the first build, with all that is new, is left out."""
    folder = tiny.parent / "written"
    shutil.copytree(tiny, folder / "paper")
    keep(tiny, folder)
    write(folder / "paper", count)
    builds = []
    for _ in range(REPEATS + 1):
        edit(folder / "paper" / "article.md")
        builds.append(run(*building(folder / "paper", folder / "build")))
    shutil.rmtree(folder)
    return builds[1:]


def _sections(paper: Path, count: int) -> None:
    _lengthen(paper, (f"# Section {name} {{#section-{name}}}\n\n{PARAGRAPH}" for name in _names(count)))


def _figures(paper: Path, count: int) -> None:
    random = np.random.default_rng(0)
    for name in _names(count):
        pixels = random.integers(0, 256, (48, 64, 3), np.uint8)
        Image.fromarray(pixels).save(paper / f"{name}.png")
    figure = "{}\n\n::: figure of-{}\n![Noise]({}.png)\n\nA picture.\n:::"
    _lengthen(paper, (figure.format(PARAGRAPH, name, name) for name in _names(count)))


def _references(paper: Path, count: int) -> None:
    with (paper / "references.bib").open("a") as file:
        for name in _names(count):
            file.write(
                f"@book{{{name}, author = {{{name}, Ada}}, title = {{A Book}}, publisher = {{A Press}}, year = 2020}}\n"
            )
    _lengthen(paper, (f"{PARAGRAPH} [@{name}]." for name in _names(count)))


DOCUMENTS = {"sections": _sections, "figures": _figures, "references": _references}


def _lengthen(paper: Path, parts: Iterable[str]) -> None:
    """Puts parts before the references of an article."""
    article = paper / "article.md"
    before, heading, after = article.read_text().partition("# References")
    article.write_text("\n\n".join((before.rstrip(), *parts, heading + after)))


def _names(count: int) -> list[str]:
    """As many names, without digits: the article's text may have no number that no result gives."""
    return ["X" + "".join("abcdefghij"[int(digit)] for digit in str(number)) for number in range(count)]
