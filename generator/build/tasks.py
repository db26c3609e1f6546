"""The stages as tasks, which read their inputs from folders and return their outputs as files.

Tasks that need TensorFlow run on workers, each in its own process, on this machine or, for those of replicates, on a
machine of a cluster. A task returns files by name, and the pipeline puts them into the store. If a task runs the
author's code, one of the files lists what that code read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from generator.build import progress
from generator.build.store import Entry
from generator.core import environment
from generator.core.authored import imported, telling
from generator.core.errors import ReportError
from generator.data import tracing
from generator.data.reads import READS, Scope, encoded
from generator.paper import Column
from generator.records.analysis import Declared, OwnMeasure, TriedMeasure
from generator.records.condition import Condition, Recipe
from generator.records.dataset import Dataset, Loading
from generator.records.evidence import Evidence
from generator.records.explorer import PACKED, Exploration
from generator.records.measures import Measures, Network
from generator.records.progress import Progress
from generator.records.response import Response
from generator.records.results import tree
from generator.records.run import Environment, Run, Times, TrainingSettings
from generator.results.condition_values import REPLICATE, VARIANTS, of_condition, of_variants
from generator.results.joined import joined
from generator.results.outcome import ConditionOutcome, Replicate
from generator.results.own_values import ANALYSIS

if TYPE_CHECKING:
    import numpy as np

    from generator.measures.subject import Subject
    from generator.model.trained import Trained

PAGE_FONTS = "page.css"
EXPLORER = "explorer.json"
TRIAL = "trial.json"
TIMES = "times.json"
MEASURES = "measures.json"
OWN, ARRAYS = "own.json", "arrays.npz"

Files = dict[str, bytes]


def build_models(experiment: Path, scope: Scope, conditions: Sequence[Condition]) -> None:
    """Raises ReportError when the experiment cannot build the models of these conditions, the main one first."""
    from generator.model import trial  # imports TensorFlow

    with tracing.recording(scope):  # so that it sees the same environment variables
        for condition in conditions:
            with _naming(f"variant {condition.name}") if condition.name else nullcontext():
                trial.build(experiment, condition.model)


def load_arrays(experiment: Path, scope: Scope, given: Loading, folder: Path) -> tuple[Dataset, Files]:
    """Runs the data stage: returns the record, and the files, which include it; writes the arrays to `folder`."""
    import keras  # noqa: F401  # now, so that its own reads do not count as the author's

    from generator.model import loading  # imports TensorFlow by way of the experiment

    with tracing.recording(scope) as log:
        dataset = loading.load(experiment, given, folder)
    return dataset, {"dataset.json": msgspec.json.encode(dataset), READS: encoded(log.reads())}


def check_fit(recipe: Recipe, scope: Scope, folder: Path, dataset: Dataset, settings: TrainingSettings) -> None:
    """Raises ReportError when the model of the recipe does not fit the arrays in `folder`."""
    from generator.model import trial  # imports TensorFlow

    with tracing.recording(scope):
        trial.untrained(recipe, _arrays(folder, dataset), dataset.classes, settings, seed=0)


def check_arrays(experiment: Path, scope: Scope, given: Loading, first: Dataset) -> None:
    """Raises ReportError when load_data() returns different arrays than the first time."""
    from generator.model import loading  # imports TensorFlow, too

    with tracing.recording(scope):  # so that it sees the same environment variables
        loading.check_again(experiment, given, first)


def try_model(recipe: Recipe, scope: Scope, folder: Path, dataset: Dataset, settings: TrainingSettings) -> Files:
    """The trial of the model on the arrays in `folder`, and the times of its steps."""
    from generator.measures.inapplicable import inapplicable  # imports TensorFlow
    from generator.model import trial

    arrays = _arrays(folder, dataset)
    with tracing.recording(scope) as log:
        tried, times, calls = trial.try_model(recipe, arrays, dataset.classes, settings)
    tried = msgspec.structs.replace(tried, inapplicable=inapplicable(calls, dataset.x_test.shape[1:]))
    return {READS: encoded(log.reads()), TRIAL: msgspec.json.encode(tried), TIMES: msgspec.json.encode(times)}


def train_replicate(
    address: progress.Address,
    recipe: Recipe,
    scope: Scope,
    folder: Path,
    dataset: Dataset,
    settings: TrainingSettings,
    seed: int,
    name: str,
    commit: environment.Commit,
) -> Files:
    """The training stage for one seed, on the arrays in `folder`; `name` names it in progress messages."""
    from generator.model import training  # imports TensorFlow

    arrays = _arrays(folder, dataset)
    with progress.sending(address) as report:
        with tracing.recording(scope) as log:
            replicate = training.train(recipe, arrays, dataset.classes, settings, seed, report, name)
        epochs = replicate.run.epochs
        at = f"epoch {len(epochs)}/{max(settings.epochs, len(epochs))}  trained"
        report(Progress(name, 1, 1, at, is_milestone=True, metrics=epochs[-1].metrics))
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


def measure_evidence(recipe: Recipe, scope: Scope, folder: Path, dataset: Dataset, run: Path) -> Files:
    """The evidence stage for the replicate whose files are in `run`, and for its untrained twin.

    kernels.npz contains the first convolution's kernels (h, w, in, n) as `trained` and `untrained`, and is empty for a
    network without one; mistakes.npz contains the images (n, H, W, C) of the record's mistakes, in [0, 1].
    """
    from generator.measures import evidence, subject  # import TensorFlow

    given = recipe, _arrays(folder, dataset), dataset.classes, _trained(run), dataset.value_range
    with tracing.recording(scope) as log, subject.opened(*given) as opened:
        measured = evidence.measure(opened)
    return {
        READS: encoded(log.reads()),
        "evidence.json": msgspec.json.encode(measured.evidence),
        MEASURES: msgspec.json.encode(measured.measures),
        "kernels.npz": _npz(measured.kernels),
        "mistakes.npz": _npz({"images": dataset.shades(measured.mistakes)}),
    }


def measure(
    stage: str,
    address: progress.Address,
    recipe: Recipe,
    scope: Scope,
    folder: Path,
    dataset: Dataset,
    run: Path,
    activity: Path | None,
    most: int | None,
    name: str,
) -> Files:
    """A measure that is its own stage, of the replicate whose files are in `run`, and of its untrained twin.

    `activity` is the folder of that stage, for measures that depend on it; `most` limits the channels that are ablated.
    """
    from generator.measures import subject  # imports TensorFlow

    given = recipe, _arrays(folder, dataset), dataset.classes, _trained(run), dataset.value_range
    with progress.sending(address) as send:

        def report(done: int, total: int, what: str) -> None:
            send(Progress(f"{name}, {stage}", done, total, what, is_milestone=False))

        with tracing.recording(scope) as log, subject.opened(*given, report) as opened:
            measured = _measured(stage, opened, activity, most)
        report(1, 1, "measured")
    return {READS: encoded(log.reads()), MEASURES: msgspec.json.encode(measured)}


def import_analysis(analysis: Path) -> None:
    """Raises ReportError, with the author's line, when analysis.py cannot be imported."""
    with telling(analysis, "analysis.py cannot be imported"):
        imported(analysis, "analysis")


