"""Finds which stages are stale, and runs them in order.

This is the only module that knows all stages; generator.build.stage finds or makes a single one. A stage whose key is
in the store is not run. Stages that need TensorFlow run as tasks on workers, so that this process never imports it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    replicates,
    retention,
    tasks,
    worker_process,
)
from generator.build.conditions import conditions
from generator.build.declarations import constants, declared, missing_functions, missing_imports, modules
from generator.build.executors import Workers
from generator.build.inputs import found_inputs, unseen
from generator.build.preflight import Request
from generator.build.replicates import EVIDENCE, EXPLORER, RESPONSE, SHOWN, TRAIN, Entries, Step, Study
from generator.build.stage import Build, StaleStageError, check_same, found_or_made, kept, put, scope_of
from generator.build.store import Entry, Key, Store
from generator.core.console import Display
from generator.core.dates import edition_date
from generator.core.diagnostics import refuse
from generator.core.environment import commit, refusal_of
from generator.core.errors import Place, ReportError, UsageError
from generator.core.files import UNFINISHED, write_together
from generator.core.formatting import duration, listed
from generator.core.lock import alone, shared
from generator.core.paths import ROOT
from generator.data.reads import Today, decoded
from generator.paper import Paper, load_paper, place_of
from generator.records.analysis import STAGE, Declared, OwnExhibit, OwnMeasure, TriedMeasure
from generator.records.condition import MAIN, Condition
from generator.records.dataset import Dataset
from generator.records.explorer import PACKED
from generator.records.figures import Figures
from generator.records.measures import AFTER
from generator.records.needs import Needs
from generator.records.printed import Printed
from generator.records.response import Response
from generator.records.results import Provenance
from generator.records.trial import Trial
from generator.render import doctor
from generator.render.doctor import VERSIONED, library_versions
from generator.render.metadata import PDF
from generator.results.condition_values import stage_of
from generator.results.outcome import ConditionOutcome, Outcome, validated_on

STAGES = ("data", TRAIN, EVIDENCE, *AFTER, RESPONSE, EXPLORER, "figures", "fonts", "article", "pdf")
"""In the order in which they are reported."""

FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "data": STAGES[1:],
    TRAIN: STAGES[2:],
    "activity": ("orientation", "ablation"),
}
"""What depends on a stage, besides the figures, the article, and the PDF.

Only the article depends on the explorer and fonts, and only the PDF on the article.
"""

UNUSED = "unused.json"
NEEDS = "needs.json"
PRINTED = "printed.msgpack"
PAGE_FILES = ("results.json", "CITATION.cff", "preview.png", "index.html")
SITE_FILES = (PDF, *PAGE_FILES)


@dataclass(frozen=True)
class Site:
    """What is built, in the store.

    Attributes:
        article: the article's entry, with all files of the site but the PDF.
        pdf: the entry of the PDF that was typeset from that article.
        fonts: the entry of the page's fonts.
    """

    article: Entry
    pdf: Entry
    fonts: Entry

    def files(self) -> dict[str, bytes]:
        """The files of the site by name, in the order in which they are to be replaced: the page last."""
        return {name: (self.pdf if name == PDF else self.article).read(name) for name in SITE_FILES}


@dataclass(frozen=True)
class Made:
    """What an article reports on: the entries of the stages before it.

    Attributes:
        studies: the main condition and the variants.
        steps: entries of the replicates, with the response and the explorer of the first.
        figures: the figures of all replicates.
        drawn: the author's own figures and tables.
    """

    studies: tuple[Study, ...]
    steps: Entries
    figures: Entry
    drawn: tuple[Entry, ...] = ()

    @property
    def entries(self) -> list[Entry]:
        data = {study.data.folder: study.data for study in self.studies}
        return [*data.values(), *self.steps.values(), self.figures, *self.drawn]

    def shown(self, stage: str) -> Entry | None:
        """A stage's entry for the replicate that the article shows."""
        return self.steps.get(Step(self.studies[0], SHOWN, stage))


def _of_replicates(study: Study, steps: Entries) -> list[tuple[Entry, ...]]:
    """The entries of a condition's replicates: run, evidence, and measures."""
    others = (RESPONSE, EXPLORER)
    return [
        tuple(
            entry
            for step, entry in steps.items()
            if (step.study, step.seed) == (study, seed) and step.stage not in others
        )
        for seed in range(study.condition.training.replicates)
    ]


