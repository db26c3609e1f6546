"""Loads the paper's data for experiment.py: `dataset.load("mnist")`.

The paper prints that call, so it only names the dataset. `generator.data.sources` has found the data before, and the
stage that calls load_data() binds it here. This module does not search, download, or keep arrays in memory.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator.core.errors import Place, ReportError
from generator.data import formats, tracing
from generator.data.formats import Arrays
from generator.records.dataset import DataSettings, Source


@dataclass
class Binding:
    """What `load` reads while load_data() runs.

    Attributes:
        settings: [data] of paper.toml; None if it has none.
        source: where the data was found; None without settings.
        is_used: whether `load` was called.
    """

    settings: DataSettings | None
    source: Source | None
    is_used: bool = False


_bound: Binding | None = None


@contextmanager
def bound(settings: DataSettings | None, source: Source | None) -> Iterator[Binding]:
    """Makes `load` read `source` inside the block, in every thread of the process."""
    global _bound
    before, _bound = _bound, Binding(settings, source)
    try:
        yield _bound
    finally:
        _bound = before


def load(name: str) -> Arrays:
    """Loads the dataset `name`, which paper.toml declares under [data].

    Returns:
        ((x_train, y_train), (x_test, y_test)) as stored; for MNIST, uint8 arrays of shapes (60000, 28, 28), (60000,),
        (10000, 28, 28), and (10000,).

    Raises:
        ReportError: load_data() is not running, the paper declares no dataset or another one, or the files have changed
            or become unreadable since they were found.
    """
    call, where = f'dataset.load("{name}")', _caller()
    if _bound is None:
        advice = "Call it in load_data(), and run `python -m generator build`."
        raise ReportError(f"{call} works only while a build calls load_data()", where, advice)
    settings, source = _bound.settings, _bound.source
    if settings is None or source is None:
        raise ReportError(f"{call}: paper.toml declares no dataset", where, "Declare it under [data].")
    if name != settings.name:
        advice = f'Call dataset.load("{settings.name}"), or change name under [data] in paper.toml.'
        raise ReportError(f'{call}: paper.toml declares the dataset "{settings.name}"', where, advice)
    _bound.is_used = True
    with tracing.paused():  # the keys already contain the digest of this data
        if source.paths:
            arrays = formats.decode(Path(source.paths[0]), settings)
        else:
            arrays = formats.sample(settings) if source.preview else formats.bundled(settings)
    if formats.identity(arrays) != source.digest:  # the digest that was checked against paper.toml
        where = Place(Path(source.paths[0])) if source.paths else where
        raise ReportError("The data changed since this build found it", where, "Build again.")
    return arrays


def _caller() -> Place | None:
    """The line that called `load`."""
    frame = inspect.currentframe()
    caller = frame.f_back.f_back if frame and frame.f_back else None
    return Place(Path(caller.f_code.co_filename), caller.f_lineno) if caller else None
