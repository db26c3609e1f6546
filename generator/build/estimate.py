"""Estimates how long training and measuring will take, for a line that is printed before they start.

Training is estimated from the epochs timed in the trial of the model, or else from the last run. Measuring has no
trial: each measure is assumed to take as long as in the last run, or its time is unknown. Estimates are not results,
and no stage depends on them.
"""

from __future__ import annotations

import contextlib
import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from generator.build.store import Store
from generator.core.checked import read_checked, write_checked
from generator.core.formatting import duration
from generator.records.dataset import Dataset
from generator.records.run import Times, TrainingSettings
from generator.records.trial import StepTimes

NOT_ESTIMATED = "starting TensorFlow, drawing, and typesetting not included"
"""What a build does besides training and measuring, which is not estimated."""

FORWARD = 1 / 3
"""Time of a validation step relative to a training step: a backward pass costs about two forward passes."""


def training_seconds(times: StepTimes, settings: TrainingSettings, dataset: Dataset) -> float:
    """Seconds to train one replicate if it gets the cores it asks for; a model may stop before its last epoch."""
    steps = math.ceil(dataset.x_train.shape[0] / settings.batch_size)
    validation = math.ceil(dataset.validation_images / settings.batch_size) * FORWARD
    return times.start + settings.epochs * (times.epoch + (steps + validation) * times.step)


def last_training_seconds(store: Store, settings: TrainingSettings) -> float | None:
    """Seconds to train one replicate if an epoch takes as long as in the last run; None if there was none."""
    if (entry := store.last_entry("train")) is None:
        return None
    last = msgspec.json.decode(entry.read("times.json"), type=Times)
    return settings.epochs * statistics.fmean(last.epoch_seconds)


def shared(replicates: int, at_once: int, threads: int, cores: int) -> float:
    """How many times as long as one replicate alone all replicates take, if `at_once` of them share the cores."""
    rounds, rest = divmod(replicates, at_once)
    each = [at_once] * rounds + [rest] * (rest > 0)
    return sum(max(1.0, running * threads / cores) for running in each)


def remember_seconds(store: Store, seconds: Mapping[str, Sequence[float]]) -> None:
    """Saves how long the steps of each stage took, for the next build; times of other stages are kept."""
    now = {stage: statistics.fmean(each) for stage, each in seconds.items()}
    with contextlib.suppress(OSError):  # the results are there; only an estimate is missing
        write_checked(_memory(store), _remembered(store) | now)


def measuring_seconds(store: Store, stages: Sequence[str], at_once: int) -> float | None:
    """Seconds that these stages take if each takes as long as in the last run; None if one is unknown."""
    known = _remembered(store)
    if any(stage not in known for stage in stages):
        return None
    return sum(known[stage] for stage in stages) / at_once


def training_line(count: int, conditions: int, training: float | None, measuring: float | None) -> str:
    """A line that says what will be trained and measured; times are in seconds, None: unknown.

    On a first build, only the time of training is known, which must not be mistaken for the time of the build.
    """
    each = "it" if count == 1 else "them"
    trained = f"train {replicates(count)}{_of(conditions)} ({_about(training)})"
    rest = "time not known yet" if measuring is None else _about(measuring)
    return f"To do: {trained}, then measure {each} ({rest}); {NOT_ESTIMATED}"


def at_most_line(count: int, conditions: int) -> str:
    """A line that says what would be trained if nothing of it is in the store."""
    return f"At most {replicates(count)}{_of(conditions)} would be trained (time unknown until the data is loaded)"


def _of(conditions: int) -> str:
    return f" of {conditions} conditions" if conditions > 1 else ""


def measuring_line(count: int, measuring: float | None) -> str:
    """A line that says how many trained replicates will be measured; the time is in seconds, None: unknown."""
    return f"To do: measure {replicates(count)} ({_about(measuring)}); {NOT_ESTIMATED}"


def replicates(count: int) -> str:
    """A number of replicates, in digits."""
    return f"{count} replicate{'s' if count != 1 else ''}"


def _about(seconds: float | None) -> str:
    return "time unknown" if seconds is None else f"about {duration(seconds)}"


def _remembered(store: Store) -> dict[str, float]:
    return read_checked(_memory(store), dict[str, float]) or {}


def _memory(store: Store) -> Path:
    return store.root / "measuring.json"
