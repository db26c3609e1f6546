"""Builds on request: one at a time, none lost, none too many. What is run here waits on a pipe until it is let go."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from generator.preview.rebuilding import Builder, while_watching
from generator.records.preview import State

LONG = 60.0


HELD = """
import os, sys
told = open(sys.argv[1]).read()
open(os.environ["GENERATOR_FAILURE"], "w").write(told)
sys.exit(bool(told))
"""


class Held:
    """A builder whose builds each read a line of a pipe: the exit status, or an end of file."""

    def __init__(self, folder: Path, code: str = HELD) -> None:
        self.pipe, self.site = folder / "pipe", folder / "site"
        os.mkfifo(self.pipe)
        self.site.mkdir()
        command = [sys.executable, "-c", code, str(self.pipe), str(self.site)]
        self.said: list[str] = []
        self.builder = Builder(command, self.site, self.said.append)
        self.number = 0

    def until(self, build: int, phase: str) -> State:
        """Waits for that state, which no later build may have replaced; `number` counts all states so far."""
        state = None
        while state is None or (state.build, state.phase) != (build, phase):
            found = self.builder.board.after(self.number, LONG)
            assert found and found[1].build <= build, found
            self.number, state = found
        return state

    def release(self, failure: str = "") -> None:
        """Lets the running build end."""
        self.pipe.write_text(failure)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    made = Held(tmp_path)
    made.builder.start()
    yield made
    made.builder.close()


def test_saves_during_a_build_are_one_more_build(held: Held) -> None:
    held.until(1, "building")
    for _ in range(20):
        held.builder.ask()
    held.release()
    held.until(2, "building")
    held.release()
    held.until(2, "built")
    held.builder.ask()
    held.until(3, "building")
    held.release()
    held.until(3, "built")
    assert held.number == 6, "each build begins and ends once"


def test_what_changed_during_a_build_is_told_when_the_next_one_begins(held: Held) -> None:
    """Not before: the running build draws its progress on the same terminal."""
    held.until(1, "building")
    held.builder.ask(["b.md", "a.py"])
    held.builder.ask(["b.md"])
    assert held.said == []
    held.release()
    held.until(2, "building")
    assert held.said == ["Changed: a.py, b.md"]
    held.release()
    held.until(2, "built")


def test_a_file_that_an_editor_wrote_and_renamed_is_not_named(held: Held, tmp_path: Path) -> None:
    """If nothing else changed, as when a file was removed, it is."""
    held.until(1, "building")
    (tmp_path / "article.md").touch()
    held.builder.ask([str(tmp_path / "article.md"), str(tmp_path / "sed4711")])
    held.release()
    held.until(2, "building")
    held.builder.ask([str(tmp_path / "removed.py")])
    held.release()
    held.until(3, "building")
    held.release()
    held.until(3, "built")
    assert held.said == [f"Changed: {tmp_path / 'article.md'}", f"Changed: {tmp_path / 'removed.py'}"]


def test_a_failed_build_tells_why_and_the_next_one_takes_that_back(held: Held) -> None:
    held.until(1, "building")
    held.release("article.md:3: No.")
    assert held.until(1, "failed") == State(1, "failed", "", "article.md:3: No.")
    held.builder.ask()
    assert held.until(2, "building").message == "article.md:3: No.", "nothing is better yet"
    held.release()
    assert held.until(2, "built") == State(2, "built", "")


def test_a_state_tells_whether_there_is_another_page(held: Held) -> None:
    assert held.until(1, "building").page == ""
    (held.site / "index.html").write_text("one")
    held.release()
    first = held.until(1, "built").page
    held.builder.ask()
    assert (held.until(2, "building").page, bool(first)) == (first, True)
    (held.site / "index.html").write_text("two")
    held.release()
    assert held.until(2, "built").page not in (first, "")


EARLY = """
import os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.SIG_DFL)
if Path(sys.argv[2], "faulty").exists():
    Path(os.environ["GENERATOR_FAILURE"]).write_text("article.md:3: No.")
    sys.exit(1)
page = Path(os.environ["GENERATOR_FAILURE"]).with_name("early")
page.mkdir()
(page / "index.html").write_text("early")
told = open(sys.argv[1]).read()
if not told:
    Path(sys.argv[2], "index.html").write_text("early")
