"""The author's own measures: what they are called with, and what they may return."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from generator.core.errors import Place, ReportError
from generator.measures import own, receptive
from generator.measures.subject import Subject, sample
from generator.model import graph
from generator.model.trained import Trained
from generator.model.weights import weights_of
from generator.records.analysis import Declared, OwnMeasure, OwnNumber, TriedMeasure
from tests.support.measuring import run


@pytest.fixture(scope="module")
def subject() -> Subject:
    random = np.random.default_rng(0)
    arrays: dict[str, np.ndarray] = {
        f"x_{part}": random.random((6, 5, 5, 1), dtype=np.float32) for part in ("train", "test")
    }
    arrays |= {f"y_{part}": np.arange(6) % 2 for part in ("train", "test")}
    image = keras.Input((5, 5, 1))
    x = layers.Flatten(name="flat")(layers.Conv2D(2, 3, name="conv")(image))
    model = keras.Model(image, layers.Dense(2, "softmax", name="out")(x))
    calls, weights = graph.read(model), weights_of(model)
    replicate = Trained(run(3), weights, weights, np.full((6, 2), 0.5), 1)
    fields = receptive.fields([call.node for call in calls])
    return Subject(replicate, model, calls, fields, sample(arrays), lambda done, total, what: None)


def measured(folder: Path, subject: Subject, body: str) -> tuple[OwnMeasure, dict[str, np.ndarray]]:
    path = folder / "analysis.py"
    path.write_text(f"import numpy as np\n\n\ndef one(run):\n    {body}\n")
    return own.measure(path, Declared("one", "measure", 4), subject)


def test_numbers_have_the_keys_that_lead_to_them_and_arrays_lie_beside(tmp_path: Path, subject: Subject) -> None:
    body = "return {'a': {15: np.float32(0.5), 'b': True}, 'curve': [1, 2.5], 'n': np.int64(7)}"
    record, arrays = measured(tmp_path, subject, body)
    numbers = (OwnNumber(("a", 15), 0.5), OwnNumber(("a", "b"), 1), OwnNumber(("n",), 7))
    assert record == OwnMeasure("one", 3, numbers, (("curve",),))
    assert [array.tolist() for array in arrays.values()] == [[1, 2.5]]


def test_booleans_are_a_share_with_its_count_if_they_have_one_axis(tmp_path: Path, subject: Subject) -> None:
    """Those of the pixels of an image, for example, are not independent."""
    body = "return {'right': np.array([True, False, True, True]), 'mask': np.array([[True, False]])}"
    record, arrays = measured(tmp_path, subject, body)
    assert record.numbers == (OwnNumber(("right",), 0.75, 4),)
    assert record.arrays == (("mask",),)
    assert [array.tolist() for array in arrays.values()] == [[[True, False]]]


def test_a_run_has_the_network_its_data_and_its_history(tmp_path: Path, subject: Subject) -> None:
    body = (
        "return {'maps': run.activations('conv').shape[1], 'flat': run.activations('flat', run.x_train[:4]).shape[0], "
    )
    body += "'seed': run.seed, 'epochs': len(run.history['val_loss']), "
    body += "'right': int((run.model.predict(run.x_test, verbose=0).shape == (6, 2)))}"
    record, _ = measured(tmp_path, subject, body)
    found = {number.path[0]: number.value for number in record.numbers}
    assert found == {"maps": 3, "flat": 4, "seed": 3, "epochs": 2, "right": 1}


def test_activations_are_those_of_the_model_as_the_measure_has_changed_it(tmp_path: Path, subject: Subject) -> None:
    """A layer's attributes, unlike its weights, are fixed when it is compiled."""
    body = "from keras import ops; layer, images = run.model.get_layer('conv'), np.repeat(run.x_test, 100, axis=0)\n"
    body += "    before, usual, layer.activation = run.activations('conv', images), layer.activation, ops.zeros_like\n"
    body += "    after, layer.activation = run.activations('conv', images), usual\n"
    body += "    return {'before': before.any(), 'after': after.any()}"
    record, _ = measured(tmp_path, subject, body)
    assert [number.value for number in record.numbers] == [1, 0]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return None", "one() returns nothing, not a dict"),
        ("return 0.5", "one() returns an object of type float, not a dict"),
        ("return {}", "one() returns nothing"),
        ("return {'a': float('nan')}", "one(): a is nan"),
        ("return {'a': np.array([1.0, np.inf])}", "one(): a contains NaN or infinity"),
        ("return {'a': {'b': 'text'}}", "one(): a.b is an object of type str, not a number"),
        ("return {'a': [[1], [1, 2]]}", "one(): a is not an array of numbers"),
        ("return {'a': 10**30}", "one(): a is an integer that is too large"),
        ("return {'a.b': 1, 'a': {'b': 2}}", "one() returns two results named a.b"),
        ("return {'a': []}", "one(): a is an empty array"),
        ("return {0.5: 1}", "one(): the key 0.5 is neither text nor an integer"),
    ],
)
def test_what_is_no_measure_is_refused_with_the_function_s_line(
    tmp_path: Path, subject: Subject, body: str, told: str
) -> None:
    with pytest.raises(ReportError) as caught:
        measured(tmp_path, subject, body)
    assert caught.value.what == told and caught.value.where == Place(tmp_path / "analysis.py", 4)


