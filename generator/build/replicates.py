"""Trains and measures the replicates of all conditions, and makes what the article shows of the first one.

Each stage of each replicate is a step. It starts as soon as the steps it depends on are done, regardless of the other
replicates, so that no core is idle while a stage finishes. Steps that are in the store are not run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from generator.build import codedigest, estimate, explanation, keys, tasks
from generator.build.retention import USED_LAST
from generator.build.stage import Build, StaleStageError, kept, remember, tell
from generator.build.store import Entry, Key
from generator.core.checked import read_checked, write_checked
from generator.core.errors import Place
from generator.records.analysis import STAGE, OwnMeasure
from generator.records.condition import MAIN, Condition
from generator.records.dataset import Dataset
from generator.records.measures import AFTER
from generator.records.needs import Needs
from generator.records.trial import StepTimes
from generator.results.own_values import check_names, check_ranges

TRAIN, EVIDENCE, RESPONSE, EXPLORER = "train", "evidence", "response", "explorer"
SHOWN = 0
"""The seed of the replicate that the article shows."""


@dataclass(frozen=True)
class Study:
    """A condition, and the data that its networks are trained on.

    Attributes:
        condition: what the networks are made from.
        data: entry of its data.
        dataset: the arrays, without their values.
    """

    condition: Condition
    data: Entry
    dataset: Dataset = field(compare=False)

    def __hash__(self) -> int:
        return hash(self.condition.name)


@dataclass(frozen=True)
class Step:
    """A stage of one replicate.

    Attributes:
        study: condition and data of the replicate.
        seed: seed of the replicate.
        stage: the stage's name.
    """

    study: Study
    seed: int
    stage: str

    @property
    def after(self) -> tuple[Step, ...]:
        """The steps that it depends on."""
        stages = () if self.stage == TRAIN else (TRAIN, *AFTER.get(self.stage, ()))
        return tuple(Step(self.study, self.seed, stage) for stage in stages)

    @property
    def label(self) -> str:
        """Identifies the step among all steps of the paper."""
        return f"{self.study.condition.name}/{self.seed}/{self.stage}"

    @property
    def is_first(self) -> bool:
        """Whether it belongs to the replicate that the article shows."""
        return self.study.condition.name == MAIN and self.seed == SHOWN


Entries = dict[Step, Entry]
Timed = tuple[tasks.Files, float]
"""What a task returned, and how many seconds it took."""


def steps(studies: Sequence[Study], needs: Needs) -> tuple[Step, ...]:
    """All steps that an article needs, stage by stage, each after the steps that it depends on."""
    measures = dict.fromkeys(stage for stages in needs.measures.values() for stage in stages)
    stages = (TRAIN, EVIDENCE, *sorted(measures, key=_depth))
    of_replicates = (
        Step(study, seed, stage)
        for stage in stages
        for study in studies
        for seed in range(study.condition.training.replicates)
        if stage not in measures or stage in needs.measures[study.condition.name]
    )
    shown = (RESPONSE, EXPLORER) if needs.explorer else (RESPONSE,)
    return (*of_replicates, *(Step(studies[0], SHOWN, stage) for stage in shown))


def _depth(stage: str) -> int:
    """Where a stage comes in order: after the stages it depends on, with the author's own functions last."""
    return list(AFTER).index(stage) if stage in AFTER else len(AFTER)


def key_of(job: Build, step: Step, entries: Mapping[Step, Entry]) -> Key:
    """The key of a step; `entries` include the steps that it depends on."""
    condition, before = step.study.condition, {one.stage: entries[one] for one in step.after}
    if step.stage == TRAIN:
        return keys.run(job.recipe(condition), condition.training, step.study.dataset, step.seed)
    run = before.pop(TRAIN)
    match step.stage:
        case "evidence":
            return keys.evidence(run)
        case "response":
            return keys.response(run, job.paper.figures.image)
        case "explorer":
            return keys.explorer(run, job.paper.figures.image)
        case own if own.startswith(STAGE):
            return keys.own_measure(job.analysis, own.removeprefix(STAGE), run)
        case measure:
            return keys.measure(measure, run, before, job.paper.measures)


@codedigest.one_look()
def found(job: Build, wanted: Sequence[Step]) -> Entries:
    """The entries of those steps that are in the store.

    For a condition that --only leaves as it is, these are the entries used last, if none is missing. Otherwise, what
    today's code measures on a network trained by older code would be stored as that network's results.
    """
    entries = _used_last(job, wanted) if job.request.only else {}
    for step in _ready([step for step in wanted if step not in entries], entries):
        if entry := job.store.find(key_of(job, step, entries)):
            entries[step] = entry
    return entries


def _used_last(job: Build, wanted: Sequence[Step]) -> Entries:
    """The entries of conditions that are left as they are, if the last build used all steps of the condition."""
    before = read_checked(_memory(job), dict[str, str]) or {}
    left = [step for step in wanted if is_left(job, step)]
    found = {step: job.store.entry_in(before[step.label]) if step.label in before else None for step in left}
    lacking = {step.study for step, entry in found.items() if entry is None}
    return {step: entry for step, entry in found.items() if entry and step.study not in lacking}


