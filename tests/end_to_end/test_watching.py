"""`python -m generator watch` as an author has it: a paper is edited, and a browser shows what becomes of that."""

from __future__ import annotations

import contextlib
import queue
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from generator.preview.preview import files_followed, places_of_data
from generator.preview.rebuilding import Builder
from generator.records.preview import State
from tests.conftest import ROOT, command, environment, keep, make_paper, write_bars

LONG = 120_000
"""Milliseconds for a build on a busy machine; a test goes on as soon as what it waits for has come."""

WITNESS = """
globalThis.seen = [];
new MutationObserver(() => {
  const { phase, page } = document.body.dataset, frame = document.querySelector("iframe:not(.coming)");
  seen.push({ phase, page, pdf: frame.contentDocument.querySelector("a[href='article.pdf']").title });
}).observe(document.body, { attributes: true, attributeFilter: ["data-phase", "data-page"] })
"""
"""Records, with each change of the phase or of the page, what the link to the PDF says."""

ENDLESS = "--set=training.epochs=100000"


class Preview:
    """A running preview: where it is, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.address = ""

    def line(self, pattern: str) -> str:
        """What the next line that matches says there."""
        said = ""
        while line := self._lines.get(timeout=LONG / 1000):
            said += line
            if match := re.search(pattern, line):
                return match[0]
        raise AssertionError(f"The preview ended, and said: {said}")

    def close(self) -> None:
        """Interrupts it, and reads all that it still says."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put("")


def watch(paper: Path, *arguments: str | Path) -> list[str]:
    python, option, module, _, *options = command(paper, *arguments)
    return [python, option, module, "watch", *options]


