"""An experiment that breaks its contract is told so, with the author's file and line."""

from __future__ import annotations

import contextlib
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.core.errors import ReportError
from generator.model.experiment import CORRECT_LABELS, LARGER, SUBTRACT, Experiment

GOOD = """
    import keras
    import numpy as np

    X = np.zeros((6, 4, 4, 1), np.float32)
    Y = np.array([0, 1, 2, 0, 1, 2])

    def load_data():
        return (X, Y), (X, Y)

    def build_model():
        model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        return model
"""


@pytest.fixture(autouse=True)
def clean_path() -> Iterator[None]:
    """An experiment and its folder can be imported by name; each test starts without those of others."""
    before = list(sys.path)
    yield
    sys.path[:] = before
    sys.modules.pop("experiment", None)


def write(folder: Path, text: str) -> Path:
    path = folder / "experiment.py"
    path.write_text(textwrap.dedent(text).lstrip())
    return path


def use(path: Path) -> Any:
    """What a build does with an experiment; its model."""
    experiment = Experiment(path)
    arrays, _ = experiment.load_data()
    shape, labels = arrays["x_train"].shape[1:], arrays["y_train"]
    return experiment.build_model(shape, int(labels.max()) + 1, labels=labels)


def test_a_good_experiment_gives_its_model(tmp_path: Path) -> None:
    model = use(write(tmp_path, GOOD))
    assert (model.input_shape, model.output_shape) == ((None, 4, 4, 1), (None, 3))


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ("(X, Y), (X, Y)", ()),
        ("(X.astype('f8'), Y), (X.astype('f8'), Y)", ("x_train, x_test: converted from float64 to float32",)),
        (
            "(X.astype('u1')[..., 0], Y), (X, Y)",
            ("x_train: converted from shape (N, H, W) to (N, H, W, 1) and from uint8 to float32",),
        ),
        ("(X, Y[:, None]), (X, Y)", ("y_train: converted from shape (N, 1) to (N,)",)),
        (
            "(X, keras.utils.to_categorical(Y)), (X, keras.utils.to_categorical(Y))",
            ("y_train, y_test: converted from one-hot rows to integers",),
        ),
        ("(X, Y * 1.0), (X, Y)", ("y_train: converted from float64 to int64",)),
    ],
)
def test_what_converts_without_loss_is_converted_and_told(tmp_path: Path, returned: str, told: tuple[str, ...]) -> None:
    path = write(tmp_path, GOOD.replace("return (X, Y), (X, Y)", f"return {returned}"))
    arrays, said = Experiment(path).load_data()
    assert said == told
    for part in ("train", "test"):
        assert (str(arrays[f"x_{part}"].dtype), arrays[f"x_{part}"].shape) == ("float32", (6, 4, 4, 1))
        assert (arrays[f"y_{part}"].dtype.kind, arrays[f"y_{part}"].tolist()) == ("i", [0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("values", ["X * 2 - 1", "X + 255", "X - 3.5"])
def test_images_may_have_any_finite_range(tmp_path: Path, values: str) -> None:
    use(write(tmp_path, GOOD.replace("return (X, Y), (X, Y)", f"return ({values}, Y), ({values}, Y)")))


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("1 / 0", ":8: load_data() failed: ZeroDivisionError: division by zero"),
        ("X, Y", ":7: load_data() must return ((x_train, y_train)"),
        ("(X.tolist(), Y), (X, Y)", ":7: load_data(): x_train is a list"),
        ("(X[..., 0, 0], Y), (X, Y)", "x_train has shape (6, 4), not (N, H, W, C)"),
        ("(X.astype('U1'), Y), (X, Y)", "x_train is <U1, which float32 cannot hold"),
        (
            "(X.astype('i8') + 2**24 + 1, Y), (X, Y)",
            "x_train is int64, which float32 cannot hold",
        ),
        (
            "(X.astype('f8') - 1e300, Y), (X, Y)",
            "x_train contains NaN, infinity, or numbers too large for float32 in 6 of 6 images",
        ),
        (
            "(X, Y), (np.where(np.arange(6)[:, None, None, None] == 4, np.nan, X), Y)",
            "x_test contains NaN, infinity, or numbers too large for float32 in 1 of 6 images; the first is at index 4",
        ),
        ("(X, Y[:5]), (X, Y)", "x_train has 6 images but y_train has 5 labels"),
        ("(X, Y / 2), (X, Y)", "y_train is float64 with shape (6,), not integers"),
        ("(X, Y - 1), (X, Y)", "y_train has the label -1, below 0"),
        ("(X, Y), (X, Y + 1)", "y_test has the label 3, but the largest in y_train is 2"),
        ("(X, Y), (X[:0], Y[:0])", "x_test is empty"),
        (
            "(X, Y), (X[:, :3], Y)",
            "images have shape (4, 4, 1) in x_train, but (3, 4, 1) in x_test",
        ),
        ("(X, Y), (X, Y), X", ":7: load_data() must return ((x_train, y_train)"),
        ("(X, Y), (X, Y), (X, Y), (X, Y)", ":7: load_data() must return"),
        ("(X, Y), (X, Y), (X, Y + 1)", "y_validation has the label 3, but the largest in y_train"),
        ("(X, Y), (X, Y), (X[:0], Y[:0])", "x_validation is empty"),
        (
            "(X, Y), (X, Y), (X, Y)",
            "of the 6 images of x_validation, 6 are in x_test too",
        ),
    ],
)
def test_what_load_data_may_not_return_is_told_with_the_line(tmp_path: Path, returned: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        use(write(tmp_path, GOOD.replace("return (X, Y), (X, Y)", f"return {returned}")))
    assert re.match(rf"{re.escape(str(tmp_path))}/experiment\.py:[78]: load_data\(\)", str(caught.value))
    assert message in str(caught.value) and caught.value.next


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "import keras\n",
            "import kerras\n",
            ":1: experiment.py cannot be imported: ModuleNotFoundError: No module named",
        ),
        ("def load_data():", "def load_data(:", ":7: experiment.py cannot be imported: SyntaxError: invalid syntax"),
        (
            "def load_data():",
            "def load():",
            ":7: There is no function load_data()\n  Is load() meant? Rename it. Define load_data() and build_model()",
        ),
        ("def load_data():", "def images():", "py: There is no function load_data()\n  Define load_data() and"),
        (
            "def build_model():",
            "def build():",
            ":10: There is no function build_model()\n  Is build() meant? Rename it.",
        ),
        ("keras.layers.Flatten()", "keras.layers.flatten()", "no attribute 'flatten'. Did you mean Flatten?\n"),
        ("return model", "return None", ":10: build_model(): it returns a NoneType, not a keras.Model"),
        ('    model.compile("adam", "sparse_categorical_crossentropy")\n', "", "the model is not compiled"),
        ("keras.Input((4, 4, 1)), ", "", "the shapes in the model are unknown; build a functional or"),
        (
            "keras.Input((4, 4, 1))",
            "keras.Input((5, 4, 1))",
            "takes images of shape (5, 4, 1), but load_data() returns (4, 4, 1)\n  Write Input((4, 4, 1)).",
        ),
        (
            "keras.Input((4, 4, 1)), keras.layers.Flatten()",
            "keras.Input((None, None, 1)), keras.layers.GlobalMaxPooling2D()",
            "takes images of shape (None, None, 1), but load_data() returns (4, 4, 1)\n  Write Input((4, 4, 1)).",
        ),
        (
            "return (X, Y), (X, Y)",
            "images = X.reshape(-1, 1, 4, 4); return (images, Y), (images, Y)",
            "returns (1, 4, 4)\n  Move the channels to the last axis in load_data(): np.moveaxis(x, 1, -1).",
        ),
        (
            "def build_model():",
            "def build_model(width, depth=2):",
            ":10: build_model() cannot be called without a value for width\n  Give it a default: a variant",
        ),
        (
            'Dense(3, "softmax")',
            "Dense(3)",
            ":10: build_model(): the model's outputs are logits, but its loss expects probabilities\n"
            '  Add activation="softmax" to the last layer (or "sigmoid", for one output), or give the loss from_',
        ),
        ('Dense(3, "softmax")', 'Dense(4, "softmax")', "output has shape (4,), but the data has 3 classes"),
        ('Dense(3, "softmax")', 'Dense("three")', ":11: build_model() failed: "),
        (
            '"sparse_categorical_crossentropy"',
            '"categorical_crossentropy"',
            ":12: build_model(): categorical_crossentropy expects one-hot labels, but labels are integers here\n"
            "  Use sparse_categorical_crossentropy.",
        ),
        (
            '"sparse_categorical_crossentropy"',
            "keras.losses.CategoricalCrossentropy(from_logits=True)",
            ":12: build_model(): CategoricalCrossentropy expects one-hot labels",
        ),
        (
            '"sparse_categorical_crossentropy"',
            '"sparse_categorical_crossentropy", metrics=["accuracy", keras.metrics.categorical_accuracy]',
            ":12: build_model(): categorical_accuracy expects one-hot labels",
        ),
    ],
)
def test_a_broken_experiment_is_told_what_where_and_what_next(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, GOOD)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ReportError, match=re.escape(message)) as caught:
        use(path)
    assert str(caught.value.where).startswith(str(path))
    assert caught.value.next


