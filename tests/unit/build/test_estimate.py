"""How long training and measuring will take: from timed steps, from the last run, or unknown."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from generator.build import estimate
from generator.build.store import Key, Store
from generator.records.dataset import ArrayInfo, Dataset
from generator.records.run import Times, TrainingSettings
from generator.records.trial import StepTimes


def array(length: int) -> ArrayInfo:
    return ArrayInfo((length, 8, 8, 1), "float32", "")


DATASET = Dataset(array(250), array(250), array(45), array(45), classes=2)


def test_training_takes_its_start_and_the_steps_of_its_epochs_with_a_third_as_long_for_each_of_validation() -> None:
    """25 steps and 5 of validation in batches of ten, twice."""
    times, settings = StepTimes(start=3.0, epoch=0.2, step=0.3), TrainingSettings(epochs=2, batch_size=10)
    assert estimate.training_seconds(times, settings, DATASET) == pytest.approx(3 + 2 * (0.2 + 25 * 0.3 + 5 * 0.1))


@pytest.mark.parametrize(
    ("replicates", "at_once", "threads", "cores", "times"),
    [
        (1, 1, 1, 2, 1),
        (3, 3, 1, 2, 1.5),
        (5, 3, 1, 2, 2.5),
        (6, 5, 1, 4, 1.25 + 1),
        (3, 3, 2, 8, 1),
        (3, 3, 4, 8, 1.5),
        (0, 3, 1, 2, 0),
    ],
)
def test_replicates_share_the_cores_and_wait_for_one_another(
    replicates: int, at_once: int, threads: int, cores: int, times: float
) -> None:
    assert estimate.shared(replicates, at_once, threads, cores) == times


def test_without_a_trial_an_epoch_takes_as_long_as_in_the_last_run(tmp_path: Path) -> None:
    store, key, settings = Store(tmp_path), Key("train", {"seed": "0"}), TrainingSettings(epochs=3)
    assert estimate.last_training_seconds(store, settings) is None

    def put(folder: Path) -> None:
        (folder / "times.json").write_bytes(msgspec.json.encode(Times((20.0, 40.0), 60.0, ())))

    store.remember(key, store.write(key, put))
    assert estimate.last_training_seconds(store, settings) == 90


def test_measuring_takes_as_long_for_each_stage_of_a_replicate_as_in_the_last_run(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert estimate.measuring_seconds(store, ["probes"], 1) is None
    estimate.remember_seconds(store, {"probes": [20.0, 40.0], "activity": [4.0]})
    estimate.remember_seconds(store, {"activity": [6.0]})
    assert estimate.measuring_seconds(store, ["probes", "probes", "activity"], 2) == 33
    assert estimate.measuring_seconds(store, ["probes", "ablation"], 2) is None, "one of them was never measured"
    path = tmp_path / "measuring.json"
    path.write_bytes(path.read_bytes().replace(b"30", b"31"))
    assert estimate.measuring_seconds(store, ["probes"], 1) is None, "it is not as it was written"
    path.unlink()
    os.mkfifo(path)
    assert estimate.measuring_seconds(store, ["probes"], 1) is None


def test_what_will_happen_is_one_line_and_what_is_not_known_or_comes_beside_it_is_said_to_be() -> None:
    rest = "starting TensorFlow, drawing, and typesetting not included"
    line = f"To do: train 3 replicates (about 2\u00a0min), then measure them (time not known yet); {rest}"
    assert estimate.training_line(3, 1, 118.0, None) == line
    assert estimate.training_line(6, 2, 118.0, None) == line.replace("3 replicates", "6 replicates of 2 conditions")
    line = f"To do: train 1 replicate (time unknown), then measure it (about 4\u00a0s); {rest}"
    assert estimate.training_line(1, 1, None, 4.0) == line
    of_all = "train 20 replicates of 4 conditions (time unknown), then measure them (time not known yet)"
    assert estimate.training_line(20, 4, None, None) == f"To do: {of_all}; {rest}"
    assert estimate.measuring_line(2, 30.0) == f"To do: measure 2 replicates (about 30\u00a0s); {rest}"
