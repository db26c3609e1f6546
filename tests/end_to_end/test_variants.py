"""A study of variants, built once: what its article shows, what is found again, and what is made for one variant."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from generator.article.foreseen import names
from generator.build import codedigest
from generator.paper import load_paper
from generator.records.condition import MAIN
from generator.records.trial import Trial
from generator.results.code_values import constants
from tests.conftest import build, copied, keep, make_paper
from tests.end_to_end.test_building import entries, is_foreseen

SHARE = """    (x_train, y_train), (x_test, y_test) = dataset.load("bars")
    kept = round(share * len(x_train))
    x_train, y_train = x_train[:kept], y_train[:kept]
"""
VARIANTS = """
[variants.longer]
title = "Twice as long"
training = { epochs = 2 }
[variants.wide]
title = "With six filters"
model = { filters = 6 }
training = { epochs = 1, replicates = 1 }
[variants.half-the-data]
title = "Half the data"
data = { share = 0.5 }
training = { epochs = 1, replicates = 1 }
[comparison]
main = "As it is"
columns = [
  { title = "Accuracy", value = "test.accuracy | percent", best = "most" },
  { title = "Loss", value = "final.loss | number(3)", best = "least" },
  { title = "Parameters", value = "model.parameters.total | integer" },
]
"""
PROSE = """
Longer training changes the accuracy by {{ variants.longer.difference.test.accuracy | percent }}, and
{{ variants["half-the-data"].data.images.train }} images are left. Wide layers give
{{ variants.wide.hierarchy.conv2d.probe_mean.trained.mean | percent }}.

[Longer training helps.]{claim="variants.longer.final.loss.mean < final.loss.mean"}
[It is not shown to help.]{.otherwise}

::: table variants
The variants.
:::

::: figure variants
Every replicate.
:::

# References
"""


@pytest.fixture(scope="module")
def study(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny paper with three variants, built; a test that builds it again takes a copy."""
    folder = tmp_path_factory.mktemp("study")
    keep(two_replicates, folder, "fonts")
    paper = make_paper("tiny", folder)
    code = (paper / "experiment.py").read_text()
    code = code.replace("def build_model():", "def build_model(filters=4):").replace("Conv2D(FILTERS", "Conv2D(filters")
    code = code.replace("def load_data():", "def load_data(share=1.0):")
    code = code.replace('    (x_train, y_train), (x_test, y_test) = dataset.load("bars")\n', SHARE)
    (paper / "experiment.py").write_text(code)
    (paper / "paper.toml").write_text((paper / "paper.toml").read_text() + VARIANTS)
    article = (paper / "article.md").read_text()
    (paper / "article.md").write_text(article.replace("\n# References\n", PROSE))
    done = build(paper, "--replicates", "2")
    assert done.returncode == 0, done.stderr
    assert "To do: train 6 replicates of 4 conditions" in done.stderr
    return paper


@pytest.fixture
def again(study: Path, tmp_path: Path) -> Path:
    return copied(study, tmp_path)


def results(paper: Path) -> Any:
    return json.loads((paper.parent / "build" / "site" / "results.json").read_text())


def trained(said: str) -> set[str]:
    """The replicates of whose training something was said."""
    return set(re.findall(r"^  ((?:[\w-]+, )?replicate \d+): epoch", said, re.MULTILINE))


def test_every_result_of_a_study_is_foreseen_by_its_name(study: Path) -> None:
    """A name that is not would be refused in the article before anything is trained. The layers have the same names."""
    tried = msgspec.json.decode((entries(study, "trial")[0] / "trial.json").read_bytes(), type=Trial)
    paper, set_once = load_paper(study, {}), constants(codedigest.parse(study / "experiment.py"))
    trials = dict.fromkeys((MAIN, *paper.variants), tried)
    for known in (names(paper, set_once, trials), names(paper, set_once, {})):
        assert [name for name in results(study)["values"] if not is_foreseen(known, name)] == []


def test_the_results_have_every_condition_and_differences_by_seed(study: Path) -> None:
    found = results(study)
    values = {name: stated["value"] for name, stated in found["values"].items()}
    assert list(found["variants"]) == ["half-the-data", "longer", "wide"]
    assert found["variants"]["wide"]["condition"]["model"] == {"filters": 6}
    assert len(found["variants"]["longer"]["replicates"][1]["epochs"]) == 2
    assert (values["data.images.train"], values["variants.half-the-data.data.images.train"]) == (240, 120)
    for seed in (0, 1):
        left, right = (values[f"{begin}final.loss.replicate.{seed}"] for begin in ("variants.longer.", ""))
        assert values[f"variants.longer.difference.final.loss.replicate.{seed}"] == pytest.approx(left - right)
    assert found["values"]["variants.wide.test.accuracy.mean"]["stage"] == "evidence (wide)"
    (claim,) = found["claims"]
    assert claim["family"] == 1 and claim["differences"][0]["replicates"] == 2


