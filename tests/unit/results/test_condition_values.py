"""The values of variants, and their differences from the main condition."""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace as changed

from generator.paper import load_paper
from generator.records.analysis import OwnMeasure, OwnNumber
from generator.records.condition import Condition
from generator.records.evidence import Evidence
from generator.records.measures import ClassScore, Measures, Predictions
from generator.records.results import Value
from generator.records.run import Epoch
from generator.results.condition_values import of_condition, of_variants, quantities
from generator.results.intervals import Quantity, of_replicates
from generator.results.outcome import ConditionOutcome
from generator.results.results import values
from tests.support.measuring import measures
from tests.unit.article.test_writing import TOML, outcome
from tests.unit.article.test_writing import replicate as made

MAIN = (98, 97, 99)
VARIANT = (96, 97, 92)


def variant(main: ConditionOutcome, *correct: int, first: int = 0, name: str = "wide") -> ConditionOutcome:
    """A variant of a condition, with so many images classified correctly by each replicate."""
    replicates = (made(seed, count, measures(seed)) for seed, count in enumerate(correct, first))
    condition = Condition(name, "A wide one", {"width": 9}, {}, main.condition.training)
    return ConditionOutcome(condition, main.dataset, tuple(replicates))


@pytest.fixture
def main(tmp_path: Path) -> ConditionOutcome:
    (tmp_path / "paper.toml").write_text(TOML)
    return outcome(load_paper(tmp_path, {}), MAIN, measured=measures).main


def named(main: ConditionOutcome, *variants: ConditionOutcome) -> dict[str, Value]:
    return {value.name: value for value in of_variants(main, variants)}


def test_a_variant_has_the_names_of_a_condition_and_its_title(main: ConditionOutcome) -> None:
    found = named(main, variant(main, *VARIANT))
    assert found["variants.wide.title"].value == "A wide one"
    assert found["variants.wide.test.accuracy.mean"].value == pytest.approx(0.95)
    assert found["variants.wide.model.parameters.total"].value == 1290
    assert found["variants.wide.hierarchy.a.dead.trained.mean"].value == 0.5
    assert found["variants.wide.test.accuracy.replicate.2"].replicate == 2


@pytest.mark.parametrize("right", [(351,), (351, 354), (351, 354, 340, 352, 355)], ids=["one", "two", "five"])
def test_one_accuracy_has_one_interval_whoever_measures_it(main: ConditionOutcome, right: tuple[int, ...]) -> None:
    """The test accuracy, Keras's validation accuracy on the test images, and an author's measure that counts images."""
    array = changed(main.dataset.x_test, shape=(360, 4, 4, 1))
    replicates = []
    for seed, count in enumerate(right):
        one, epoch = main.replicates[0], Epoch(5, {"val_accuracy": float(np.float32(count / 360)), "accuracy": 0.9})
        own = OwnMeasure("same", seed, (OwnNumber(("a",), count / 360, 360),), ())
        run = changed(one.run, seed=seed, epochs=(epoch,))
        replicates.append(replace(one, run=run, evidence=Evidence(seed, count, 360), own=(own,)))
    of = replace(main, dataset=changed(main.dataset, x_test=array), replicates=tuple(replicates))
    found = {value.name: value for value in of_condition(of)}
    for part in ("mean", "low", "high"):
        tested = found[f"test.accuracy.{part}"].value
        for name in ("final.val_accuracy", "epochs.1.val_accuracy", "analysis.same.a"):
            value = found[f"{name}.{part}"].value
            assert value == (pytest.approx(tested, abs=1e-6) if isinstance(tested, float) else tested)
    assert found["final.accuracy.replicate.0"].trials is None, "a mean over an epoch in which the network changes"


def test_a_difference_is_the_variant_less_the_main_condition_within_each_replicate(main: ConditionOutcome) -> None:
    """0.96 - 0.98, 0.97 - 0.97, and 0.92 - 0.99; its limits are those of plain numbers, which may be negative."""
    found = named(main, variant(main, *VARIANT))
    name = "variants.wide.difference.test.accuracy"
    each = [found[f"{name}.replicate.{seed}"] for seed in range(3)]
    assert [one.value for one in each] == pytest.approx([-0.02, 0.0, -0.07])
    assert {(one.scale, one.trials) for one in each} == {("plain", None)}
    spread = of_replicates(Quantity({0: -0.02, 1: 0.0, 2: -0.07}))
    assert spread.low is not None and spread.low < 0
    ends = [found[f"{name}.{end}"].value for end in ("mean", "low", "high")]
    assert ends == pytest.approx([statistics.fmean((-0.02, 0.0, -0.07)), spread.low, spread.high])


def test_every_quantity_of_both_has_a_difference_and_nothing_else_has(main: ConditionOutcome) -> None:
    found = named(main, variant(main, *VARIANT))
    begin = "variants.wide.difference."
    differing = {name.removeprefix(begin) for name in found if name.startswith(begin) and name.endswith(".mean")}
    assert {"test.accuracy.mean", "final.loss.mean", "times.epoch.mean"} < differing
    assert {"hierarchy.a.probe_mean.difference.mean", "hierarchy.a.ablation.trained.mean"} < differing
    assert not any(name.startswith(("model.", "data.", "training.", "ran.")) for name in differing)
    assert not any(".null." in name for name in differing)


