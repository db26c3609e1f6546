"""The data stage: converts, checks, saves, and describes the arrays that load_data() returns.

generator.data.sources has found and verified the files behind them by then.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from generator import dataset
from generator.core.errors import ReportError
from generator.core.files import naming
from generator.data import formats
from generator.data.chunks import chosen, chunks
from generator.model.experiment import Experiment
from generator.records.dataset import UNIT, ArrayInfo, Dataset, Loading, ValueRange


def load(experiment: Path, given: Loading, folder: Path) -> Dataset:
    """Runs load_data() and saves each array in `folder` as NAME.npy.

    Raises ReportError when the experiment or its data breaks the contract.
    """
    arrays, conversions = _called(Experiment(experiment), given)
    for name, array in arrays.items():
        _save(folder / f"{name}.npy", array)
    return Dataset(
        **{name: _info(array) for name, array in arrays.items()},
        classes=int(arrays["y_train"].max()) + 1,
        value_range=_value_range(*(array for name, array in arrays.items() if name.startswith("x_"))),
        conversions=conversions,
        keeps_labels=given.source is not None and formats.label_digest(arrays["y_test"]) == given.source.test_labels,
    )


def _save(path: Path, array: np.ndarray) -> None:
    """Writes an array in C order, as np.save() does for one that is."""
    header = np.lib.format.header_data_from_array_1_0(array) | {"fortran_order": False}
    with naming(path), path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for part in chunks(array):
            file.write(np.ascontiguousarray(array[part]).data)


def check_again(experiment: Path, given: Loading, first: Dataset) -> None:
    """Runs load_data() again, in a new process, and keeps nothing.

    Raises ReportError when the arrays differ from `first`.
    """
    author = Experiment(experiment)
    arrays, _ = _called(author, given)
    if changed := [name for name, array in arrays.items() if _info(array) != first.by_name.get(name)]:
        raise author.other_arrays(changed)


def _called(author: Experiment, given: Loading) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    with dataset.bound(given.settings, given.source) as binding:
        arrays, conversions = author.load_data(given.arguments)
    if given.settings and given.source and not given.arguments and not binding.is_used:  # a variant may use other data
        raise author.unused_dataset(given.settings.name)
    return (_set_aside(arrays, given.validation, given.place) if given.validation else arrays), conversions


def _set_aside(arrays: dict[str, np.ndarray], share: float, place: str) -> dict[str, np.ndarray]:
    """The arrays with this share of the training images of each class, drawn with a fixed seed, as validation images.

    `place` is where the share is written.
    """
    if "x_validation" in arrays:
        what = "load_data() returns validation images, but training.validation is also set"
        raise ReportError(what, place, "Remove this setting, or the third pair that load_data() returns.")
    labels, random = arrays["y_train"], np.random.default_rng(0)
    is_chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = round(len(members) * share)
        if not 0 < count < len(members):
            what = f"training.validation = {share} takes {count} of the {len(members)} training images of class {label}"
            raise ReportError(what, place, "Choose a share that leaves images of each class in both parts.")
        is_chosen[random.permutation(members)[:count]] = True
    aside = {f"{axis}_validation": chosen(arrays[f"{axis}_train"], is_chosen) for axis in "xy"}
    return arrays | {f"{axis}_train": chosen(arrays[f"{axis}_train"], ~is_chosen) for axis in "xy"} | aside


def _value_range(*images: np.ndarray) -> ValueRange:
    low, high = float(min(part.min() for part in images)), float(max(part.max() for part in images))
    if low >= 0 and high <= 1:
        return UNIT
    return (low, high) if low < high else (low, low + 1.0)


def _info(array: np.ndarray) -> ArrayInfo:
    digest = hashlib.sha256()
    for part in chunks(array):
        digest.update(np.ascontiguousarray(array[part]).data)
    return ArrayInfo(shape=array.shape, dtype=str(array.dtype), sha256=digest.hexdigest())
