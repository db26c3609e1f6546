"""What can be known of an article before a run is told before it, and without TensorFlow."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from rich.console import Console

from generator.build.preflight import (
    Request,
    absent_labels,
    check_article,
    check_choices,
    check_names,
    find_source,
    leaked_images,
    out_folder,
)
from generator.core.console import Display
from generator.core.errors import Place, ReportError, UsageError
from generator.paper import load_paper
from generator.records.condition import MAIN
from generator.records.dataset import ArrayInfo, Dataset, Source
from generator.records.trial import Trial
from tests.conftest import PAPERS
from tests.support.repositories import git

TRIAL = Trial(
    kinds={"conv": "Conv2D", "dense": "Dense"},
    maps=("conv",),
    metrics=("accuracy", "loss", "val_loss"),
    classes=2,
    has_convolution=True,
    kernels=(3, 3, 1, 4),
    hyperparameters=(("layers", "conv", "filters"), ("optimizer", "learning_rate", "decay_rate"), ("loss",)),
)
LINE = 15
"""Of what a test adds to the article of the tiny paper."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PAPERS / "tiny", tmp_path / "paper"))


def add(folder: Path, text: str) -> None:
    """Adds a paragraph to the article."""
    article = folder / "article.md"
    before = article.read_text(encoding="utf-8")
    article.write_text(before.replace("# Results\n", f"# Results\n\n{text}\n", 1), encoding="utf-8")


def said(folder: Path, text: str, check: Callable[[Path], None]) -> ReportError:
    """What is wrong with a paragraph of the article."""
    add(folder, text)
    with pytest.raises(ReportError) as caught:
        check(folder)
    return caught.value


def without_a_run(folder: Path) -> None:
    check_article(folder, load_paper(folder, {}), None)


def with_a_trial(folder: Path) -> None:
    check_names(folder, load_paper(folder, {}), {MAIN: TRIAL}, {}, {})


def test_a_layer_whose_name_is_too_long_to_be_printed_is_refused_before_training(folder: Path) -> None:
    trial = msgspec.structs.replace(TRIAL, kinds={**TRIAL.kinds, "x" * 5000: "Dense"})
    with pytest.raises(
        ReportError, match="experiment.py: The name that begins with x{20} has more than 200 characters"
    ):
        check_names(folder, load_paper(folder, {}), {MAIN: trial}, {}, {})


def test_the_article_of_a_small_paper_passes(folder: Path) -> None:
    without_a_run(folder)
    with_a_trial(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("As in [@nobody].", "nobody"),
        ("See @fig:nothing.", "@fig:nothing refers to nothing"),
        ("It took {{ training.epoch }}.", '"training" has no "epoch"'),
        ("It took {{ trainin.epochs }}.", '"trainin" is not defined'),
        ("It is {{ test.acuracy.mean | percent }}.", '"test" has no "acuracy"'),
        ("It is {{ test.accuracy.maen | percent }}.", '"test.accuracy" has no "maen"'),
        ("It is {{ test.accuracy.mean | procent }}.", 'there is no filter "procent"'),
        ("It is {{ test.accuracy.mean | }}.", "cannot be read"),
        ('[It is good.]{claim="test.acuracy.low > 0.9"}', '"test" has no "acuracy"'),
        ('[It is good.]{claim="1 > 0"}', "uses no result"),
        ("::: figure nothing\nIt.\n:::", 'There is no figure "nothing"'),
        ("::: table kernels\nIt.\n:::", '"kernels" is a figure, not a table'),
        ("::: table published\nIt.\n:::", r"paper\.toml has no table \[published\]"),
        (r"It is $\nosuchcommand$.", "nosuchcommand"),
        ("``` nolanguage\nx\n```", "nolanguage"),
        ("Of 17 layers.", '"17" is typed by hand'),
        ("It is { test.accuracy.mean }.", '"{ test.accuracy.mean }" has one brace on each side'),
        ("As *so*^[a { code.FILTERS }].", '"{ code.FILTERS }" has one brace on each side'),
        ("Of {{ FILTERS }} filters.", "It is in the code: write code.FILTERS"),
        ("Of {{ code.SHIFTS[3] }} pixels.", '"code.SHIFTS" has no item 3'),
        ("Of {{ code.SHIFTS }} pixels.", "is a list, which cannot be printed in a sentence"),
        ("Of {{ code.SIZE }} pixels.", '"code.SIZE" is not a constant: it is computed'),
        ("Of {{ data.images.test | percent }}.", "data.images.test is a count, but percent is for a share"),
        ('[It is good.]{claim="test.accuracy.mean < 95"}', "compares a share, which is at most 1, with 95"),
        ("A 四.", r"U\+56DB"),
    ],
)
def test_a_mistake_of_the_prose_is_told_with_its_line(folder: Path, text: str, message: str) -> None:
    experiment = folder / "experiment.py"
    experiment.write_text(experiment.read_text() + "\nSIZE = 3 * FILTERS\nSHIFTS = (-3, 0, 3)\n")
    error = said(folder, text, without_a_run)
    assert error.where == Place(folder / "article.md", LINE)
    assert re.search(message, str(error)), error


