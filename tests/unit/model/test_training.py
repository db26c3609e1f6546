"""Training and measuring, in this process: what is kept, what is found, and that it is found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.losses import BinaryCrossentropy, SparseCategoricalCrossentropy

from generator.core.errors import ReportError
from generator.measures import activity, evidence, subject
from generator.model import training
from generator.model.experiment import Experiment
from generator.model.probabilities import from_outputs, kind_of, labels_from
from generator.model.response import respond
from generator.model.trained import Trained
from generator.model.training import TrainedReplicate
from generator.model.weights import restore
from generator.records.condition import Recipe
from generator.records.progress import Progress
from generator.records.run import OutputKind, TrainingSettings
from tests.support import small_network
from tests.support.small_network import NETWORK, SETTINGS


def divided(x: Any) -> Any:
    """A distribution by an activation of the author's own."""
    return x / keras.ops.sum(x, axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "experiment.py"
    path.write_text(NETWORK)
    return path


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    return small_network.arrays()


@pytest.fixture(scope="module")
def told() -> list[Progress]:
    return []


@pytest.fixture(scope="module", autouse=True)
def _threads_as_they_are() -> Iterator[None]:
    with small_network.threads_as_they_are():
        yield


@pytest.fixture(scope="module")
def replicate(experiment: Path, arrays: dict[str, np.ndarray], told: list[Progress]) -> TrainedReplicate:
    return training.train(Recipe(experiment), arrays, 2, SETTINGS, 3, told.append, "replicate 3")


def test_a_seed_gives_the_same_replicate_again(
    experiment: Path, arrays: dict[str, np.ndarray], replicate: TrainedReplicate
) -> None:
    again = training.train(Recipe(experiment), arrays, 2, SETTINGS, 3, lambda at: None, "replicate 3")
    assert again.run == replicate.run
    for name, weight in replicate.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)
    np.testing.assert_array_equal(again.probabilities, replicate.probabilities)


def test_another_seed_gives_another_replicate(
    experiment: Path, arrays: dict[str, np.ndarray], replicate: TrainedReplicate
) -> None:
    other = training.train(Recipe(experiment), arrays, 2, SETTINGS, 4, lambda at: None, "replicate 4")
    assert any((other.weights[name] != weight).any() for name, weight in replicate.weights.items())


COUNTED = """
from pathlib import Path

class Counted(keras.layers.Layer):
    def call(self, x, training=False):
        with Path(__file__).with_name("calls").open("a") as calls:
            calls.write("training" if training else ".")
        return keras.random.dropout(x, 0.5, seed=1) if training else x

def build_model"""


