"""The training stage: one replicate, from its seed to its weights.

The same inputs and seed give the same weights on the same machine: the seed reaches every generator, operations are
deterministic, and the number of threads is fixed. Nothing is written here.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from generator.core.errors import ReportError
from generator.model import graph, threads
from generator.model.curves import Recorder
from generator.model.experiment import Experiment
from generator.model.probabilities import predict
from generator.model.weights import weights_of
from generator.records.progress import Progress
from generator.records.run import Epoch, Layer, Run, Summary, Times, TrainingSettings

PROGRESS_SECONDS = 0.2
DIVERGED = "Lower the learning rate, or look for a division by zero in the model, its metrics or the data."


@dataclass(frozen=True)
class TrainedReplicate:
    """What training left.

    Attributes:
        run: the record.
        times: how long it took.
        initial: weights before fit(), by name: those of the untrained twin.
        weights: after training, by name.
        probabilities: for the test set (N, classes).
    """

    run: Run
    times: Times
    initial: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]
    probabilities: np.ndarray


def train(
    experiment: Path,
    arrays: Mapping[str, np.ndarray],
    classes: int,
    settings: TrainingSettings,
    seed: int,
    report: Callable[[Progress], None],
) -> TrainedReplicate:
    """Trains the experiment's model on `arrays` (as load_data() returned them) from `seed`.

    Raises ReportError when the experiment breaks its contract, or when the loss stops being a number.
    """
    _seed(seed, settings.threads)
    author = Experiment(experiment)
    model = author.build_model(arrays["x_train"].shape[1:], classes)
    summary = _summary(model)  # before fit(), after which Keras counts the optimizer's variables too
    initial = weights_of(model)
    started = time.perf_counter()
    curve = Recorder(len(arrays["x_train"]), settings.batch_size, settings.epochs)
    watcher = _Watcher(f"replicate {seed}", settings.epochs, curve, report)
    log, history = _fit(author, model, arrays, settings, watcher)
    total = time.perf_counter() - started
    weights, probabilities = weights_of(model), predict(model, arrays["x_test"])
    _check_finite(seed, history, weights, probabilities)
    return TrainedReplicate(
        run=Run(
            seed=seed,
            summary=summary,
            graph=tuple(call.node for call in graph.read(model)),
            epochs=_epochs(history, watcher.steps),
            curve=curve.curve(),
        ),
        times=Times(epoch_seconds=tuple(watcher.seconds), total_seconds=total, log=log),
        initial=initial,
        weights=weights,
        probabilities=probabilities,
    )


def _seed(seed: int, count: int) -> None:
    threads.fix(count)
    keras.backend.clear_session()  # layers that the author did not name are numbered from the start again
    keras.utils.set_random_seed(seed)


def _fit(
    author: Experiment,
    model: Any,
    arrays: Mapping[str, np.ndarray],
    settings: TrainingSettings,
    watcher: _Watcher,
) -> tuple[tuple[str, ...], dict[str, list[float]]]:
    """Runs fit(). Returns the log in Keras's own form, and Keras's history."""
    try:
        with _captured() as output:
            history = model.fit(
                arrays["x_train"],
                arrays["y_train"],
                batch_size=settings.batch_size,
                epochs=settings.epochs,
                validation_data=(arrays["x_test"], arrays["y_test"]),
                callbacks=[watcher],
            )
    except (ReportError, ConnectionError):
        raise
    except (Exception, SystemExit) as error:
        raise author.failure("Training failed", error) from error
    return _log(output.getvalue(), settings.epochs), history.history


def _check_finite(
    seed: int, history: dict[str, list[float]], weights: Mapping[str, np.ndarray], probabilities: np.ndarray
) -> None:
    """Raises ReportError when training left anything that is not a number, which the batches' losses did not show."""
    where = f"replicate {seed}"
    for metric, values in history.items():
        for epoch, value in enumerate(values, 1):
            if not math.isfinite(value):
                raise ReportError(f"Training diverged: {metric} is {value}", f"{where}, epoch {epoch}", DIVERGED)
    for name, weight in weights.items():
        if not np.isfinite(weight).all():
            raise ReportError(f"Training diverged: the weights {name} are not finite", where, DIVERGED)
    if not np.isfinite(probabilities).all():
        raise ReportError("Training diverged: the predictions are not finite", where, DIVERGED)