def test_only_the_condition_that_the_article_names_is_probed(study: Path) -> None:
    values = results(study)["values"]
    assert len(entries(study, "probes")) == 1
    assert "variants.wide.hierarchy.conv2d.probe_mean.trained.mean" in values
    assert not any(".probe_mean." in name and not name.startswith("variants.wide.") for name in values)
    assert not entries(study, "ablation") and not entries(study, "orientation")


def test_the_page_has_the_table_and_the_figure(study: Path) -> None:
    page = (study.parent / "build" / "site" / "index.html").read_text(encoding="utf-8")
    (table,) = re.findall(r'<table class="variants">.*?</table>', page, re.DOTALL)
    heads = re.findall(r'<th scope="row">(.*?)</th>', table)
    assert heads == ["As it is", "Twice as long", "With six filters", "Half the data"]
    assert table.count('href="#value:') == 3 * 4, "every cell is bound"
    assert 'id="fig:variants"' in page
    assert "Accuracy by condition, each replicate. As it is: " in page
    assert len(re.findall(r"by condition, each replicate\.", page)) >= 2, "of the accuracy and of the loss"


def test_a_second_build_makes_nothing(study: Path) -> None:
    site = study.parent / "build" / "site"
    before = {path: path.stat().st_mtime_ns for path in site.iterdir()}
    done = build(study, "--replicates", "2", "--verbose")
    assert done.returncode == 0, done.stderr
    assert ": stale" not in done.stderr
    assert {path: path.stat().st_mtime_ns for path in site.iterdir()} == before


def test_an_explanation_says_how_many_replicates_of_how_many_conditions(study: Path) -> None:
    changes = ("--set", "variants.wide.model.filters=5", "--set", "variants.longer.training.epochs=3")
    done = build(study, "--replicates", "2", "--explain", *changes)
    assert done.returncode == 0, done.stderr
    assert "To do: train 3 replicates of 2 conditions (about " in done.stderr


def test_an_explanation_before_the_first_build_says_how_many_replicates_there_may_be(
    study: Path, tmp_path: Path
) -> None:
    done = build(study, "--replicates", "2", "--explain", "--out", str(tmp_path / "new"))
    assert "At most 6 replicates of 4 conditions would be trained (time unknown" in done.stderr


def test_a_variant_that_becomes_the_main_condition_is_found(again: Path) -> None:
    """And the main condition as a variant: no network is trained for it."""
    toml = (again / "paper.toml").read_text()
    toml = toml.replace("training = { epochs = 2 }", "training = { epochs = 0 }").replace(
        "epochs = 1\n", "epochs = 2\n", 1
    )
    (again / "paper.toml").write_text(toml.replace("epochs = 0", "epochs = 1"))
    before = set(entries(again, "train"))
    done = build(again, "--replicates", "2")
    assert done.returncode == 0, done.stderr
    assert trained(done.stderr) == set() and set(entries(again, "train")) == before
    values = results(again)["values"]
    assert (values["training.epochs"]["value"], values["variants.longer.training.epochs"]["value"]) == (2, 1)


def test_only_one_variant_is_brought_up_to_date_for_a_draft(again: Path) -> None:
    changes = ("--set", "variants.wide.model.filters=5", "--set", "training.batch_size=24")
    before = results(again)["values"]
    done = build(again, "--replicates", "2", "--only", "wide", *changes)
    assert done.returncode == 0, done.stderr
    assert "Out of date, but not updated: As it is, Twice as long, and Half the data." in done.stderr
    assert trained(done.stderr) == {"wide, replicate 0"}
    after = results(again)
    assert any("draft" in obstacle for obstacle in after["obstacles"])
    left = [
        name for name in before if name.startswith(("test.", "variants.longer.test.", "variants.half-the-data.final."))
    ]
    assert {name: after["values"][name]["value"] for name in left} == {name: before[name]["value"] for name in left}
    assert after["variants"]["wide"]["condition"]["model"] == {"filters": 5}