def test_a_difference_is_of_the_replicates_that_both_conditions_have(main: ConditionOutcome) -> None:
    """The main condition has the seeds 0, 1, and 2; 0.96 - 0.98 and 0.97 - 0.97."""
    name = "variants.wide.difference.test.accuracy"
    fewer = {key: one for key, one in named(main, variant(main, 96, 97)).items() if key.startswith(f"{name}.rep")}
    assert [(key[-1], one.value) for key, one in fewer.items()] == [("0", pytest.approx(-0.02)), ("1", 0.0)]
    assert named(main, variant(main, 96, 97))[f"{name}.mean"].value == pytest.approx(-0.01)
    later = named(main, variant(main, 96, 97, 92, first=1))
    assert [key[-1] for key in later if key.startswith(f"{name}.rep")] == ["1", "2"]


def test_there_is_no_difference_of_other_replicates_or_of_what_the_main_condition_lacks(main: ConditionOutcome) -> None:
    assert not any(".difference.test" in name for name in named(main, variant(main, 96, 97, 92, first=3)))
    bare = (replace(one, measures=Measures(one.run.seed)) for one in main.replicates)
    names = named(replace(main, replicates=tuple(bare)), variant(main, *VARIANT))
    assert "variants.wide.hierarchy.a.dead.trained.mean" in names
    assert not any(name.startswith("variants.wide.difference.hierarchy") for name in names)


def test_the_stages_of_a_variant_are_its_own(main: ConditionOutcome) -> None:
    found = named(main, variant(main, *VARIANT))
    stages = {
        "title": "train (wide)", "data.images.test": "data (wide)", "test.accuracy.mean": "evidence (wide)",
        "hierarchy.a.probe_mean.trained.mean": "probes (wide)", "probes.pixels.mean": "probes (wide)",
        "hierarchy.a.dead.trained.mean": "activity (wide)", "hierarchy.a.orientation.trained.low": "orientation (wide)",
        "hierarchy.a.ablation_most.trained.mean": "ablation (wide)", "hierarchy.a.field.size": "evidence (wide)",
        "difference.test.accuracy.replicate.1": "evidence (wide)", "difference.times.total.mean": "train (wide)",
        "difference.hierarchy.a.selectivity.difference.mean": "activity (wide)",
    }  # fmt: skip
    assert {name: found[f"variants.wide.{name}"].stage for name in stages} == stages


def test_a_quantity_is_what_has_a_mean_and_replicates() -> None:
    seen = [Value(("a", "mean"), 0.5, "train"), Value(("a", "replicate", 0), 0.5, "train", 0, "share", 10)]
    counted = Value(("ran", "epochs", "replicate", 0), 2, "train", 0)
    assert quantities([*seen, counted]) == {("a",): Quantity({0: 0.5}, "share", {0: 10})}


def test_a_class_of_a_variant_is_called_by_its_name(tmp_path: Path) -> None:
    """One that the main condition's data does not have is called by its number."""
    (tmp_path / "paper.toml").write_text(TOML)
    known = outcome(load_paper(tmp_path, {}), class_names=("row", "column"), measured=confused)
    other = replace(variant(known.main, 98), replicates=(made(0, 98, confused(0)),))
    found = {value.name: value.value for value in values(replace(known, variants=(other,)))}
    assert found["errors.most.label"] == found["variants.wide.errors.most.label"] == "column"
    assert found["variants.wide.errors.most.predicted"] == 2


def confused(seed: int) -> Measures:
    """Half of the second class is taken for a third."""
    scores = tuple(ClassScore(label, 10, 0.5, 0.5) for label in range(3))
    return Measures(seed, predictions=Predictions(((9, 0, 1), (0, 5, 5), (0, 0, 9)), scores, ()))


def test_the_records_of_a_variant_say_what_it_was_made_from(main: ConditionOutcome) -> None:
    assert msgspec.to_builtins(variant(main, 98).condition)["model"] == {"width": 9}


def test_validation_metrics_of_different_images_have_no_difference(
    main: ConditionOutcome,
) -> None:
    for replicate in main.replicates:
        replicate.run.epochs[-1].metrics["val_accuracy"] = 0.5
    other = replace(main, condition=msgspec.structs.replace(main.condition, name="wide"))
    apart = replace(
        other,
        dataset=msgspec.structs.replace(other.dataset, x_validation=changed(other.dataset.x_test, sha256="f" * 64)),
    )
    for of, is_there in ((other, True), (apart, False)):
        found = {name for name in named(main, of) if name.endswith("final.val_accuracy.mean")}
        assert ("variants.wide.difference.final.val_accuracy.mean" in found) is is_there
        assert "variants.wide.final.val_accuracy.mean" in found