def _nothing(_: object) -> None:
    """Does nothing, where nobody is to be told."""


def build(request: Request, display: Display, early: Path | None = None) -> Path:
    """Brings <out>/site up to date and returns it. A failed build leaves it as it was.

    If there is a folder `early`, the page and what belongs to it are put there before the PDF is typeset. Raises
    ReportError, which says what the user can do.
    """
    with _opened(request) as (paper, store):
        built = _walk(request, paper, store, display, written=partial(_show, early) if early else _nothing)
        with alone(request.out):  # another build could put its own files between these
            site = _deliver(built, request.out / "site", display)
            last_request.remember(request)
        retention.record(store.root, request.folder, store.used)
    retention.remove_daily(store.root)
    return site


def look(request: Request, display: Display) -> Site:
    """The up-to-date site from the store; nothing is made.

    Raises ReportError as `build` does, and when a stage would have to run again.
    """
    with _opened(request) as (paper, store):
        try:
            return _walk(request, paper, store, display, only_look=True)
        except StaleStageError as stale:
            stage, reasons = next(iter(stale.stages.items()))
            what = f"The site is out of date: the {stage} stage would run again, because {'; '.join(reasons)}"
            raise ReportError(what, next="Build again, check the result, and then publish it.") from None


def explain(request: Request, display: Display) -> None:
    """Prints for each stage whether a build would run it, and why; nothing is made.

    Stages that depend on missing results are only named. Raises ReportError as `build` does.
    """
    needs: list[Needs] = []
    try:
        with _opened(request) as (paper, store):
            found = _walk(replace(request, verbose=True), paper, store, display, only_look=True, told=needs.append)
            display.say(explanation.site_line(request.out / "site", _changed(found, request.out / "site")))
    except StaleStageError as stale:
        for stage, reasons in stale.stages.items():
            for line in explanation.lines(stage, reasons):
                display.say(line)
        stages = ", ".join(stale.stages)
        if after := _after(stale.stages, needs[0] if needs else None):
            display.say(f"{', '.join(after)}: would run next if the result of {stages} changes")
        if line := stale.estimate or _at_most(request, stale.stages):
            display.say(line)


def _at_most(request: Request, stale: Iterable[str]) -> str:
    """How many replicates would be trained at most if the data, which is to be loaded first, is new."""
    if not any(stage.partition(" ")[0] == "data" for stage in stale):
        return ""
    every = conditions(request.folder, load_paper(request.folder, request.overrides), request.overrides)
    count = sum(condition.training.replicates for condition in every)
    return estimate.at_most_line(count, len(every))


def _after(stale: Iterable[str], needs: Needs | None) -> list[str]:
    """The stages that depend on stale ones and that the article needs, in order."""
    begun = {stage.partition(" ")[0] for stage in stale}
    asked = needs or Needs(explorer=True, measures={MAIN: tuple(AFTER)})
    measured = list(dict.fromkeys(stage for stages in asked.measures.values() for stage in stages))
    own, drawn = [stage for stage in measured if stage not in AFTER], [STAGE + name for name in asked.drawn]
    if begun <= {EXPLORER, "fonts", "figures", *drawn, "article", "pdf"}:
        if "pdf" in begun:
            return []
        return ["pdf"] if "article" in begun else ["article", "pdf"]
    stages = ("data", TRAIN, EVIDENCE, *(stage for stage in AFTER if stage in measured), *own, RESPONSE)
    stages += ((EXPLORER,) if asked.explorer else ()) + ("figures", *drawn, "article", "pdf")
    following = {after for stage in begun for after in FOLLOWING.get(stage, ())} | {"figures", *drawn, "article", "pdf"}
    following |= {*own} if begun & {"data", TRAIN} else set()
    return [stage for stage in stages if stage in following - begun]


@contextmanager
def _opened(request: Request) -> Iterator[tuple[Paper, Store]]:
    """The paper, and the store, locked so that nothing is removed from it."""
    paper = load_paper(request.folder, request.overrides)
    preflight.check_fonts(request, paper)
    preflight.check_only(request, paper)
    edition_date(paper.date)  # reports a bad date now, not after training
    root, today = (
        preflight.out_folder(request.out, request.folder) / "cache",
        Today(scope_of(request), worker_process.variables()),
    )
    root.mkdir(exist_ok=True)
    retention.remove_unfinished(request.out)
    with shared(root), today.remembering(root / "files.json"), codedigest.remembering(root / "code.json"):
        yield paper, Store(root, today)


