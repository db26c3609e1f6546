"""How long the network takes for one image: in the page, and in Keras on the same processor."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.places import Place
from tests.bench.rows import Row
from tests.support.scripting import chromium, opened

REPEATS = 101

IN_THE_PAGE = """async (repeats) => {
    const network = await explorer, image = network.seen(), times = [];
    for (let n = 0; n < repeats; n++) {
        const started = performance.now();
        network.run(image);
        times.push(performance.now() - started);
    }
    return times; }"""

IN_KERAS = """
import sys, time
import numpy as np
from pathlib import Path
from generator.model.experiment import Experiment
module = Experiment(Path(sys.argv[1])).module
model = module.build_model()
image = np.zeros((1, *model.input_shape[1:]), np.float32)
for _ in range(int(sys.argv[2])):
    started = time.perf_counter()
    model.predict(image, verbose=0)
    print(1000 * (time.perf_counter() - started))
"""


def rows(place: Place) -> Iterator[Row]:
    """The page beside Keras."""
    page, keras = in_the_page(place.built / "site" / "index.html"), in_keras(place.paper / "experiment.py")
    yield Row("one image in the page", page, "ms", "30 ms", "model.predict()", keras)


def in_the_page(index: Path) -> float:
    """Median milliseconds of a built page's explorer for one image, through all layers."""
    with chromium() as browser:
        page, _ = opened(browser, index)
        return float(statistics.median(page.evaluate(IN_THE_PAGE, REPEATS)))


def in_keras(experiment: Path) -> float:
    """Median milliseconds of `model.predict` for one image."""
    command = [sys.executable, "-c", IN_KERAS, str(experiment), str(REPEATS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return statistics.median(float(line) for line in done.stdout.split())