def test_the_step_is_traced_once_and_the_weights_are_those_that_fit_alone_gives(
    tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    path, settings = tmp_path / "experiment.py", TrainingSettings(epochs=2, batch_size=16)  # the last batch is smaller
    text = NETWORK.replace("\ndef build_model", COUNTED, 1).replace("inner(x)", "Counted()(inner(x))")
    path.write_text(text.replace('["accuracy"]', "[keras.metrics.SparseCategoricalAccuracy(name='right')]"))
    made = training.train(Recipe(path), arrays, 2, settings, 3, lambda at: None, "replicate 3")
    assert (tmp_path / "calls").read_text().count("training") == 1
    training._seed(3, 1)
    model = Experiment(path).build_model((6, 6, 1), 2, {})
    told = model.fit(arrays["x_train"], arrays["y_train"], batch_size=16, epochs=2, verbose=0)
    assert [epoch.metrics["right"] for epoch in made.run.epochs] == told.history["right"]
    assert [epoch.metrics["loss"] for epoch in made.run.epochs] == told.history["loss"]
    for given, alone in zip(made.weights.values(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(given, alone)


LASTING = """
class Lasting(keras.metrics.Sum):
    def update_state(self, y, outputs, sample_weight=None):
        super().update_state(keras.ops.ones_like(y))

    def reset_state(self):
        pass

def build_model"""


def test_no_batch_but_those_of_training_and_validation_reaches_a_metric(
    tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    text = NETWORK.replace("\ndef build_model", LASTING, 1).replace('["accuracy"]', "[Lasting(name='seen')]")
    (tmp_path / "experiment.py").write_text(text)
    made = training.train(Recipe(tmp_path / "experiment.py"), arrays, 2, SETTINGS, 3, lambda at: None, "replicate 3")
    assert [epoch.metrics["seen"] for epoch in made.run.epochs] == [40, 40 + 20 + 40]


def test_the_variables_of_a_model_with_a_step_of_its_own_are_left_to_that_step(arrays: dict[str, np.ndarray]) -> None:
    class Own(keras.Sequential):  # type: ignore[misc]  # Keras has no types
        def train_step(self, data: Any) -> Any:
            return super().train_step(data)

    for kind, is_made in ((Own, False), (keras.Sequential, True)):
        model = kind([keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
        model.compile("adam", "sparse_categorical_crossentropy")
        training._make_variables(model, arrays, 10)
        assert model.optimizer.built == is_made


RECIPE = (
    NETWORK
    + """

def fit_options():
    stop = keras.callbacks.EarlyStopping("val_loss", min_delta=100, patience=0, restore_best_weights=True)
    kept = keras.callbacks.ModelCheckpoint("epoch-{epoch}.keras")
    slower = keras.callbacks.LearningRateScheduler(lambda epoch: 0.01 / (epoch + 1))
    return {"callbacks": [stop, kept, slower], "class_weight": {0: 1.0, 1: 2.0}}
"""
)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's own callbacks
def test_a_recipe_stops_by_images_of_its_own_and_leaves_no_file(
    tmp_path: Path, arrays: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights are those of the first epoch, since no later one is better by so much."""
    (tmp_path / "experiment.py").write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    apart = arrays | {"x_validation": arrays["x_test"][:8], "y_validation": arrays["y_test"][:8]}
    settings = TrainingSettings(epochs=5, batch_size=10)
    replicate = training.train(
        Recipe(tmp_path / "experiment.py"), apart, 2, settings, 3, lambda at: None, "replicate 3"
    )
    first, *_ = replicate.run.epochs
    assert len(replicate.run.epochs) == 2
    assert [epoch.metrics["learning_rate"] for epoch in replicate.run.epochs] == pytest.approx([0.01, 0.005])
    right = replicate.probabilities[:8].argmax(axis=1) == apart["y_validation"]
    assert first.metrics["val_accuracy"] == pytest.approx(right.mean())
    assert [path.name for path in tmp_path.iterdir()] == ["experiment.py"]


def test_what_fails_in_a_later_step_is_told_with_the_authors_file(
    tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    """The trial took the first steps, and met nothing."""
    failing = """
class Failing(keras.Model):
    def fit(self, *args, **kwargs):
        raise ValueError("the third step is too bright")


def build_model"""
    text = NETWORK.replace("\ndef build_model", failing, 1).replace("model = keras.Model(", "model = Failing(")
    (tmp_path / "experiment.py").write_text(text)
    with pytest.raises(ReportError, match=r"Training failed: ValueError: the third step is too bright") as caught:
        training.train(Recipe(tmp_path / "experiment.py"), arrays, 2, SETTINGS, 3, lambda at: None, "replicate 3")
    assert str(caught.value.where).endswith("experiment.py:7")


def test_the_record_has_keras_metrics_for_each_epoch(replicate: TrainedReplicate) -> None:
    assert [epoch.steps for epoch in replicate.run.epochs] == [4, 4]
    assert all(set(epoch.metrics) == {"accuracy", "loss", "val_accuracy", "val_loss"} for epoch in replicate.run.epochs)
    assert len(replicate.times.epoch_seconds) == 2
    assert [line[:9] for line in replicate.times.log] == ["Epoch 1/2", "4/4 ━━━━━", "Epoch 2/2", "4/4 ━━━━━"]


def test_the_summary_has_a_row_for_each_layer_with_what_it_reads(replicate: TrainedReplicate) -> None:
    summary = replicate.run.summary
    assert [layer.kind for layer in summary.layers] == [
        "InputLayer", "Conv2D", "Functional", "Conv2D", "Flatten", "Dense"
    ]  # fmt: skip
    conv = summary.layers[1]
    assert (conv.output_shape, conv.parameters, conv.trainable) == ((None, 4, 4, 3), 30, 0)
    assert summary.layers[2].inputs == ("conv",)
    assert (summary.total, summary.trainable, summary.non_trainable) == (62, 32, 30)
    assert summary.bytes == 62 * 4


def test_a_layer_that_is_called_twice_reads_both_inputs_and_none_of_another_model() -> None:
    image = keras.Input((4,), name="image")
    shared, last = keras.layers.Dense(4, name="shared"), keras.layers.Dense(2, name="last")
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="other"), shared, last])
    x = shared(keras.layers.ReLU(name="relu")(shared(image)))
    model: Any = keras.Model(image, last(x))
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert {layer.name: layer.inputs for layer in training._summary(model).layers[1:]} == {
        "shared": ("image", "relu"),
        "relu": ("shared",),
        "last": ("shared",),
    }


def test_progress_ends_with_the_last_step_of_each_epoch(told: list[Progress], replicate: TrainedReplicate) -> None:
    assert replicate.run.seed == 3
    ends = [(at.at, at.done, at.total) for at in told if at.at.endswith("step 4/4")]
    assert ends == [("epoch 1/2  step 4/4", 4, 8), ("epoch 2/2  step 4/4", 8, 8)]
    assert all(at.task == "replicate 3" and "loss" in at.metrics for at in told)


def test_restored_weights_predict_what_was_predicted(
    experiment: Path, arrays: dict[str, np.ndarray], replicate: TrainedReplicate
) -> None:
    model = restore(Recipe(experiment), (6, 6, 1), 2, replicate.weights)
    logits = model.predict(arrays["x_test"], verbose=0)
    np.testing.assert_allclose(from_outputs(logits, "logits"), replicate.probabilities, atol=1e-6)


@pytest.mark.parametrize(
    ("outputs", "kind", "expected"),
    [
        ([[0.25, 0.75]], "probabilities", [[0.25, 0.75]]),
        ([[0.0, np.log(3)]], "logits", [[0.25, 0.75]]),
        ([[0.75]], "probability", [[0.25, 0.75]]),
        ([[np.log(3)], [0.0]], "logit", [[0.25, 0.75], [0.5, 0.5]]),
        ([[1000.0, 0.0]], "logits", [[1.0, 0.0]]),
        ([[0.2, 0.6], [0.0, 0.0]], "unnormalized", [[0.25, 0.75], [0.5, 0.5]]),
    ],
)
def test_whatever_a_network_gives_becomes_probabilities(
    outputs: list[list[float]], kind: OutputKind, expected: list[list[float]]
) -> None:
    given = from_outputs(np.array(outputs, np.float32), kind)
    np.testing.assert_allclose(given, np.array(expected), atol=1e-6)
    assert labels_from(np.array(outputs), kind).tolist() == (np.array(expected)[:, 1] > 0.5).astype(int).tolist()


@pytest.mark.parametrize(
    ("units", "activation", "loss", "outputs", "kind"),
    [
        (2, "softmax", "sparse_categorical_crossentropy", [[0.25, 0.74]], "probabilities"),
        (2, None, SparseCategoricalCrossentropy(from_logits=True), [[0.25, 0.75], [1.0, 2.0]], "logits"),
        (2, divided, "sparse_categorical_crossentropy", [[0.25, 0.75]], "probabilities"),
        (3, "sigmoid", "sparse_categorical_crossentropy", [[0.9, 0.1, 0.1]], "unnormalized"),
        (3, "sigmoid", SparseCategoricalCrossentropy(from_logits=True), [[0.9, 0.1, 0.1]], "logits"),
        (3, None, "sparse_categorical_crossentropy", [[0.9, 1.1, 0.1]], "logits"),
        (1, "sigmoid", BinaryCrossentropy(from_logits=True), [[0.5]], "probability"),
        (1, None, BinaryCrossentropy(from_logits=True), [[0.25], [0.75]], "logit"),
        (1, None, "mse", [[0.25], [0.75]], "probability"),
        (1, None, "mse", [[0.25], [-0.75]], "logit"),
    ],
)
def test_what_a_network_gives_is_known_by_its_last_layer_and_its_loss_before_its_values(
    units: int, activation: Any, loss: Any, outputs: list[list[float]], kind: OutputKind
) -> None:
    """A softmax in half precision adds up to one only nearly; logits may all lie between 0 and 1."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, activation)])
    model.compile("adam", loss)
    assert kind_of(model, np.array(outputs, np.float32)) == kind


def test_several_sigmoids_are_shares_as_the_loss_has_them() -> None:
    given = np.array([[0.9, 0.1, 0.1]], np.float32)
    loss = keras.losses.sparse_categorical_crossentropy(np.array([0]), given)
    probability = from_outputs(given, "unnormalized")[0, 0]
    assert probability == pytest.approx(np.exp(-loss[0]), abs=1e-6) and probability == pytest.approx(9 / 11, abs=1e-6)


def test_the_record_says_what_the_network_gives(replicate: TrainedReplicate) -> None:
    assert replicate.run.output == "logits"


@pytest.fixture(scope="module")
def trained(replicate: TrainedReplicate) -> Trained:
    return Trained(replicate.run, replicate.weights, replicate.initial, replicate.probabilities, threads=1)


def test_maps_are_the_layers_outputs_for_the_image(
    experiment: Path, arrays: dict[str, np.ndarray], trained: Trained
) -> None:
    shown, _ = respond(Recipe(experiment), arrays, 2, trained, 7)
    assert [(layer.name, layer.kind, layer.shape) for layer in shown.response.layers] == [
        ("conv", "convolution", (4, 4, 3)),
        ("pool", "pooling", (2, 2, 3)),
        ("signed", "convolution", (1, 1, 2)),
    ]
    assert all(1 in layer.silent for layer in shown.response.layers[:2])
    model = restore(Recipe(experiment), (6, 6, 1), 2, trained.weights)
    outputs = keras.Model(model.inputs, model.get_layer("conv").output).predict(arrays["x_test"][7:8], verbose=0)
    np.testing.assert_allclose(shown.maps[0], outputs[0], atol=1e-6)
    np.testing.assert_allclose(shown.maps[1], outputs[0].reshape(2, 2, 2, 2, 3).max(axis=(1, 3)), atol=1e-6)
    image = shown.response.image
    assert (image.index, image.label) == (7, arrays["y_test"][7])
    assert image.predicted == trained.probabilities[7].argmax()
    assert image.probability == trained.probabilities[7].max()


def test_the_twin_answers_by_the_weights_it_began_with(
    experiment: Path, arrays: dict[str, np.ndarray], trained: Trained
) -> None:
    _, untrained = respond(Recipe(experiment), arrays, 2, trained, 7)
    model = restore(Recipe(experiment), (6, 6, 1), 2, trained.initial)
    expected = from_outputs(model.predict(arrays["x_test"], verbose=0), "logits")[7]
    assert untrained.response.image.predicted == expected.argmax()
    assert untrained.response.image.probability == pytest.approx(expected.max(), abs=1e-6)


def test_dead_channels_are_found_and_right_answers_counted(
    experiment: Path, arrays: dict[str, np.ndarray], trained: Trained
) -> None:
    with subject.opened(Recipe(experiment), arrays, 2, trained) as opened:
        measured, layers = evidence.measure(opened), activity.measure(opened).trained.layers
    assert [1 in (layer.dead or ()) for layer in layers[:2]] == [True, True]
    assert 0 not in (layers[0].dead or ())
    correct = (trained.probabilities.argmax(axis=1) == arrays["y_test"]).sum()
    assert (measured.evidence.correct, measured.evidence.images) == (correct, 20)
