"""Values of the epochs that ran, when replicates stop at different ones; numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from generator.paper import load_paper
from generator.records.run import Epoch
from generator.results.outcome import Outcome
from generator.results.results import values
from tests.unit.article.test_writing import TOML, outcome


def stopped(folder: Path, *losses: tuple[float, ...]) -> Outcome:
    """Replicates with these losses by epoch, of three epochs asked for."""
    (folder / "paper.toml").write_text(TOML)
    made = outcome(load_paper(folder, {"training.epochs": "3"}), correct=(98,) * len(losses))
    each = zip(made.replicates, losses, strict=True)
    ran = [
        replace(one, run=msgspec.structs.replace(one.run, epochs=tuple(Epoch(5, {"loss": loss}) for loss in own)))
        for one, own in each
    ]
    return replace(made, main=replace(made.main, replicates=tuple(ran)))


def test_values_are_of_the_epochs_that_every_replicate_ran_and_final_is_each_ones_own_last(tmp_path: Path) -> None:
    named = {value.name: value.value for value in values(stopped(tmp_path, (0.5, 0.25), (0.75, 0.5, 0.125)))}
    assert named["epochs.1.loss.mean"] == pytest.approx(0.625)
    assert named["epochs.2.loss.mean"] == pytest.approx(0.375)
    assert not any(name.startswith("epochs.3") for name in named)
    assert named["final.loss.mean"] == pytest.approx((0.25 + 0.125) / 2)
    assert (named["final.loss.replicate.0"], named["final.loss.replicate.1"]) == (0.25, 0.125)
    assert {name: value for name, value in named.items() if name.startswith("ran.")} == {
        "ran.epochs.least": 2, "ran.epochs.most": 3, "ran.epochs.replicate.0": 2, "ran.epochs.replicate.1": 3,
    }  # fmt: skip
    assert named["training.epochs"] == 3


def test_a_metric_that_not_every_replicate_has_after_an_epoch_is_left_out(tmp_path: Path) -> None:
    made = stopped(tmp_path, (0.5,), (0.75,))
    first = msgspec.structs.replace(made.replicates[0].run, epochs=(Epoch(5, {"loss": 0.5, "val_loss": 0.6}),))
    replicates = (replace(made.replicates[0], run=first), made.replicates[1])
    named = [value.name for value in values(replace(made, main=replace(made.main, replicates=replicates)))]
    assert "epochs.1.loss.mean" in named
    assert not any("val_loss" in name for name in named)
