"""`python -m generator diff`: editions in folders, on published sites and in commits, on real builds of a paper."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from playwright.sync_api import Browser

from generator.diff.difference import NO_TEXT
from generator.records.difference import Difference
from tests.conftest import ROOT, build, copied, environment
from tests.support import warm
from tests.support.editions import edition, results, stated, text, write_edition
from tests.support.repositories import git

HOSTILE = "</td><script>document.title = 'taken'</script><img src=x onerror=alert(1)>"


def diff(*arguments: str | Path, folder: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    variables = environment(PYTHONPATH=str(ROOT), COLUMNS="100", **more)
    return warm.run(["-m", "generator", "diff", *map(str, arguments)], folder, variables)


@pytest.fixture(scope="module")
def published(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two editions of the tiny paper, of one epoch and two replicates and of two epochs and one, on a site in git."""
    folder = tmp_path_factory.mktemp("published")
    paper, site = copied(two_replicates, folder), folder / "site"
    git(folder, "init", "--quiet", site)
    for number, replicates in ((1, 2), (2, 1)):
        done = build(paper, "--replicates", str(replicates), "--set", f"training.epochs={number}")
        assert done.returncode == 0, done.stderr
        for place in (site, site / "v" / str(number)):
            shutil.copytree(folder / "build" / "site", place, dirs_exist_ok=True)
        git(site, "add", ".")
        git(site, "commit", "--quiet", "--message", f"Edition {number}")
    return site


