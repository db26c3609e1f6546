"""Builds of the default paper: the first one, one that only measures, and one of which nothing has changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping

from generator.records.measures import AFTER
from tests.bench.places import REPLICATES, Place
from tests.bench.processes import median, run
from tests.bench.rows import Row


def rows(place: Place) -> Iterator[Row]:
    """The cold build beside the original's script, and the others beside the cold build."""
    cold = place.cold
    training = trained(cold.said)
    name, note = f"cold build, {REPLICATES} replicates", "with all evidence"
    if place.is_preview:
        note = "on the sample: set MNIST_PATH for the paper's own data"
    peer = place.script
    yield Row(name, cold.seconds, "s", "3 × its peer", peer.name, peer.seconds, peer.note or note)
    yield Row("the cold build without its training", cold.seconds - training, "s", "15 s", "training", training)
    yield Row("peak memory of the cold build", cold.peak, "MB", note="all processes together")
    for stage in ("evidence", *AFTER):
        shutil.rmtree(place.built / "cache" / stage, ignore_errors=True)
    evidence = run(*place.build)
    note = f"{evidence.cpu:.0f} s of processor time"
    yield Row("measuring everything again", evidence.seconds, "s", "120 s", "training", training, note)
    yield Row("peak memory of measuring", evidence.peak, "MB", "2000 MB", "the cold build", cold.peak)
    nothing = median(lambda: run(*place.build))
    yield Row("a build after no change", nothing, "s", "1.0 s", "the cold build", cold.seconds)


def trained(said: Mapping[str, float]) -> float:
    """Seconds from the data's being loaded to the last replicate's end, TensorFlow's start included."""
    ends = [at for line, at in said.items() if (m := re.search(r"epoch (\d+)/(\d+)", line)) and m[1] == m[2]]
    return max(ends) - said["Loading the data"]