def test_random_numbers_at_the_top_of_the_file_are_seeded_too(tmp_path: Path, subject: Subject) -> None:
    top = "import numpy as np\nNOISE = float(np.random.normal())\n"
    (tmp_path / "analysis.py").write_text(f"{top}def one(run):\n    return {{'a': NOISE}}\n")
    found = [own.measure(tmp_path / "analysis.py", Declared("one", "measure", 3), subject)[0] for _ in range(2)]
    assert found[0] == found[1]


def test_random_numbers_are_those_of_the_replicate_s_seed(tmp_path: Path, subject: Subject) -> None:
    body = "return {'a': np.random.random(), 'b': np.array(0.5)}"
    assert measured(tmp_path, subject, body)[0] == measured(tmp_path, subject, body)[0]


@pytest.mark.parametrize("body", ["return {'a': 1 / 0}", "return {'a': run.activations('none')}", "raise SystemExit"])
def test_what_a_measure_raises_is_told_with_the_author_s_line(tmp_path: Path, subject: Subject, body: str) -> None:
    with pytest.raises(ReportError, match=r"one\(\) failed") as caught:
        measured(tmp_path, subject, body)
    assert caught.value.where == Place(tmp_path / "analysis.py", 5)


def tried(folder: Path, subject: Subject, body: str) -> TriedMeasure | None:
    path = folder / "analysis.py"
    path.write_text(f"def one(run):\n    {body}\n")
    other = keras.models.clone_model(subject.model)
    other.set_weights([-weights for weights in subject.model.get_weights()])
    runs = [own.untrained(model, subject.images.arrays, ("loss",), 2) for model in (subject.model, other)]
    return own.attempt(path, Declared("one", "measure", 1), runs)


def test_a_measure_is_tried_with_a_network_that_is_not_trained(tmp_path: Path, subject: Subject) -> None:
    body = "return {'a': {15: len(run.history['loss'])}, 'maps': run.activations('conv'), 'seed': run.seed}"
    assert tried(tmp_path, subject, body) == TriedMeasure("one", (("a", 15), ("seed",)), (("maps",),))


@pytest.mark.parametrize(
    "body",
    [
        "return {'a': 1 / 0}",
        "return {'a': float('nan')}",
        "raise ValueError('no class')",
        "return {'a': next((n for n, loss in enumerate(run.history['loss']) if loss < 0.1), None)}",
        "return {'a': 1 + next((n for n, loss in enumerate(run.history['loss']) if loss < 0.1), None)}",
        "return {'a': max((n for n in run.y_test if n > 9), default=None).real}",
        "return {'a': run.x_test[run.x_test > 2]}",
        "return {int(k): 1.0 for k in run.y_test if k > 9}",
        "exec('for n in []: found = n'); return {'a': [found for found in [] if found][0]}",
        "return {f'{run.model.get_weights()[0].ravel()[0]}': 1.0}",
    ],
)
def test_what_training_may_prevent_is_not_held_against_a_measure(tmp_path: Path, subject: Subject, body: str) -> None:
    assert tried(tmp_path, subject, body) is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return {'a': nmupy.mean(run.x_test)}", "one() failed: NameError: name 'nmupy' is not defined"),
        ("return {'a': run.xtest}", "one() failed: AttributeError"),
        ("return {'a': run.activations('cnov')}", "there is no layer 'cnov'; the layers are"),
        ("return [1]", "one() returns an object of type list, not a dict"),
        ("import no_such_module", "one() failed: ModuleNotFoundError"),
    ],
)
def test_what_training_cannot_prevent_is_told_before(tmp_path: Path, subject: Subject, body: str, told: str) -> None:
    with pytest.raises(ReportError, match=re.escape(told)):
        tried(tmp_path, subject, body)