def try_measures(
    analysis: Path,
    wanted: Sequence[Declared],
    recipe: Recipe,
    folder: Path,
    dataset: Dataset,
    settings: TrainingSettings,
    metrics: Sequence[str],
) -> list[TriedMeasure]:
    """What the author's measures return for a model that is not trained, if they do not fail for want of training."""
    from generator.measures import own  # imports TensorFlow
    from generator.model import trial

    arrays = _arrays(folder, dataset)
    models = [trial.untrained(recipe, arrays, dataset.classes, settings, seed)[1] for seed in range(2)]
    runs = [own.untrained(model, arrays, metrics, settings.epochs) for model in models]
    tried = (own.attempt(analysis, one, runs) for one in wanted)
    return [one for one in tried if one]


def measure_own(
    address: progress.Address,
    analysis: Path,
    declared: Declared,
    recipe: Recipe,
    scope: Scope,
    folder: Path,
    dataset: Dataset,
    run: Path,
    name: str,
) -> Files:
    """One of the author's measures, in the file `analysis`, of the replicate whose files are in `run`."""
    from generator.measures import own, subject  # import TensorFlow

    given = recipe, _arrays(folder, dataset), dataset.classes, _trained(run), dataset.value_range
    with progress.sending(address) as send:
        task = f"{name}, {declared.name}"
        send(Progress(task, 0, 1, "measuring", is_milestone=False))
        with _naming(name), tracing.recording(scope) as log, subject.opened(*given) as opened:
            measured, arrays = own.measure(analysis, declared, opened)
        send(Progress(task, 1, 1, "measured", is_milestone=False))
    return {READS: encoded(log.reads()), OWN: msgspec.json.encode(measured), ARRAYS: _npz(arrays)}


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Names the replicate or variant in a ReportError of the block, since the others may have no such fault."""
    try:
        yield
    except ReportError as error:
        raise ReportError(f"{error.what} ({name})", error.where, error.next) from error


def make_own_exhibit(analysis: Path, declared: Declared, scope: Scope, studies: Sequence[Folders]) -> Files:
    """One of the author's figures or tables, from all conditions, the main one first."""
    from generator.figures import own  # imports Matplotlib

    main, *variants = (study.outcome() for study in studies)
    named: dict[str, Any] = tree((*of_condition(main), *of_variants(main, variants)))
    for study in studies:
        _put_arrays(named, study)
    with tracing.recording(scope) as log:
        exhibit, files = own.make(analysis, declared, named)
    return {READS: encoded(log.reads()), OWN: msgspec.json.encode(exhibit), **files}


