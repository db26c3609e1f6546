"""The data stage: the arrays that load_data() returns, checked, on disk and described.

Finding and verifying the files behind them is done before, by generator.data.sources.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import numpy as np

from generator import dataset
from generator.model.experiment import Experiment
from generator.records.dataset import ArrayInfo, Dataset, DataSettings, Source


def load(experiment: Path, settings: DataSettings | None, source: Source | None, folder: Path) -> Dataset:
    """Runs load_data() on `source` and puts each array in `folder` as NAME.npy.

    Raises ReportError when the experiment or its data breaks the contract.
    """
    with dataset.bound(settings, source) if settings and source else contextlib.nullcontext():
        arrays = Experiment(experiment).load_data()
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    classes = int(arrays["y_train"].max()) + 1
    return Dataset(**{name: _info(array) for name, array in arrays.items()}, classes=classes)


def _info(array: np.ndarray) -> ArrayInfo:
    digest = hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
    return ArrayInfo(shape=array.shape, dtype=str(array.dtype), sha256=digest)