def test_parts_of_a_tuple_and_tuples_with_a_filter_are_no_mistake(folder: Path) -> None:
    experiment = folder / "experiment.py"
    experiment.write_text(experiment.read_text() + "\nSHIFTS = (-3, 0, 3)\n")
    add(
        folder,
        '{{ code.SHIFTS[2] }}, {{ code.SHIFTS | join(", ") }}, {{ code.SHIFTS | length }}, and {{ code.FILTERS }}',
    )
    without_a_run(folder)


@pytest.mark.parametrize(
    "text",
    [
        "`{ test.accuracy }` and $\\{ test.accuracy \\}$, or \\{ test.accuracy | percent }.",
        "The sets {x | x in y} and {n | integer}, {e.g. this}, {config.yaml, data.csv}, and [so]{.test}.",
    ],
)
def test_braces_in_code_and_equations_and_around_other_words_are_text(folder: Path, text: str) -> None:
    add(folder, text)
    without_a_run(folder)


def test_all_mistakes_of_the_prose_are_told_at_once(folder: Path) -> None:
    error = said(folder, "As in [@nobody], {{ test.acuracy }} and @fig:nothing.", without_a_run)
    assert error.what.startswith("There are 3 errors.")


def test_latex_in_the_bibliography_that_cannot_be_read_is_told(folder: Path) -> None:
    bib = folder / "references.bib"
    bib.write_text(bib.read_text().replace("Rows and Columns", r"Rows \nosuch{and} Columns"))
    with pytest.raises(ReportError, match=r"references\.bib:1: .*nosuch"):
        without_a_run(folder)


def test_data_whose_own_reference_is_not_cited_are_told_with_the_line(folder: Path) -> None:
    toml = folder / "paper.toml"
    toml.write_text(toml.read_text() + 'citation = "nobody1999"\n')
    with pytest.raises(ReportError, match=r'paper\.toml:13: The data\'s own reference, "nobody1999", is not among'):
        without_a_run(folder)
    toml.write_text(toml.read_text().replace("nobody1999", "example2020"))
    without_a_run(folder)


def test_an_original_that_is_not_cited_is_told(folder: Path) -> None:
    toml = folder / "paper.toml"
    original = '[original]\ntitle = "T"\nauthor = "A"\ndate = 2025-01-01\ncitation = "other"\n'
    toml.write_text(toml.read_text() + original)
    with pytest.raises(ReportError, match="The original, 'other', is not among the references"):
        without_a_run(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ final.val_acc.mean | percent }}", '"final" has no "val_acc"'),
        ("{{ epochs[1].acuracy.mean | percent }}", '"epochs[1]" has no "acuracy"'),
        ("{{ epochs[2].loss.mean }}", '"epochs" has no "2"'),
        ("{{ model.layers.conv9.parameters }}", '"model.layers" has no "conv9"'),
        ("{{ model.kinds.Conv2d }}", '"model.kinds" has no "Conv2d"'),
        ("{{ model.layers.conv.filter }}", '"model.layers.conv" has no "filter"'),
        ("{{ model.optimizer.rate }}", '"model.optimizer" has no "rate"'),
        ("{{ hierarchy.dense.dead.trained.mean }}", '"hierarchy" has no "dense"'),
        ("{{ hierarchy.conv.ded.trained.mean }}", '"hierarchy.conv" has no "ded"'),
        ('{{ classes["0"].recall.mean }}', "write classes.0"),
        ("{{ classes[2].recall.mean }}", '"classes" has no "2"'),
        ('[So.]{claim="final.val_acc.mean > 0.9"}', '"final" has no "val_acc"'),
    ],
)
def test_a_name_that_the_model_decides_is_told_once_it_is_built(folder: Path, text: str, message: str) -> None:
    error = said(folder, text, with_a_trial)
    assert error.where == Place(folder / "article.md", LINE)
    assert message in str(error)
    without_a_run(folder)


