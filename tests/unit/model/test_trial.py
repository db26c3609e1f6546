"""A model takes a few steps: what it turns out to be, how long a step takes, and what is said when it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow

from generator.core.errors import Place, ReportError
from generator.model import threads, trial
from generator.model.trial import build, try_model
from generator.records.condition import Recipe
from generator.records.run import TrainingSettings
from generator.records.trial import StepTimes, Trial

X, Y = np.zeros((6, 8, 8, 1), np.float32), np.array([0, 1, 2, 0, 1, 2])
ARRAYS = {"x_train": X, "y_train": Y, "x_test": X, "y_test": Y}

MODEL = """\
import keras


def build_model():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, name="conv"),
            keras.layers.MaxPooling2D(name="pool"),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(3, activation="softmax", name="dense"),
        ]
    )
    model.compile("adam", LOSS, metrics=METRICS)
    return model
"""


@pytest.fixture(autouse=True)
def _surroundings_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads cannot be set once TensorFlow is in use; each experiment's folder is put on the import path."""
    monkeypatch.setattr(threads, "fix", lambda count: None)
    monkeypatch.setattr(sys, "path", list(sys.path))


def tried(
    folder: Path, loss: str = '"sparse_categorical_crossentropy"', metrics: str = '["accuracy"]'
) -> tuple[Trial, StepTimes]:
    path = folder / "experiment.py"
    path.write_text(MODEL.replace("LOSS", loss).replace("METRICS", metrics))
    return try_model(Recipe(path), ARRAYS, 3, TrainingSettings(batch_size=4))[:2]


def test_a_trial_tells_the_layers_and_the_metrics_of_an_epoch(tmp_path: Path) -> None:
    found, _ = tried(tmp_path)
    assert found.kinds == {"conv": "Conv2D", "pool": "MaxPooling2D", "flat": "Flatten", "dense": "Dense"}
    assert found.maps == ("conv", "pool")
    assert (found.has_convolution, found.kernels) == (True, (3, 3, 1, 4))
    assert set(found.metrics) == {"accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"}


SLOW_AT_FIRST = """\
class Slow(keras.Sequential):
    def train_step(self, data):
        time.sleep(0.2)  # while the step is compiled, or at each step that is run eagerly
        return super().train_step(data)


def build_model"""


@pytest.mark.parametrize(("more", "is_first"), [("", True), (", run_eagerly=True", False)])
def test_the_steps_of_fit_are_timed_apart_from_their_compilation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, is_first: bool
) -> None:
    text = MODEL.replace("def build_model", SLOW_AT_FIRST).replace("keras.Sequential(\n", "Slow(\n")
    monkeypatch.setitem(globals(), "MODEL", f"import time\n{text}")
    monkeypatch.setattr(trial, "TIMED_SECONDS", 0.3)
    _, times = tried(tmp_path, metrics=f'["accuracy"]{more}')
    assert times.start > 0.2
    assert (times.step < 0.2) == is_first
    assert min(times.start, times.epoch, times.step) >= 0


RANDOM = """class Noisy(keras.Sequential):
    def train_step(self, data):
        x, y = data[:2]
        return super().train_step((x + tensorflow.random.uniform(tensorflow.shape(x)), y))


def build_model"""


def test_a_model_may_draw_random_numbers_with_tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all operations are deterministic, TensorFlow draws none without a seed."""
    text = MODEL.replace("def build_model", RANDOM).replace("keras.Sequential(\n", "Noisy(\n")
    text = text.replace("():\n", "():\n    tensorflow.random.uniform((3,))\n")
    monkeypatch.setitem(globals(), "MODEL", f"import tensorflow\n{text}")
    tensorflow.config.experimental.enable_op_determinism()
    tensorflow.random.set_seed(None)
    assert tried(tmp_path)[0].maps == ("conv", "pool")


STOPS = """\
class Stopping(keras.Sequential):
    def train_step(self, data):
        self.stop_training = True
        return super().train_step(data)


