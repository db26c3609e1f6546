"""Models with a fit() of their own, trained in the process of the test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.core.errors import ReportError
from generator.model import training
from generator.records.condition import Recipe
from generator.records.progress import Progress
from generator.records.run import TrainingSettings
from tests.support.small_network import NETWORK, SETTINGS, arrays, threads_as_they_are


@pytest.fixture(scope="module", autouse=True)
def _threads_as_they_are() -> Iterator[None]:
    with threads_as_they_are():
        yield


STOPS_EARLY = """
class Patient(keras.Model):
    def fit(self, *args, callbacks=(), **kwargs):
        stop = keras.callbacks.EarlyStopping("loss", min_delta=1e6, patience=1)
        return super().fit(*args, callbacks=[*callbacks, stop], **kwargs)


def build_model"""


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """The network with changes, in a file of its own."""
    text = NETWORK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "experiment.py"
    path.write_text(text)
    return path


def test_a_model_that_stops_early_leaves_the_epochs_that_ran(tmp_path: Path) -> None:
    path = changed(tmp_path, ("def build_model", STOPS_EARLY.strip("\n")), ("keras.Model(image,", "Patient(image,"))
    told: list[Progress] = []
    settings = TrainingSettings(epochs=6, batch_size=10)
    stopped = training.train(Recipe(path), arrays(), 2, settings, 0, told.append, "replicate 0")
    assert len(stopped.run.epochs) == len(stopped.times.epoch_seconds) == 2
    assert [line[:9] for line in stopped.times.log] == ["Epoch 1/6", "4/4 ━━━━━", "Epoch 2/6", "4/4 ━━━━━"]
    assert stopped.run.curve.steps[-1] == 8
    assert {at.at.partition("/")[0] for at in told} == {"epoch 1", "epoch 2"}


def test_a_fit_of_the_models_own_that_runs_twice_counts_all_epochs(tmp_path: Path) -> None:
    """As in fine-tuning; validation after the second part only."""
    twice = """
class Twice(keras.Model):
    def fit(self, *args, validation_data=None, **kwargs):
        super().fit(*args, **kwargs)
        return super().fit(*args, validation_data=validation_data, **kwargs)


def build_model"""
    path = changed(tmp_path, ("def build_model", twice.strip("\n")), ("keras.Model(image,", "Twice(image,"))
    ran = training.train(
        Recipe(path), arrays(), 2, TrainingSettings(epochs=1, batch_size=10), 0, lambda at: None, "replicate 0"
    )
    assert ["val_loss" in epoch.metrics for epoch in ran.run.epochs] == [False, True]
    assert ran.run.curve.steps == tuple(range(1, 9))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return super().fit(x, y, epochs=1, verbose=0)", "fit() reported no epoch"),
        (
            "return super().fit(x, y, batch_size=5, callbacks=kwargs['callbacks'], verbose=0)",
            "fit() runs 8 steps per epoch, but the data has 4 batches of 10",
        ),
    ],
)
def test_a_fit_that_trains_on_something_else_than_the_article_reports_is_refused(
    tmp_path: Path, body: str, message: str
) -> None:
    own = f"class Own(keras.Model):\n    def fit(self, x, y, **kwargs):\n        {body}\n\n\ndef build_model"
    path = changed(tmp_path, ("def build_model", own), ("keras.Model(image,", "Own(image,"))
    with pytest.raises(ReportError, match=re.escape(message)):
        training.train(Recipe(path), arrays(), 2, SETTINGS, 0, lambda at: None, "replicate 0")
