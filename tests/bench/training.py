"""How long a step of training takes: ours, beside Keras's own fit(), PyTorch, and the matrix products it consists of.

All run the network of the default paper on its data, on one thread. A step is timed within epochs, from one of their
first steps to their last, without the first epoch, which compiles; the median of all epochs of all rounds counts. In
each round, everything runs once, in a process of its own. In the last row, all replicates train at the same time, and
a step is one of each.

The floor counts the float32 multiply-adds that no implementation by matrix products avoids: for each convolution, seen
as a product of patches and kernels (im2col), and each dense layer, the product that gives the outputs, the one that
gives the gradient of the weights, and, after the first layer, the one that gives the gradient of the inputs. It is the
time of NumPy for products of these shapes. Nothing else counts: no patches, activations, pooling, or Adam.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from generator.build.worker_process import variables
from tests.bench.machine import cores
from tests.bench.places import REPLICATES, Place
from tests.bench.processes import started, told
from tests.bench.rows import Row, unmeasured

STEPS = 100
"""How many steps an epoch has."""

EPOCHS = 4
ROUNDS = 3
TORCH = "BENCH_TORCH"
"""The variable that names a Python with PyTorch, if it is not this one."""

LOADING = """
import json, sys
from pathlib import Path
import numpy as np
from generator import dataset
from generator.data import sources
from generator.model.experiment import Experiment
from generator.paper import load_paper

folder, to, steps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
paper = load_paper(folder, {})
author = Experiment(folder / "experiment.py")
with dataset.bound(paper.data, sources.find(paper.data, folder, None, to, say=lambda line: None)):
    arrays, _ = author.load_data()
batch = paper.training.batch_size
for name, count in (("x_train", steps * batch), ("y_train", steps * batch), ("x_test", batch), ("y_test", batch)):
    np.save(to / f"{name}.npy", np.resize(arrays[name], (count, *arrays[name].shape[1:])))
layers = [layer for layer in author.module.build_model().layers if layer.weights]
products = [[int(np.prod(layer.output.shape[1:-1])), int(np.prod(layer.kernel.shape[:-1])), layer.kernel.shape[-1]]
            for layer in layers]
print(json.dumps({"batch": batch, "classes": int(arrays["y_train"].max()) + 1, "layers": products}))
"""

OURS = """
import json, sys, time
from pathlib import Path
import numpy as np
from generator.model import training
from generator.records.condition import Recipe
from generator.records.run import TrainingSettings

experiment, folder, epochs, batch, classes, seed = *map(Path, sys.argv[1:3]), *map(int, sys.argv[3:])
arrays = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
steps, seen = len(arrays["x_train"]) // batch, {}

def report(at):
    seen.setdefault((at.done - 1) // steps, []).append((at.done, time.perf_counter()))

settings = TrainingSettings(epochs=epochs, batch_size=batch, threads=1)
training.train(Recipe(experiment), arrays, classes, settings, seed, report, "replicate 0")
print(json.dumps([(end - begin) / (last - first) for (first, begin), *_, (last, end) in list(seen.values())[1:]]))
"""

STOCK = """
import json, runpy, sys, time
from pathlib import Path
import keras, numpy as np, tensorflow as tf

experiment, folder, epochs, batch = *map(Path, sys.argv[1:3]), *map(int, sys.argv[3:5])
arrays = {path.stem: np.load(path) for path in folder.glob("*.npy")}
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
seen = []

class Clock(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        seen.append([])

    def on_train_batch_end(self, batch, logs=None):
        seen[-1].append(time.perf_counter())

model = runpy.run_path(str(experiment))["build_model"]()
tests = arrays["x_test"], arrays["y_test"]
model.fit(arrays["x_train"], arrays["y_train"], batch, epochs, validation_data=tests, callbacks=[Clock()])
print()
print(json.dumps([(times[-1] - times[0]) / (len(times) - 1) for times in seen[1:]]))
"""

PYTORCH = """
import json, sys, time
from pathlib import Path
import numpy as np, torch
from torch import nn

folder, epochs, batch, weights = Path(sys.argv[1]), *map(int, sys.argv[2:])
torch.set_num_threads(1)
torch.set_num_interop_threads(1)
images = torch.from_numpy(np.load(folder / "x_train.npy")).permute(0, 3, 1, 2).contiguous()
labels = torch.from_numpy(np.load(folder / "y_train.npy").astype("int64"))
model = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(64, 128, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10),
)
assert sum(values.numel() for values in model.parameters()) == weights, "it is the same network"
optimizer, entropy, taken = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss(), []
for _ in range(epochs):
    order, times, right, losses = torch.randperm(len(images)), [], 0, 0.0
    for chosen in order.split(batch):
        outputs = model(images[chosen])
        loss = entropy(outputs, labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses += loss.item()
        right += (outputs.argmax(1) == labels[chosen]).sum().item()
        times.append(time.perf_counter())
    taken.append((times[-1] - times[0]) / (len(times) - 1))
print(json.dumps(taken[1:]))
"""

FLOOR = """
import json, statistics, sys, time
import numpy as np

def seconds(rows, inner, columns):
    random = np.random.default_rng(0)
    left, right = (random.random(shape, np.float32) for shape in ((rows, inner), (inner, columns)))
    out, taken = np.empty((rows, columns), np.float32), []
    for _ in range(9):
        started = time.perf_counter()
        np.matmul(left, right, out=out)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])