def _put_arrays(named: dict[str, Any], study: Folders) -> None:
    """Adds the arrays that the author's measures returned to the named values, by replicate."""
    for folders in study.replicates:
        for folder in (one for one in folders if (one / ARRAYS).is_file()):
            measured, arrays = _own_measure(folder), read_npz(folder / ARRAYS)
            for path, array in zip(measured.arrays, arrays.values(), strict=True):
                begin = (VARIANTS, study.condition.name) if study.condition.name else ()
                place: dict[Any, Any] = named
                for part in (*begin, ANALYSIS, measured.name, *path, REPLICATE):
                    place = place.setdefault(part, {})
                place[measured.seed] = array


def _own_measure(folder: Path) -> OwnMeasure:
    return msgspec.json.decode((folder / OWN).read_bytes(), type=OwnMeasure)


def _measured(stage: str, subject: Subject, activity: Path | None, most: int | None) -> Measures:
    """Runs a measure. Each is imported only when needed, since the import may take longer than the measure."""
    known = _measures(activity) if activity else Measures(subject.seed)
    match stage:
        case "activity":
            from generator.measures import activity as active

            return active.measure(subject)
        case "probes":
            from generator.measures import probing

            return probing.measure(subject)
        case "orientation":
            from generator.measures import orientation

            return orientation.measure(subject, known)
        case "ablation":
            from generator.measures import ablation

            return ablation.measure(subject, known, most)
    raise AssertionError(stage)


def show_image(recipe: Recipe, scope: Scope, folder: Path, dataset: Dataset, run: Path, image: int) -> Files:
    """The response stage for the replicate whose files are in `run`, and for its untrained twin.

    image.npz contains the test image (H, W, C) at the index `image`, in [0, 1]; the other arrays are maps (h, w, c) by
    layer.
    """
    from generator.model import response  # imports TensorFlow

    arrays, replicate = _arrays(folder, dataset), _trained(run)
    with tracing.recording(scope) as log:
        trained, untrained = response.respond(recipe, arrays, dataset.classes, replicate, image)
    return {
        READS: encoded(log.reads()),
        "response.json": msgspec.json.encode(trained.response),
        "untrained-response.json": msgspec.json.encode(untrained.response),
        "image.npz": _npz({"image": dataset.shades(arrays["x_test"][image])}),
        "maps.npz": _npz(_numbered(trained.maps)),
        "untrained-maps.npz": _npz(_numbered(untrained.maps)),
    }