@contextmanager
def watching(paper: Path, *arguments: str | Path) -> Iterator[Preview]:
    with subprocess.Popen(
        watch(paper, *arguments), cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        preview = Preview(process)
        try:
            preview.address = preview.line(r"http://127\.0\.0\.1:\d+/")
            yield preview
        finally:
            preview.close()


@pytest.fixture(scope="module")
def paper(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny paper, trained but not written yet."""
    folder = tmp_path_factory.mktemp("preview")
    keep(two_replicates, folder)
    return make_paper("tiny", folder)


@pytest.fixture(scope="module")
def preview(paper: Path) -> Iterator[Preview]:
    """A preview whose first build fails."""
    save(paper / "paper.toml", "epochs = 1", "epochs = 0")
    with watching(paper) as started:
        yield started


@pytest.fixture(scope="module")
def page(preview: Preview, paper: Path, browser: Browser) -> Iterator[Page]:
    """The preview's open page, after a second build that does not fail."""
    opened = browser.new_page(viewport={"width": 900, "height": 500})
    opened.set_default_timeout(LONG)
    opened.goto(preview.address)
    expect(opened.locator("#failure")).to_contain_text("paper.toml:6: training.epochs", timeout=LONG)
    assert opened.locator("iframe").count() == 0, "there is no page yet"
    save(paper / "paper.toml", "epochs = 0", "epochs = 1")
    opened.wait_for_selector("body[data-phase=built][data-page]")
    yield opened
    opened.close()


def save(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def article(page: Page) -> FrameLocator:
    """The page that is shown, not one that is still being loaded."""
    return page.frame_locator("iframe:not(.coming)")


def builds(page: Page) -> int:
    return int(page.locator("body").get_attribute("data-build") or "")


def wait_for_build(page: Page, number: int, phase: str) -> None:
    """Waits until that build has ended so; it is a fault if a later one has begun."""
    page.wait_for_selector(f"body[data-build='{number}'][data-phase={phase}]")


def scrolled(page: Page) -> int:
    return int(article(page).locator("html").evaluate("() => window.scrollY"))


# --- while an author writes ----------------------------------------------------------------------


def test_a_save_is_shown_where_the_reader_was(paper: Path, page: Page) -> None:
    article(page).locator("html").evaluate("() => window.scrollTo(0, 700)")
    save(paper / "article.md", "A network tells", "This network tells")
    expect(article(page).get_by_text("This network tells")).to_have_count(1, timeout=LONG)
    assert scrolled(page) == 700
    expect(page.locator("#failure")).to_be_hidden(timeout=LONG)
    assert page.title() == "A tiny paper"


def test_a_save_is_shown_where_the_reader_was_in_a_narrow_window(paper: Path, page: Page) -> None:
    """In a narrow window, a page that arrives outside a frame lays out at first only what is in view."""
    page.set_viewport_size({"width": 400, "height": 500})
    try:
        last = article(page).locator("article > h2").last
        last.evaluate("heading => heading.scrollIntoView({ behavior: 'instant' })")
        expect(last).to_be_in_viewport()
        before = last.bounding_box()
        save(paper / "article.md", "This network tells", "That network tells")
        expect(article(page).get_by_text("That network tells")).to_have_count(1, timeout=LONG)
        after = article(page).locator("article > h2").last.bounding_box()
        assert before and after and after["y"] == pytest.approx(before["y"], abs=2)
    finally:
        page.set_viewport_size({"width": 900, "height": 500})


def test_a_failed_build_shows_its_error_with_file_and_line_over_the_last_good_page(paper: Path, page: Page) -> None:
    article(page).locator("html").evaluate("() => window.scrollTo(0, 300)")
    save(paper / "article.md", "{{ data.images.test }} images", "{{ data.image.test }} images")
    expect(page.locator("#failure")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"article\.md:15: .*\"data\" has no \"image\""))
    expect(article(page).get_by_text("Of 60 images")).to_have_count(1)
    assert scrolled(page) == 300
    save(paper / "article.md", "{{ data.image.test }} images", "{{ data.images.test }} of these images")
    expect(article(page).get_by_text("Of 60 of these images")).to_have_count(1, timeout=LONG)
    expect(page.locator("#failure")).to_be_hidden(timeout=LONG)
    assert scrolled(page) == 300


def test_hostile_text_in_an_error_is_text(paper: Path, page: Page) -> None:
    hostile = "{{ '<img src=x onerror=document.title=1>' | nothing }} # Results"
    save(paper / "article.md", "# Results", hostile)
    expect(page.locator("#failure pre")).to_contain_text("<img src=x onerror=document.title=1>", timeout=LONG)
    assert page.locator("#failure img").count() == 0
    save(paper / "article.md", hostile, "# Results")
    expect(page.locator("#failure")).to_be_hidden(timeout=LONG)
    assert page.title() == "A tiny paper"


def test_a_burst_of_saves_is_one_build(paper: Path, page: Page, preview: Preview) -> None:
    """The preview is stopped while the saves are made, so that they are one burst however busy the machine is."""
    before = builds(page)
    preview.process.send_signal(signal.SIGSTOP)
    for number in range(30):
        save(paper / "article.md", f"told apart{'!' * number} as", f"told apart{'!' * (number + 1)} as")
    preview.process.send_signal(signal.SIGCONT)
    expect(article(page).get_by_text("told apart" + "!" * 30)).to_have_count(1, timeout=LONG)
    wait_for_build(page, before + 1, "built")


def test_saves_during_a_build_are_not_lost_and_are_one_more_build(paper: Path, page: Page) -> None:
    before = builds(page)
    save(paper / "article.md", "as in", "just as in")
    wait_for_build(page, before + 1, "building")
    for new, old in (("quite as in", "just as in"), ("much as in", "quite as in")):
        save(paper / "article.md", old, new)
    expect(article(page).get_by_text("much as in")).to_have_count(1, timeout=LONG)
    wait_for_build(page, before + 2, "built")
    save(paper / "article.md", "much as in", "as in")
    expect(article(page).get_by_text("much as in")).to_have_count(0, timeout=LONG)
    wait_for_build(page, before + 3, "built")


def test_the_page_is_shown_while_its_pdf_is_typeset_whose_link_says_so(paper: Path, page: Page) -> None:
    before = builds(page)
    page.evaluate(WITNESS)
    save(paper / "article.md", "told apart", "held apart")
    wait_for_build(page, before + 1, "built")
    seen = page.evaluate("seen")
    last = page.locator("body").get_attribute("data-page")
    assert {"phase": "building", "page": last, "pdf": "The PDF is being typeset."} in seen, seen
    assert article(page).get_by_role("link", name="PDF", exact=True).get_attribute("title") is None
    save(paper / "article.md", "held apart", "told apart")
    wait_for_build(page, before + 2, "built")


def test_a_page_that_is_opened_later_is_told_how_things_stand(page: Page, browser: Browser) -> None:
    other = browser.new_page()
    other.goto(page.url)
    expect(article(other).get_by_text("Results").first).to_be_visible(timeout=LONG)
    assert builds(other) == builds(page)
    other.close()


# --- how it begins and ends ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGINT, "epoch 1/100000"), (signal.SIGTERM, "Loading the data")], ids=["int", "term"]
)
def test_an_interrupt_ends_the_preview_and_all_of_its_processes(
    tiny: Path, number: signal.Signals, moment: str
) -> None:
    with watching(tiny, ENDLESS, "--set=data.check=false") as preview:
        preview.line(moment)
        processes = psutil.Process(preview.process.pid).children(recursive=True)
        preview.process.send_signal(number)
        preview.line("The preview has ended.")
        assert preview.process.wait(timeout=60) == 0
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert (bool(processes), alive) == (True, [])


def refused(paper: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        watch(paper, *arguments), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=120
    )


def test_a_port_in_use_is_told_and_nothing_is_built(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = refused(make_paper("tiny", tmp_path), f"--port={port}")
    assert done.returncode == 2
    assert f"--port: Port {port} is in use\n  Choose another port" in done.stderr
    assert not (tmp_path / "build").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = refused(tmp_path / "paper")
    assert (done.returncode, "There is no such folder" in done.stderr) == (2, True)


def test_the_chosen_port_is_taken(tiny: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with watching(tiny, ENDLESS, f"--port={port}") as preview:
        assert preview.address == f"http://127.0.0.1:{port}/"


@pytest.mark.parametrize("by", ["--data", "the environment", "paper.toml"])
def test_data_outside_of_the_papers_folder_is_watched_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    folder = tmp_path / "paper"
    folder.mkdir()
    path = 'path = "../data.npz"' if by == "paper.toml" else ""
    (folder / "paper.toml").write_text(f'[data]\nenvironment = "X_PATH"\n{path}\n')
    if by == "the environment":
        monkeypatch.setenv("X_PATH", str(tmp_path / "data.npz"))
    found = places_of_data(folder, str(tmp_path / "data.npz") if by == "--data" else None)
    assert [place.resolve() for place in found] == [tmp_path / "data.npz"]


def test_a_data_file_elsewhere_is_followed_when_another_takes_its_place_again_and_again(tmp_path: Path) -> None:
    """It is replaced until that is noticed: when a watch has begun, nothing tells."""
    data, noticed = tmp_path / "elsewhere" / "data.npz", queue.Queue[set[str]]()
    data.parent.mkdir()
    write_bars(data)
    with files_followed({data}, lambda changes: noticed.put({path for _, path in changes})):
        for seed in (1, 2):
            for _ in range(LONG // 1000):
                write_bars(tmp_path / "new.npz", seed)
                (tmp_path / "new.npz").replace(data)
                with contextlib.suppress(queue.Empty):
                    assert noticed.get(timeout=1) == {str(data)}
                    break
            else:
                pytest.fail("it was not noticed")


def test_a_site_that_cannot_be_read_is_none_that_ends_the_preview(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").symlink_to("nowhere")
    builder = Builder(["true"], site, print)
    assert builder.board.after(-1, 0) == (0, State(0, "building", ""))
    builder.close()
