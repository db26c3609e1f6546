"""The pipeline: finds which stages are stale, and runs those, in order.

This is the only module that knows all stages; generator.build.stage finds or makes one of them. A stage whose key is in
the store is not run. Stages that need TensorFlow run as tasks on workers, so that this process never imports it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from generator.build import (
    codedigest,
    estimate,
    explanation,
    keys,
    last_request,
    preflight,
    retention,
    tasks,
    worker_process,
)
from generator.build.executors import Workers
from generator.build.inputs import found_inputs, unseen
from generator.build.preflight import Request
from generator.build.stage import (
    Build,
    StaleStageError,
    check_same,
    found_or_made,
    found_side_by_side,
    kept,
    made_side_by_side,
    put,
    scope_of,
    tell_side_by_side,
)
from generator.build.store import Entry, Key, Store
from generator.core.console import Display
from generator.core.dates import edition_date
from generator.core.environment import commit, refusal_of
from generator.core.errors import Place, ReportError
from generator.core.files import UNFINISHED, write_together
from generator.core.formatting import duration
from generator.core.lock import alone, shared
from generator.core.paths import ROOT
from generator.data.reads import Today, decoded
from generator.paper import Paper, load_paper
from generator.records.dataset import Dataset
from generator.records.explorer import PACKED
from generator.records.figures import Figures
from generator.records.response import Response
from generator.records.results import Provenance
from generator.records.trial import StepTimes, Trial
from generator.results.code_values import constants
from generator.results.outcome import Outcome

STAGES = ("data", "train", "evidence", "response", "figures", "explorer", "fonts", "article")
"""In the order in which they run; all but the fonts depend on those before them."""

UNUSED = "unused.json"
SITE_FILES = ("article.pdf", "results.json", "CITATION.cff", "preview.png", "index.html")


@dataclass(frozen=True)
class ReplicateEntries:
    """The entries of one trained and measured replicate.

    Attributes:
        run: what the training left.
        evidence: what was measured.
    """

    run: Entry
    evidence: Entry


@dataclass(frozen=True)
class Made:
    """What an article reports on: the entries of the stages before it.

    Attributes:
        data: of the arrays.
        replicates: in the order of their seeds.
        response: of the first replicate.
        figures: of all replicates.
        explorer: None where the article has none.
    """

    data: Entry
    replicates: list[ReplicateEntries]
    response: Entry
    figures: Entry
    explorer: Entry | None

    @property
    def entries(self) -> list[Entry]:
        each = [entry for replicate in self.replicates for entry in (replicate.run, replicate.evidence)]
        return [self.data, *each, self.response, self.figures, *filter(None, [self.explorer])]


def build(request: Request, display: Display) -> Path:
    """Brings <out>/site up to date and returns it. A failed build leaves it as it was.

    Raises ReportError, with what the user can do about it.
    """
    with _opened(request) as (paper, store):
        article = _walk(request, paper, store, display)
        with alone(request.out):  # another build would put its own files between these
            site = _deliver(article, request.out / "site", display)
            last_request.remember(request)
        retention.record(store.root, request.folder, store.used)
    retention.remove_daily(store.root)
    return site


def look(request: Request, display: Display) -> tuple[Entry, Entry]:
    """The article, as its sources give it, and the page's fonts, both from the store: nothing is made.

    Raises ReportError when a stage would have to run again, and as `build`.
    """
    with _opened(request) as (paper, store):
        try:
            article = _walk(request, paper, store, display, only_look=True)
        except StaleStageError as stale:
            why = "; ".join(stale.reasons)
            what = f"The site is out of date: the {stale.stage} stage would run again, because {why}"
            raise ReportError(what, next="Build again, check the result, and then publish it.") from None
        fonts = store.find(keys.fonts())
    assert fonts is not None, "an article is only found after the fonts"
    return article, fonts


def explain(request: Request, display: Display) -> None:
    """Says of each stage whether a build would run it, and why; nothing is made.

    Stages after the first stale one depend on what that gives, so they are only named. Raises ReportError as `build`.
    """
    try:
        with _opened(request) as (paper, store):
            _walk(replace(request, verbose=True), paper, store, display, only_look=True)
    except StaleStageError as stale:
        after = [stage for stage in STAGES[STAGES.index(stale.stage) + 1 :] if stage != "fonts"]
        if not preflight.places_explorer(request.folder) and "explorer" in after:
            after.remove("explorer")
        for line in explanation.lines(stale.stage, stale.reasons):
            display.say(line)
        if after:
            display.say(f"{', '.join(after)}: would follow, if the result of {stale.stage} changes")
        if stale.estimate:
            display.say(stale.estimate)


@contextmanager
def _opened(request: Request) -> Iterator[tuple[Paper, Store]]:
    """The paper, and the store, of which nothing is removed meanwhile."""
    paper = load_paper(request.folder, request.overrides)
    preflight.check_fonts(request, paper)
    edition_date(paper.date)  # a bad one is reported now, and not after training
    root, today = (
        preflight.out_folder(request.out, request.folder) / "cache",
        Today(scope_of(request), worker_process.variables()),
    )
    root.mkdir(exist_ok=True)
    retention.remove_unfinished(request.out)
    with shared(root), today.remembering(root / "files.json"), codedigest.remembering(root / "code.json"):
        yield paper, Store(root, today)


def _walk(request: Request, paper: Paper, store: Store, display: Display, only_look: bool = False) -> Entry:
    """The article, made now or found, and before it all that it rests on."""
    with ExitStack() as stack:
        log, most = request.out / "workers.log", paper.training.replicates
        workers = Workers(stack, display, request.scheduler, log, request.folder, most)
        source = preflight.find_source(request, paper, display, only_look)
        if paper.data and paper.data.name and source is None:
            what = f"{paper.data.title or paper.data.name} is not on this machine; a build looks for it on the network"
            raise StaleStageError("data", [what], "")
        job = Build(request, paper, source, commit(request.folder), store, display, workers, only_look)
        if job.at.sha is None and (refusal := refusal_of(request.folder)):
            display.say(f"The article names no commit: git refuses this repository.\n  {refusal}")
        if not only_look:
            _check(job)
        data = _data(job)
        dataset = msgspec.json.decode(data.read("dataset.json"), type=Dataset)
        preflight.check_choices(request, paper, source, dataset)
        replicates = _replicates(job, dataset)
        response = _response(job, dataset, replicates[0])
        figures = _figures(job, replicates, response)
        explorer = _explorer(job, dataset, replicates[0])
        # Training takes long, and the author may have committed something else meanwhile.
        written = replace(job, at=commit(request.folder))
        return _article(written, dataset, Made(data, replicates, response, figures, explorer))


# --- before anything is trained ------------------------------------------------------------------


def _check(job: Build) -> None:
    """Refuses an article that cannot be written whatever the run gives; one that has passed is not looked at again."""
    folder = job.request.folder
    key_today = partial(keys.check, folder, job.paper, job.source, job.request.out)
    key = key_today()
    if job.store.find(key) is None:
        preflight.check_article(folder, job.paper, job.source)
        kept(job, key, key_today, {})


def _try(job: Build, dataset: Dataset) -> None:
    """Refuses a model that cannot be trained on the data, and an article that names what the model cannot give."""
    settings = job.paper.training
    key_today = partial(keys.trial, job.experiment, settings, dataset)
    key = key_today()
    entry = job.store.find(key)
    if entry is None:
        job.display.say("Checking the model")
        arguments = (job.experiment, job.model_scope, _arrays(job, dataset), dataset, settings)
        entry = kept(job, key, key_today, job.workers.submit(tasks.try_model, *arguments).result())
    trial = msgspec.json.decode(entry.read(tasks.TRIAL), type=Trial)
    preflight.check_names(job.request.folder, job.paper, trial)


# --- data ----------------------------------------------------------------------------------------


def _data(job: Build) -> Entry:
    key_today = partial(keys.data, job.experiment, job.loading)
    return found_or_made(job, key_today, "Loading the data", partial(_load, job))


def _load(job: Build) -> tasks.Files:
    """Runs the data stage: the files of its entry; the arrays are put under a key of their own."""
    with tempfile.TemporaryDirectory(dir=job.store.root, prefix=UNFINISHED) as name:
        folder = Path(name)
        arguments = (job.experiment, job.loading_scope, job.loading, folder)
        dataset, files = job.workers.submit(tasks.load_arrays, *arguments).result()
        _check_arrays(job, dataset)
        for line in dataset.conversions:
            job.display.say(f"load_data(): {line}")
        if job.store.find(keys.arrays(dataset)) is None:
            job.store.write(keys.arrays(dataset), partial(_move, folder))
    return files


def _check_arrays(job: Build, dataset: Dataset) -> None:
    """Refuses a load_data() that returns other arrays when it is called again, unless paper.toml says not to look.

    It is called in an interpreter of its own, since a seed that is set once holds for the first call only, and the
    order of a set for one interpreter; and after the first call and not beside it, as two copies of large data may not
    fit.
    """
    settings, begun = job.paper.data, time.monotonic()
    if settings and not settings.check:
        return
    arguments = (job.experiment, job.loading_scope, job.loading, dataset)
    job.workers.submit_with_other_hashes(tasks.check_arrays, *arguments).result()
    job.display.say(f"load_data(): the same arrays when called again, {duration(time.monotonic() - begun)}")


def _arrays(job: Build, dataset: Dataset) -> Path:
    """The folder of the arrays; if they are missing or damaged, they are computed again."""
    entry = job.store.find(keys.arrays(dataset))
    if entry is None:
        job.display.say("Loading the data")
        key_today = partial(keys.data, job.experiment, job.loading)
        kept(job, key_today(), key_today, _load(job))
        entry = job.store.find(keys.arrays(dataset))
    if entry is None:
        step = "Remove from load_data() what changes from call to call, such as an unseeded shuffle."
        raise ReportError("load_data() returned different arrays when called again", Place(job.experiment), step)
    return entry.folder


# --- replicates ----------------------------------------------------------------------------------


def _replicates(job: Build, dataset: Dataset) -> list[ReplicateEntries]:
    """Trains and measures whatever replicates are not in the store, side by side."""
    settings = job.paper.training
    run_today = partial(keys.run, job.experiment, settings, dataset)
    trained = {seed: run_today(seed) for seed in range(settings.replicates)}
    arrays, found = partial(_arrays, job, dataset), found_side_by_side(job, trained)
    missing = len(trained) - len(found)
    if missing and not job.only_look:
        _try(job, dataset)
    tell_side_by_side(job, trained, found, _training_estimate(job, dataset, missing))
    runs = made_side_by_side(job, trained, run_today, found, "Training", arrays, partial(_train, job, dataset))
    evidence = _measured(job, dataset, runs, is_foreseen=missing > 0)
    return [ReplicateEntries(runs[seed], evidence[seed]) for seed in trained]


def _measured(job: Build, dataset: Dataset, runs: Mapping[int, Entry], is_foreseen: bool) -> dict[int, Entry]:
    """Measures whatever replicates are not in the store; `is_foreseen`: an estimate was printed before training."""
    measured = {seed: keys.evidence(run) for seed, run in runs.items()}
    found = found_side_by_side(job, measured)
    missing = len(measured) - len(found)
    expected = estimate.measuring_line(missing, estimate.measuring_seconds(job.store, missing))
    tell_side_by_side(job, measured, found, "" if is_foreseen else expected)
    arrays, submit = partial(_arrays, job, dataset), partial(_measure, job, dataset, runs)
    started = time.monotonic()

    def evidence_today(seed: int) -> Key:
        return keys.evidence(runs[seed])

    evidence = made_side_by_side(job, measured, evidence_today, found, "Measuring", arrays, submit)
    if missing:
        estimate.remember_measuring(job.store, time.monotonic() - started, missing)
    return evidence


def _training_estimate(job: Build, dataset: Dataset, missing: int) -> str:
    """About how long it takes to train and measure so many replicates; of a cluster, only what a last run tells."""
    settings = job.paper.training
    trial = None if job.request.scheduler else job.store.find(keys.trial(job.experiment, settings, dataset))
    if trial:
        times = msgspec.json.decode(trial.read(tasks.TIMES), type=StepTimes)
        sharing = estimate.shared(missing, job.workers.at_once, settings.threads, job.workers.cores)
        seconds: float | None = sharing * estimate.training_seconds(times, settings, dataset)
    else:
        rounds = -(-missing // job.workers.at_once)
        last = estimate.last_training_seconds(job.store, settings)
        seconds = None if last is None else rounds * last
    return estimate.training_line(missing, seconds, estimate.measuring_seconds(job.store, missing))


def _train(job: Build, dataset: Dataset, seed: int, folder: Path) -> Future[tasks.Files]:
    arguments = (job.experiment, job.model_scope, folder, dataset, job.paper.training, seed, job.at)
    return job.workers.submit(tasks.train_replicate, job.workers.address, *arguments)


def _measure(job: Build, dataset: Dataset, runs: Mapping[int, Entry], seed: int, folder: Path) -> Future[tasks.Files]:
    run = runs[seed].folder
    return job.workers.submit(tasks.measure_replicate, job.experiment, job.model_scope, folder, dataset, run)


def _response(job: Build, dataset: Dataset, replicate: ReplicateEntries) -> Entry:
    """The responses of the first replicate, which the article shows, and of its twin to the image."""
    image = job.paper.figures.image

    def show() -> tasks.Files:
        arguments = (job.experiment, job.model_scope, _arrays(job, dataset), dataset, replicate.run.folder, image)
        return job.workers.submit(tasks.show_image, *arguments).result()

    key_today = partial(keys.response, replicate.run, image)
    return found_or_made(job, key_today, "Computing feature maps", show)


# --- figures, article, site ----------------------------------------------------------------------


def _figures(job: Build, replicates: list[ReplicateEntries], response: Entry) -> Entry:
    """The figures: charts of all replicates, and pictures of the first, which the article shows."""
    runs, evidence = [each.run.folder for each in replicates], [each.evidence.folder for each in replicates]
    draw = partial(tasks.draw_figures, runs, evidence, response.folder)
    key_today = partial(keys.figures, [each.evidence for each in replicates], response)
    return found_or_made(job, key_today, "Drawing the figures", draw)


def _explorer(job: Build, dataset: Dataset, first: ReplicateEntries) -> Entry | None:
    """The network that runs in the page, for an article that has a place for it."""
    if not preflight.places_explorer(job.request.folder):
        return None
    run, image = first.run.folder, job.paper.figures.image

    def make() -> tasks.Files:
        folder = _arrays(job, dataset)
        arguments = (job.experiment, job.model_scope, folder, dataset, run, image)
        return job.workers.submit(tasks.explore_replicate, *arguments).result()

    return found_or_made(job, partial(keys.explorer, first.run, image), "Preparing the explorer", make)


def _article(job: Build, dataset: Dataset, made: Made) -> Entry:
    # Fonts are a stage because subsetting them takes as long as writing the rest of the article.
    fonts = found_or_made(job, keys.fonts, "Subsetting fonts", tasks.cut_fonts)
    request, entries = job.request, [*made.entries, fonts]

    def key_today() -> Key:
        return keys.article(request.folder, job.paper, job.source, entries, job.at, request.draft, request.out)

    unused = keys.unused(key_today())
    article = found_or_made(job, key_today, "Writing the article", partial(_write, job, dataset, made, fonts, unused))
    if request.verbose and (listed := job.store.find(unused)):
        for line in msgspec.json.decode(listed.read(UNUSED), type=list[str]):
            job.display.say(line)
    return article


def check_made(job: Build, dataset: Dataset, made: Made) -> None:
    """Raises ReportError unless all that the article reports on was made from what is there now."""
    settings, image, first = job.paper.training, job.paper.figures.image, made.replicates[0]
    check_same(made.data.key, keys.data(job.experiment, job.loading))
    for seed, replicate in enumerate(made.replicates):
        check_same(replicate.run.key, keys.run(job.experiment, settings, dataset, seed))
        check_same(replicate.evidence.key, keys.evidence(replicate.run))
    check_same(made.response.key, keys.response(first.run, image))
    check_same(made.figures.key, keys.figures([each.evidence for each in made.replicates], made.response))
    if made.explorer:
        check_same(made.explorer.key, keys.explorer(first.run, image))
    changed = [line for entry in made.entries for line in job.store.changes_since(entry)]
    if changed:
        what = f"The inputs changed during the build: {', '.join(dict.fromkeys(changed))}"
        raise ReportError(what, next="Build again; finished steps are kept if their inputs are the same.")


def _write(job: Build, dataset: Dataset, made: Made, fonts: Entry, unused: Key) -> tasks.Files:
    from generator.article import writing  # imports the typesetters, which an unchanged build does not need

    check_made(job, dataset, made)
    beside = [*made.figures.folder.glob("*.[ps][nv]g")]
    beside += made.explorer.folder.glob(f"*{PACKED}") if made.explorer else []
    files = {path.name: path.read_bytes() for path in beside}
    page_fonts = fonts.read(tasks.PAGE_FONTS).decode()
    outcome = _outcome(job, dataset, made)
    written = writing.write(job.request.folder, outcome, files, page_fonts, job.request.draft)
    for line in (*unseen(outcome.inputs), *written.notes):
        job.display.say(line)
    job.store.write(unused, partial(put, {UNUSED: msgspec.json.encode(written.unused)}))
    return written.files


def _outcome(job: Build, dataset: Dataset, made: Made) -> Outcome:
    """All records of the build, read from the store."""
    reads = [decoded(entry.folder) for entry in made.entries]
    used = [] if job.at.dirty else _code_and_prose(job)  # one that is dirty is known to be; these would repeat it
    inputs = found_inputs(scope_of(job.request), job.at, job.source, reads, used)
    return Outcome(
        paper=job.paper,
        source=job.source,
        dataset=dataset,
        replicates=tuple(tasks.read_replicate(replicate.run, replicate.evidence) for replicate in made.replicates),
        response=msgspec.json.decode(made.response.read("response.json"), type=Response),
        figures=msgspec.json.decode(made.figures.read("figures.json"), type=Figures),
        provenance=_provenance(job, dataset, made),
        commit=msgspec.structs.replace(job.at, dirty=job.at.dirty or bool(inputs.unheld)),
        exploration=tasks.read_exploration(made.explorer) if made.explorer else None,
        inputs=inputs,
        constants=constants(codedigest.parse(job.experiment)),
    )


def _code_and_prose(job: Build) -> list[Path]:
    """The files of the paper that the article is made from, but for what its code reads."""
    from generator.prose import prose  # takes a while to load

    folder, fonts = job.request.folder, job.paper.fonts.fallback
    written = [folder / name for name in ("article.md", "references.bib", "paper.toml", *fonts)]
    code = [path for path in codedigest.local_files(job.experiment) if not path.is_relative_to(ROOT / "generator")]
    found = [*code, *written, *prose.read(folder / "article.md").pictures()]
    return [path for path in found if path.is_file()]


def _provenance(job: Build, dataset: Dataset, made: Made) -> dict[str, Provenance]:
    """What is behind each stage's numbers; of the stages by replicate, behind the first one's."""
    first = made.replicates[0]
    entries = [made.data, first.run, first.evidence, made.response, made.figures, *filter(None, [made.explorer])]
    behind = {entry.key.stage: keys.provenance(entry.key, dataset, entry.basis) for entry in entries}
    read = [keys.published(first.run, job.paper), keys.code(job.experiment)]
    return behind | {key.stage: keys.provenance(key, dataset, key.digest) for key in read}


def _deliver(article: Entry, site: Path, display: Display) -> Path:
    """Puts the article's files in the site's folder, together and the page last; unchanged ones stay untouched."""
    contents = {site / name: article.read(name) for name in SITE_FILES}
    changed = {
        path: content for path, content in contents.items() if not (path.is_file() and path.read_bytes() == content)
    }
    write_together(changed)
    display.say(f"Done: {Place(site / 'index.html')} and {Place(site / 'article.pdf')}")
    return site


def _move(folder: Path, new: Path) -> None:
    for path in folder.iterdir():
        path.rename(new / path.name)
