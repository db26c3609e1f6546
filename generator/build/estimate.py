"""Estimates how long training and measuring will take, for a line that is printed before they start.

Training is estimated from the steps that the trial of the model timed, or else from the last run. Measuring has no such
trial: its time is that of the last run, or unknown. Nothing here is a result, and no stage depends on it.
"""

from __future__ import annotations

import contextlib
import math
import statistics
from pathlib import Path

import msgspec

from generator.build.store import Store
from generator.core.checked import read_checked, write_checked
from generator.core.formatting import duration
from generator.records.base import Record
from generator.records.dataset import Dataset
from generator.records.run import Count, Times, TrainingSettings
from generator.records.trial import StepTimes

FORWARD = 1 / 3
"""The part of a training step that a validation step takes: a backward pass costs about two forward passes."""


class Measured(Record, frozen=True):
    """The last time that replicates were measured.

    Attributes:
        seconds: from the first to the last.
        replicates: how many were measured.
    """

    seconds: float
    replicates: Count


def training_seconds(times: StepTimes, settings: TrainingSettings, dataset: Dataset) -> float:
    """How long one replicate trains if it has the cores it asks for; a model may stop before its last epoch."""
    steps = math.ceil(dataset.x_train.shape[0] / settings.batch_size)
    validation = math.ceil(dataset.validation_images / settings.batch_size) * FORWARD
    return times.first + settings.epochs * (steps + validation) * times.step


def last_training_seconds(store: Store, settings: TrainingSettings) -> float | None:
    """How long one replicate trains if an epoch takes as long as in the last run; None if there was none."""
    if (entry := store.last_entry("train")) is None:
        return None
    last = msgspec.json.decode(entry.read("times.json"), type=Times)
    return settings.epochs * statistics.fmean(last.epoch_seconds)


def shared(replicates: int, at_once: int, threads: int, cores: int) -> float:
    """How many times as long as one replicate alone all of them take, of which `at_once` share the cores."""
    rounds, rest = divmod(replicates, at_once)
    each = [at_once] * rounds + [rest] * (rest > 0)
    return sum(max(1.0, running * threads / cores) for running in each)


def remember_measuring(store: Store, seconds: float, replicates: int) -> None:
    """Keeps how long measuring took, for the next build."""
    with contextlib.suppress(OSError):  # the results are there; only an estimate is missing
        write_checked(_memory(store), Measured(seconds, replicates))


def measuring_seconds(store: Store, replicates: int) -> float | None:
    """How long measuring so many replicates takes if each takes as long as in the last run; None if there was none."""
    last = read_checked(_memory(store), Measured)
    return last.seconds / last.replicates * replicates if last else None


def training_line(count: int, training: float | None, measuring: float | None) -> str:
    """What is about to happen to replicates, from how long it takes in seconds; None: unknown."""
    each = "it" if count == 1 else "them"
    return f"To do: train {_replicates(count)} ({_about(training)}), then measure {each} ({_about(measuring)})"


def measuring_line(count: int, measuring: float | None) -> str:
    """The same for replicates that are trained already."""
    return f"To do: measure {_replicates(count)} ({_about(measuring)})"


def _replicates(count: int) -> str:
    return f"{count} replicate{'s' if count != 1 else ''}"


def _about(seconds: float | None) -> str:
    return "time unknown" if seconds is None else f"about {duration(seconds)}"


def _memory(store: Store) -> Path:
    return store.root / "measuring.json"
