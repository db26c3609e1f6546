"""The trial of a model: a few steps, so that a model that does not fit is reported before anything is trained.

A model that cannot be built at all is reported even before the data is loaded. The first step runs eagerly, on a few
images, since compiling the model to find an error would take longer. Then fit() runs two short epochs, or one that
takes long, which are timed. Only what is learned about the model, and these times, are kept.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from generator.core.errors import ReportError
from generator.model import graph, threads
from generator.model.experiment import Experiment
from generator.model.hyperparameters import hyperparameters
from generator.records.condition import Arguments, Recipe
from generator.records.run import TrainingSettings
from generator.records.trial import StepTimes, Trial

IMAGES = 2
SCHEDULED = "learning_rate"
"""The metric that Keras's callbacks add to an epoch when they change the learning rate."""

TIMED_STEPS, TIMED_SECONDS = 8, 1.0
"""The number of steps of each timed epoch; fewer if all of them take longer than this many seconds."""


def try_model(
    recipe: Recipe, arrays: Mapping[str, np.ndarray], classes: int, settings: TrainingSettings
) -> tuple[Trial, StepTimes, tuple[graph.Call, ...]]:
    """Builds the model of a recipe and takes a few steps on `arrays` (as load_data() returned them).

    Returns what is learned about the model, the times, and the calls of its layers.

    Raises ReportError, with a line of the author's code, when the experiment breaks its contract or the model cannot
    take a step.
    """
    watch = _Stopwatch()
    author, model = untrained(recipe, arrays, classes, settings, seed=0)
    options = author.fit_options(arrays, classes, settings.validation)
    calls = graph.read(model)
    maps = graph.map_calls(calls)
    first, kernels = graph.first_kernels(maps)
    try:
        metrics = _metrics(model, arrays)
        author.check_monitors(options.get("callbacks", ()), metrics)
        _fit(model, arrays, settings.batch_size, watch)
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
    return trial, watch.times(), calls


def build(experiment: Path, arguments: Arguments) -> None:
    """Builds a model with these arguments of build_model(), before there is data.

    Raises ReportError as `Experiment.built`. A file that is missing is left to the trial, since load_data() may write
    it.
    """
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    try:
        Experiment(experiment).built(arguments)
    except ReportError as error:
        if not _is_missing_file(error.__cause__):
            raise


def _is_missing_file(error: BaseException | None) -> bool:
    """Whether a file was not found; Keras raises a ValueError for a missing .keras file."""
    return isinstance(error, OSError) or (isinstance(error, ValueError) and str(error).startswith("File not found"))


def untrained(
    recipe: Recipe, arrays: Mapping[str, np.ndarray], classes: int, settings: TrainingSettings, seed: int
) -> tuple[Experiment, Any]:
    """The experiment of a recipe, and its model as build_model() returns it, with the threads and a seed of training.

    Raises ReportError as `Experiment.build_model`.
    """
    threads.fix(settings.threads)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)  # deterministic random operations need one
    author = Experiment(recipe.path)
    shape, labels = arrays["x_train"].shape[1:], arrays["y_train"]
    return author, author.build_model(shape, classes, recipe.arguments, labels)


def _metrics(model: Any, arrays: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Takes one eager step, and returns the names of an epoch's metrics."""
    as_compiled, model.run_eagerly = model.run_eagerly, True
    logs = model.train_on_batch(arrays["x_train"][:IMAGES], arrays["y_train"][:IMAGES], return_dict=True)
    model.run_eagerly = as_compiled
    return (*logs, *(f"val_{name}" for name in logs), SCHEDULED)


def _fit(model: Any, arrays: Mapping[str, np.ndarray], batch_size: int, watch: _Stopwatch) -> None:
    """Runs fit() for two short epochs, so that what it does around its steps is timed, too."""
    model.make_train_function(force=True)  # the existing one is eager
    few = slice(TIMED_STEPS * batch_size)
    with contextlib.suppress(_TooSlowError):
        keras.Model.fit(  # not a fit() of the author's own, which may call this several times
            model,
            arrays["x_train"][few],
            arrays["y_train"][few],
            batch_size=batch_size,
            epochs=2,
            validation_data=(arrays["x_test"][:batch_size], arrays["y_test"][:batch_size]),
            verbose=0,
            callbacks=[watch],
        )


class _TooSlowError(Exception):
    """The steps take so long that what else an epoch does no longer matters."""


class _Stopwatch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Times the steps and the epochs of fit(), and ends it when that takes too long."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = [time.perf_counter()]
        self.begun = 0, 0.0
        self.first = self.later = self.in_epoch = 0.0
        self.steps: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.in_epoch = 0.0

    def on_train_batch_begin(self, batch: int, logs: object = None) -> None:
        self.begun = batch, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Notes a step, or several that the model takes at once."""
        first, started = self.begun
        now = time.perf_counter()
        self.in_epoch += now - started
        if self.steps:
            self.later += now - started
        else:
            self.first = now - self.ends[0]
        self.steps.append((now - started) / (min(batch + 1, self.params["steps"]) - first))
        if self.later > TIMED_SECONDS:
            raise _TooSlowError

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.ends.append(time.perf_counter())

    def times(self) -> StepTimes:
        step = statistics.median(self.steps[1:] or self.steps or [0.0])  # a model may stop its own training
        start, epoch = self.first - step, 0.0
        if len(self.ends) == 3:
            begin, middle, end = self.ends
            start, epoch = (middle - begin) - (end - middle), (end - middle) - self.in_epoch
        return StepTimes(max(0.0, start), max(0.0, epoch), step)