class _Watcher(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Reports progress, times the epochs, notes the curve, and stops training that has lost its way."""

    def __init__(self, task: str, epochs: int, curve: Recorder, report: Callable[[Progress], None]) -> None:
        super().__init__()
        self.task, self.epochs, self.curve, self.report = task, epochs, curve, report
        self.seconds: list[float] = []
        self.epoch = self.steps = 0
        self.epoch_started = self.reported = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch, self.epoch_started = epoch + 1, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        logs, self.steps = logs or {}, self.params["steps"]
        if not math.isfinite(logs.get("loss", 0.0)):
            where = f"replicate {self.task.split()[-1]}, epoch {self.epoch}, step {batch + 1} of {self.steps}"
            raise ReportError(f"Training diverged: the loss is {logs['loss']}", where, DIVERGED)
        self.curve.note(self.epoch, batch + 1, logs)
        now = time.perf_counter()
        if now - self.reported >= PROGRESS_SECONDS or batch + 1 == self.steps:
            self.reported = now
            metrics = {name: value for name, value in logs.items() if math.isfinite(value)}
            self.report(Progress(self.task, self.epoch, self.epochs, batch + 1, self.steps, metrics))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.seconds.append(time.perf_counter() - self.epoch_started)


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    """Keras's own progress lines, which it prints to standard output."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        yield output


def _log(output: str, epochs: int) -> tuple[str, ...]:
    """Of Keras's progress bar, the headings and each epoch's last line, without terminal codes.

    Whatever else was printed meanwhile, by the author's model for instance, is not the log.
    """
    text = re.sub(r"\x1b\[[0-9;]*m", "", output)
    lines = (line.rstrip() for line in re.split(r"[\r\n\x08]+", text))
    shown = [line for line in lines if re.match(rf"Epoch \d+/{epochs}$|\d+/\d+ [━─ ]*", line)]
    following = [*shown[1:], "Epoch"]
    return tuple(line for line, after in zip(shown, following, strict=True) if "Epoch" in (line[:5], after[:5]))


def _epochs(history: dict[str, list[float]], steps: int) -> tuple[Epoch, ...]:
    rows = zip(*history.values(), strict=True)
    return tuple(
        Epoch(steps=steps, metrics={name: float(value) for name, value in zip(history, row, strict=True)})
        for row in rows
    )


# --- the summary ---------------------------------------------------------------------------------


def _summary(model: Any) -> Summary:
    text = io.StringIO()
    model.summary(print_fn=lambda line, **_: text.write(line + "\n"), line_length=80)
    trainable = _count(model.trainable_weights)
    return Summary(
        layers=tuple(_layer(layer) for layer in model.layers),
        total=model.count_params(),
        trainable=trainable,
        non_trainable=model.count_params() - trainable,
        bytes=sum(int(np.prod(weight.shape)) * tf.as_dtype(weight.dtype).size for weight in model.weights),
        text=text.getvalue().rstrip(),
    )


def _layer(layer: Any) -> Layer:
    return Layer(
        name=layer.name,
        kind=type(layer).__name__,
        output_shape=tuple(keras.tree.flatten(layer.output)[0].shape),
        parameters=layer.count_params(),
        trainable=_count(layer.trainable_weights),
        inputs=_inputs(layer),
    )


def _inputs(layer: Any) -> tuple[str, ...]:
    """The layers whose outputs this one takes, where it was first called."""
    parents = layer._inbound_nodes[0].parent_nodes if layer._inbound_nodes else []
    return tuple(node.operation.name for node in parents)


def _count(weights: list[Any]) -> int:
    return sum(int(np.prod(weight.shape)) for weight in weights)