@pytest.mark.parametrize(
    ("labels", "output", "told", "next"),
    [
        ("Y + 1", '3, "softmax"', "from 1 to 3, but the model has outputs for 3 classes, whose labels run", SUBTRACT),
        ("Y % 2 + 1", '1, "sigmoid"', "from 1 to 2, but the model has outputs for 2 classes", SUBTRACT),
        ("(Y - 1).astype('u1')", '3, "softmax"', "from 0 to 255 (-1 becomes 255 in uint8), but the", CORRECT_LABELS),
        ("Y % 2 * 6 + 1", '1, "sigmoid"', "from 1 to 7, but the model has outputs for 2 classes", CORRECT_LABELS),
    ],
)
def test_labels_that_are_not_numbered_from_0_are_told_with_their_range(
    tmp_path: Path, labels: str, output: str, told: str, next: str
) -> None:
    text = GOOD.replace("return (X, Y), (X, Y)", f"return (X, {labels}), (X, {labels})")
    with pytest.raises(ReportError) as caught:
        use(write(tmp_path, text.replace('3, "softmax"', output)))
    assert str(caught.value).startswith(f"{tmp_path}/experiment.py:7: load_data(): the labels in y_train run {told}")
    assert caught.value.next == next


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (
            "k.Sequential([i, l.MaxPooling2D(2), l.Conv2D(4, 3, name='b')])",
            '"b" (Conv2D, whose input has shape (2, 2, 1))',
        ),
        ("k.Sequential([i, l.MaxPooling2D(5, name='p')])", '"p" (MaxPooling2D, whose input has shape (4, 4, 1))'),
        ("k.Model(i, l.Conv2D(4, 3, name='b')(l.MaxPooling2D(2)(i)))", '"b" (Conv2D, whose input has shape (2, 2, 1))'),
        ("k.Model(i, k.Sequential([l.Conv2D(4, 5, name='d')])(i))", '"d" (Conv2D, whose input has shape (4, 4, 1))'),
    ],
)
def test_a_layer_that_does_not_fit_its_input_is_named_with_what_it_gets(tmp_path: Path, model: str, told: str) -> None:
    made = f"k, l, i = keras, keras.layers, keras.Input((4, 4, 1)); {model}; model = keras.Sequential("
    with pytest.raises(ReportError) as caught:
        Experiment(write(tmp_path, GOOD.replace("model = keras.Sequential(", made))).built()
    said = f"experiment.py:11: build_model() failed in layer {told}: ValueError: Computed output size would be zero or"
    assert said in str(caught.value).replace("Exception encountered when calling MaxPooling2D.call(). ", "")
    assert caught.value.next == LARGER


