"""Imports the author's experiment.py, calls its functions, and checks what they return.

Failures in the author's code are reported with the author's file and line. This module imports the
experiment, and with it Keras, so it is only used by tasks; code digests are taken without it.
"""

from __future__ import annotations

import difflib
import hashlib
import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from generator.core.authored import failure, imported, place_of, reason, telling
from generator.core.errors import Place, ReportError
from generator.model.faulty_layer import faulty_layer
from generator.records.condition import Argument

if TYPE_CHECKING:
    import keras
    import numpy as np

SPARSE = {
    "categorical_crossentropy": "sparse_categorical_crossentropy",
    "CategoricalCrossentropy": "SparseCategoricalCrossentropy",
    "categorical_focal_crossentropy": "sparse_categorical_crossentropy",
    "CategoricalFocalCrossentropy": "SparseCategoricalCrossentropy",
    "categorical_accuracy": "sparse_categorical_accuracy",
    "CategoricalAccuracy": "SparseCategoricalAccuracy",
    "top_k_categorical_accuracy": "sparse_top_k_categorical_accuracy",
    "TopKCategoricalAccuracy": "SparseTopKCategoricalAccuracy",
}
"""Keras's losses and metrics for one-hot labels, with those for integers. A wrong metric raises no error of its own."""

OPTIONS = ("callbacks", "class_weight", "sample_weight")
"""The keys that fit_options() may return."""

MAX_SHARED = 0.1  # the largest share of validation images that may also be in the test set

NEXT = "Fix experiment.py and build again."
LARGER = 'The image is too small for this layer: use fewer layers before it, smaller kernels, or padding="same".'
CORRECT_LABELS = "Correct the labels in load_data(), or in the data that it loads."
SUBTRACT = "Subtract 1 from the labels in load_data(): labels must count from 0."

MOVE_CHANNELS = "Move the channels to the last axis in load_data(): np.moveaxis(x, 1, -1)."

FUNCTIONS = ("load_data", "build_model")
"""The functions that every experiment.py has."""

_NONE: Mapping[str, Argument] = MappingProxyType({})


