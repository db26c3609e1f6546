"""The explorer of other papers than the one in report/: with branches and colors, without maps, or left out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from generator.build.preflight import needs
from generator.paper import Paper
from tests.conftest import build, copied
from tests.support.scripting import opened, settled, told

PLACE = "\n::: figure explorer\nThe network at work.\n:::\n"


def with_explorer(built: Path, folder: Path) -> Path:
    """A copy of a built paper whose article has a place for the explorer, to build again."""
    paper = copied(built, folder)
    article = paper / "article.md"
    article.write_text(article.read_text().replace("# Results\n", f"# Results\n{PLACE}", 1))
    return paper


def test_a_network_with_branches_and_colors_runs_in_its_page(
    browser: Browser, built_paper: Callable[[str], Path], tmp_path: Path
) -> None:
    paper = with_explorer(built_paper("branches"), tmp_path)
    done = build(paper, "--replicates", "1")
    assert done.returncode == 0, done.stderr
    page, faults = opened(browser, tmp_path / "build" / "site" / "index.html", color_scheme="dark")
    layers = page.locator(".explorer .layer b").all_inner_texts()
    assert layers == ["left-narrow", "right>wide", "average_pooling2d", "inside", "depthwise_conv2d"]
    difference = re.search(r"by at most ([\d.]+)", page.locator(".check-result").inner_text())
    assert difference and page.evaluate("explorer.then((e) => e.seen().length)") == 32 * 32 * 3
    assert page.locator(".explorer .pad").count() == 0
    assert sum(told(page)) == pytest.approx(1, abs=0.01)
    names = ["circle", "cross", "square", "wave"]  # of the folders of images
    assert page.locator(".explorer .classes .label").all_inner_texts() == names
    page.get_by_label(re.compile("class wave")).first.check()
    settled(page)
    predicted = names[max(range(4), key=told(page).__getitem__)]
    assert page.locator(".explorer .class").inner_text() == predicted
    expect(page.locator(".explorer .said")).to_have_text(re.compile(f"Class {predicted}, with"))
    assert page.get_by_role("group", name=re.compile("^left-narrow ")).locator(".low").inner_text().startswith("−")
    signed = page.get_by_role("group", name=re.compile("^left-narrow ")).locator("canvas")
    assert signed.evaluate_all("all => all.every((e) => getComputedStyle(e).filter.startsWith('invert'))")
    colors = page.locator(".explorer .input").evaluate("""(e) => {
        const { data } = e.getContext("2d").getImageData(0, 0, e.width, e.height);
        return data.some((value, n) => n % 4 === 0 && value !== data[n + 1]); }""")
    assert colors and faults == []


def test_the_page_gives_the_network_images_of_the_range_that_it_was_trained_on(
    browser: Browser, two_replicates: Path, tmp_path: Path
) -> None:
    """Values from -1 to 1, of which the picture of the input shows the lowest as black and the highest as white."""
    paper = with_explorer(two_replicates, tmp_path)
    (paper / "scaling.py").write_text("def scaled(images):\n    return images[..., None] / 125.0 - 1\n")
    toml = paper / "paper.toml"
    toml.write_text(f"{toml.read_text()}\n[explorer.drawing]\ncanvas = [8, 8]\nbox = 6\n")
    done = build(paper)
    assert done.returncode == 0, done.stderr
    page, faults = opened(browser, tmp_path / "build" / "site" / "index.html")
    assert re.search(r"by at most [\d.]+\s×\s10⁻[⁴-⁹]", page.locator(".check-result").inner_text())
    seen = page.evaluate("explorer.then((e) => Array.from(e.seen()))")
    assert (min(seen) < -0.9, max(seen)) == (True, pytest.approx(1))
    shown = page.locator(".explorer .input").evaluate("""(e) => {
        const { data } = e.getContext("2d").getImageData(0, 0, e.width, e.height);
        return [Math.min, Math.max].map((end) => end(...data.filter((value, n) => n % 4 === 0))); }""")
    assert shown[0] < 20 and shown[1] == 255
    drawn = page.evaluate("explorer.then((e) => Array.from(e.normalized(new Float32Array(64).fill(1, 9, 11), 8)))")
    assert (min(drawn), max(drawn) > 0) == (-1, True) and faults == []


def test_a_network_that_the_page_does_not_know_is_left_out_and_the_build_says_why(
    two_replicates: Path, tmp_path: Path
) -> None:
    paper = with_explorer(two_replicates, tmp_path)
    experiment = paper / "experiment.py"
    pooling = "keras.layers.MaxPooling2D(),"
    experiment.write_text(
        experiment.read_text().replace(pooling, f"{pooling}\nkeras.layers.LayerNormalization(name='norm'),")
    )
    done = build(paper)
    assert done.returncode == 0, done.stderr
    assert (
        "The explorer is left out, because the page does not support the layer 'norm' (LayerNormalization)."
        in done.stderr
    )
    html = (tmp_path / "build" / "site" / "index.html").read_text()
    assert "This network cannot run in the browser." in html and "explorer-trained" not in html


def test_a_network_without_maps_has_no_controls_for_them(
    browser: Browser, built_paper: Callable[[str], Path], tmp_path: Path
) -> None:
    done = build(with_explorer(built_paper("single"), tmp_path))
    assert done.returncode == 0, done.stderr
    page, faults = opened(browser, tmp_path / "build" / "site" / "index.html")
    assert page.locator("[name=explorer-scale], .explorer .reset").count() == 0
    assert not page.locator(".explorer .readout").is_visible()
    assert "every layer" not in page.locator(".explorer .instead").inner_text()
    assert sum(told(page)) == pytest.approx(1, abs=0.01) and faults == []


def test_an_explorer_in_a_list_is_one_and_in_a_listing_is_none(tmp_path: Path) -> None:
    for text, is_placed in (("- x\n\n  ::: figure explorer\n  x\n  :::\n", True), (f"```\n{PLACE}```\n", False)):
        (tmp_path / "article.md").write_text(f"# Title\n\n{text}")
        paper = Paper("Title", ("An Author",), datetime.date(2026, 1, 2))
        assert needs(tmp_path, paper).explorer is is_placed


def test_an_article_without_a_place_for_it_has_no_explorer(built_paper: Callable[[str], Path]) -> None:
    out = built_paper("single").parent / "build"
    assert not (out / "cache" / "explorer").exists()
    assert "explorer" not in (out / "site" / "index.html").read_text()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("canvas = [9, 8]\nbox = 6", "The canvas and the images differ in size"),
        ("canvas = [8, 8]\nbox = 9", "The box is larger than the canvas"),
        ("canvas = [8, 8]", "explorer.drawing.box is missing"),
    ],
)
def test_a_drawing_that_does_not_suit_the_data_is_refused_with_its_line(tiny: Path, settings: str, words: str) -> None:
    toml = tiny / "paper.toml"
    toml.write_text(f"{toml.read_text()}\n[explorer.drawing]\n{settings}\n")
    done = build(tiny)
    assert done.returncode == 2 and words in done.stderr and re.search(r"paper\.toml:1\d", done.stderr)
