"""The training stage: one replicate, from its seed to its weights.

The same inputs and seed give the same weights on the same machine: every random generator is seeded, operations are
deterministic, and the number of threads is fixed. Nothing is written here. Training may stop before or continue after
the requested epochs: the epochs that ran are recorded.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from generator.core.errors import Place, ReportError
from generator.model import graph, threads
from generator.model.curves import Recorder
from generator.model.experiment import Experiment
from generator.model.hyperparameters import hyperparameters
from generator.model.probabilities import from_outputs, kind_of, predict
from generator.model.weights import weights_of
from generator.records.condition import Recipe
from generator.records.progress import Progress
from generator.records.run import Epoch, Layer, Run, Summary, Times, TrainingSettings

PROGRESS_SECONDS = 0.2
_PATHS = ("filepath", "filename", "log_dir")
"""The attributes of Keras's callbacks that hold the files and folders that they write."""

_STOCK = ("fit", "train_step", "compute_metrics", "reset_metrics")
"""The methods of Keras that decide what training does with a batch; a model may have its own."""

DIVERGED = "Lower the learning rate, or look for a division by zero in the model, its metrics, or the data."


@dataclass(frozen=True)
class TrainedReplicate:
    """A trained network.

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
    recipe: Recipe,
    arrays: Mapping[str, np.ndarray],
    classes: int,
    settings: TrainingSettings,
    seed: int,
    report: Callable[[Progress], None],
    name: str,
) -> TrainedReplicate:
    """Trains the model of a recipe on `arrays` (as load_data() returned them) from `seed`.

    `name` is the replicate's name in progress and messages. Raises ReportError when the experiment breaks its contract,
    or when the loss is no longer finite.
    """
    _seed(seed, settings.threads)
    author = Experiment(recipe.path)
    model = author.build_model(arrays["x_train"].shape[1:], classes, recipe.arguments, arrays["y_train"])
    summary = _summary(model)  # before fit(), since Keras then counts the optimizer's variables as well
    options = author.fit_options(arrays, classes, settings.validation)
    initial = weights_of(model)
    started = time.perf_counter()
    watcher = _Watcher(name, len(arrays["x_train"]), settings, report)
    with tempfile.TemporaryDirectory() as folder:
        _keep_files_in(Path(folder), options.get("callbacks", ()))
        log = _fit(author, model, arrays, settings, options, watcher)
    total = time.perf_counter() - started
    weights, outputs = weights_of(model), predict(model, arrays["x_test"])
    output = kind_of(model, outputs)
    probabilities = from_outputs(outputs, output)
    _check_finite(name, watcher.epochs, weights, probabilities)
    return TrainedReplicate(
        run=Run(
            seed=seed,
            summary=summary,
            graph=tuple(call.node for call in graph.read(model)),
            epochs=tuple(watcher.epochs),
            curve=watcher.curve.curve(),
            output=output,
        ),
        times=Times(epoch_seconds=tuple(watcher.seconds), total_seconds=total, log=log),
        initial=initial,
        weights=weights,
        probabilities=probabilities,
    )


def _seed(seed: int, count: int) -> None:
    threads.fix(count)
    keras.backend.clear_session()  # unnamed layers are numbered from the start again
    keras.utils.set_random_seed(seed)


def _fit(
    author: Experiment,
    model: Any,
    arrays: Mapping[str, np.ndarray],
    settings: TrainingSettings,
    options: Mapping[str, Any],
    watcher: _Watcher,
) -> tuple[str, ...]:
    """Runs fit(). Returns the log as Keras prints it."""
    validation = "validation" if "x_validation" in arrays else "test"
    try:
        with _captured() as output:
            if not options.get("callbacks"):  # the author's may still change what is trained when training begins
                _make_variables(model, arrays, settings.batch_size)
            model.fit(
                arrays["x_train"],
                arrays["y_train"],
                batch_size=settings.batch_size,
                epochs=settings.epochs,
                validation_data=(arrays[f"x_{validation}"], arrays[f"y_{validation}"]),
                # The watcher comes last, so that it sees what the author's callbacks add to an epoch's metrics.
                **{**options, "callbacks": [*options.get("callbacks", ()), watcher]},
            )
    except (ReportError, ConnectionError):
        raise
    except (Exception, SystemExit) as error:
        raise author.failure("Training failed", error) from error
    if not watcher.epochs:
        step = "A model with its own fit() must pass its callbacks to keras.Model.fit()."
        raise ReportError("fit() reported no epoch", Place(author.path), step)
    return _log(output.getvalue())


def _make_variables(model: Any, arrays: Mapping[str, np.ndarray], batch_size: int) -> None:
    """Makes the variables of the optimizer and the metrics of a model that Keras's own step trains.

    fit() traces a step that makes variables twice, which takes most of the time that a small network trains. The
    network is not called, since it may count its calls or draw random numbers, and nothing is left in the metrics.
    """
    kind, stock = type(model), keras.Model
    if any(getattr(kind, name) is not getattr(stock, name) for name in _STOCK):
        return
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_weights)
    x, y = arrays["x_train"][:batch_size], keras.ops.convert_to_tensor(arrays["y_train"][:batch_size])
    # A metric that refuses a batch of zeros makes its variables in fit().
    with contextlib.suppress(Exception), keras.StatelessScope():
        model.compute_metrics(x, y, keras.ops.zeros((len(x), *model.output_shape[1:])))


def _keep_files_in(folder: Path, callbacks: Iterable[Any]) -> None:
    """Moves the relative paths of Keras's callbacks into this folder, which only this run uses."""
    for callback in callbacks:
        for name in _PATHS if type(callback).__module__.startswith("keras.") else ():
            path = getattr(callback, name, None)
            if isinstance(path, str) and not Path(path).is_absolute():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                setattr(callback, name, str(folder / path))