class Experiment:
    """An imported experiment.py."""

    def __init__(self, path: Path) -> None:
        """Imports the file, with its folder importable. Raises ReportError when that fails."""
        self.path = path
        self.module = self._guarded("experiment.py cannot be imported", lambda: _import(path))

    def load_data(self, arguments: Mapping[str, Argument] = _NONE) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
        """Calls load_data() with these keyword arguments, converts the arrays without loss, and checks them.

        Returns x_train, x_test (float32, (N, H, W, C), finite), y_train, and y_test (integers, (N,)), with
        x_validation and y_validation if it returns a third pair, and a line for each conversion.
        """
        function = self._function("load_data")
        self._check_arguments(function, arguments)
        returned = self._guarded("load_data() failed", partial(function, **arguments))
        try:
            (x_train, y_train), (x_test, y_test), *third = returned
            named = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
            if third:
                ((x_validation, y_validation),) = third
                named |= {"x_validation": x_validation, "y_validation": y_validation}
        except (TypeError, ValueError):
            expected = "load_data() must return ((x_train, y_train), (x_test, y_test)), or these and a third pair"
            raise ReportError(expected, self._place(function), NEXT) from None
        arrays, done = _converted(named)
        if fault := _fault_in_data(arrays):
            raise ReportError(f"load_data(): {fault}", self._place(function), NEXT)
        return arrays, done

    def other_arrays(self, names: Sequence[str]) -> ReportError:
        """The message for a load_data() that returned different arrays, with these names, when called again."""
        what = f"load_data() returned a different {' and '.join(names)} when it was called again"
        step = "Make it deterministic: give shuffles and splits a fixed seed, "
        step += "as in train_test_split(x, y, random_state=0), and sort what comes from a set."
        return ReportError(what, self._place(self._function("load_data")), step)

    def unused_dataset(self, name: str) -> ReportError:
        """The message for a load_data() that does not load the dataset that paper.toml declares."""
        what = f"load_data() does not load the dataset that [data] in paper.toml declares, {name}"
        step = f'Call dataset.load("{name}"), or remove [data]: the article names it as the source of the data.'
        return ReportError(what, self._place(self._function("load_data")), step)

    def built(self, arguments: Mapping[str, Argument] = _NONE) -> keras.Model:
        """Calls build_model() with these keyword arguments, and checks what can be checked without the data."""
        import keras

        function = self._function("build_model")
        self._check_arguments(function, arguments)
        keras.config.disable_traceback_filtering()  # for faulty_layer
        try:
            model = function(**arguments)
        except ReportError:
            raise
        except (Exception, SystemExit) as error:
            layer = faulty_layer(error)
            told = self.failure(f"build_model() failed in {layer}" if layer else "build_model() failed", error)
            is_too_small = layer and re.search("[Nn]egative", str(error))
            raise ReportError(told.what, told.where, LARGER if is_too_small else told.next) from error
        if fault := _fault_in_model(model):
            raise ReportError(f"build_model(): {fault}", self._place(function), NEXT)
        if _takes_logits_for_probabilities(model):
            what = "build_model(): the model's outputs are logits, but its loss expects probabilities"
            step = 'Add activation="softmax" to the last layer (or "sigmoid", for one output), or give the loss '
            raise ReportError(what, self._place(function), f"{step}from_logits=True.")
        if name := _one_hot_name(model):
            what = f"build_model(): {name} expects one-hot labels, but labels are integers here"
            raise ReportError(what, self._place_naming(name, function), f"Use {SPARSE[name]}.")
        return model

    def build_model(
        self,
        shape: tuple[int, ...],
        classes: int,
        arguments: Mapping[str, Argument] = _NONE,
        labels: np.ndarray | None = None,
    ) -> keras.Model:
        """Calls build_model() with these keyword arguments.

        Checks that the model takes images of `shape` and has an output for each of `classes`. If its outputs would be
        right for training `labels` that count from 0, the labels are reported instead.
        """
        model, place = self.built(arguments), self._place(self._function("build_model"))
        taken, given = (tuple(one[0].shape[1:]) for one in (model.inputs, model.outputs))
        if taken != shape:
            what = f"build_model(): the model takes images of shape {taken}, but load_data() returns {shape}"
            raise ReportError(
                what, place, MOVE_CHANNELS if shape == (taken[-1], *taken[:-1]) else f"Write Input({shape})."
            )
        if given == (classes,) or (given == (1,) and classes == 2):
            return model
        if labels is not None and (fault := _fault_in_labels(labels, given)):
            what, next = fault
            raise ReportError(f"load_data(): {what}", self._place(self._function("load_data")), next)
        what = f"the model's output has shape {given}, but the data has {classes} classes"
        raise ReportError(f"build_model(): {what}", place, NEXT)

    def fit_options(self, arrays: Mapping[str, np.ndarray], classes: int, share: float) -> dict[str, Any]:
        """Calls fit_options(), if there is one, and checks the options that fit() gets.

        `arrays` are the training and validation arrays, and `share` is the share of the training images that
        training.validation set aside. A callback that monitors a validation metric needs validation images, since it
        would otherwise select on the test set.
        """
        function = getattr(self.module, "fit_options", None)
        if function is None:
            return {}
        if not callable(function):
            raise ReportError("fit_options is not a function", Place(self.path), NEXT)
        options = self._guarded("fit_options() failed", function)
        if fault := _fault_in_options(options, len(arrays["x_train"]), classes, share):
            raise ReportError(f"fit_options(): {fault}", self._place(function), NEXT)
        options = {name: value for name, value in options.items() if value is not None}
        if callback := None if "x_validation" in arrays else _selecting(options.get("callbacks", ())):
            what = f"fit_options(): {type(callback).__name__} monitors {callback.monitor}, "
            what += "which is measured on the test set"
            step = "Write validation = 0.1 under [training], or return a third pair, for validation, from load_data()."
            raise ReportError(what, self._place(function), step)
        return options

    def check_monitors(self, callbacks: Iterable[Any], metrics: Sequence[str]) -> None:
        """Raises ReportError for a callback that monitors a metric that no epoch reports."""
        for callback in callbacks:
            monitor = getattr(callback, "monitor", None)
            if isinstance(monitor, str) and monitor not in metrics:
                what = f"fit_options(): {type(callback).__name__} monitors {monitor}, which no epoch reports"
                step = f"Monitor one of {', '.join(metrics)}."
                raise ReportError(what, self._place(self._function("fit_options")), step)

    def failure(self, what: str, error: BaseException) -> ReportError:
        """The message for an exception that the author's code, or Keras on its behalf, raised."""
        return failure(what, error, self.path)

    def misfit(self, error: BaseException) -> ReportError:
        """The message for a model that does not fit the data, at the line of `error` or of build_model()."""
        place = place_of(error, self.path)
        where = place if place.line else self._place(self._function("build_model"))
        said = ": ".join(filter(None, (faulty_layer(error), reason(error))))
        return ReportError(f"build_model(): the model cannot be trained on the data: {said}", where, NEXT)

    def _check_arguments(self, function: Callable[..., Any], arguments: Mapping[str, Argument]) -> None:
        """Raises ReportError for a parameter that has no default and gets no argument."""
        for parameter in inspect.signature(function).parameters.values():
            is_required = parameter.kind is not parameter.VAR_KEYWORD and parameter.kind is not parameter.VAR_POSITIONAL
            if is_required and parameter.default is parameter.empty and parameter.name not in arguments:
                what = f"{function.__name__}() cannot be called without a value for {parameter.name}"
                step = "Give it a default: a variant in paper.toml may then set another value."
                raise ReportError(what, self._place(function), step)

    def _guarded(self, what: str, call: Callable[[], Any]) -> Any:
        with telling(self.path, what):
            return call()

    def _function(self, name: str) -> Callable[..., Any]:
        if not callable(function := getattr(self.module, name, None)):
            functions = {each: one for each, one in vars(self.module).items() if inspect.isfunction(one)}
            own = {each: one for each, one in functions.items() if one.__module__ == self.module.__name__}
            lines = {each: one.__code__.co_firstlineno for each, one in own.items()}
            raise missing_function(name, lines, self.path)
        return function  # type: ignore[no-any-return]  # what an author's module holds has no static type

    def _place(self, function: Callable[..., Any]) -> Place:
        code = getattr(function, "__code__", None)
        return Place(Path(code.co_filename), code.co_firstlineno) if code else Place(self.path)

    def _place_naming(self, name: str, function: Callable[..., Any]) -> Place:
        """The first line of the file that contains a name, or else that of the function."""
        lines = enumerate(self.path.read_bytes().splitlines(), 1)
        pattern = re.compile(rf"(?<!\w){name}\b".encode())
        line = next((number for number, text in lines if pattern.search(text)), None)
        return Place(self.path, line) if line else self._place(function)