def _walk(
    request: Request,
    paper: Paper,
    store: Store,
    display: Display,
    only_look: bool = False,
    told: Callable[[Needs], object] = _nothing,
    written: Callable[[Entry], object] = _nothing,
) -> Site:
    """Finds or makes the site and everything it depends on.

    Calls `told` with what the article needs, and `written` with the article, before the PDF is typeset.
    """
    with ExitStack() as stack:
        log, most = request.out / "workers.log", paper.training.replicates * (1 + len(paper.variants))
        workers = Workers(stack, display, request.scheduler, log, request.folder, most)
        source = preflight.find_source(request, paper, display, only_look)
        if paper.data and paper.data.name and source is None:
            what = f"{paper.data.title or paper.data.name} is not on this machine; a build looks for it online"
            raise StaleStageError({"data": [what]})
        functions = declared(request.folder)
        at = partial(commit, request.folder, [Path(path) for path in source.paths] if source else [])
        job = Build(request, paper, source, at(), store, display, workers, only_look, functions)
        if job.at.sha is None and (refusal := refusal_of(request.folder)):
            display.say(f"The article names no commit: git refuses this repository.\n  {refusal}")
        needs = _needs(job)
        told(needs)
        job = replace(job, is_compared=needs.compared)
        studies = _studies(job)
        steps = _steps(job, studies, replicates.steps(studies, needs))
        figures = _figures(job, studies, steps)
        drawn = tuple(_drawn(job, one, studies, steps) for one in job.declared if one.name in needs.drawn)
        # Training takes a long time, and the author may have committed something else meanwhile.
        made, writing = Made(studies, steps, figures, drawn), replace(job, at=at())
        # Fonts are a stage because every edit of the prose would subset them again.
        fonts = found_or_made(writing, keys.fonts, "Subsetting fonts", tasks.cut_fonts)
        article = _article(writing, made, fonts)
        written(article)
        return Site(article, _pdf(writing, article), fonts)


# --- before anything is trained ------------------------------------------------------------------


def _needs(job: Build) -> Needs:
    """What the article needs. Refuses an article that no run could complete, unless this build only looks.

    An article that has passed is not checked again.
    """
    folder = job.request.folder
    if not job.only_look:
        refuse([*missing_imports(folder), *missing_functions(folder)])
    key_today = partial(keys.check, folder, job.paper, job.source, job.request.out)
    key = key_today()
    entry = job.store.find(key)
    if entry:
        return msgspec.json.decode(entry.read(NEEDS), type=Needs)
    if job.only_look:
        return preflight.needs(folder, job.paper)
    preflight.check_article(folder, job.paper, job.source)
    are_found = len(library_versions()) == len(VERSIONED)
    if not are_found or job.store.last_entry("pdf") is None:
        doctor.examine()  # only then, since it loads WeasyPrint, which takes as long as the rest of the check
    found = preflight.needs(folder, job.paper)
    kept(job, key, key_today, {NEEDS: msgspec.json.encode(found)})
    return found


def _try(job: Build, studies: Sequence[Study], wanted: Sequence[Step], entries: Entries) -> None:
    """Refuses models that cannot be trained on the data, measures of the author's that fail without being trained, and
    an article that uses results these cannot have.
    """
    trials = {study.condition.name: _trial(job, study) for study in studies}
    validated = {study.condition.name: validated_on(study.dataset) for study in studies}
    tried = _tried(job, studies, [step for step in wanted if step not in entries], entries, trials)
    preflight.check_names(job.request.folder, job.paper, trials, validated, tried)


def _tried(
    job: Build, studies: Sequence[Study], missing: Sequence[Step], entries: Entries, trials: Mapping[str, Trial]
) -> dict[str, list[TriedMeasure]]:
    """What the author's measures returned for another replicate, or return before training, by condition."""
    found: dict[str, dict[str, TriedMeasure]] = {study.condition.name: {} for study in studies}
    for step, entry in entries.items():
        if step.stage.startswith(STAGE):
            known = msgspec.json.decode(entry.read(tasks.OWN), type=OwnMeasure)
            numbers = tuple(number.path for number in known.numbers)
            found[step.study.condition.name][step.stage] = TriedMeasure(known.name, numbers, known.arrays)
    running = {}
    for study in studies:
        name, settings = study.condition.name, study.condition.training
        stages = {step.stage for step in missing if step.study == study}
        wanted = [one for one in job.declared if one.stage in stages - found[name].keys()]
        if wanted and TRAIN in stages:
            given = job.recipe(study.condition), _arrays(job, study), study.dataset, settings, trials[name].metrics
            running[name] = job.workers.submit(tasks.try_measures, job.analysis, wanted, *given)
    if running:
        job.display.say("Checking the measures of analysis.py")
    tried = {name: future.result() for name, future in running.items()}
    return {name: [*known.values(), *tried.get(name, ())] for name, known in found.items()}