def _check_finite(
    where: str, epochs: Sequence[Epoch], weights: Mapping[str, np.ndarray], probabilities: np.ndarray
) -> None:
    """Raises ReportError for anything not finite that the losses of the batches did not show."""
    for number, epoch in enumerate(epochs, 1):
        for metric, value in epoch.metrics.items():
            if not math.isfinite(value):
                raise ReportError(f"Training diverged: {metric} is {value}", f"{where}, epoch {number}", DIVERGED)
    for name, weight in weights.items():
        if not np.isfinite(weight).all():
            raise ReportError(f"Training diverged: the weights {name} are not finite", where, DIVERGED)
    if not np.isfinite(probabilities).all():
        raise ReportError("Training diverged: the predictions are not finite", where, DIVERGED)


class _Watcher(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Reports progress, records and times the epochs, and stops training that diverges."""

    def __init__(self, task: str, images: int, settings: TrainingSettings, report: Callable[[Progress], None]) -> None:
        super().__init__()
        self.task, self.settings, self.report = task, settings, report
        self.steps, self.step = math.ceil(images / settings.batch_size), 0
        self.curve = Recorder(images, settings.batch_size, settings.epochs)
        self.epochs: list[Epoch] = []
        self.seconds: list[float] = []
        self.epoch_started = self.reported = 0.0

    @property
    def epoch(self) -> int:
        """The current epoch, from 1, over all calls of Keras's fit(), of which a model's own fit() may make several."""
        return len(self.epochs) + 1

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        if self.params["steps"] != self.steps:
            what = f"fit() runs {self.params['steps']} steps per epoch, but the data has {self.steps} batches of "
            what += f"{self.settings.batch_size}"
            step = "A model's own fit() must use the data and batch size it is given, since the article reports them."
            raise ReportError(what, self.task, step)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch_started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        logs, self.step = logs or {}, batch + 1
        if not math.isfinite(logs.get("loss", 0.0)):
            where = f"{self.task}, epoch {self.epoch}, step {self.step} of {self.steps}"
            raise ReportError(f"Training diverged: the loss is {logs['loss']}", where, DIVERGED)
        self.curve.note(self.step, logs)
        now = time.perf_counter()
        if now - self.reported >= PROGRESS_SECONDS or self.step == self.steps:
            self.reported = now
            metrics = {name: value for name, value in logs.items() if math.isfinite(value)}
            epochs = max(self.settings.epochs, self.epoch)
            done = (self.epoch - 1) * self.steps + self.step
            at = f"epoch {self.epoch}/{epochs}  step {self.step}/{self.steps}"
            self.report(Progress(self.task, done, epochs * self.steps, at, is_milestone=False, metrics=metrics))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.seconds.append(time.perf_counter() - self.epoch_started)
        self.curve.end_epoch()
        metrics = {name: float(value) for name, value in (logs or {}).items()}
        self.epochs.append(Epoch(steps=self.step, metrics=metrics))


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    """Captures standard output, to which Keras prints its progress."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        yield output


def _log(output: str) -> tuple[str, ...]:
    """The headings and each epoch's last line of Keras's progress bar, without terminal codes.

    Anything else that was printed, by the author's model for instance, is not part of the log.
    """
    text = re.sub(r"\x1b\[[0-9;]*m", "", output)
    lines = (line.rstrip() for line in re.split(r"[\r\n\x08]+", text))
    shown = [line for line in lines if re.match(r"Epoch \d+/\d+$|\d+/\d+ [━─ ]*", line)]
    following = [*shown[1:], "Epoch"]
    return tuple(line for line, after in zip(shown, following, strict=True) if "Epoch" in (line[:5], after[:5]))


# --- the summary ---------------------------------------------------------------------------------


def _summary(model: Any) -> Summary:
    text = io.StringIO()
    model.summary(print_fn=lambda line, **_: text.write(line + "\n"), line_length=80)
    trainable = _count(model.trainable_weights)
    nodes = {id(node) for parallel in graph.by_depth(model) for node in parallel}
    return Summary(
        layers=tuple(_layer(layer, nodes) for layer in model.layers),
        total=model.count_params(),
        trainable=trainable,
        non_trainable=model.count_params() - trainable,
        bytes=sum(int(np.prod(weight.shape)) * tf.as_dtype(weight.dtype).size for weight in model.weights),
        text=text.getvalue().rstrip(),
        hyperparameters=hyperparameters(model),
    )


def _layer(layer: Any, nodes: set[int]) -> Layer:
    """A layer of the model to which `nodes` belong."""
    return Layer(
        name=layer.name,
        kind=type(layer).__name__,
        output_shape=tuple(keras.tree.flatten(layer.output)[0].shape),
        parameters=layer.count_params(),
        trainable=_count(layer.trainable_weights),
        inputs=_inputs(layer, nodes),
    )


def _inputs(layer: Any, nodes: set[int]) -> tuple[str, ...]:
    """The layers whose outputs this one takes, call by call; calls in other models do not count."""
    calls = (node for node in layer._inbound_nodes if id(node) in nodes)
    return tuple(parent.operation.name for call in calls for parent in call.parent_nodes)


def _count(weights: list[Any]) -> int:
    return sum(int(np.prod(weight.shape)) for weight in weights)