@pytest.mark.parametrize(
    "text",
    [
        "{{ final.loss | number(4) }} {{ final.val_loss.replicate[0] }} {{ epochs[1].accuracy.low | percent }}",
        "{{ hierarchy.conv.edge_energy.null.mean }} {{ hierarchy.conv.field.size }} {{ figures.conv.low }}",
        "{{ mistakes[1].label }} {{ model.layers.dense.shape }} {{ confusion[0][1] }} {{ omitted.field.all }}",
        "{{ 'good' if final.val_loss.mean < 1 else classes[1].precision }}",
        "{{ model.layers.conv.filters }} {{ model.optimizer.learning_rate.decay_rate }} {{ model.loss }}",
    ],
)
def test_what_a_run_may_give_is_no_mistake(folder: Path, text: str) -> None:
    add(folder, text)
    without_a_run(folder)
    with_a_trial(folder)


def test_an_epoch_that_is_never_trained_is_told_with_the_setting(folder: Path) -> None:
    assert "It was left out: training.epochs is 1." in said(folder, "{{ epochs[2].loss.mean }}", with_a_trial).what


def test_names_of_classes_must_be_as_many_as_the_classes(folder: Path) -> None:
    toml, array = folder / "paper.toml", ArrayInfo((10, 8, 8, 1), "float32", "d" * 64)
    dataset = Dataset(array, array, array, array, classes=2)
    request, sample = Request(folder, folder / "build", None, {}), Source("sample", (), "d", "digits", (), "d")
    three, two = (load_paper(folder, {"data.classes": names}) for names in ('["a", "b", "c"]', '["a", "b"]'))
    with pytest.raises(UsageError) as caught:
        check_choices(request, three, None, dataset)
    assert caught.value.what == "data.classes holds three names, but the data has two classes"
    assert isinstance(caught.value.where, Place) and caught.value.where.path == toml
    check_choices(request, two, None, dataset)
    check_choices(request, three, sample, dataset)  # a stand-in has classes of its own


def test_names_of_classes_that_no_font_has_are_told_before_training(folder: Path) -> None:
    named = Source("own", (str(folder / "images"),), "d", "images", ("cat", "\U00012000"), "d")
    for paper, source, place in (
        (load_paper(folder, {"data.classes": '["cat", "\U00012000"]'}), None, "paper.toml"),
        (load_paper(folder, {}), named, "images"),
    ):
        with pytest.raises(ReportError, match=f"{place}.*No font supplied for the PDF has"):
            check_article(folder, paper, source)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "A tiny paper"', 'title = "It reached {{ test.accuracy | percent }}"'),
        ("date = ", 'description = "It reached {{ test.accuracy | percent }}."\ndate = '),
        ('name = "bars"', 'name = "bars"\ntitle = "Bars, {{ test.accuracy | percent }}"'),
        ("[data]", '[variants.long]\ntitle = "To {{ test.accuracy | percent }}"\ntraining = { epochs = 2 }\n[data]'),
        ("[data]", '[comparison]\nmain = "{{ test.accuracy | percent }}"\n[data]'),
        ('name = "bars"', 'name = "bars"\ntitle = "Bars"\nlicense = "For {{ test.accuracy | percent }}"'),
        ('name = "bars"', 'name = "bars"\nclasses = ["row", "{{ test.accuracy | percent }}"]'),
    ],
)
def test_a_value_in_a_text_of_the_settings_is_told_with_its_line_before_it_is_printed(
    folder: Path, old: str, new: str
) -> None:
    toml = folder / "paper.toml"
    assert old in toml.read_text()
    toml.write_text(toml.read_text().replace(old, new, 1))
    with pytest.raises(ReportError) as caught:
        without_a_run(folder)
    line = next(number for number, said in enumerate(toml.read_text().splitlines(), 1) if "{{" in said)
    assert caught.value.where == Place(toml, line)
    assert caught.value.what == "{{ test.accuracy | percent }} is not filled in here."


def test_braces_around_what_is_no_result_stay_in_a_text_of_the_settings(folder: Path) -> None:
    toml = folder / "paper.toml"
    toml.write_text(toml.read_text().replace("A tiny paper", "The braces of {{ mustache }} and {{}}", 1))
    without_a_run(folder)


