"""Downloads one file, complete and verified, or not at all.

A request is repeated after a broken connection, but not if it would only get the same answer. A partial file is
downloaded again from its beginning. `sources` decides which file is downloaded, from which mirror, and to which place.
"""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from generator.core.console import visible
from generator.core.errors import Place, ReportError
from generator.core.files import write_atomically
from generator.core.reading import MAX_DATA_BYTES
from generator.core.receiving import SENSIBLE, Limits, receive
from generator.records.dataset import Download

# Called with the file's name, the bytes received, and the bytes expected if the server sends their number.
Progress = Callable[[str, int, int | None], None]

OFFLINE_AFTER = 5.0  # seconds within which some mirror must have answered
REPORT_SECONDS = 30.0  # between two lines about a slow download, if there is no terminal
_BACK_OFF = (0.5, 2.0)  # seconds before the second and the third attempt
_ONLINE = "Check the connection, or give the data with --data PATH."
_PAGE_STARTS = (b"<!doctype html", b"<html")
_TRANSIENT = {408, 429}  # the statuses besides 5xx after which a request is repeated


def ask(urls: Iterable[str], within: float = OFFLINE_AFTER) -> Callable[[str], None]:
    """Requests all addresses at once to see whether they answer, and returns without waiting for them.

    Returns:
        A function that waits for the answer of one of the addresses, until `within` seconds after the
        request. The time is shared: being offline takes `within` seconds however many mirrors there are.
        It raises ReportError when the address cannot be reached or has not answered in time.
    """
    deadline = time.monotonic() + within
    answers = {url: _asked(url, within) for url in urls}

    def wait_for(url: str) -> None:
        try:
            reason = answers[url].result(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            reason = f"no answer within {within:g} seconds"
        if reason is not None:
            raise ReportError(f"cannot be reached: {reason}", url, _ONLINE)

    return wait_for


def fetch(
    file: Download,
    target: Path,
    progress: Progress,
    pause: Callable[[float], None] = time.sleep,
    limits: Limits = SENSIBLE,
) -> None:
    """Downloads `file` to `target`, which is written only if the digests match.

    Makes three attempts, with a `pause` (seconds) before the second and the third.

    Raises:
        ReportError: the transfer failed or broke off each time or reached one of the `limits`, the server refused,
            the response is a web page or has another digest, or the file cannot be written.
    """
    body = _body_of(file, progress, pause, limits)
    _check(file, body)
    try:
        write_atomically(target, body)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        advice = "Free some space there or allow writing, or set KERAS_HOME to another folder."
        raise ReportError(problem, Place(target), advice) from error


@contextmanager
def display(say: Callable[[str], None], console: Console | None = None) -> Iterator[Progress]:
    """Shows progress on `console` (by default, standard error): bars on a terminal, otherwise lines by `say`."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _lines(say)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console) as bars:
        yield _bars(bars)


def _asked(url: str, timeout: float) -> Future[str | None]:
    """The reason why `url` cannot be reached, or None, once it is known."""
    answer: Future[str | None] = Future()
    # A daemon, because looking up a name has no timeout and must not delay the end of the program.
    threading.Thread(target=lambda: answer.set_result(_unreachable(url, timeout)), daemon=True).start()
    return answer


def _unreachable(url: str, timeout: float) -> str | None:
    request = urllib.request.Request(url, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()  # a refusal is also an answer
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _reason(error)
    return None


def _body_of(file: Download, progress: Progress, pause: Callable[[float], None], limits: Limits) -> bytes:
    for wait in (*_BACK_OFF, None):
        try:
            return _received(file, progress, limits)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if wait is None or not _is_transient(error):
                raise ReportError(f"could not be downloaded: {_reason(error)}", file.url, _ONLINE) from error
            pause(wait)
    raise AssertionError("the last attempt returns or raises")


def _received(file: Download, progress: Progress, limits: Limits) -> bytes:
    body, expected = bytearray(), None
    for piece, expected in receive(file.url, MAX_DATA_BYTES, limits):
        body += piece
        progress(file.filename, len(body), expected)
    if expected is not None and len(body) < expected:  # reading does not detect this
        raise http.client.IncompleteRead(bytes(body), expected - len(body))
    return bytes(body)


def _is_transient(error: Exception) -> bool:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return error.code >= 500 or error.code in _TRANSIENT
    return not isinstance(error, ValueError)


def _reason(error: Exception) -> str:
    match error:
        case urllib.error.HTTPError():
            return f"the server answered {error.code} ({error.reason})"
        case urllib.error.URLError():
            return str(getattr(error.reason, "strerror", None) or error.reason)
        case http.client.IncompleteRead(partial=partial, expected=int(missing)):
            return f"the connection broke after {len(partial)} of {len(partial) + missing} bytes"
        case http.client.IncompleteRead(partial=partial):
            return f"the connection broke after {len(partial)} bytes"
        case TimeoutError():
            return "the server stopped answering"
    return str(error) or type(error).__name__


def _check(file: Download, body: bytes) -> None:
    for algorithm, declared in (("sha256", file.sha256), ("md5", file.md5)):
        found = hashlib.new(algorithm, body, usedforsecurity=False).hexdigest()
        if declared is None or found == declared:
            continue
        if body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE_STARTS):
            advice = "Open the address in a browser: it has moved, or the network wants you to sign in."
            raise ReportError("is a web page, not the data", file.url, advice)
        advice = "Use another mirror; if the publisher changed the file, correct the digest in paper.toml."
        raise ReportError(f"has the {algorithm} {found}, not the declared {declared}", file.url, advice)


def _lines(say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> Progress:
    told = dict[str, float]()

    def show(name: str, received: int, expected: int | None) -> None:
        if received == 0:
            told[name] = clock()
            say(f"downloading {name}" + (f" ({decimal(expected)})" if expected is not None else ""))
        elif received == expected:
            say(f"downloaded {name}")
        elif clock() - told[name] >= REPORT_SECONDS:
            told[name] = clock()
            say(f"  {decimal(received)} of {name} received")

    return show


def _bars(bars: Bars) -> Progress:
    tasks: dict[str, TaskID] = {}

    def show(name: str, received: int, expected: int | None) -> None:
        if name not in tasks:
            tasks[name] = bars.add_task(visible(name), total=expected)
        bars.update(tasks[name], completed=received, total=expected)

    return show