def _trial(job: Build, study: Study) -> Trial:
    recipe, settings = job.recipe(study.condition), study.condition.training
    key_today = partial(keys.trial, recipe, settings, study.dataset)
    key = key_today()
    entry = job.store.find(key)
    if entry is None:
        job.display.say(f"Checking the model{_of(study.condition)}")
        arguments = (recipe, job.model_scope, _arrays(job, study), study.dataset, settings)
        entry = kept(job, key, key_today, job.workers.submit(tasks.try_model, *arguments).result())
    return msgspec.json.decode(entry.read(tasks.TRIAL), type=Trial)


def _of(condition: Condition) -> str:
    return f" of {condition.name}" if condition.name else ""


# --- data ----------------------------------------------------------------------------------------


def _studies(job: Build) -> tuple[Study, ...]:
    """All conditions with their data, which is loaded once for conditions that load it in the same way."""
    found: dict[str, Study] = {}
    with codedigest.one_look():
        today = [keys.data(job.experiment, job.loading(condition)) for condition in job.conditions]
    if not job.only_look and not all(map(job.store.find, today)):
        job.display.say("Checking experiment.py")
        models: dict[bytes, Condition] = {}
        for condition in job.conditions:
            models.setdefault(msgspec.json.encode(condition.model), condition)
        job.workers.submit(tasks.build_models, job.experiment, job.model_scope, [*models.values()]).result()
    for condition, digest in zip(job.conditions, (key.digest for key in today), strict=True):
        found[condition.name] = next(
            (
                Study(condition, other.data, other.dataset)
                for other in found.values()
                if other.data.key.digest == digest
            ),
            None,
        ) or _study(job, condition)
        _check_trained_apart(job, list(found.values()))
    return tuple(found.values())


@codedigest.one_look()
def _check_trained_apart(job: Build, studies: Sequence[Study]) -> None:
    """Raises UsageError if the last condition is trained like another one, on the same arrays."""
    *others, last = studies
    if not others:
        return
    of_run = [keys.run(job.recipe(one.condition), one.condition.training, one.dataset, SHOWN) for one in studies]
    for other, key in zip(others, of_run, strict=False):
        if key.digest == of_run[-1].digest:
            place = place_of(job.request.folder / "paper.toml", job.request.overrides, "variants", last.condition.name)
            same = f"the variant {other.condition.name}" if other.condition.name else "the main condition"
            what = f"The variant {last.condition.name} is trained like {same}, on the same arrays"
            raise UsageError(what, place, "Change its model, its training, or its data, or remove it.")


def _study(job: Build, condition: Condition) -> Study:
    key_today = partial(keys.data, job.experiment, job.loading(condition))
    doing = f"Loading the data{_of(condition)}"
    data = found_or_made(job, key_today, doing, partial(_load, job, condition), condition.name)
    dataset = msgspec.json.decode(data.read("dataset.json"), type=Dataset)
    if condition.name == MAIN:
        preflight.check_choices(job.request, job.paper, job.source, dataset)
    return Study(condition, data, dataset)


def _load(job: Build, condition: Condition) -> tasks.Files:
    """Runs the data stage and returns the files of its entry. The arrays are stored under their own key."""
    with tempfile.TemporaryDirectory(dir=job.store.root, prefix=UNFINISHED) as name:
        folder = Path(name)
        arguments = (job.experiment, job.loading_scope, job.loading(condition), folder)
        dataset, files = job.workers.submit(tasks.load_arrays, *arguments).result()
        _check_loaded(job, condition, folder, dataset)
        checked = (*preflight.absent_labels(folder, dataset), *preflight.leaked_images(folder))
        for line in (*dataset.conversions, *checked):
            job.display.say(f"load_data(): {line}")
        if job.store.find(keys.arrays(dataset)) is None:
            job.store.write(keys.arrays(dataset), partial(_move, folder))
    return files


