"""The command `watch` on the default paper: how long after a save the new page is served, and its PDF."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from generator.records.preview import State
from tests.bench.places import Place, edit
from tests.bench.rows import Row
from tests.conftest import ROOT

SAVES = 20


def rows(place: Place) -> Iterator[Row]:
    """The page beside the original, which its reader has to run again, and the PDF beside the page."""
    with _states(place.paper, place.built) as states:
        _until_built(states, "", time.perf_counter())
        saves = [_saved(place.paper / "article.md", states) for _ in range(SAVES)]
    page, pdf = (statistics.median(seconds) for seconds in zip(*saves, strict=True))
    peer, note = place.notebook, f"median of {SAVES} saves"
    note = "; ".join(filter(None, (peer.note, note)))
    yield Row("watch: from a save to the new page", page, "s", "1/100 of its peer", peer.name, peer.seconds, note)
    yield Row("watch: from a save to the new PDF", pdf, "s", "", "the new page", page)


@contextlib.contextmanager
def _states(paper: Path, out: Path) -> Iterator[Iterator[State]]:
    """The states that a preview sends to the open page."""
    command = [sys.executable, "-m", "generator", "watch", "--paper", str(paper), "--out", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            address = next(found[1] for line in process.stderr if (found := re.search(r"http://([\d.:]+)/", line)))
            threading.Thread(target=process.stderr.read, daemon=True).start()  # so that the pipe never fills
            with contextlib.closing(http.client.HTTPConnection(address)) as connection:
                connection.request("GET", "/events")
                yield _sent(connection.getresponse())
        finally:
            process.send_signal(signal.SIGINT)


def _sent(events: http.client.HTTPResponse) -> Iterator[State]:
    for line in events:
        if line.startswith(b"data: "):
            yield msgspec.json.decode(line.removeprefix(b"data: "), type=State)


def _saved(article: Path, states: Iterator[State]) -> tuple[float, float]:
    """Seconds from a save of the article to its page, and to its PDF."""
    started = time.perf_counter()
    edit(article)
    shown = next(states).page  # the build has begun; the page is still the one before
    return _until_built(states, shown, started)


def _until_built(states: Iterator[State], shown: str, started: float) -> tuple[float, float]:
    """Seconds until there is another page than is `shown`, and until its build has ended.

    Raises RuntimeError when the build fails.
    """
    page = 0.0
    for state in states:
        if state.phase == "failed":
            raise RuntimeError(state.message)
        if not page and state.page != shown:
            page = time.perf_counter() - started
        if state.phase == "built":
            return page, time.perf_counter() - started
    raise RuntimeError("the preview has ended")