@pytest.mark.parametrize(
    ("labels", "layer"), [("Y + 1", 'Dense(5, "softmax")'), ("Y", 'Dense(2, "softmax")'), ("Y", "Reshape((2, 8))")]
)
def test_another_number_of_outputs_is_told_as_that(tmp_path: Path, labels: str, layer: str) -> None:
    text = GOOD.replace("return (X, Y), (X, Y)", f"return (X, {labels}), (X, {labels})")
    with pytest.raises(ReportError, match=r"experiment\.py:10: build_model\(\): the model's output has shape"):
        use(write(tmp_path, text.replace('Dense(3, "softmax")', layer)))


def test_a_fault_in_a_module_beside_the_experiment_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("VALUE = 1\nVALUE.missing\n")
    path = write(tmp_path, GOOD.replace("import keras", "import keras, beside", 1))
    with pytest.raises(ReportError, match=r"beside\.py:2: experiment\.py cannot be imported: AttributeError"):
        use(path)


def test_an_experiment_may_keep_its_settings_in_a_dataclass(tmp_path: Path) -> None:
    """A dataclass looks up its module by name, as it does for the names in annotations that are texts."""
    path = write(tmp_path, GOOD.replace("Dense(3", "Dense(Settings().units"))
    head = "from __future__ import annotations\nfrom dataclasses import dataclass\n\n\n@dataclass\n"
    path.write_text(f"{head}class Settings:\n    units: int = 3\n\n\n{path.read_text()}")
    assert use(path).output_shape == (None, 3)