def explore_replicate(recipe: Recipe, scope: Scope, folder: Path, dataset: Dataset, run: Path, image: int) -> Files:
    """The explorer stage for the replicate whose files are in `run`: the record, and the packed files beside it."""
    from generator.explorer import explorer  # imports TensorFlow

    arrays, replicate = _arrays(folder, dataset), _trained(run)
    with tracing.recording(scope) as log:
        explored, files = explorer.explore(recipe, arrays, dataset, replicate, image)
    packed = {f"{name}{PACKED}": content for name, content in files.items()}
    return {EXPLORER: msgspec.json.encode(explored), READS: encoded(log.reads()), **packed}


@dataclass(frozen=True)
class Folders:
    """A condition, and the folders of its replicates.

    Attributes:
        condition: what the replicates were made from.
        dataset: what they were trained on.
        replicates: for each, the folders of its run, its evidence, and its measures; the one shown comes first.
    """

    condition: Condition
    dataset: Dataset
    replicates: Sequence[Sequence[Path]]

    def outcome(self) -> ConditionOutcome:
        """The records in the folders."""
        each = tuple(read_replicate(*folders) for folders in self.replicates)
        return ConditionOutcome(self.condition, self.dataset, each)


def draw_figures(studies: Sequence[Folders], response: Path, columns: Sequence[Column]) -> Files:
    """The figures stage, from all conditions, the main one first, and the response in the folder `response`.

    `columns` are the columns of the table that compares the variants. This needs neither TensorFlow nor a worker.
    """
    from generator.figures import charts, comparison, figures  # import Matplotlib, which a prose edit does not need

    main, *variants = (study.outcome() for study in studies)
    measures, evidence = [one.measures for one in main.replicates], studies[0].replicates[0][1]

    def look(prefix: str, network: Network) -> figures.NetworkMaps:
        record = msgspec.json.decode((response / f"{prefix}response.json").read_bytes(), type=Response)
        maps = read_npz(response / f"{prefix}maps.npz")
        return figures.NetworkMaps(record, list(maps.values()), [layer.dead or () for layer in network.layers])

    arrays = figures.FigureArrays(
        image=read_npz(response / "image.npz")["image"],
        kernels=read_npz(evidence / "kernels.npz"),
        mistakes=read_npz(evidence / "mistakes.npz")["images"],
    )
    drawn, pictures = figures.draw(look("", measures[0].trained), look("untrained-", measures[0].untrained), arrays)
    plotted, panels = charts.draw([one.run for one in main.replicates], measures)
    if variants and columns:
        chart, more = comparison.compared(main, variants, columns)
        plotted, panels = (*plotted, chart), panels | more
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


def read_replicate(run: Path, evidence: Path, *measured: Path) -> Replicate:
    """The records in a replicate's folders: of its training, its evidence, and its measures."""
    own = [folder for folder in measured if (folder / OWN).is_file()]
    inside = [folder for folder in (evidence, *measured) if folder not in own]
    return Replicate(
        run=msgspec.json.decode((run / "run.json").read_bytes(), type=Run),
        times=msgspec.json.decode((run / TIMES).read_bytes(), type=Times),
        environment=msgspec.json.decode((run / "environment.json").read_bytes(), type=Environment),
        evidence=msgspec.json.decode((evidence / "evidence.json").read_bytes(), type=Evidence),
        measures=joined(list(map(_measures, inside))),
        own=tuple(map(_own_measure, own)),
    )


def read_exploration(explorer: Entry) -> Exploration:
    """The record in the explorer's entry."""
    return msgspec.json.decode(explorer.read("explorer.json"), type=Exploration)


def _measures(folder: Path) -> Measures:
    return msgspec.json.decode((folder / MEASURES).read_bytes(), type=Measures)


def _arrays(folder: Path, dataset: Dataset) -> dict[str, np.ndarray]:
    """load_data()'s arrays, mapped into memory, so that workers share them."""
    from generator.model import mapped  # imports TensorFlow

    return {name: mapped.load(folder / f"{name}.npy") for name in dataset.by_name}


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
    """Names the arrays so that the names sort in the arrays' order."""
    return {f"{index:03}": array for index, array in enumerate(arrays)}


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    import numpy as np

    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    return content.getvalue()