def missing_function(name: str, lines: Mapping[str, int], path: Path) -> ReportError:
    """The message for an experiment.py without this function; `lines` has those of the functions that it defines."""
    near = next(iter(difflib.get_close_matches(name, lines, 1)), None)
    rename = f"Is {near}() meant? Rename it. " if near else ""
    step = f"{rename}Define load_data() and build_model(); docs/experiment.md shows both."
    return ReportError(f"There is no function {name}()", Place(path, lines[near] if near else None), step)


def _import(path: Path) -> ModuleType:
    _reset_keras()
    return imported(path, "experiment")


def _reset_keras() -> None:
    """Restores Keras's own defaults, so that no result depends on the user's keras.json."""
    import keras  # the experiment is about to

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")


def _converted(arrays: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arrays, converted where they are NumPy arrays, and a line for each conversion."""
    import numpy as np  # the experiment imports it anyway

    from generator.data.conversions import plain_images, plain_labels, told

    plain, done = dict(arrays), dict[str, list[str]]()
    for name in arrays:
        if isinstance(arrays[name], np.ndarray):
            plain[name], done[name] = (plain_images if name.startswith("x") else plain_labels)(arrays[name])
    return plain, told(done)


def _fault_in_data(arrays: dict[str, Any]) -> str | None:
    """What is wrong with the arrays, in one sentence, or None."""
    import numpy as np  # the sentence is only needed where arrays are, and importing must stay cheap

    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            return f"{name} is a {type(array).__name__}, not a NumPy array"
    parts = [name.removeprefix("x_") for name in arrays if name.startswith("x_")]
    for part in parts:
        if fault := _fault_in_part(part, arrays[f"x_{part}"], arrays[f"y_{part}"]):
            return fault
    trained, most = arrays["x_train"].shape[1:], arrays["y_train"].max()
    for part in parts:
        if arrays[f"x_{part}"].shape[1:] != trained:
            return f"images have shape {trained} in x_train, but {arrays[f'x_{part}'].shape[1:]} in x_{part}"
        if arrays[f"y_{part}"].max() > most:
            return f"y_{part} has the label {arrays[f'y_{part}'].max()}, but the largest in y_train is {most}"
    return _fault_in_validation(arrays["x_validation"], arrays["x_test"]) if "validation" in parts else None


def _fault_in_validation(validation: np.ndarray, test: np.ndarray) -> str | None:
    """Reports validation images that are in the test set; a few may be, since data can contain duplicates."""
    tested = {hashlib.sha256(image.tobytes()).digest() for image in test}
    shared = sum(hashlib.sha256(image.tobytes()).digest() in tested for image in validation)
    if shared <= len(validation) * MAX_SHARED:
        return None
    return f"of the {len(validation)} images of x_validation, {shared} are in x_test too"


def _fault_in_options(options: object, images: int, classes: int, share: float) -> str | None:
    """What is wrong with what fit_options() returned, in one sentence, or None."""
    if not isinstance(options, Mapping):
        return f"it returns a {type(options).__name__}, not a dict of arguments of fit()"
    for name in options:
        if name in ("epochs", "batch_size"):
            return f"{name} belongs under [training] in paper.toml, so that the article can report it"
        if name not in OPTIONS:
            return f"it may return {', '.join(OPTIONS[:-1])}, and {OPTIONS[-1]}, but not {name!r}"
    callbacks, by_class, by_image = (options.get(name) for name in OPTIONS)
    if by_image is not None and by_class is not None:
        return "it returns both class_weight and sample_weight, but Keras accepts only one of them"
    if by_image is not None and share:
        return "sample_weight cannot be used with [training] validation, which sets images aside after load_data()"
    return _fault_in_callbacks(callbacks) or _fault_in_weights(by_class, by_image, images, classes)


def _fault_in_callbacks(callbacks: object) -> str | None:
    import keras  # the experiment has imported it

    if callbacks is None:
        return None
    if not isinstance(callbacks, list | tuple) or not all(
        isinstance(one, keras.callbacks.Callback) for one in callbacks
    ):
        return "callbacks is not a list of keras.callbacks.Callback"
    if any(isinstance(one, keras.callbacks.BackupAndRestore) for one in callbacks):
        return "BackupAndRestore would continue from the weights of another run; finished replicates are kept anyway"
    return None


def _fault_in_weights(by_class: object, by_image: object, images: int, classes: int) -> str | None:
    import numpy as np

    if by_class is not None and not (
        isinstance(by_class, Mapping)
        and all(label in range(classes) and _is_weight(weight) for label, weight in by_class.items())
    ):
        return f"class_weight is not a dict from labels, 0 to {classes - 1}, to weights of at least 0"
    if by_image is not None and not (
        isinstance(by_image, np.ndarray) and by_image.shape == (images,) and all(map(_is_weight, by_image.tolist()))
    ):
        return f"sample_weight is not an array of {images} weights of at least 0, one for each training image"
    return None


def _is_weight(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0


def _selecting(callbacks: Iterable[Any]) -> Any:
    """The first callback that selects by a validation metric, or None."""
    for one in callbacks:  # a checkpoint that keeps every state also monitors a metric, but selects nothing
        if str(getattr(one, "monitor", "")).startswith("val_") and getattr(one, "save_best_only", True):
            return one
    return None


def _fault_in_part(part: str, x: np.ndarray, y: np.ndarray) -> str | None:
    import numpy as np

    from generator.data.chunks import chunks

    if x.ndim != 4:
        return f"x_{part} has shape {x.shape}, not (N, H, W, C)"
    if x.dtype != np.float32:
        return f"x_{part} is {x.dtype}, which float32 cannot hold"
    if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        return f"y_{part} is {y.dtype} with shape {y.shape}, not integers with shape (N,)"
    if len(x) != len(y):
        return f"x_{part} has {len(x)} images but y_{part} has {len(y)} labels"
    if not x.size:
        return f"x_{part} is empty"
    if not math.isfinite(float(x.min()) + float(x.max())):
        wrong = np.flatnonzero(np.concatenate([~np.isfinite(x[rows]).all(axis=(1, 2, 3)) for rows in chunks(x)]))
        what = f"x_{part} contains NaN, infinity, or numbers too large for float32"
        return f"{what} in {len(wrong)} of {len(x)} images; the first is at index {wrong[0]}"
    return f"y_{part} has the label {y.min()}, below 0" if y.min() < 0 else None


def _one_hot_name(model: Any) -> str | None:
    """The Keras name of a loss or metric of the compiled model that expects one-hot labels, or None."""
    import keras  # the model is one of Keras, which is loaded by now

    compiled = model._compile_config.config  # the arguments of compile(), before Keras converted them to objects
    given = keras.tree.flatten([compiled["loss"], compiled["metrics"]])
    names = (one if isinstance(one, str) else getattr(one, "__name__", type(one).__name__) for one in given)
    return next((name for name in names if name in SPARSE), None)


def _takes_logits_for_probabilities(model: Any) -> bool:
    """Whether the last layer has no activation although the loss, one of Keras's cross-entropies, expects one.

    Keras clips such outputs, and trains on what is left of them.
    """
    import keras  # the model is one of Keras, which is loaded by now

    losses, loss = keras.losses, model._compile_config.config["loss"]
    with suppress(ValueError):  # an unknown name, which training reports
        loss = losses.get(loss) if isinstance(loss, str) else loss
    function = getattr(loss, "fn", loss)  # of Keras's classes
    last = model.outputs[0]._keras_history.operation
    is_linear = type(last) is keras.layers.Dense and last.activation is keras.activations.linear
    known = losses.sparse_categorical_crossentropy, losses.binary_crossentropy, losses.binary_focal_crossentropy
    return is_linear and function in known and not getattr(loss, "from_logits", False)


def _fault_in_model(model: Any) -> str | None:
    import keras  # the model is one of Keras, which is loaded by now

    if not isinstance(model, keras.Model):
        return f"it returns a {type(model).__name__}, not a keras.Model"
    if getattr(model, "inputs", None) is None:
        return "the shapes in the model are unknown; build a functional or Sequential model from an Input"
    if not model.compiled:
        return "the model is not compiled; end with model.compile(...)"
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        return f"the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs, not one of each"
    return None


def _fault_in_labels(labels: np.ndarray, given: tuple[int | None, ...]) -> tuple[str, str] | None:
    """Why labels do not fit the model's outputs, of shape `given`, although these are as many as the different labels.

    With what to do about it. None if the outputs are too few, or do not give classes.
    """
    import numpy as np

    found, outputs = np.unique(labels), 2 if given == (1,) else given[0] if len(given) == 1 else None
    if outputs is None or not len(found) <= outputs <= found[-1]:
        return None
    what = f"the labels in y_train run from {found[0]} to {found[-1]}"
    if found.dtype.kind == "u" and found[-1] == np.iinfo(found.dtype).max:
        what += f" (-1 becomes {found[-1]} in {found.dtype})"
    what += f", but the model has outputs for {outputs} classes, whose labels run from 0 to {outputs - 1}"
    return what, SUBTRACT if (found[0], found[-1]) == (1, outputs) else CORRECT_LABELS