def _check_loaded(job: Build, condition: Condition, folder: Path, dataset: Dataset) -> None:
    """Refuses arrays in `folder` that the model does not fit, or that load_data() does not return again.

    Both are found out at the same time; paper.toml can turn the second check off.
    """
    recipe, settings, begun = job.recipe(condition), job.paper.data, time.monotonic()
    checks = [job.workers.submit(tasks.check_fit, recipe, job.model_scope, folder, dataset, condition.training)]
    if settings is None or settings.check:
        checks.append(_loaded_again(job, condition, dataset))
    for check in checks:
        check.result()
    if len(checks) > 1:
        job.display.say(f"load_data() returned the same arrays when called again, {duration(time.monotonic() - begun)}")


def _loaded_again(job: Build, condition: Condition, dataset: Dataset) -> Future[None]:
    """Calls load_data() again, which must return the same arrays.

    The second call has a new interpreter, because a seed that is set once affects only the first call, and the order of
    a set stays the same within one interpreter. It runs after the first call, not beside it, because two copies of
    large data may not fit in memory.
    """
    arguments = (job.experiment, job.loading_scope, job.loading(condition), dataset)
    return job.workers.submit_with_other_hashes(tasks.check_arrays, *arguments)


def _arrays(job: Build, study: Study) -> Path:
    """The folder of the arrays; if they are missing or damaged, they are computed again."""
    entry = job.store.find(keys.arrays(study.dataset))
    if entry is None:
        job.display.say("Loading the data")
        key_today = partial(keys.data, job.experiment, job.loading(study.condition))
        kept(job, key_today(), key_today, _load(job, study.condition))
        entry = job.store.find(keys.arrays(study.dataset))
    if entry is None:
        step = "Make load_data() deterministic; for example, seed its shuffles."
        raise ReportError("load_data() returned different arrays when called again", Place(job.experiment), step)
    return entry.folder


# --- replicates ----------------------------------------------------------------------------------


def _steps(job: Build, studies: tuple[Study, ...], wanted: Sequence[Step]) -> Entries:
    """Trains and measures the replicates that are not in the store."""
    entries = replicates.found(job, wanted)
    if outdated := replicates.outdated(job, entries):
        job.display.say(f"Out of date, but not updated: {listed(outdated)}.")
    if job.only_look:
        replicates.check_found(job, wanted, entries)
    missing = [step for step in wanted if step not in entries]
    if any(step.stage == TRAIN for step in missing):
        if job.declared:
            job.workers.submit(tasks.import_analysis, job.analysis).result()
        _try(job, studies, wanted, entries)
    if line := replicates.to_do(job, wanted, entries):
        job.display.say(line)
    folders = {study: _arrays(job, study) for study in dict.fromkeys(step.study for step in missing)}
    return replicates.made(job, wanted, entries, folders)


# --- figures, article, site ----------------------------------------------------------------------


def _figures(job: Build, studies: Sequence[Study], steps: Entries) -> Entry:
    """The figures: charts of all replicates, and pictures of the first, which the article shows."""
    response, columns = steps[Step(studies[0], SHOWN, RESPONSE)], job.comparison.columns
    drawn = studies if columns else studies[:1]
    folders = [_folders(study, steps) for study in drawn]
    draw = partial(tasks.draw_figures, folders, response.folder, columns)
    return found_or_made(job, partial(_figures_key, job, drawn, steps), "Drawing the figures", draw)


def _drawn(job: Build, declared: Declared, studies: Sequence[Study], steps: Entries) -> Entry:
    """One of the author's figures or tables, made from the replicates of all conditions."""

    def make() -> tasks.Files:
        folders = [_folders(study, steps) for study in studies]
        scope = job.analysis_scope(declared.name)
        return job.workers.submit(tasks.make_own_exhibit, job.analysis, declared, scope, folders).result()

    doing = f"Drawing {declared.name}" if declared.kind == "figure" else f"Making the table {declared.name}"
    return found_or_made(job, partial(_drawn_key, job, declared, studies, steps), doing, make)


def _drawn_key(job: Build, declared: Declared, studies: Sequence[Study], steps: Entries) -> Key:
    entries = [entry for study in studies for one in _of_replicates(study, steps) for entry in one]
    return keys.own_exhibit(job.analysis, declared, entries, [study.condition for study in studies])