Path(os.environ["GENERATOR_FAILURE"]).write_text(told)
sys.exit(bool(told))
"""


@pytest.fixture
def early(tmp_path: Path) -> Iterator[Held]:
    """A builder whose builds put the page there early, and then wait as if they typeset its PDF."""
    made = Held(tmp_path, EARLY)
    (made.site / "index.html").write_text("before")
    made.builder.start()
    yield made
    made.builder.close()


def front(held: Held) -> str:
    """What a reader is shown."""
    return next(text for folder in held.builder.folders for text in [(folder / "index.html").read_text()])


def test_a_page_is_shown_before_its_pdf_is_typeset_and_is_the_same_page_afterward(early: Held) -> None:
    before, shown = early.until(1, "building").page, early.until(1, "building").page
    assert front(early) == "early" != before != shown
    early.release()
    assert early.until(1, "built").page == shown
    assert (front(early), early.builder.folders) == ("early", [early.site])


def test_a_page_whose_pdf_cannot_be_typeset_gives_way_to_the_last_good_one(early: Held) -> None:
    before, shown = early.until(1, "building").page, early.until(1, "building").page
    early.release("PDF: No.")
    failed = early.until(1, "failed")
    assert (failed.page, failed.message) == (before, "PDF: No.") != (shown, "")
    assert front(early) == "before"


def test_a_save_while_a_pdf_is_typeset_begins_the_next_build_at_once_and_the_page_stays(early: Held) -> None:
    early.until(1, "building")
    shown = early.until(1, "building").page
    early.builder.ask()
    assert early.until(2, "building") == State(2, "building", shown)
    assert front(early) == "early"


def test_a_page_whose_pdf_a_save_has_ended_stays_if_the_build_after_that_save_fails(early: Held) -> None:
    early.until(1, "building")
    shown = early.until(1, "building").page
    (early.site / "faulty").touch()
    early.builder.ask()
    assert early.until(2, "failed") == State(2, "failed", shown, "article.md:3: No.")
    assert front(early) == "early"
    (early.site / "faulty").unlink()
    early.builder.ask()
    early.until(3, "building")
    early.until(3, "building")
    early.release()
    early.until(3, "built")
    assert early.builder.folders == [early.site]


def test_closing_ends_the_build_that_is_running(held: Held) -> None:
    with held.pipe.open("w"):  # as soon as the build reads it
        ours = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
        (build,) = (one for one in ours if str(held.pipe) in one.cmdline())
        held.builder.close()
    assert not build.is_running()


def test_a_build_that_dies_without_a_word_has_failed(tmp_path: Path) -> None:
    builder = Builder([sys.executable, "-c", "import os; os.abort()"], tmp_path, print)
    builder.start()
    found = builder.board.after(1, LONG)
    builder.close()
    assert found and found[1].message == "The build ended with status -6; the terminal says why."


def test_a_build_that_cannot_be_started_has_failed(tmp_path: Path) -> None:
    builder = Builder([str(tmp_path / "nothing")], tmp_path, print)
    builder.start()
    found = builder.board.after(1, LONG)
    builder.close()
    assert found and "could not be started" in found[1].message


def test_a_build_that_fails_without_a_word_has_failed_all_the_same(held: Held) -> None:
    """It made the file for its message, and ended before it could write there."""
    code = "import os, sys; open(os.environ['GENERATOR_FAILURE'], 'w'); sys.exit(1)"
    builder = Builder([sys.executable, "-c", code], held.site, print)
    builder.start()
    try:
        number, state = 0, State(0, "building", "")
        while state.phase == "building":
            found = builder.board.after(number, LONG)
            assert found
            number, state = found
        assert (state.phase, state.message) == ("failed", "The build ended with status 1; the terminal says why.")
    finally:
        builder.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Fix a.py and build again.", "Fix a.py and save."),
        (
            "Correct this on the worker, and build again; it is kept.",
            "Correct this on the worker, and save any file to build again; it is kept.",
        ),
        ("Correct this and build again.", "Correct this and save any file to build again."),
        ("Correct them and build again.", "Correct them and save."),
        ("Build again: it may differ.", "Save any file to build again: it may differ."),
        ("Go online and build again; it is kept.", "Go online and save any file to build again; it is kept."),
        (
            "Change the claim, or build with --draft to see it struck through.",
            "Change the claim, or restart the preview with --draft to see it struck through.",
        ),
        ("Write 0.95.", "Write 0.95."),
    ],
)
def test_who_has_a_preview_is_told_to_save_and_not_to_build_again(said: str, told: str) -> None:
    assert while_watching(said) == told
