"""What is no file in the place of one: of a file that an author writes, and of one that a site publishes."""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import matplotlib

from tests.conftest import command, dot
from tests.faults.trials import Ended, Place, Row, healed, misreported, row, run, run_new, whole
from tests.support.special_files import KINDS

AUTHORED = (
    *("paper.toml", "article.md", "references.bib", "experiment.py", "scaling.py", "data.npz"),
    *("picture.png", "face.ttf"),
)
MAX_MEMORY_BYTES = 8 * 2**30
COMMANDS = ("publish", "verify", "diff")


def rows(place: Place) -> Iterator[Row]:
    """Each kind in the place of each file that a build reads, and of each that `publish`, `verify`, or `diff` reads."""
    for kind in KINDS:
        yield row(f"an author's file: {kind}", (_authored(place, name, kind) for name in AUTHORED))
    place.restore()
    ended = run(_command(place, "publish"))
    assert ended.status == 0, ended.said
    site = place.copy.with_name("published")
    shutil.copytree(place.pages, site)
    files = sorted(path.relative_to(site) for path in site.rglob("*") if path.is_file())
    for kind in KINDS:
        tries = (_published(place, site, name, kind, tried) for name in files for tried in COMMANDS)
        yield row(f"a published file: {kind}", tries)


def _authored(place: Place, name: str, kind: str) -> str:
    place.restore()
    _add_picture_and_font(place.paper)
    path = place.paper / name
    content = path.read_bytes()
    _put(path, kind)
    ended = run_new(command(place.paper), _limit_memory)
    found = misreported(ended) or _unnamed(ended, name) or whole(place)
    if not found and not ended.status:
        found = "it was built"
    _remove(path)
    path.write_bytes(content)
    found = found or healed(place)
    return found and f"{kind}: {name}: {found}"


def _add_picture_and_font(paper: Path) -> None:
    """Lets the paper show a picture, and name a font, each of a file of its own."""
    (paper / "picture.png").write_bytes(dot())
    shutil.copy(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), paper / "face.ttf")
    article, toml = paper / "article.md", paper / "paper.toml"
    article.write_text(article.read_text().replace("# Method", "![A dot.](picture.png)\n\n# Method"))
    toml.write_text(toml.read_text() + '\n[fonts]\nfallback = ["face.ttf"]\n')


def _published(place: Place, site: Path, name: Path, kind: str, tried: str) -> str:
    shutil.rmtree(place.pages, ignore_errors=True)
    shutil.copytree(site, place.pages)
    _put(place.pages / name, kind)
    ended = run_new(_command(place, tried), _limit_memory)
    found = misreported(ended) or _unnamed(ended, name.name)
    return found and f"{kind}: {name}: {tried}: {found}"


def _command(place: Place, name: str) -> list[str]:
    pages, site = str(place.pages), str(place.out / "site")
    arguments = {"publish": [pages, f"--out={place.out}"], "verify": [pages], "diff": [pages, site]}[name]
    return [sys.executable, "-m", "generator", name, *arguments]


def _limit_memory() -> None:
    """A device is read until there is no more memory, and not only of the command that reads it."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


def _put(path: Path, kind: str) -> None:
    path.unlink()
    make, _ = KINDS[kind]
    with chdir(path.parent):
        make(path)


def _remove(path: Path) -> None:
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def _unnamed(ended: Ended, name: str) -> str:
    """A file that is not needed stays what it is; one that is needed is named."""
    return f"it did not name the file: {ended.said}" if ended.status and Path(name).stem not in ended.said else ""
