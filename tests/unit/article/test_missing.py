"""What does not apply to an experiment: the prose that asks for it is told why it is not there."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from generator.article.missing import missing_exhibits, omission, omitted_exhibits
from generator.core.errors import ReportError
from generator.figures.charts import draw
from generator.paper import load_paper
from generator.records.figures import Figures
from tests.support.measuring import run, unmeasured
from tests.unit.article.test_writing import TOML, outcome, write

NO_LAYERS = "the network has no layers"
VALUES = {
    "hierarchy": {"conv": {"field": {"size": 3}}},
    "omitted": {
        "orientation": {"conv": "it sees padding", "late": "its field is not known"},
        "edge_energy": {"conv": "the kernels are 5x5"},
        "probe": {"pixels": "an image is too large"},
        "ablation": {"all": "there is no convolution"},
    },
}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (("hierarchy", "conv", "orientation", "trained", "mean"), "it sees padding"),
        (("hierarchy", "late", "orientation", "difference", "low"), "its field is not known"),
        (("hierarchy", "conv", "edge_energy_centered", "trained"), "the kernels are 5x5"),
        (("hierarchy", "conv", "ablation_most", "trained", "high"), "there is no convolution"),
        (("probes", "pixels", "mean"), "an image is too large"),
        (("hierarchy", "other", "orientation", "trained"), None),
        (("test", "accuracy", "mean"), None),
    ],
)
def test_a_name_of_a_measure_that_was_left_out_has_its_reason(path: tuple[str, ...], reason: str | None) -> None:
    assert omission([path], VALUES) == reason


@pytest.mark.parametrize(
    ("path", "ran", "reason"),
    [
        (("epochs", 6, "loss", "mean"), (2, 4), "replicates ran 2 to 4 epochs"),
        (("epochs", 6, "loss", "mean"), (2, 2), "each replicate ran two epochs"),
        (("epochs", 2, "val_acc"), (2, 4), None),
        (("epochs", "loss"), (2, 4), None),
    ],
)
def test_a_name_of_an_epoch_that_did_not_run_is_told_how_many_did(
    path: tuple[str | int, ...], ran: tuple[int, int], reason: str | None
) -> None:
    assert omission([path], {"ran": {"epochs": {"least": ran[0], "most": ran[1]}}}) == reason


def test_every_exhibit_that_does_not_apply_has_its_reason(tmp_path: Path) -> None:
    (tmp_path / "paper.toml").write_text(TOML.split("[published]")[0])
    charts, _ = draw([run(0)], [unmeasured(0)])
    made = outcome(load_paper(tmp_path, {}), correct=(98,), measured=unmeasured)
    without = dataclasses.replace(made, figures=Figures(feature_maps=None, charts=charts))
    names = ("edge-energy", "orientation", "probes", "selectivity", "receptive-fields", "kernels", "feature-maps")
    assert omitted_exhibits(without) == dict.fromkeys(names, NO_LAYERS)
    assert set(missing_exhibits(without)) - set(omitted_exhibits(without)) == {"mistakes", "published", "variants"}


@pytest.mark.parametrize(
    ("prose", "what"),
    [
        ("::: figure kernels\nThe kernels.\n:::", 'There is no figure "kernels" for this experiment: '),
        ("See @fig:feature-maps.", "There is no feature-maps for this experiment: "),
        ("It is {{ hierarchy.conv.orientation.trained }}.", "It was left out: "),
        ('[So.]{claim="hierarchy.conv.selectivity.trained.low > 0"}', "It was left out: "),
    ],
)
def test_prose_that_asks_for_it_fails_with_the_reason_and_the_line(tmp_path: Path, prose: str, what: str) -> None:
    with pytest.raises(ReportError) as caught:
        write(tmp_path, prose, measured=unmeasured)
    assert what in str(caught.value) and NO_LAYERS in str(caught.value)
    assert "article.md:7: " in str(caught.value)