@pytest.fixture(scope="module")
def written(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that compares the two."""
    target: Path = tmp_path_factory.mktemp("page") / "difference.html"
    done = diff(published / "v" / "1", published, "--html", target)
    assert (done.returncode, f"Written: {target}" in done.stdout) == (0, True), done.stderr
    return target


# --- two real editions ---------------------------------------------------------------------------


def test_the_terminal_is_told_what_moved_and_why(published: Path) -> None:
    done = diff(published / "v" / "1", published)
    assert done.returncode == 0, done.stderr
    epochs = "number of epochs requested  1       2"
    for words in (epochs, "epochs.2.loss", "Times, which are not judged", "fig:feature-maps"):
        assert words in done.stdout
    assert "Prose" not in done.stdout, "the numbers of the prose are bound"
    assert "\x1b" not in done.stdout, "this is no terminal"


def test_as_json_it_is_the_record(published: Path) -> None:
    done = diff(published / "v" / "1", published / "v" / "2", "--json")
    difference = msgspec.json.decode(done.stdout, type=Difference)
    settings = {change.name: (change.before, change.after) for change in difference.settings}
    assert settings == {"training.epochs": ("1", "2"), "training.replicates": ("2", "1")}
    assert {number.move for number in difference.numbers if number.name.startswith("times.")} == {"not judged"}
    (loss,) = [number for number in difference.numbers if number.name == "final.loss"]
    assert loss.low is not None and loss.high is not None and isinstance(loss.after, float)
    assert loss.move == ("within the spread" if loss.low <= loss.after <= loss.high else "beyond the spread")


@pytest.mark.parametrize(
    ("before", "after"),
    [("HEAD~1", "HEAD"), ("HEAD:v/1", "HEAD:v/2"), ("HEAD~1", "."), ("v/1", "HEAD"), ("HEAD~1:", "HEAD:./v/2/")],
)
def test_commits_of_a_site_are_compared_as_its_folders_are(published: Path, before: str, after: str) -> None:
    done = diff(before, after, "--json", folder=published)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(diff("v/1", "v/2", "--json", folder=published).stdout)


def test_an_edition_differs_from_itself_in_nothing(published: Path) -> None:
    done = diff(published, published / "v" / "2")
    assert (done.returncode, "Nothing changed." in done.stdout) == (0, True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_shows_both_figures_and_fits(
    written: Path, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else faults.append(request.url)
    )
    page.goto(written.as_uri())
    pair = page.locator(".pair").first
    assert pair.locator("figure").count() == 2
    assert page.locator(".pair img").evaluate_all("images => images.every(image => image.naturalWidth > 0)")
    boxes = [box for side in pair.locator(".side").all() if (box := side.bounding_box())]
    assert (boxes[0]["y"] == boxes[1]["y"]) == (width == 1280), "side by side where there is room"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults == []
    ids = page.locator("[id]").evaluate_all("elements => elements.map(element => element.id)")
    assert len(ids) == len(set(ids))


def test_a_figure_that_is_the_same_is_left_out_of_the_page(written: Path) -> None:
    html = written.read_text()
    assert "fig:feature-maps" in html
    assert "fig:architecture" not in html, "its log differs, in times and in losses, and its table does not"


# --- made-up editions ----------------------------------------------------------------------------


def test_hostile_text_is_text_on_the_page(tmp_path: Path, browser: Browser) -> None:
    drawn = f'<div class="chart">{HOSTILE}</div><figcaption>{HOSTILE}</figcaption>'
    figure = f'<figure id="fig:f" class="figure">{drawn}</figure>'
    claims = [edition().results.claims[0]]
    hostile = msgspec.structs.replace(claims[0], sentence=HOSTILE, verdict="undecided")
    changes = {"title": HOSTILE, "claims": [hostile], "stages": {HOSTILE: {"code": HOSTILE, "data": "", "key": ""}}}
    before = write_edition(tmp_path / "a")
    said = text(HOSTILE, section=HOSTILE, **{HOSTILE: HOSTILE})
    after = write_edition(tmp_path / "b", results({HOSTILE: stated(HOSTILE)}, text=said, **changes), figure)
    assert diff(before, after, "--html", tmp_path / "d.html").returncode == 0
    page = browser.new_page()
    page.goto((tmp_path / "d.html").as_uri())
    assert page.title() == f"What changed in {HOSTILE}"
    assert page.locator("script, [onerror]").count() == 0
    assert page.get_by_text("onerror=alert(1)").count() >= 3


BROKEN = """cells => cells.filter(cell => {
    const text = cell.firstChild, words = [...text.data.matchAll(/\\S+/g)]
    return words.some(word => {
        const range = document.createRange()
        range.setStart(text, word.index)
        range.setEnd(text, word.index + word[0].length)
        return range.getClientRects().length > 1
    })
}).map(cell => cell.textContent)"""


def test_no_number_is_broken_over_lines(tmp_path: Path, browser: Browser) -> None:
    said = text("Of {errors.predictions}.", section="Abstract")
    sides = [
        write_edition(tmp_path / str(count), results({"errors.predictions": stated(count)}, text=said))
        for count in (1_234_567_890_123, 9_876_543_210_123)
    ]
    assert diff(*sides, "--html", tmp_path / "d.html").returncode == 0
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto((tmp_path / "d.html").as_uri())
    cells = page.locator(".numbers td")
    assert cells.count() >= 3
    assert cells.evaluate_all(BROKEN) == []


def test_markup_of_the_terminal_in_a_text_is_text(tmp_path: Path) -> None:
    before = write_edition(tmp_path / "a")
    said = text("[bold]Text[/bold] [/nothing]")
    after = write_edition(tmp_path / "b", results({"[red]x[/red].y": stated("[/]")}, text=said))
    done = diff(before, after)
    assert done.returncode == 0, done.stderr
    assert "[red]x[/red].y" in done.stdout and "[/nothing]" in done.stdout


def test_an_edition_from_before_results_had_their_text_is_compared_in_all_else(tmp_path: Path) -> None:
    before = write_edition(tmp_path / "a", results({"a": stated(1)}, text=None))
    done = diff(before, write_edition(tmp_path / "b", results({"a": stated(2)})), "--html", tmp_path / "d.html")
    assert done.returncode == 0, done.stderr
    assert "Changed, without a spread to judge by (1)" in done.stdout
    assert done.stdout.count(NO_TEXT) == (tmp_path / "d.html").read_text().count(NO_TEXT) == 1


def test_a_word_diff_is_readable_without_colors(tmp_path: Path) -> None:
    before = write_edition(tmp_path / "a", results(text=text("The network learns slowly indeed.")))
    after = write_edition(tmp_path / "b", results(text=text("The network learns quickly indeed.")))
    done = diff(before, after)
    assert "Prose: Results\n  The network learns [-slowly-] {+quickly+} indeed." in done.stdout


def test_an_edition_that_a_site_does_not_have_is_refused_with_those_it_has(published: Path) -> None:
    done = diff(published / "v" / "1", published / "v" / "3")
    assert done.returncode == 2 and "The editions here are: 1, 2." in done.stderr


@pytest.mark.parametrize(
    ("operand", "message"),
    [
        ("nowhere", "nowhere: This is neither a folder nor a commit of this repository\n  Name an edition's folder"),
        ("HEAD", "HEAD: There is no edition here: results.json is not in this commit"),
        ("HEAD:v/9", "HEAD:v/9: There is no edition here: v/9/results.json is not in this commit"),
        ("tests", "tests: There is no edition here: results.json is missing"),
        (":", ":: This is neither a folder nor a commit"),
    ],
)
def test_an_operand_that_is_no_edition_is_refused(tmp_path: Path, operand: str, message: str) -> None:
    good = write_edition(tmp_path / "a")
    for arguments in ((operand, good), (good, operand)):
        done = diff(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_a_repository_that_git_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    done = diff("gh-pages", write_edition(tmp_path / "a"), folder=tmp_path, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert done.returncode == 2
    assert "gh-pages: This is not a folder, and git refuses the repository here: fatal: detected dub" in done.stderr


def test_an_edition_that_is_damaged_is_refused(tmp_path: Path) -> None:
    good = write_edition(tmp_path / "a")
    cut = write_edition(tmp_path / "b", results()[:100])
    done = diff(good, cut)
    assert done.returncode == 2
    assert "results.json: It is damaged: input data was truncated" in done.stderr
    (good / "index.html").write_bytes(b"\xff")
    assert "index.html: It is damaged: not UTF-8 text" in diff(good, good).stderr
