"""The trial of a model: a few steps, so that a model that does not fit is reported before anything is trained.

The first step runs eagerly, on a few images, since compiling the model to find an error would take longer. The
following steps are those that fit() takes, and are timed. Only what is learned about the model, and these times, are
kept.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from generator.core.errors import ReportError
from generator.model import graph, threads
from generator.model.experiment import Experiment
from generator.model.hyperparameters import hyperparameters
from generator.records.condition import Recipe
from generator.records.run import TrainingSettings
from generator.records.trial import StepTimes, Trial

IMAGES = 2
SCHEDULED = "learning_rate"
"""The metric that Keras's callbacks add to an epoch when they change the learning rate."""

TIMED_STEPS, TIMED_SECONDS = 8, 1.0
"""The number of steps that are timed; fewer if they take longer than this many seconds."""


def try_model(
    recipe: Recipe, arrays: Mapping[str, np.ndarray], classes: int, settings: TrainingSettings
) -> tuple[Trial, StepTimes]:
    """Builds the model of a recipe and takes a few steps on `arrays` (as load_data() returned them).

    Raises ReportError, with a line of the author's code, when the experiment breaks its contract or the model cannot
    take a step.
    """
    author, model = untrained(recipe, arrays, classes, settings)
    options = author.fit_options(arrays, classes, settings.validation)
    maps = graph.map_calls(graph.read(model))
    first, kernels = graph.first_kernels(maps)
    try:
        metrics = _metrics(model, arrays)
        author.check_monitors(options.get("callbacks", ()), metrics)
        times = _times(model, arrays, settings.batch_size)
    except ReportError:
        raise
    except (Exception, SystemExit) as error:
        raise author.misfit(error) from error
    trial = Trial(
        kinds={layer.name: type(layer).__name__ for layer in model.layers},
        maps=tuple(call.node.name for call in maps),
        metrics=metrics,
        classes=classes,
        has_convolution=bool(first),
        kernels=None if kernels is None else kernels.shape,
        hyperparameters=tuple(each.path for each in hyperparameters(model)),
    )
    return trial, times


def untrained(
    recipe: Recipe, arrays: Mapping[str, np.ndarray], classes: int, settings: TrainingSettings
) -> tuple[Experiment, Any]:
    """The experiment of a recipe, and its model as build_model() returns it, with the threads of its training.

    Raises ReportError as `Experiment.build_model`.
    """
    threads.fix(settings.threads)
    keras.backend.clear_session()
    author = Experiment(recipe.path)
    return author, author.build_model(arrays["x_train"].shape[1:], classes, recipe.arguments)


def _metrics(model: Any, arrays: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Takes one eager step, and returns the names of an epoch's metrics."""
    as_compiled, model.run_eagerly = model.run_eagerly, True
    logs = model.train_on_batch(arrays["x_train"][:IMAGES], arrays["y_train"][:IMAGES], return_dict=True)
    model.run_eagerly = as_compiled
    return (*logs, *(f"val_{name}" for name in logs), SCHEDULED)


def _times(model: Any, arrays: Mapping[str, np.ndarray], batch_size: int) -> StepTimes:
    """Times steps of whole batches."""
    batch = arrays["x_train"][:batch_size], arrays["y_train"][:batch_size]
    model.make_train_function(force=True)  # the existing one is eager
    first, *later = _seconds(model, batch), _seconds(model, batch)
    while len(later) < TIMED_STEPS and sum(later) < TIMED_SECONDS:
        later.append(_seconds(model, batch))
    return StepTimes(first, statistics.median(later))


def _seconds(model: Any, batch: tuple[np.ndarray, np.ndarray]) -> float:
    started = time.perf_counter()
    model.train_on_batch(*batch)
    return time.perf_counter() - started
