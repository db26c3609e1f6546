"""Loads the paper's data for experiment.py: `dataset.load("mnist")`.

The paper prints that call, so it only names the dataset. `generator.data.sources` has found the data before, and the
stage that calls load_data() binds it here. This module does not search, download, or keep arrays in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.core.errors import Place, ReportError
from generator.data import formats, tracing
from generator.data.formats import Arrays
from generator.records.dataset import DataSettings, Source

_bound: tuple[DataSettings, Source] | None = None


@contextmanager
def bound(settings: DataSettings, source: Source) -> Iterator[None]:
    """Makes `load` read `source` inside the block, in every thread of the process."""
    global _bound
    before, _bound = _bound, (settings, source)
    try:
        yield
    finally:
        _bound = before


def load(name: str) -> Arrays:
    """Loads the dataset `name`, which paper.toml declares under [data].

    Returns:
        ((x_train, y_train), (x_test, y_test)) as stored; for MNIST, uint8 arrays of shapes (60000, 28, 28), (60000,),
        (10000, 28, 28), and (10000,).

    Raises:
        ReportError: no build is running, the paper declares another dataset, or the files have changed or
            become unreadable since they were found.
    """
    call = f'dataset.load("{name}")'
    if _bound is None:
        advice = "Declare it under [data] in paper.toml, and run `python -m generator build`."
        raise ReportError("was called outside a build, or paper.toml declares no data", call, advice)
    settings, source = _bound
    if name != settings.name:
        advice = f'Call dataset.load("{settings.name}"), or change name under [data] in paper.toml.'
        raise ReportError(f'the data set that paper.toml declares is "{settings.name}"', call, advice)
    with tracing.paused():  # the keys already contain the digest of this data
        if source.paths:
            arrays = formats.decode(Path(source.paths[0]), settings)
        else:
            arrays = formats.sample(settings) if source.preview else formats.bundled(settings)
    if formats.identity(arrays) != source.digest:  # the digest that was checked against paper.toml
        where = Place(Path(source.paths[0])) if source.paths else call
        raise ReportError("The data changed since this build found it", where, "Build again.")
    return arrays