def test_a_published_row_that_names_no_layer_is_told_before_training(folder: Path) -> None:
    toml = folder / "paper.toml"
    toml.write_text(toml.read_text() + "[published.parameters]\nconv9 = 3\n")
    with pytest.raises(ReportError, match=r"paper\.toml:\d+: published\.parameters\.conv9 is not a layer"):
        with_a_trial(folder)


@pytest.mark.parametrize(
    ("changes", "exhibit", "reason"),
    [
        ({"maps": (), "has_convolution": False, "kernels": None}, "figure feature-maps", "no convolution or pooling"),
        ({"maps": (), "has_convolution": False, "kernels": None}, "figure kernels", "no convolution or pooling layer"),
        ({"maps": ("conv",), "has_convolution": False, "kernels": None}, "figure kernels", "no convolution layer"),
        ({"kernels": None}, "figure edge-energy", "the first convolution is not a plain one"),
        ({"kernels": (3, 3, 17, 4)}, "figure kernels", "too many channels for a picture"),
        ({"kernels": (5, 5, 1, 4)}, "figure edge-energy", "the kernels are 5x5"),
        ({"inapplicable": {"field": "'x' joins"}}, "table receptive-fields", "'x' joins"),
        ({"kernels": None, "inapplicable": {"orientation": "too small"}}, "figure orientation", "too small"),
    ],
)
def test_an_exhibit_that_the_model_cannot_have_is_told_before_training(
    folder: Path, changes: dict[str, Any], exhibit: str, reason: str
) -> None:
    article = folder / "article.md"
    article.write_text(f"# Results\n\n::: {exhibit}\nA caption.\n:::\n")
    check_names(folder, load_paper(folder, {}), {MAIN: TRIAL}, {}, {})
    with pytest.raises(ReportError) as caught:
        check_names(folder, load_paper(folder, {}), {MAIN: msgspec.structs.replace(TRIAL, **changes)}, {}, {})
    assert f'"{exhibit.split()[1]}" for this experiment: ' in str(caught.value) and reason in str(caught.value)
    assert caught.value.where == Place(article, 3)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([0, 1, 2, 3], []),
        (
            [1, 2, 3, 1],
            ["no training image has the label 0; labels must count from 0; subtract 1 if yours count from 1"],
        ),
        ([0, 3], ["no training image has the labels 1, 2; labels must count from 0"]),
    ],
)
def test_labels_that_no_image_has_are_told(tmp_path: Path, labels: list[int], told: list[str]) -> None:
    """Labels that count from 1 make one class more than their author knows of."""
    np.save(tmp_path / "y_train.npy", np.array(labels, np.uint8))
    info = ArrayInfo((len(labels),), "uint8", "0" * 64)
    assert absent_labels(tmp_path, Dataset(info, info, info, info, 4)) == told


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ([7, 8], []),
        ([7, 1, 2], ["2 of 3 test images are also"]),
        ([0], ["1 of 1 test images is also"]),
    ],
)
def test_test_images_that_are_training_images_are_counted(tmp_path: Path, test: list[int], told: list[str]) -> None:
    for part, images in (("train", [0, 1, 2, 3]), ("test", test)):
        np.save(tmp_path / f"x_{part}.npy", np.array(images, np.float32).reshape(-1, 1, 1, 1))
    assert leaked_images(tmp_path) == [
        f"{line} in the training set, so the test accuracy says less about new images" for line in told
    ]


def test_data_that_is_not_there_is_told_with_the_line_that_names_it(folder: Path) -> None:
    request = Request(folder, folder.parent / "build", None, {})
    with pytest.raises(UsageError, match=r"data\.path names data\.npz, which was not found") as caught:
        find_source(request, load_paper(folder, {}), Display(Console(quiet=True)), only_look=False)
    assert caught.value.where == Place(folder / "paper.toml", 12)


def test_git_ignores_what_is_built_in_a_new_folder_and_finds_what_was_in_another(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "own.txt").write_text("the author's own")
    for name in ("old", "mine/build"):
        out = out_folder(tmp_path / name, tmp_path / "paper")
        (out / "site").mkdir()
        (out / "site" / "index.html").write_text("built")
    git(tmp_path, "init", "--quiet")
    found = git(tmp_path, "ls-files", "--others", "--exclude-standard").split()
    assert found == ["old/own.txt", "old/site/index.html"]