def _folders(study: Study, steps: Entries) -> tasks.Folders:
    each = [[entry.folder for entry in entries] for entries in _of_replicates(study, steps)]
    return tasks.Folders(_as_trained(study.condition, steps[Step(study, SHOWN, TRAIN)]), study.dataset, each)


def _as_trained(condition: Condition, run: Entry) -> Condition:
    """The condition with the settings its replicates were trained with, which may be older ones with --only."""
    settings = {name: int(run.key.parts[f"setting training.{name}"]) for name in keys.OF_TRAINING}
    training = msgspec.structs.replace(condition.training, **settings)
    return msgspec.structs.replace(condition, training=training)


def _is_own(entry: Entry) -> bool:
    return entry.key.stage.startswith(STAGE)


def _figures_key(job: Build, drawn: Sequence[Study], steps: Entries) -> Key:
    columns = job.comparison.columns  # these may use the author's own measures
    each = [entry for study in drawn for _, *rest in _of_replicates(study, steps) for entry in rest]
    measured = [entry for entry in each if columns or not _is_own(entry)]
    names, response = [study.condition.name for study in drawn], steps[Step(drawn[0], SHOWN, RESPONSE)]
    return keys.figures(measured, response, job.comparison, names)


def _article(job: Build, made: Made, fonts: Entry) -> Entry:
    request, entries = job.request, [*made.entries, fonts]

    def key_today() -> Key:
        return keys.article(request.folder, job.paper, job.source, entries, job.at, request.draft, request.out)

    unused = keys.unused(key_today())
    article = found_or_made(job, key_today, "Writing the article", partial(_write, job, made, fonts, unused))
    if request.verbose and not job.only_look and (listed := job.store.find(unused)):
        for line in msgspec.json.decode(listed.read(UNUSED), type=list[str]):
            job.display.say(line)
    return article


def _pdf(job: Build, article: Entry) -> Entry:
    """The PDF, from what the article's entry holds and the paper's fonts."""
    printed = msgspec.msgpack.decode(article.read(PRINTED), type=Printed)
    return found_or_made(job, partial(keys.pdf, printed), "Typesetting the PDF", partial(_typeset, job, printed))


def _typeset(job: Build, printed: Printed) -> tasks.Files:
    from generator.article.typesetting import typeset  # imports the typesetter, which an edit of the page does not need

    return {PDF: typeset(job.request.folder, job.paper, printed)}


@codedigest.one_look()
def check_made(job: Build, made: Made) -> None:
    """Raises ReportError unless everything the article reports on was made from the current inputs.

    Conditions that --only leaves as they are may be out of date, as the article is a draft.
    """
    for study in made.studies:
        check_same(study.data.key, keys.data(job.experiment, job.loading(study.condition)))
    left = {entry.folder for step, entry in made.steps.items() if replicates.is_left(job, step)}
    for step, entry in made.steps.items():
        if entry.folder not in left:
            check_same(entry.key, replicates.key_of(job, step, made.steps))
    drawn = made.studies if job.comparison.columns else made.studies[:1]
    check_same(made.figures.key, _figures_key(job, drawn, made.steps))
    by_stage = {one.stage: one for one in job.declared}
    for entry in made.drawn:
        check_same(entry.key, _drawn_key(job, by_stage[entry.key.stage], made.studies, made.steps))
    kept_today = [entry for entry in made.entries if entry.folder not in left]
    changed = [line for entry in kept_today for line in job.store.changes_since(entry)]
    if changed:
        what = f"The inputs changed during the build: {', '.join(dict.fromkeys(changed))}"
        raise ReportError(what, next="Build again; finished results are kept if their inputs are the same.")


def _known(entry: Entry | None) -> Entry:
    assert entry is not None, "every article has it"
    return entry


