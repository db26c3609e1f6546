"""The author's own measures: functions of analysis.py, called with a trained replicate.

The numbers and arrays that a function returns become results, named by the keys of its dicts. This module does not know
what they measure.
"""

from __future__ import annotations

import math
import numbers
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from generator.core.authored import imported, telling
from generator.core.errors import Place, ReportError
from generator.measures.subject import Subject
from generator.model import graph
from generator.model.activations import Recorder, batch_size, batches
from generator.model.graph import Call
from generator.records.analysis import Declared, OwnMeasure, OwnNumber, OwnPath, TriedMeasure
from generator.records.dataset import ARRAY_NAMES

RETURNS = 'Return a dict of numbers, such as {"accuracy": 0.9}; arrays and dicts of these may be in it.'
FINITE = "Return finite numbers; leave out what cannot be measured in any replicate."


class UnknownLayerError(KeyError):
    """A measure asks for a layer that the network does not have."""


class ValuesError(ReportError):
    """A measure returns values that another network may not give: none, nothing, or numbers that are not finite."""


@dataclass(frozen=True)
class MeasuredRun:
    """A trained replicate, as an author's measure receives it.

    Attributes:
        model: the keras.Model with its trained weights.
        x_train: images (N, H, W, C) that it was trained on, float32.
        y_train: their classes (N,).
        x_test: images (N, H, W, C), float32.
        y_test: their classes (N,).
        history: Keras's metrics by name, each with a value for every epoch that ran.
        seed: the replicate's seed.
        _calls: the calls of the network's layers, for `activations`.
    """

    model: Any
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    history: Mapping[str, list[float]]
    seed: int
    _calls: tuple[Call, ...]

    def activations(self, layer: str, images: np.ndarray | None = None) -> np.ndarray:
        """The outputs of a layer for images (N, H, W, C); the test images by default.

        For a convolution or pooling layer, they are (N, h, w, c). Raises UnknownLayerError when no layer has this name.
        """
        calls = [call for call in self._calls if call.node.name == layer and call.layer is not None]
        if not calls:
            known = [call.node.name for call in self._calls if call.layer is not None]
            raise UnknownLayerError(f"there is no layer {layer!r}; the layers are {', '.join(known)}")
        shown = self.x_test if images is None else images
        parts = batches(shown, np.arange(len(shown)), batch_size(calls))
        recorder = Recorder(self.model, calls)  # a new one: the author may have changed the model since the last call
        return np.concatenate([batch.maps[0] for batch in recorder.stream(parts)])


def measure(path: Path, declared: Declared, subject: Subject) -> tuple[OwnMeasure, dict[str, np.ndarray]]:
    """Calls a measure of the file at `path`; returns its results, and its arrays by number.

    Random numbers are seeded with the replicate's seed. Raises ReportError, with the author's line, when the function
    fails or returns something that is not a measure.
    """
    leaves = _returned(path, declared, _run(subject))
    numbers = tuple(leaf for leaf in leaves if isinstance(leaf, OwnNumber))
    arrays = [leaf for leaf in leaves if isinstance(leaf, _Array)]
    record = OwnMeasure(declared.name, subject.seed, numbers, tuple(array.path for array in arrays))
    return record, {f"{number:06}": array.values for number, array in enumerate(arrays)}


def untrained(model: keras.Model, arrays: Mapping[str, np.ndarray], metrics: Sequence[str], epochs: int) -> MeasuredRun:
    """What a measure receives to be tried: a model that is not trained, and a history of these metrics without meaning.

    `arrays` are those that load_data() returned.
    """
    history = {name: [0.5] * epochs for name in metrics}
    x_train, y_train, x_test, y_test = (arrays[name] for name in ARRAY_NAMES)
    return MeasuredRun(model, x_train, y_train, x_test, y_test, history, 0, graph.read(model))


def attempt(path: Path, declared: Declared, runs: Iterable[MeasuredRun]) -> TriedMeasure | None:
    """Calls a measure for models that are not trained, so that mistakes in its code are found before training.

    Returns None if the measure fails in a way that training may prevent, or if the names of its results depend on the
    model, as those of predicted classes do. Raises ReportError otherwise, as `measure`.
    """
    first, *others = (_attempt(path, declared, run) for run in runs)
    return first if all(other == first for other in others) else None


def _attempt(path: Path, declared: Declared, run: MeasuredRun) -> TriedMeasure | None:
    try:
        leaves = _returned(path, declared, run)
    except ValuesError:
        return None
    except ReportError as error:
        if _may_be_prevented(error.__cause__):
            return None
        raise ReportError(f"{error.what} (tried before training)", error.where, error.next) from error
    numbers = tuple(leaf.path for leaf in leaves if isinstance(leaf, OwnNumber))
    return TriedMeasure(declared.name, numbers, tuple(leaf.path for leaf in leaves if isinstance(leaf, _Array)))


