"""Data larger than memory: no stage up to the evidence ever holds the training images as a whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, environment

IMAGES = 640
IMAGE_BYTES = 256 * 256 * 4
"""As float32, so that the training images take 160 MiB."""

EXPERIMENT = """
import keras
import numpy as np


class Twice(keras.Sequential):
    def fit(self, x, y, **options):
        assert isinstance(x, np.ndarray)
        super().fit(x, y, **options)
        return super().fit(x, y, **options)


def load_data():
    parts = [[np.load(f"{axis}_{part}.npy", mmap_mode="r") for axis in "xy"] for part in ("train", "test")]
    return tuple(map(tuple, parts))


def build_model():
    layers = keras.layers
    model = Twice([keras.Input((256, 256, 1)), layers.AveragePooling2D(64), layers.Flatten(), layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model
"""

STAGES = """
import json
import os
import sys
import threading
from pathlib import Path

import keras
import numpy as np

from generator.build import preflight, progress, tasks
from generator.core.environment import Commit
from generator.data.reads import Scope
from generator.records.condition import Recipe
from generator.records.dataset import Loading
from generator.records.run import TrainingSettings


def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon"))


def growth(stage):
    before, peak, is_over = anonymous(), [0], threading.Event()

    def watch():
        while not is_over.wait(0.002):
            peak[0] = max(peak[0], anonymous())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        return stage(), max(0, peak[0] - before)
    finally:
        is_over.set()
        watching.join()


def stages(paper, work):
    os.chdir(paper)
    recipe, scope, given = Recipe(paper / "experiment.py"), Scope(paper, paper, work), Loading(None, None, 0.25, "")
    settings, arrays, run = TrainingSettings(epochs=1, batch_size=4, validation=0.25), work / "arrays", work / "run"
    arrays.mkdir(parents=True)
    run.mkdir()
    peaks = {}
    (dataset, _), peaks["load"] = growth(lambda: tasks.load_arrays(recipe.path, scope, given, arrays))
    peaks["check"] = growth(lambda: tasks.check_arrays(recipe.path, scope, given, dataset))[1]
    peaks["leaks"] = growth(lambda: preflight.leaked_images(arrays))[1]
    peaks["trial"] = growth(lambda: tasks.try_model(recipe, scope, arrays, dataset, settings))[1]
    with progress.listening(lambda at: None) as address:
        training = address, recipe, scope, arrays, dataset, settings, 0, "replicate 0", Commit(None, None, False)
        files, peaks["train"] = growth(lambda: tasks.train_replicate(*training))
    for name, content in files.items():
        (run / name).write_bytes(content)
    peaks["evidence"] = growth(lambda: tasks.measure_evidence(recipe, scope, arrays, dataset, run))[1]
    return peaks


def paper(folder, count):
    folder.mkdir()
    (folder / "experiment.py").write_text(sys.argv[2])
    for part, images in (("train", count), ("test", 16)):
        x = np.lib.format.open_memmap(folder / f"x_{part}.npy", "w+", np.uint8, (images, 256, 256, 1))
        x[:] = np.arange(images, dtype=np.uint8)[:, None, None, None]
        np.save(folder / f"y_{part}.npy", np.arange(images) % 2)
    return folder


base = Path(sys.argv[1])
stages(paper(base / "small", 32), base / "first")  # so that what TensorFlow itself needs is there
print(json.dumps(stages(paper(base / "large", int(sys.argv[3])), base / "second")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RssAnon of /proc/self/status: run it on Linux")
def test_no_stage_up_to_the_evidence_holds_all_training_images_of_a_memory_mapped_file(tmp_path: Path) -> None:
    """Images are converted from uint8, some are set aside, and the model has a fit() of its own, which gets arrays.

    The bound is half of what they take: a copy is over it, and a few batches and chunks are far below. There are few
    test images, since 250 at once are predicted.
    """
    command = [sys.executable, "-c", STAGES, str(tmp_path), EXPERIMENT, str(IMAGES)]
    ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    peaks = json.loads(ran.stdout.splitlines()[-1])
    assert {name: peak for name, peak in peaks.items() if peak > IMAGES * IMAGE_BYTES / 2} == {}
