"""Small sites to publish: made up, so that nothing need be trained for them, and each unlike the others."""

from __future__ import annotations

import datetime
import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from generator.build.preflight import Request
from generator.core.environment import Commit
from generator.editions.candidate import Candidate
from generator.paper import Paper, SiteSettings
from generator.records.dataset import ArrayInfo, Dataset
from generator.records.document import Data, Document, Stated
from generator.records.edition import Edition

PAGE = """<!doctype html>
<html lang="en"><head><title>Small</title></head><body><main><article>
<section class="abstract" aria-labelledby="abstract"><h2 id="abstract">Abstract</h2>
<p>It is number {number}.</p></section>
</article></main>
<footer><p><a href="article.pdf">PDF</a> <a href="results.json">data</a> <a href="CITATION.cff">cite</a></p>
<!-- editions -->
</footer></body></html>
"""
EPOCH = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
ARRAY = ArrayInfo((10, 4, 4, 1), "float32", "0" * 64)


def document(number: int, **changes: Any) -> Document:
    """Results that differ with `number`: an accuracy on three replicates."""
    measured = [0.9 + number / 1000 + seed / 100 for seed in range(3)]
    values = {f"test.accuracy.replicate.{seed}": value for seed, value in enumerate(measured)}
    values |= {"test.accuracy.mean": sum(measured) / 3, "test.accuracy.low": 0.8, "test.accuracy.high": 0.99}
    values |= {"training.epochs": number, "training.replicates": 3, "model.parameters.total": 1234}
    made = Document(
        format=1,
        title="Small <things> & others",
        edition=Edition(datetime.date(2026, 1, 2), "a" * 10, dirty=False, preview=None, generator="0.1.0"),
        data=Data("the author's own files", Dataset(ARRAY, ARRAY, ARRAY, ARRAY, 2)),
        model=(),
        stages={},
        claims=(),
        published=(),
        values={name: Stated(value, "evidence", None, "1" * 64, "2" * 64) for name, value in values.items()},
        replicates=(),
        commit=msgspec.Raw(msgspec.json.encode(Commit("a" * 40, "2026-01-02", dirty=False))),
        obstacles=msgspec.Raw(b"[]"),
    )
    return msgspec.structs.replace(made, **changes)


def candidate(folder: Path, number: int = 1, url: str = "", **changes: Any) -> Candidate:
    """A site in `folder` that may be published; another one for each `number`."""
    results = document(number, **changes)
    files = {
        "index.html": PAGE.format(number=number).encode(),
        "article.pdf": b"%PDF-1.7 " + bytes([number % 256]) * 1000,
        "results.json": msgspec.json.encode(results),
        "CITATION.cff": b'cff-version: "1.2.0"\n',
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    paper = Paper(results.title, ("Ada Example",), EPOCH.date(), site=SiteSettings(url))
    request = Request(folder, folder, None, {"training.epochs": str(number)})
    commit = msgspec.json.decode(results.commit, type=Commit)
    return Candidate(folder, files, results, commit, paper, request, fonts="")


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder by its name; a folder is None."""
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in found}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server on loopback that serves `folder`."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