def test_one_sigmoid_tells_two_classes_apart(tmp_path: Path) -> None:
    text = GOOD.replace("[0, 1, 2, 0, 1, 2]", "[0, 1, 0, 0, 1, 0]").replace(
        'Dense(3, "softmax")', 'Dense(1, "sigmoid")'
    )
    assert use(write(tmp_path, text)).output_shape == (None, 1)


@pytest.mark.parametrize(
    ("last", "loss", "is_refused"),
    [
        ("Dense(3)", "'SparseCategoricalCrossentropy'", True),
        ("Dense(3)", "keras.losses.SparseCategoricalCrossentropy(name='mine')", True),
        ("Dense(3)", "keras.losses.sparse_categorical_crossentropy", True),
        ("Dense(1)", "'bce'", True),
        ("Dense(3)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)", False),
        ("Dense(3)", "binary_crossentropy", False),
        ("Dense(3)", "'mean_squared_error'", False),
        ("Dense(3)", "'unknown'", False),
        ("Own(3)", "'sparse_categorical_crossentropy'", False),
        ("Dense(3, 'sigmoid')", "'sparse_categorical_crossentropy'", False),
    ],
)
def test_logits_are_refused_if_a_loss_of_keras_takes_them_for_probabilities(
    tmp_path: Path, last: str, loss: str, is_refused: bool
) -> None:
    """A layer or a loss of the author's may do what Keras's, of the same name, does not."""
    text = GOOD.replace('keras.layers.Dense(3, "softmax")', last).replace('"sparse_categorical_crossentropy"', loss)
    own = "class Own(Dense): pass\n\n    def binary_crossentropy(y, p): return keras.losses.mse(y, p)\n"
    author = Experiment(write(tmp_path, f"\n    from keras.layers import Dense\n    {own}{text}"))
    with pytest.raises(ReportError, match="are logits") if is_refused else contextlib.nullcontext():
        author.built()


def options(folder: Path, returned: str, is_validated_apart: bool = False, share: float = 0.0) -> dict[str, Any]:
    """The options that fit() gets by an experiment whose fit_options() returns this."""
    function = f"\n    def fit_options():\n        return {returned}\n"
    experiment = Experiment(write(folder, GOOD + function))
    arrays, _ = experiment.load_data()
    apart = {"x_validation": arrays["x_train"]} if is_validated_apart else {}
    return experiment.fit_options(arrays | apart, 3, share)


def test_an_experiment_without_fit_options_leaves_them_to_keras(tmp_path: Path) -> None:
    experiment = Experiment(write(tmp_path, GOOD))
    assert experiment.fit_options(experiment.load_data()[0], 3, 0.0) == {}
    assert options(tmp_path, "{'callbacks': None, 'class_weight': {0: 1, 2: 0.5}}") == {"class_weight": {0: 1, 2: 0.5}}


def test_what_is_called_fit_options_must_be_a_function(tmp_path: Path) -> None:
    experiment = Experiment(write(tmp_path, f"{GOOD}\n    fit_options = {{}}\n"))
    with pytest.raises(ReportError, match="fit_options is not a function"):
        experiment.fit_options(experiment.load_data()[0], 3, 0.0)


