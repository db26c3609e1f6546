"""The command `watch`: keeps a page up to date while the author writes.

The paper's folder, the templates, the generator's own code, and the data are watched. Where the data is, is determined
from --data, the environment, or paper.toml when the preview starts. The server itself is not reloaded: restart the
preview after a change to its code.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

from generator.core.console import Display
from generator.core.errors import Place, ReportError, UsageError
from generator.core.paths import ROOT, TEMPLATES, expanded
from generator.core.reading import read_author_text
from generator.core.signals import Interrupted
from generator.paper import WHICH_FOLDER
from generator.preview.rebuilding import Builder
from generator.preview.serving import HOST, PreviewServer

DEBOUNCE_MS = 200
"""Saves closer together than this trigger one build."""

EDITOR_FILES = (r"^4913$", r"^#.*#$", r"^\.~lock\.", r"^\.goutputstream-", r"\.kate-swp$")
"""Files with which vim tests a folder, and that Emacs, LibreOffice, gedit, and Kate keep next to an edited file.

watchfiles already ignores swap files, backups (x~), and Emacs's locks (.#x).
"""

POLL_SECONDS = 0.1
"""How long the server may take to notice that it must end."""


def preview(paper: Path, out: Path, data: str | None, arguments: Sequence[str], port: int, display: Display) -> None:
    """Builds with `arguments` after every save, and serves what was built, until interrupted.

    Raises UsageError when there is no such folder, or the port (0: any free port) is not available.
    """
    if not paper.is_dir():
        raise UsageError("There is no such folder", f"--paper {paper}", WHICH_FOLDER)
    builder = Builder([sys.executable, "-m", "generator", "build", *arguments], out / "site", display.say)
    with PreviewServer(port, lambda: builder.folders, builder.board) as server:
        threading.Thread(target=server.serve_forever, args=[POLL_SECONDS], daemon=True).start()
        display.say(f"Preview: http://{HOST}:{server.port}/ (Ctrl-C ends it)")
        try:
            builder.start()
            _follow([paper, TEMPLATES, ROOT / "generator"], places_of_data(paper, data), out, builder)
        except (Interrupted, KeyboardInterrupt):  # watchfiles turns the former into the latter
            display.say("The preview has ended.")
        finally:
            builder.close()
            server.shutdown()


def _follow(folders: Sequence[Path], data: Sequence[Path], out: Path, builder: Builder) -> None:
    """Requests a build after each burst of saves, ignoring changes to what is built."""

    def ask(changes: set[tuple[Change, str]]) -> None:
        builder.ask(str(Place(Path(path))) for _, path in changes)

    followed = [*folders, *filter(Path.is_dir, data)]
    with files_followed(files_outside(followed, data), ask):
        for changes in watch(*followed, watch_filter=saves(out), step=DEBOUNCE_MS):
            ask(changes)


def files_outside(folders: Sequence[Path], files: Sequence[Path]) -> set[Path]:
    """Those files, with links resolved, that are in none of the folders; a link that leads back to itself stays."""
    within = list(map(os.path.realpath, folders))
    real = map(Path, map(os.path.realpath, files))
    return {file for file in real if not any(map(file.is_relative_to, within))}


def saves(out: Path) -> DefaultFilter:
    """A filter for changes that are saves: it ignores what is built in `out`, and files that editors create."""
    patterns = (*DefaultFilter.ignore_entity_patterns, *EDITOR_FILES)
    return DefaultFilter(ignore_entity_patterns=patterns, ignore_paths=[f"{out}{os.sep}"])


@contextlib.contextmanager
def files_followed(files: Set[Path], ask: Callable[[set[tuple[Change, str]]], None]) -> Iterator[None]:
    """Calls `ask` from its own thread when a file is saved, created, or replaced by another with its name.

    It watches the folder of each file, without subfolders, because a watch on a file ends with the file.
    """
    end = threading.Event()
    folders = {file.parent for file in files if file.parent.is_dir()}

    def follow() -> None:
        saves = watch(
            *folders,
            watch_filter=lambda _, path: Path(path) in files,
            step=DEBOUNCE_MS,
            stop_event=end,
            recursive=False,
            ignore_permission_denied=True,  # the build reports what cannot be read
        )
        for changes in saves:
            ask(changes)

    thread = threading.Thread(target=follow)
    if folders:
        thread.start()
    try:
        yield
    finally:
        end.set()
        if folders:
            thread.join()


def places_of_data(paper: Path, data: str | None) -> list[Path]:
    """The files or folders named by --data, or else by the environment variable, and by [data] path in paper.toml."""
    named: dict[str, object] = {}
    with contextlib.suppress(
        ReportError, ValueError, RecursionError, KeyError, TypeError
    ):  # the build reports what is wrong with it
        named = dict(tomllib.loads(read_author_text(paper / "paper.toml"))["data"])
    given = data or os.environ.get(str(named.get("environment")))
    places = [expanded(given)] if given else []
    return [*places, paper / path] if isinstance(path := named.get("path"), str) else places
