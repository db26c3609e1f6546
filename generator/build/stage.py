"""Runs one stage: finds its output in the store by its key, or makes it and stores it.

This module does not know which stages there are or what each needs: the pipeline does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from generator.build import codedigest, explanation, keys, worker_process
from generator.build.conditions import conditions
from generator.build.declarations import ANALYSIS
from generator.build.executors import Workers
from generator.build.preflight import Request
from generator.build.store import Entry, Key, Store
from generator.build.tasks import Files
from generator.core.console import Display
from generator.core.environment import Commit
from generator.core.errors import ReportError, UsageError
from generator.core.formatting import listed
from generator.core.git import top_level
from generator.data.reads import Scope, file_digest
from generator.paper import Comparison, Paper, place_of
from generator.records.analysis import Declared
from generator.records.condition import MAIN, Condition, Recipe
from generator.records.dataset import Loading, Source
from generator.results.condition_values import stage_of


@dataclass(frozen=True)
class Build:
    """What a build knows before its first stage.

    Attributes:
        request: what the user asked for.
        paper: paper.toml with the request's overrides.
        source: source of the data; None if the paper declares none.
        at: the commit of the paper's folder.
        store: for entries.
        display: for messages.
        workers: for tasks.
        only_look: whether to make nothing, and raise StaleStageError if something would have to be made.
        declared: functions of analysis.py.
        is_compared: whether the article shows the comparison of variants.
    """

    request: Request
    paper: Paper
    source: Source | None
    at: Commit
    store: Store
    display: Display
    workers: Workers
    only_look: bool = False
    declared: tuple[Declared, ...] = ()
    is_compared: bool = False

    @property
    def experiment(self) -> Path:
        return self.request.folder / "experiment.py"

    @property
    def comparison(self) -> Comparison:
        """The comparison of variants; without columns unless the article shows it."""
        return self.paper.comparison if self.is_compared else Comparison()

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The main condition, and the variants."""
        return conditions(self.request.folder, self.paper, self.request.overrides)

    def loading(self, condition: Condition) -> Loading:
        """The input of the data stage."""
        toml, name = self.request.folder / "paper.toml", "training.validation"
        variant = self.paper.variants.get(condition.name)
        if variant and variant.training.validation is not None:
            name = f"variants.{condition.name}.{name}"
        place = str(place_of(toml, self.request.overrides, *name.split(".")))
        share = condition.training.validation
        return Loading(self.paper.data, self.source, share, place, condition.data)

    def recipe(self, condition: Condition) -> Recipe:
        """How the networks of a condition are made."""
        return Recipe(self.experiment, condition.model)

    @cached_property
    def loading_scope(self) -> Scope:
        """The scope of reads for tasks that run load_data()."""
        return self._scope("load_data")

    @cached_property
    def model_scope(self) -> Scope:
        """The scope of reads for tasks that run build_model() and fit_options()."""
        return self._scope(*keys.RECIPE)

    @cached_property
    def analysis(self) -> Path:
        return self.request.folder / ANALYSIS

    def analysis_scope(self, function: str) -> Scope:
        """The scope of reads for tasks that run a function of analysis.py, some of them after build_model()."""
        known = codedigest.known_files(self.analysis, function)
        return self._scope(*keys.RECIPE, others=known)

    def _scope(self, *functions: str, others: frozenset[Path] = frozenset()) -> Scope:
        known = others.union(*(codedigest.known_files(self.experiment, name) for name in functions))
        code = sorted(map(str, known))
        variables = worker_process.variables() if self.request.scheduler else None
        return replace(scope_of(self.request), code={path: file_digest(path) for path in code}, variables=variables)


def scope_of(request: Request) -> Scope:
    """The scope of reads, with the paper's folder and its repository, or the folder alone if there is none."""
    try:
        home = top_level(request.folder)
    except UsageError:  # there is no repository here, or no git
        home = request.folder
    return Scope(request.folder, home, request.out)


class StaleStageError(Exception):
    """Stages would have to run, but this build only looks."""

    def __init__(self, stages: Mapping[str, list[str]], estimate: str = "") -> None:
        """`stages` has lines for each that say why it would run; `estimate` is a line about the time, or empty."""
        super().__init__(stages, estimate)
        self.stages, self.estimate = stages, estimate


def found_or_made(
    job: Build, key_today: Callable[[], Key], doing: str, make: Callable[[], Files], variant: str = MAIN
) -> Entry:
    """The entry of the key; if it is not in the store, `make` returns its files.

    Raises ReportError as `kept` does, and StaleStageError if the entry is missing and this build only looks.
    """
    key = key_today()
    entry = job.store.find(key)
    if entry is None:
        reasons = explanation.reasons(job.store, key)
        if job.only_look:
            raise StaleStageError({stage_of(key.stage, variant): reasons})
        tell(job, stage_of(key.stage, variant), reasons)
        job.display.say(doing)
        entry = kept(job, key, key_today, make())
    else:
        tell(job, stage_of(key.stage, variant), [])
    if not variant:
        remember(job, key, entry)
    return entry


def kept(job: Build, key: Key, key_today: Callable[[], Key], files: Files) -> Entry:
    """Stores the files of an entry. Raises ReportError as `check_same` does."""
    check_same(key, key_today())
    return job.store.write(key, partial(put, files))


def check_same(key: Key, today: Key) -> None:
    """Raises ReportError when the key has changed meanwhile: the result may be based on either version."""
    if changed := explanation.changed_names(key, today):
        step = "Build again: the result may depend on either version."
        raise ReportError(f"{listed(changed)} changed while the build was running", next=step)


def tell(job: Build, stage: str, reasons: Sequence[str]) -> None:
    """With --verbose, says that a stage runs for these reasons, or, without reasons, that it is up to date."""
    for line in explanation.lines(stage, reasons) if job.request.verbose else ():
        job.display.say(line)


def remember(job: Build, key: Key, entry: Entry) -> None:
    """Records that a stage used this entry last, unless this build only looks."""
    if not job.only_look:
        job.store.remember(key, entry)


def put(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes the files of an entry that is being made."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