print(json.dumps([sum(seconds(*product) for product in json.loads(sys.argv[1]))]))
"""

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

Product = tuple[int, int, int]
"""Rows and columns of the left matrix, and columns of the right one."""


@dataclass(frozen=True)
class Network:
    """What a step of training consists of.

    Attributes:
        batch: images in a step.
        classes: of the data.
        layers: for each layer with weights, the product that gives its outputs for one image.
    """

    batch: int
    classes: int
    layers: Sequence[Product]

    def products(self) -> list[Product]:
        """The products of a step, forward and backward."""
        found: list[Product] = []
        for number, (places, inner, outputs) in enumerate(self.layers):
            rows = self.batch * places
            found += [(rows, inner, outputs), (inner, rows, outputs)]
            found += [(rows, outputs, inner)] if number else []
        return found

    def multiply_adds(self) -> int:
        """How many a step has."""
        return sum(rows * inner * columns for rows, inner, columns in self.products())

    def weights(self) -> int:
        """How many weights the layers have, biases included."""
        return sum((inner + 1) * outputs for _, inner, outputs in self.layers)


@dataclass(frozen=True)
class Trainer:
    """Starts what is measured.

    Attributes:
        experiment: the code of the network.
        arrays: the folder of the images.
        network: the network.
    """

    experiment: Path
    arrays: Path
    network: Network

    def ours(self, seed: int = 0) -> subprocess.Popen[str]:
        """Training as a build has it, in the environment of its tasks."""
        network = self.network
        arguments = (self.experiment, self.arrays, EPOCHS, network.batch, network.classes, seed)
        return started(OURS, *arguments, env=variables())

    def stock(self) -> subprocess.Popen[str]:
        return started(STOCK, self.experiment, self.arrays, EPOCHS, self.network.batch)

    def torch(self, python: str) -> subprocess.Popen[str]:
        return started(PYTORCH, self.arrays, EPOCHS, self.network.batch, self.network.weights(), python=python)

    def floor(self) -> subprocess.Popen[str]:
        return started(FLOOR, json.dumps(self.network.products()), env=os.environ | ONE_THREAD)


def rows(place: Place) -> Iterator[Row]:
    """A step of ours beside each of its peers."""
    trainer = _trainer(place)
    python = _python_with_torch()
    kinds: dict[str, list[Callable[[], subprocess.Popen[str]]]] = {
        "ours": [trainer.ours],
        "stock": [trainer.stock],
        "torch": [partial(trainer.torch, python)] if python else [],
        "floor": [trainer.floor],
        "replicates": [partial(trainer.ours, seed) for seed in range(REPLICATES)],
        "floors": [trainer.floor] * min(cores(), REPLICATES),
    }
    rounds = [{kind: _together(starts) for kind, starts in kinds.items() if starts} for _ in range(ROUNDS)]
    step = {kind: statistics.median(one[kind] for one in rounds) for kind in rounds[0]}
    name, gigaflops = "a step of training", 2e-6 * trainer.network.multiply_adds() / step["floor"]
    yield Row(name, step["ours"], "ms", "", "Keras's fit()", step["stock"])
    if python:
        yield Row(name, step["ours"], "ms", "", "PyTorch", step["torch"])
    else:
        yield unmeasured(
            "a step of training in PyTorch", f"PyTorch is not installed; {TORCH} may name a Python with it"
        )
    note = f"{trainer.network.multiply_adds() / 1e6:.0f} million multiply-adds at {gigaflops:.0f} GFLOP/s"
    yield Row(name, step["ours"], "ms", "", "its matrix products in NumPy", step["floor"], note)
    share = REPLICATES / min(cores(), REPLICATES)
    peer = f"their matrix products in NumPy on {min(cores(), REPLICATES)} cores"
    yield Row(f"a step of {REPLICATES} replicates", step["replicates"], "ms", "", peer, share * step["floors"])


def _trainer(place: Place) -> Trainer:
    arrays = place.folder / "arrays"
    arrays.mkdir()
    network: dict[str, Any] = told(started(LOADING, place.paper, arrays, STEPS))
    return Trainer(place.paper / "experiment.py", arrays, Network(**network))


def _python_with_torch() -> str:
    """The Python that has PyTorch; empty if there is none."""
    python = os.environ.get(TORCH, sys.executable)
    found = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False)
    return "" if found.returncode else python


def _together(starts: Sequence[Callable[[], subprocess.Popen[str]]]) -> float:
    """Starts processes at the same time; the mean of their milliseconds for a step, of each the median."""
    running = [start() for start in starts]
    return 1000 * statistics.fmean(statistics.median(told(process)) for process in running)