def build_model"""


def test_a_model_that_stops_its_training_at_once_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = MODEL.replace("def build_model", STOPS).replace("keras.Sequential(\n", "Stopping(\n")
    monkeypatch.setitem(globals(), "MODEL", text)
    assert tried(tmp_path)[1].step > 0


def test_steps_that_a_model_takes_at_once_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of five steps, the model takes four at once, and then the last."""
    seconds = iter([0.0, *(10.0, 18.0, 18.0, 20.0), 23.0, *(23.0, 27.0, 27.0, 28.0), 30.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(seconds))
    monkeypatch.setattr(trial, "TIMED_SECONDS", 100.0)
    watch = trial._Stopwatch()
    watch.set_params({"steps": 5})
    for epoch in range(2):
        watch.on_epoch_begin(epoch)
        for first, last in ((0, 3), (4, 7)):
            watch.on_train_batch_begin(first)
            watch.on_train_batch_end(last)
        watch.on_epoch_end(epoch)
    assert watch.times() == StepTimes(start=23.0 - 7.0, epoch=7.0 - 5.0, step=1.0)


# Keras warns where the process is set to be deterministic, as training sets it; here that depends on the tests before.
@pytest.mark.filterwarnings("ignore:Model doesn't support `jit_compile=True`:UserWarning")
@pytest.mark.parametrize("more", ["jit_compile=True", "steps_per_execution=4"])
def test_a_model_takes_the_step_however_it_was_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    monkeypatch.setitem(globals(), "MODEL", MODEL.replace("MaxPooling2D", "ReLU"))  # XLA lacks the former
    assert "loss" in tried(tmp_path, metrics=f'["accuracy"], {more}')[0].metrics


@pytest.mark.parametrize(
    ("loss", "metrics", "line"),
    [
        ('"binary_crossentropy"', '["accuracy"]', 4),
        ("lambda y, p: p @ p", '["accuracy"]', 14),
        ('"sparse_categorical_crossentropy"', "[keras.metrics.AUC()]", 4),
    ],
)
def test_a_model_that_cannot_be_trained_on_the_data_is_told_with_a_line(
    tmp_path: Path, loss: str, metrics: str, line: int
) -> None:
    with pytest.raises(ReportError, match=r"build_model\(\): the model cannot be trained on the data: ") as caught:
        tried(tmp_path, loss, metrics)
    assert caught.value.where == Place(tmp_path / "experiment.py", line)


FAILS_IN_TRAINING = """\
class Shy(keras.layers.Layer):
    def call(self, inputs, training=False):
        return inputs[:, 100] if training else inputs


def build_model"""


def test_the_layer_that_fails_in_training_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layers = MODEL.replace("keras.layers.Flatten", 'Shy(name="shy"),\n            keras.layers.Flatten')
    monkeypatch.setitem(globals(), "MODEL", layers.replace("def build_model", FAILS_IN_TRAINING))
    told = r'on the data: layer "shy" \(Shy, whose input has shape \(3, 3, 4\)\): '
    with pytest.raises(ReportError, match=told) as caught:
        tried(tmp_path)
    assert caught.value.where == Place(tmp_path / "experiment.py", 6)


def test_an_output_of_fewer_classes_than_the_labels_is_told(tmp_path: Path) -> None:
    (tmp_path / "experiment.py").write_text(MODEL.replace("LOSS", '"mse"').replace("METRICS", "[]"))
    with pytest.raises(ReportError, match=r"output has shape \(3,\), but the data has 4 classes") as caught:
        try_model(Recipe(tmp_path / "experiment.py"), ARRAYS, 4, TrainingSettings())
    assert caught.value.where == Place(tmp_path / "experiment.py", 4)


@pytest.mark.parametrize(
    ("width", "is_told"),
    [("1 / 0", True), ("open('no such file')", False), ("keras.models.load_model('none.keras')", False)],
)
def test_a_model_that_cannot_be_built_is_told_before_there_is_data_unless_it_lacks_a_file(
    tmp_path: Path, width: str, is_told: bool
) -> None:
    """load_data() may write the file."""
    text = MODEL.replace("LOSS", '"mse"').replace("METRICS", "[]").replace("():", "(wide=False):")
    (tmp_path / "experiment.py").write_text(text.replace("Conv2D(4,", f"Conv2D({width} if wide else 4,"))
    build(tmp_path / "experiment.py", {})
    try:
        build(tmp_path / "experiment.py", {"wide": True})
    except ReportError as error:
        assert is_told and error.where == Place(tmp_path / "experiment.py", 8)
    else:
        assert not is_told