def _may_be_prevented(error: BaseException | None) -> bool:
    """Whether training may prevent an exception, as that of a search that finds nothing yet."""
    match error:
        case None | ImportError() | UnknownLayerError():
            return False
        case AttributeError():
            return error.obj is None
        case TypeError():
            return "NoneType" in str(error)
        case NameError():
            return isinstance(error, UnboundLocalError)
    return True


@dataclass(frozen=True)
class _Array:
    """An array that a measure returned.

    Attributes:
        path: the keys that lead to it, outermost first.
        values: finite numbers.
    """

    path: OwnPath
    values: np.ndarray


def _returned(path: Path, declared: Declared, run: MeasuredRun) -> list[OwnNumber | _Array]:
    """The numbers and arrays that a measure of the file at `path` returns."""
    place = Place(path, declared.line)
    with telling(path, f"{declared.name}() failed"):
        keras.utils.set_random_seed(run.seed)  # first: the module may draw random numbers at its top
        function = getattr(imported(path, "analysis"), declared.name)
        leaves = list(_leaves(function(run), (), declared.name, place))
    if not leaves:
        raise ValuesError(f"{declared.name}() returns nothing", place, RETURNS)
    _check_names([leaf.path for leaf in leaves], declared.name, place)
    return leaves


def _run(subject: Subject) -> MeasuredRun:
    epochs = subject.replicate.run.epochs
    names = dict.fromkeys(name for epoch in epochs for name in epoch.metrics)
    history = {name: [epoch.metrics[name] for epoch in epochs if name in epoch.metrics] for name in names}
    x_train, y_train, x_test, y_test = (subject.images.arrays[name] for name in ARRAY_NAMES)
    return MeasuredRun(subject.model, x_train, y_train, x_test, y_test, history, subject.seed, subject.calls)


def _leaves(value: object, keys: OwnPath, name: str, place: Place) -> Iterator[OwnNumber | _Array]:
    """The numbers and arrays in what a measure returned; a list of booleans is the share of those that are true.

    Only booleans along one axis count as trials: those of the pixels of an image, for example, depend on each other.
    """
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*keys, _key(key, name, place)), name, place)
        return
    where = f"{name}(): {'.'.join(map(str, keys))}"
    if not keys:
        raise ReportError(f"{name}() returns {_kind(value)}, not a dict", place, RETURNS)
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise ReportError(f"{where} is not an array of numbers", place, RETURNS) from None
    if not array.ndim:
        yield OwnNumber(keys, _number(array.item() if array.dtype.kind in "biuf" else value, where, place))
    elif (checked := _checked(array, where, place)).dtype.kind == "b" and array.ndim == 1:
        yield OwnNumber(keys, float(checked.mean()), checked.size)
    else:
        yield _Array(keys, checked)


def _checked(array: np.ndarray, where: str, place: Place) -> np.ndarray:
    if not array.size:
        raise ValuesError(f"{where} is an empty array", place, RETURNS)
    if array.dtype.kind not in "biuf":
        raise ReportError(f"{where} is not an array of numbers", place, RETURNS)
    if not np.isfinite(array).all():
        raise ValuesError(f"{where} contains NaN or infinity", place, FINITE)
    return array


def _number(value: object, where: str, place: Place) -> int | float:
    if value is None:
        raise ValuesError(f"{where} is nothing, not a number", place, RETURNS)
    if not isinstance(value, numbers.Real):
        raise ReportError(f"{where} is {_kind(value)}, not a number", place, RETURNS)
    number = int(value) if isinstance(value, numbers.Integral) else float(value)
    if isinstance(number, int) and abs(number) > MAX_NUMBER:
        raise ReportError(f"{where} is an integer that is too large", place, "Return it as a float.")
    if not math.isfinite(number):
        raise ValuesError(f"{where} is {number}", place, FINITE)
    return number


MAX_NUMBER = 2**63 - 1  # the largest whole number that a record can hold


def _key(key: object, name: str, place: Place) -> str | int:
    """A key as a part of a name: text, or a whole number."""
    if isinstance(key, str) and key and key.isprintable():
        return key
    if isinstance(key, numbers.Integral) and not isinstance(key, bool) and abs(int(key)) <= MAX_NUMBER:
        return int(key)
    what = f"{name}(): the key {repr(key)[:60]} is neither text nor an integer"
    step = f'Write it as text, "{key}", or use an integer, such as percent.' if isinstance(key, float) else _KEYS
    raise ReportError(what, place, step)


_KEYS = "Use keys that can be part of a result's name."


def _check_names(names: list[OwnPath], function: str, place: Place) -> None:
    """Refuses two results with the same name: {"a.b": 1, "a": {"b": 2}}, {1: 1, "1": 2}."""
    times = Counter(".".join(map(str, name)) for name in names)
    for name, count in times.items():
        if count > 1:
            raise ReportError(f"{function}() returns two results named {name}", place, "Rename one of the keys.")


def _kind(value: object) -> str:
    return "nothing" if value is None else f"an object of type {type(value).__name__}"
