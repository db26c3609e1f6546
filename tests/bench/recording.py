"""How long one epoch of training takes while what the author's code reads is recorded, and while it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.places import Place
from tests.bench.rows import Row

TRAINING = """
import contextlib, sys
from pathlib import Path
import numpy as np
from generator.data import tracing
from generator.model import training
from generator.data.reads import Scope, file_digest
from generator.records.condition import Recipe
from generator.records.run import TrainingSettings

paper, out, arrays, recorded = *map(Path, sys.argv[1:4]), sys.argv[4] == "True"
images = {path.stem: np.load(path, mmap_mode="r") for path in arrays.glob("*.npy")}
scope = Scope(paper, paper, out, {str(path): file_digest(str(path)) for path in paper.glob("*.py")})
with tracing.recording(scope) if recorded else contextlib.nullcontext():
    classes, settings = int(images["y_train"].max()) + 1, TrainingSettings(epochs=1)
    made = training.train(Recipe(paper / "experiment.py"), images, classes, settings, 0, lambda _: None, "replicate 0")
print(made.times.epoch_seconds[0])
"""


def rows(place: Place) -> Iterator[Row]:
    """An epoch with the recording beside one without it."""
    plain, recorded = (epoch_seconds(place.paper, place.built, kept) for kept in (False, True))
    yield Row("an epoch of training, reads recorded", recorded, "s", "", "without the recording", plain)


def epoch_seconds(paper: Path, out: Path, recorded: bool) -> float:
    """Seconds of one epoch on the data of a paper that was built; in a process of its own, as a hook cannot go."""
    (arrays,) = (out / "cache" / "arrays").glob("*/*/")
    command = [sys.executable, "-c", TRAINING, str(paper), str(out), str(arrays), str(recorded)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])