def is_left(job: Build, step: Step) -> bool:
    """Whether --only leaves the step's condition as it is."""
    return job.request.only not in (None, step.study.condition.name)


@codedigest.one_look()
def outdated(job: Build, entries: Entries) -> list[str]:
    """The titles of conditions that are left as they are although they are out of date."""
    left = (
        step
        for step, entry in entries.items()
        if is_left(job, step) and (entry.key != key_of(job, step, entries) or job.store.changes_since(entry))
    )
    return list(dict.fromkeys(step.study.condition.title for step in left))


def remember_all(job: Build, entries: Entries) -> None:
    """Saves which entries were used, for a later build with --only."""
    root = job.store.root
    with contextlib.suppress(OSError):  # a build with --only makes them again
        write_checked(
            _memory(job),
            {step.label: entry.folder.relative_to(root).as_posix() for step, entry in entries.items()},
        )


def _memory(job: Build) -> Path:
    paper = os.path.relpath(job.request.folder, job.store.root)  # both may be moved together
    return job.store.root / USED_LAST.format(hashlib.sha256(os.fsencode(paper)).hexdigest()[:16])


def _ready(waiting: Sequence[Step], entries: Mapping[Step, Entry]) -> Iterator[Step]:
    """The steps, in order, whose keys can be computed, because the steps that they depend on are done by then."""
    return (step for step in waiting if all(before in entries for before in step.after))


@codedigest.one_look()
def check_found(job: Build, wanted: Sequence[Step], entries: Entries) -> None:
    """Raises StaleStageError with every stage that lacks a step, as far as keys can be computed."""
    stale: dict[str, list[str]] = {}
    for step in _ready(wanted, entries):
        if step not in entries:
            stale.setdefault(step.stage, _reasons(job, step, key_of(job, step, entries)))
    if stale:
        raise StaleStageError(stale, to_do(job, wanted, entries))


def _reasons(job: Build, step: Step, key: Key) -> list[str]:
    """Why a step runs: what has changed since its stage last ran, which is known only for the main condition."""
    if step.study.condition.name == MAIN:
        return explanation.reasons(job.store, key)
    return [f"the variant {step.study.condition.name} is not in the store"]


def made(job: Build, wanted: Sequence[Step], entries: Entries, folders: Mapping[Study, Path]) -> Entries:
    """The entries of all steps: those found, and the rest, which are made in parallel and stored as each is ready.

    `folders` contain the arrays. Raises ReportError as `kept` does.
    """
    run = _Run(job, wanted, dict(entries), folders)
    if waiting := [step for step in wanted if step not in entries]:
        trained = [step for step in waiting if step.stage == TRAIN]
        doing = "Training" if trained else "Measuring"
        count = len({(step.study, step.seed) for step in trained or waiting})
        job.display.say(f"{doing} {estimate.replicates(count)}")
        with job.display.tasks(doing, len(waiting)) as done:
            run.make(waiting, done)
        estimate.remember_seconds(job.store, run.seconds)
    run.tell_rest()
    _check_own(job, run.entries)
    remember_all(job, run.entries)
    for step in wanted:
        if step.is_first and not is_left(job, step):
            remember(job, run.entries[step].key, run.entries[step])
    return {step: run.entries[step] for step in wanted}


class _Run:
    """A run of the steps that are missing."""

    def __init__(self, job: Build, wanted: Sequence[Step], entries: Entries, folders: Mapping[Study, Path]) -> None:
        self.job, self.wanted, self.entries, self.folders = job, wanted, entries, folders
        self.seconds: dict[str, list[float]] = {}
        self._told: set[str] = set()

    def make(self, waiting: list[Step], done: Callable[[], None]) -> None:
        """Makes the steps that are missing, each as soon as it can start.

        Measures go first, so that a mistake in one is reported after the first replicate is trained, not the last.
        """
        running: dict[Future[Timed], tuple[Step, Key]] = {}
        while waiting or running:
            while len(running) < self.job.workers.at_once and (ready := self._next(waiting)):
                waiting.remove(ready)
                key = key_of(self.job, ready, self.entries)
                if entry := self.job.store.find(key):  # made from an earlier, equal training
                    self.entries[ready] = entry
                    done()
                else:
                    self._tell(ready.stage, _reasons(self.job, ready, key))
                    running[_submitted(self.job, ready, self.entries, self.folders[ready.study])] = ready, key
            finished = wait(running, return_when=FIRST_COMPLETED).done
            stages = {running[future][0].stage for future in finished}
            for future in sorted(finished, key=lambda one: one.exception() is not None):  # keep results before raising
                self._keep(future.result(), *running.pop(future))
                done()
            _check_own(self.job, {step: entry for step, entry in self.entries.items() if step.stage in stages})

    def _next(self, waiting: Sequence[Step]) -> Step | None:
        """The first step that can start, preferring any other stage to training."""
        ready = list(_ready(waiting, self.entries))
        return next((step for step in ready if step.stage != TRAIN), ready[0] if ready else None)

    def _keep(self, result: Timed, step: Step, key: Key) -> None:
        files, seconds = result
        self.entries[step] = kept(self.job, key, partial(key_of, self.job, step, self.entries), files)
        self.seconds.setdefault(step.stage, []).append(seconds)

    def tell_rest(self) -> None:
        """Says that the stages that did not run are up to date."""
        for step in self.wanted:
            self._tell(step.stage, [])

    def _tell(self, stage: str, reasons: Sequence[str]) -> None:
        if stage not in self._told:
            self._told.add(stage)
            tell(self.job, stage, reasons)


