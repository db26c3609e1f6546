"""Runs builds for a preview, one at a time, each in its own process, since the generator's own code may have changed.

A save during a build is not lost: the build is followed by one more, however many saves there were. Once the page is
shown and only its PDF is missing, a save ends the build, and the next one begins at once. What a build prints goes to
the terminal; the reason for a failure is also written to a file, for the page.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from generator.records.preview import FAILURE, State

EARLY = "early"
"""The folder, beside the file that FAILURE names, in which a build puts the page before it typesets the PDF."""

NOTICE_SECONDS = 0.05
"""Within how many seconds such a page is noticed."""

SHUTDOWN_SECONDS = 10.0
"""How long an interrupted build may take to end before it is killed."""


_CORRECTED = re.compile(r"\b((?:Fix|Correct) (?!this and)[^,;:\n]*) and build again\b")
_WITH = re.compile(r"\bbuild with (--\w+)")
_AGAIN = re.compile(r"\b(?:(B)|b)uild again\b")


def while_watching(next: str) -> str:
    """What to do next, as an error says it, for an author whose preview builds again by itself, after each save."""
    steps = _WITH.sub(r"restart the preview with \1", _CORRECTED.sub(r"\1 and save", next))
    return _AGAIN.sub(lambda found: f"{'S' if found[1] else 's'}ave any file to build again", steps)


class Board:
    """The latest state, for any number of threads that wait for the next one."""

    def __init__(self, state: State) -> None:
        self._state, self._number = state, 0
        self._changed = threading.Condition()

    def post(self, state: State) -> None:
        """Makes `state` the latest."""
        with self._changed:
            self._state, self._number = state, self._number + 1
            self._changed.notify_all()

    def after(self, number: int, seconds: float) -> tuple[int, State] | None:
        """The latest state and its number, once the number is greater than `number`; None after `seconds`."""
        with self._changed:
            if self._changed.wait_for(lambda: self._number > number, seconds):
                return self._number, self._state
            return None


class Builder:
    """Runs `command` whenever a build is requested; `site` is the folder that it builds.

    Changes are reported when their build begins, so that they do not interrupt the progress of the previous one.
    """

    def __init__(self, command: Sequence[str], site: Path, say: Callable[[str], None]) -> None:
        self._command, self._site, self._say = command, site, say
        self._changed: set[str] = set()
        self._told = tempfile.TemporaryDirectory(prefix="preview-")
        self._early: Path | None = None
        self.board = Board(State(0, "building", self._page()))
        self._asked, self._lock = threading.Event(), threading.Lock()
        self._closed = False
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Starts with a first build."""
        self.ask()
        self._thread.start()

    def ask(self, changed: Iterable[str] = ()) -> None:
        """Requests a build, now or once after the one that is running. `changed` names the reasons for it."""
        with self._lock:
            self._changed.update(changed)
        self._asked.set()

    def close(self) -> None:
        """Ends the running build with all its processes, and starts no other."""
        with self._lock:
            self._closed = True
        self._asked.set()
        if self._child and self._child.poll() is None:
            _end(self._child)
        if self._thread.is_alive():
            self._thread.join()
        self._told.cleanup()

    @property
    def folders(self) -> list[Path]:
        """Where the files of the page are looked for: where they are before their PDF is typeset, then in the site."""
        return [folder for folder in (self._early, self._site) if folder]

    def _run(self) -> None:
        build, failure = 0, ""
        while self._asked.wait() and not self._closed:
            self._asked.clear()
            self._tell_changed()
            build += 1
            self.board.post(State(build, "building", self._page(), failure))
            try:
                ended = self._build(build)
            except OSError as error:
                ended = f"The build could not be started: {error}"
            failure = ended or ""
            if ended is not None:
                # If a save ended the build of this page, and the next build has failed, it is the last good page.
                if not failure or self._early == self._folder(build) / EARLY:
                    self._take_early(None)
                shutil.rmtree(self._folder(build), ignore_errors=True)
                self.board.post(State(build, "failed" if failure else "built", self._page(), failure))

    def _tell_changed(self) -> None:
        with self._lock:
            names, self._changed = sorted(self._changed), set()
        if names:
            left = [name for name in names if Path(name).exists()]  # editors write files that they then rename
            self._say(f"Changed: {', '.join(left or names)}")

    def _build(self, build: int) -> str | None:
        """Builds, and returns why the build failed; empty if it did not, None if a save ended it."""
        told = self._folder(build) / "failure"
        told.parent.mkdir(parents=True)
        with self._lock:
            if self._closed:
                return None
            # In its own group, it receives an interrupt from the terminal only from here, and only once.
            self._child = subprocess.Popen(self._command, env=os.environ | {FAILURE: str(told)}, start_new_session=True)
        while (status := _status(self._child)) is None:
            early = told.with_name(EARLY)
            if self._early != early and (early / "index.html").is_file():
                self._take_early(early)
                self.board.post(State(build, "building", self._page()))
            if self._early == early and self._asked.is_set():
                _end(self._child)
                return None
        if status == 0:
            return ""
        failure = told.read_text(encoding="utf-8") if told.is_file() else ""
        return failure or f"The build ended with status {status}; the terminal says why."

    def _take_early(self, folder: Path | None) -> None:
        """Shows the page in this folder, or, if None, that of the site; the one before it is removed."""
        before, self._early = self._early, folder
        if before:
            shutil.rmtree(before.parent, ignore_errors=True)

    def _folder(self, build: int) -> Path:
        """The folder for what a build tells this preview."""
        return Path(self._told.name) / str(build)

    def _page(self) -> str:
        """Identifies the page and its PDF, as State.page has it, by their content."""
        for folder in self.folders:
            if page := _digest(folder / "index.html"):
                return f"{page}-{_digest(folder / 'article.pdf')}"
        return ""


def _digest(file: Path) -> str:
    """The SHA-256 of a file; empty if it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _status(child: subprocess.Popen[bytes]) -> int | None:
    """The exit status of a build; None if it still runs after a moment."""
    try:
        return child.wait(NOTICE_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _end(child: subprocess.Popen[bytes]) -> None:
    """Interrupts a build, which then ends its own workers, and kills what does not end."""
    try:
        child.send_signal(signal.SIGINT)
        child.wait(SHUTDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
