"""The stages as tasks: their inputs read from folders, their outputs packed as files.

Those that need TensorFlow run on workers, each in a process of its own, on this machine or on a machine of a cluster
that sees the same folders. A task returns files by name, and the pipeline puts them into the store. If a task runs the
author's code, one of the files lists what that code read.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from generator.build import progress
from generator.build.store import Entry
from generator.core import environment
from generator.data import tracing
from generator.data.reads import READS, Scope, encoded
from generator.records.dataset import Dataset, Loading
from generator.records.evidence import Evidence
from generator.records.explorer import PACKED, Exploration
from generator.records.measures import Measures, Network
from generator.records.response import Response
from generator.records.run import Environment, Run, Times, TrainingSettings
from generator.results.outcome import Replicate

if TYPE_CHECKING:
    import numpy as np

    from generator.model.trained import Trained

PAGE_FONTS = "page.css"
EXPLORER = "explorer.json"
TRIAL = "trial.json"
TIMES = "times.json"

Files = dict[str, bytes]


def load_arrays(experiment: Path, scope: Scope, given: Loading, folder: Path) -> tuple[Dataset, Files]:
    """The data stage: the record, which is among the files, too; the arrays go into `folder`."""
    import keras  # noqa: F401  # what it reads for itself is not the author's

    from generator.model import loading  # imports TensorFlow by way of the experiment

    with tracing.recording(scope) as log:
        dataset = loading.load(experiment, given, folder)
    return dataset, {"dataset.json": msgspec.json.encode(dataset), READS: encoded(log.reads())}


def check_arrays(experiment: Path, scope: Scope, given: Loading, first: Dataset) -> None:
    """Raises ReportError when load_data() returns other arrays than the first time."""
    from generator.model import loading  # imports TensorFlow, too

    with tracing.recording(scope):  # it sees the same variables
        loading.check_again(experiment, given, first)


def try_model(experiment: Path, scope: Scope, folder: Path, dataset: Dataset, settings: TrainingSettings) -> Files:
    """The trial of the model on the arrays in `folder`, and the times of its steps."""
    from generator.model import trial  # imports TensorFlow

    arrays = _arrays(folder, dataset)
    with tracing.recording(scope) as log:
        tried, times = trial.try_model(experiment, arrays, dataset.classes, settings)
    return {READS: encoded(log.reads()), TRIAL: msgspec.json.encode(tried), TIMES: msgspec.json.encode(times)}


def train_replicate(
    address: progress.Address,
    experiment: Path,
    scope: Scope,
    folder: Path,
    dataset: Dataset,
    settings: TrainingSettings,
    seed: int,
    commit: environment.Commit,
) -> Files:
    """The training stage for one seed, on the arrays in `folder`."""
    from generator.model import training  # imports TensorFlow

    arrays = _arrays(folder, dataset)
    with progress.sending(address) as report:
        with tracing.recording(scope) as log:
            replicate = training.train(experiment, arrays, dataset.classes, settings, seed, report)
        described = environment.describe(seed, settings.threads, commit)
    return {
        READS: encoded(log.reads()),
        "run.json": msgspec.json.encode(replicate.run),
        TIMES: msgspec.json.encode(replicate.times),
        "environment.json": msgspec.json.encode(described),
        "initial.npz": _npz(replicate.initial),
        "weights.npz": _npz(replicate.weights),
        "probabilities.npz": _npz({"probabilities": replicate.probabilities}),
    }


def measure_replicate(experiment: Path, scope: Scope, folder: Path, dataset: Dataset, run: Path) -> Files:
    """The evidence stage for the replicate whose files are in `run`, and for its untrained twin.

    kernels.npz holds the first convolution's kernels (h, w, in, n) as `trained` and `untrained`, and is empty for a
    network without one; mistakes.npz the images (n, H, W, C) of the record's mistakes, in [0, 1].
    """
    from generator.measures import evidence  # imports TensorFlow

    arrays, replicate = _arrays(folder, dataset), _trained(run)
    with tracing.recording(scope) as log:
        measured = evidence.measure(experiment, arrays, dataset.classes, replicate, dataset.value_range)
    return {
        READS: encoded(log.reads()),
        "evidence.json": msgspec.json.encode(measured.evidence),
        "measures.json": msgspec.json.encode(measured.measures),
        "kernels.npz": _npz(measured.kernels),
        "mistakes.npz": _npz({"images": dataset.shades(measured.mistakes)}),
    }


def show_image(experiment: Path, scope: Scope, folder: Path, dataset: Dataset, run: Path, image: int) -> Files:
    """The response stage for the replicate whose files are in `run`, and for its untrained twin.

    image.npz holds the test image (H, W, C) at the index `image`, in [0, 1]; the other arrays are maps (h, w, c) by
    layer.
    """
    from generator.model import response  # imports TensorFlow

    arrays, replicate = _arrays(folder, dataset), _trained(run)
    with tracing.recording(scope) as log:
        trained, untrained = response.respond(experiment, arrays, dataset.classes, replicate, image)
    return {
        READS: encoded(log.reads()),
        "response.json": msgspec.json.encode(trained.response),
        "untrained-response.json": msgspec.json.encode(untrained.response),
        "image.npz": _npz({"image": dataset.shades(arrays["x_test"][image])}),
        "maps.npz": _npz(_numbered(trained.maps)),
        "untrained-maps.npz": _npz(_numbered(untrained.maps)),
    }


def explore_replicate(experiment: Path, scope: Scope, folder: Path, dataset: Dataset, run: Path, image: int) -> Files:
    """The explorer stage for the replicate whose files are in `run`: the record, and the packed files beside it."""
    from generator.explorer import explorer  # imports TensorFlow

    arrays, replicate = _arrays(folder, dataset), _trained(run)
    with tracing.recording(scope) as log:
        explored, files = explorer.explore(experiment, arrays, dataset, replicate, image)
    packed = {f"{name}{PACKED}": content for name, content in files.items()}
    return {EXPLORER: msgspec.json.encode(explored), READS: encoded(log.reads()), **packed}


def draw_figures(runs: Sequence[Path], measured: Sequence[Path], response: Path) -> Files:
    """The figures stage, on the runs, the evidence, and the response in these folders, the replicate shown first.

    It needs no TensorFlow, and no worker.
    """
    from generator.figures import charts, figures  # import Matplotlib, which a prose edit does not need

    measures = [msgspec.json.decode((folder / "measures.json").read_bytes(), type=Measures) for folder in measured]

    def look(prefix: str, network: Network) -> figures.NetworkMaps:
        record = msgspec.json.decode((response / f"{prefix}response.json").read_bytes(), type=Response)
        maps = read_npz(response / f"{prefix}maps.npz")
        return figures.NetworkMaps(record, list(maps.values()), [layer.dead for layer in network.layers])

    arrays = figures.FigureArrays(
        image=read_npz(response / "image.npz")["image"],
        kernels=read_npz(measured[0] / "kernels.npz"),
        mistakes=read_npz(measured[0] / "mistakes.npz")["images"],
    )
    drawn, pictures = figures.draw(look("", measures[0].trained), look("untrained-", measures[0].untrained), arrays)
    plotted, panels = charts.draw(
        [msgspec.json.decode((folder / "run.json").read_bytes(), type=Run) for folder in runs], measures
    )
    drawn = msgspec.structs.replace(drawn, charts=plotted)
    return {"figures.json": msgspec.json.encode(drawn), **pictures, **panels}


def cut_fonts() -> Files:
    """The fonts of the page, as rules for its style sheet."""
    from generator.render import fonts  # imports fontTools, which an unchanged build does not need

    return {PAGE_FONTS: fonts.page_rules().encode()}


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file that a task packed."""
    import numpy as np

    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def read_replicate(run: Entry, evidence: Entry) -> Replicate:
    """The records in a replicate's entries."""
    return Replicate(
        run=msgspec.json.decode(run.read("run.json"), type=Run),
        times=msgspec.json.decode(run.read(TIMES), type=Times),
        environment=msgspec.json.decode(run.read("environment.json"), type=Environment),
        evidence=msgspec.json.decode(evidence.read("evidence.json"), type=Evidence),
        measures=msgspec.json.decode(evidence.read("measures.json"), type=Measures),
    )


def read_exploration(explorer: Entry) -> Exploration:
    """The record in the explorer's entry."""
    return msgspec.json.decode(explorer.read("explorer.json"), type=Exploration)


def _arrays(folder: Path, dataset: Dataset) -> dict[str, np.ndarray]:
    """load_data()'s arrays, mapped into memory, so that workers share them."""
    import numpy as np

    return {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in dataset.by_name}


def _trained(run: Path) -> Trained:
    """What the training stage left in a folder."""
    from generator.model.trained import Trained  # imports NumPy

    return Trained(
        run=msgspec.json.decode((run / "run.json").read_bytes(), type=Run),
        weights=read_npz(run / "weights.npz"),
        initial=read_npz(run / "initial.npz"),
        probabilities=read_npz(run / "probabilities.npz")["probabilities"],
        threads=msgspec.json.decode((run / "environment.json").read_bytes(), type=Environment).threads,
    )


def _numbered(arrays: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Names that sort in the arrays' order."""
    return {f"{index:03}": array for index, array in enumerate(arrays)}


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    import numpy as np

    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    return content.getvalue()