def _write(job: Build, made: Made, fonts: Entry, unused: Key) -> tasks.Files:
    from generator.article import writing  # imports much that an unchanged build does not need

    check_made(job, made)
    beside, explorer = [*made.figures.folder.glob("*.[ps][nv]g")], made.shown(EXPLORER)
    beside += [path for entry in made.drawn for path in entry.folder.glob(f"{STAGE}*.svg")]
    beside += explorer.folder.glob(f"*{PACKED}") if explorer else []
    files = {path.name: path.read_bytes() for path in beside}
    page_fonts = fonts.read(tasks.PAGE_FONTS).decode()
    outcome = _outcome(job, made)
    written = writing.write(job.request.folder, outcome, files, page_fonts, job.request.draft)
    for line in (*unseen(outcome.inputs), *written.notes):
        job.display.say(line)
    job.store.write(unused, partial(put, {UNUSED: msgspec.json.encode(written.unused)}))
    return {**written.files, PRINTED: msgspec.msgpack.encode(written.printed)}


def _outcome(job: Build, made: Made) -> Outcome:
    """All records of the build, read from the store."""
    reads = [decoded(entry.folder) for entry in made.entries]
    used = [] if job.at.dirty else _code_and_prose(job)  # the commit is known to be dirty; these would add nothing
    inputs = found_inputs(scope_of(job.request), job.at, job.source, reads, used)
    explorer, (main, *variants) = made.shown(EXPLORER), (_of_condition(study, made) for study in made.studies)
    return Outcome(
        paper=job.paper,
        source=job.source,
        main=main,
        response=msgspec.json.decode(_known(made.shown(RESPONSE)).read("response.json"), type=Response),
        figures=msgspec.json.decode(made.figures.read("figures.json"), type=Figures),
        provenance=_provenance(job, made),
        commit=msgspec.structs.replace(job.at, dirty=job.at.dirty or bool(inputs.unheld)),
        exploration=tasks.read_exploration(explorer) if explorer else None,
        inputs=inputs,
        constants=constants(job.request.folder),
        variants=tuple(variants),
        declared=job.declared,
        drawn=tuple(msgspec.json.decode(entry.read(tasks.OWN), type=OwnExhibit) for entry in made.drawn),
    )


def _of_condition(study: Study, made: Made) -> ConditionOutcome:
    return _folders(study, made.steps).outcome()


def _code_and_prose(job: Build) -> list[Path]:
    """The files of the paper that the article is made from, except those that its code reads."""
    from generator.prose import prose  # takes a while to load

    folder, fonts = job.request.folder, job.paper.fonts.fallback
    written = [folder / name for name in ("article.md", "references.bib", "paper.toml", *fonts)]
    local = (path for module in modules(folder) for path in codedigest.local_files(module))
    code = [path for path in dict.fromkeys(local) if not path.is_relative_to(ROOT / "generator")]
    found = [*code, *written, *prose.read(folder / "article.md").pictures()]
    return [path for path in found if path.is_file()]


def _provenance(job: Build, made: Made) -> dict[str, Provenance]:
    """The provenance of each stage's numbers; for stages that run for each replicate, that of the first."""
    behind: dict[str, Provenance] = {}
    for study in made.studies:
        firsts = {step.stage: entry for step, entry in made.steps.items() if (step.study, step.seed) == (study, SHOWN)}
        for stage, entry in {"data": study.data, **firsts}.items():
            behind[stage_of(stage, study.condition.name)] = keys.provenance(entry.key, study.dataset, entry.basis)
    main, run = made.studies[0], _known(made.shown(TRAIN))
    behind |= {entry.key.stage: keys.provenance(entry.key, main.dataset, entry.basis) for entry in made.drawn}
    behind["figures"] = keys.provenance(made.figures.key, main.dataset, made.figures.basis)
    read = [keys.published(run, job.paper), keys.code(modules(job.request.folder))]
    return behind | {key.stage: keys.provenance(key, main.dataset, key.digest) for key in read}


def _show(folder: Path, article: Entry) -> None:
    """Puts the page and what belongs to it into a folder, the page last."""
    write_together({folder / name: article.read(name) for name in PAGE_FILES})


def _changed(built: Site, site: Path) -> dict[Path, bytes]:
    """The files that differ from those in the site's folder, the page last."""
    contents = {site / name: content for name, content in built.files().items()}
    return {
        path: content for path, content in contents.items() if not (path.is_file() and path.read_bytes() == content)
    }


def _deliver(built: Site, site: Path, display: Display) -> Path:
    """Writes the files to the site's folder together, the page last. Unchanged files are not touched."""
    write_together(_changed(built, site))
    display.say(f"Done: {Place(site / 'index.html')} and {Place(site / PDF)}")
    return site


def _move(folder: Path, new: Path) -> None:
    for path in folder.iterdir():
        path.rename(new / path.name)
