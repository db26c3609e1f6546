"""A paper with measures, a figure, and a table of its author's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.conftest import build, copied

ANALYSIS = """\
from generator import figure, measure, table

BRIGHTER = (0, 20)


@measure
def brightness(run):
    \"\"\"Test accuracy on images that are made brighter.\"\"\"
    found = {}
    for percent in BRIGHTER:
        predicted = run.model.predict(run.x_test + percent / 100, verbose=0).argmax(axis=1)
        found[percent] = float((predicted == run.y_test).mean())
    return {"accuracy": found, "curve": [1.0, run.seed]}


@measure
def unused(run):
    raise AssertionError("nobody asks for it")


@figure
def curve(results, axes):
    accuracy = results.analysis.brightness.accuracy
    axes.plot(list(accuracy), [accuracy[percent].mean for percent in accuracy])
    axes.set(xlabel="Brightness", ylabel="Accuracy")
    return f"Accuracy by brightness, {len(results.analysis.brightness.curve.replicate[0])} points."


@table
def rows(results):
    accuracy = results.analysis.brightness.accuracy
    return ["Brightness", "Accuracy"], [[f"{percent}%", (accuracy[percent], "percent")] for percent in accuracy]


@figure(width="text")
def wide(results, axes):
    axes.plot([0, 10_000], [0, results.test.accuracy.mean])
    axes.set(xlabel="Wide", ylabel="Accuracy")
    return "A line."
"""
ARTICLE = """\
# Results

Bright: {{ analysis.brightness.accuracy[20].mean | percent }}, brighter by {{ code.BRIGHTER[1] }}%.

::: figure curve
A curve.
:::

::: figure wide
A wide curve.
:::

::: table rows
Rows.
:::

::: listing analysis
The analysis.
:::
"""


@pytest.fixture(scope="module")
def built(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny paper with an analysis, of replicates that are trained already."""
    paper = copied(two_replicates, tmp_path_factory.mktemp("analysis"))
    (paper / "analysis.py").write_text(ANALYSIS)
    (paper / "article.md").write_text(ARTICLE)
    done = build(paper, "--replicates", "2", "--verbose")
    assert done.returncode == 0, done.stderr
    assert "train: up to date" in done.stderr and "analysis-brightness: stale" in done.stderr
    assert "analysis-unused" not in done.stderr, "a measure that nothing names does not run"
    return paper


def results(paper: Path) -> Any:
    return json.loads((paper.parent / "build" / "site" / "results.json").read_text())


def page(paper: Path) -> str:
    return (paper.parent / "build" / "site" / "index.html").read_text(encoding="utf-8")


def test_what_a_measure_returned_is_a_result_with_its_stage_and_words(built: Path) -> None:
    values = results(built)["values"]
    found = {name: one for name, one in values.items() if name.startswith("analysis.")}
    by_seed = [found[f"analysis.brightness.accuracy.20.replicate.{seed}"]["value"] for seed in (0, 1)]
    assert found["analysis.brightness.accuracy.20.mean"]["value"] == pytest.approx(sum(by_seed) / 2)
    assert {one["stage"] for one in found.values()} == {"analysis-brightness"}
    assert "test accuracy on images that are made brighter, accuracy, 20, mean over the replicates" in page(built)
    assert results(built)["measures"] == {"brightness": "Test accuracy on images that are made brighter"}


def test_the_figure_the_table_and_the_listing_are_on_the_page(built: Path) -> None:
    html = page(built)
    assert "<title>Accuracy by brightness, 2 points.</title>" in html
    assert 'href="#value:analysis.brightness.accuracy.0.mean"' in html, "a cell leads to where it is from"
    assert 'id="lst:analysis"' in html


@pytest.mark.parametrize("width", [320, 520])
def test_the_words_of_a_wide_figure_are_legible_on_a_narrow_screen_where_it_scrolls(
    built: Path, browser: Browser, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((built.parent / "build" / "site" / "index.html").as_uri())
    panels = page.get_by_role("region", name="Wide figure wide")
    assert panels.evaluate("panels => panels.scrollWidth > panels.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    heights = panels.locator("text").evaluate_all("texts => texts.map((text) => text.getBoundingClientRect().height)")
    assert heights
    assert min(heights) > 11


def test_a_change_of_one_function_makes_that_one_alone_stale(built: Path) -> None:
    analysis = built / "analysis.py"
    analysis.write_text(ANALYSIS.replace("(0, 20)", "(0, 30)"))
    told = build(built, "--replicates", "2", "--explain").stderr
    assert "analysis-brightness: stale, because\n  - code analysis.py brightness() changed" in told
    assert "figures, analysis-curve, analysis-rows, analysis-wide, article, pdf: would run next" in told
    assert "train: stale" not in told and "activity: stale" not in told
    analysis.write_text(ANALYSIS.replace('"A', '"An a'))
    assert "analysis-brightness" not in build(built, "--replicates", "2", "--explain").stderr.partition("stale")[2]
    analysis.write_text(ANALYSIS)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("float((", "1 / 0 * float((", "analysis.py:12: brightness() failed: ZeroDivisionError"),
        (
            "found[percent] =",
            "found[percent + run.seed] =",
            "returns accuracy.0 for replicate 0, but not for replicate 1",
        ),
        ("def rows(results)", "def rows()", "analysis.py:30: The table rows() cannot be called as rows(results)"),
        ("def curve(", "def probes(", "The generator already has a figure probes"),
    ],
)
def test_what_is_wrong_with_an_analysis_is_told(built: Path, old: str, new: str, told: str) -> None:
    analysis = built / "analysis.py"
    assert old in ANALYSIS
    analysis.write_text(ANALYSIS.replace(old, new))
    done = build(built, "--replicates", "2")
    assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr
    analysis.write_text(ANALYSIS)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("analysis.py", "float((", "flaot((", "analysis.py:12: brightness() failed: NameError: name 'flaot'"),
        (
            "analysis.py",
            "import figure,",
            "import figrue,",
            'analysis.py:1: The generator has no figrue\n  Did you mean "figure"',
        ),
        ("article.md", "accuracy[20]", "accuracy[30]", '"analysis.brightness.accuracy" has no "30"'),
        ("article.md", "accuracy[20].mean", "curve", '"analysis.brightness.curve" is an array'),
    ],
)
def test_what_is_wrong_with_a_measure_or_its_names_is_told_before_training(
    built: Path, file: str, old: str, new: str, told: str
) -> None:
    path, text = built / file, (built / file).read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    done = build(built, "--replicates", "2", "--set", "training.epochs=3")
    path.write_text(text)
    assert done.returncode == 1 and told in done.stderr and "Training" not in done.stderr