def _submitted(job: Build, step: Step, entries: Mapping[Step, Entry], folder: Path) -> Future[Timed]:
    """Starts to make a step, on the arrays in `folder`."""
    condition, before = step.study.condition, {one.stage: entries[one].folder for one in step.after}
    recipe, name, submit = job.recipe(condition), condition.replicate(step.seed), job.workers.submit_of_replicate
    given = recipe, job.model_scope, folder, step.study.dataset
    if step.stage == TRAIN:
        settings = condition.training
        return submit(tasks.train_replicate, job.workers.address, *given, settings, step.seed, name, job.at)
    run = before[TRAIN]
    match step.stage:
        case "evidence":
            return submit(tasks.measure_evidence, *given, run)
        case "response":
            return submit(tasks.show_image, *given, run, job.paper.figures.image)
        case "explorer":
            return submit(tasks.explore_replicate, *given, run, job.paper.figures.image)
        case own if own.startswith(STAGE):
            (declared,) = (one for one in job.declared if one.stage == own)
            recipe, _, *rest = given
            scope = job.analysis_scope(declared.name)
            of = job.workers.address, job.analysis, declared, recipe, scope
            return submit(tasks.measure_own, *of, *rest, run, name)
        case measure:
            channels, activity = job.paper.measures.channels, before.get("activity")
            return submit(tasks.measure, measure, job.workers.address, *given, run, activity, channels, name)


def _check_own(job: Build, entries: Entries) -> None:
    """Raises ReportError for what a measure of the author's returned, as `check_names` and `check_ranges`."""
    places = {one.stage: Place(job.analysis, one.line) for one in job.declared}
    measured: dict[tuple[Study, str], list[OwnMeasure]] = {}
    for step, entry in entries.items():
        if step.stage in places:
            found = msgspec.json.decode(entry.read(tasks.OWN), type=OwnMeasure)
            measured.setdefault((step.study, step.stage), []).append(found)
    for (_, stage), measures in measured.items():
        check_names(measures, places[stage])
        check_ranges(measures, places[stage])


# --- how long it takes ---------------------------------------------------------------------------


def to_do(job: Build, wanted: Sequence[Step], entries: Mapping[Step, Entry]) -> str:
    """A line that says what will run and about how long it takes; empty if nothing will."""
    missing = [step for step in wanted if step not in entries and step.stage not in (RESPONSE, EXPLORER)]
    trained = [step for step in missing if step.stage == TRAIN]
    measured = [step.stage for step in missing if step.stage != TRAIN]
    replicates = {(step.study, step.seed) for step in missing}
    at_once = min(job.workers.at_once, job.workers.cores, len(replicates) or 1)
    measuring = estimate.measuring_seconds(job.store, measured, at_once)
    conditions = len({step.study for step in trained})
    if trained:
        return estimate.training_line(len(trained), conditions, _training_seconds(job, trained), measuring)
    return estimate.measuring_line(len(replicates), measuring) if measured else ""


def _training_seconds(job: Build, trained: Sequence[Step]) -> float | None:
    """Seconds to train all of these; None if unknown. For a cluster, the only estimate is from the last run."""
    alone = [_seconds_alone(job, step.study) for step in trained]
    known = [seconds for seconds in alone if seconds is not None]
    if len(known) < len(alone):
        return None
    workers, threads = job.workers, job.paper.training.threads
    sharing = (
        -(-len(alone) // workers.at_once)
        if job.request.scheduler
        else estimate.shared(len(alone), workers.at_once, threads, workers.cores)
    )
    return sharing * sum(known) / len(known)


def _seconds_alone(job: Build, study: Study) -> float | None:
    """How long a replicate trains alone, from the trial of its model, or else from the last run."""
    settings = study.condition.training
    key = keys.trial(job.recipe(study.condition), settings, study.dataset)
    if not job.request.scheduler and (trial := job.store.find(key)):
        times = msgspec.json.decode(trial.read(tasks.TIMES), type=StepTimes)
        return estimate.training_seconds(times, settings, study.dataset)
    return estimate.last_training_seconds(job.store, settings)