def test_sample_weights_do_not_fit_a_share_that_is_set_aside(tmp_path: Path) -> None:
    assert len(options(tmp_path, "{'sample_weight': np.ones(6)}")["sample_weight"]) == 6
    with pytest.raises(ReportError, match="sample_weight cannot be used with"):
        options(tmp_path, "{'sample_weight': np.ones(6)}", share=0.1)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("None", "it returns a NoneType, not a dict of arguments of fit()"),
        ("{'epochs': 3}", "epochs belongs under [training] in paper.toml, so that the article can report it"),
        ("{'shuffle': False}", "it may return callbacks, class_weight, and sample_weight, but not 'shuffle'"),
        ("{'callbacks': [1]}", "callbacks is not a list of keras.callbacks.Callback"),
        (
            "{'callbacks': [keras.callbacks.BackupAndRestore('b')]}",
            "BackupAndRestore would continue from the weights of",
        ),
        ("{'class_weight': [1.0, 2.0]}", "class_weight is not a dict from labels, 0 to 2, to weights of at least 0"),
        ("{'class_weight': {'cat': 5.0}}", "class_weight is not a dict from labels, 0 to 2, to weights of at least 0"),
        ("{'class_weight': {0: float('nan')}}", "class_weight is not a dict from labels, 0 to 2, to weights of"),
        ("{'sample_weight': [1.0] * 6}", "sample_weight is not an array of 6 weights of at least 0, one for each"),
        ("{'sample_weight': np.ones(2)}", "sample_weight is not an array of 6 weights of at least 0, one for each"),
        ("{'sample_weight': np.array(1.0)}", "sample_weight is not an array of 6 weights of at least 0, one for"),
        (
            "{'class_weight': {}, 'sample_weight': np.ones(6)}",
            "it returns both class_weight and sample_weight, but Keras",
        ),
    ],
)
def test_what_fit_cannot_take_is_told_with_the_line(tmp_path: Path, returned: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        options(tmp_path, returned)
    assert str(caught.value).startswith(f"{tmp_path}/experiment.py:15: fit_options(): {message}")


SELECTING = "{'callbacks': [keras.callbacks.EarlyStopping('val_loss')]}"


def test_a_callback_that_would_choose_by_the_test_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="EarlyStopping monitors val_loss, which is measured on the test") as caught:
        options(tmp_path, SELECTING)
    assert "Write validation = 0.1 under [training]" in str(caught.value)
    assert len(options(tmp_path, SELECTING, is_validated_apart=True)["callbacks"]) == 1


@pytest.mark.parametrize(
    "callback",
    [
        "EarlyStopping('loss')",
        "ModelCheckpoint('last.keras')",
        "LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))",
    ],
)
def test_a_callback_that_chooses_nothing_by_the_test_set_is_taken(tmp_path: Path, callback: str) -> None:
    assert len(options(tmp_path, f"{{'callbacks': [keras.callbacks.{callback}]}}")["callbacks"]) == 1


@pytest.mark.parametrize(("monitor", "is_told"), [("val_acc", True), ("val_accuracy", False), ("loss", False)])
def test_a_callback_that_monitors_a_metric_no_epoch_reports_is_told(
    tmp_path: Path, monitor: str, is_told: bool
) -> None:
    stopping = f"keras.callbacks.EarlyStopping({monitor!r}, mode='max')"
    found = options(tmp_path, f"{{'callbacks': [{stopping}]}}", is_validated_apart=True)
    experiment = Experiment(tmp_path / "experiment.py")
    try:
        experiment.check_monitors(found["callbacks"], ("loss", "val_accuracy"))
    except ReportError as error:
        assert is_told and str(error).startswith(f"{tmp_path}/experiment.py:15: fit_options(): EarlyStopping monitors")
        assert error.next == "Monitor one of loss, val_accuracy."
    else:
        assert not is_told


@pytest.mark.parametrize(
    ("error", "what", "step"),
    [
        (
            MemoryError("2 GiB"),
            "Training failed. There is not enough memory: MemoryError: 2 GiB",
            "Close other programs",
        ),
        (ValueError("no"), "Training failed: ValueError: no", "Fix experiment.py"),
    ],
)
def test_a_shortage_of_memory_is_told_as_that_and_not_as_a_mistake_of_the_author(
    tmp_path: Path, error: Exception, what: str, step: str
) -> None:
    failure = Experiment(write(tmp_path, GOOD)).failure("Training failed", error)
    assert failure.what == what and failure.next.startswith(step)
