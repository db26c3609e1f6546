"""Runs one stage: finds its output in the store by its key, or makes it and puts it there.

The pipeline knows which stages there are, and what each needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from generator.build import codedigest, explanation, keys, worker_process
from generator.build.executors import Workers
from generator.build.preflight import Request
from generator.build.store import Entry, Key, Store
from generator.build.tasks import Files
from generator.core.console import Display
from generator.core.environment import Commit
from generator.core.errors import Place, ReportError, UsageError
from generator.core.formatting import listed
from generator.core.git import top_level
from generator.data.reads import Scope, file_digest
from generator.paper import Paper, line_of
from generator.records.dataset import Loading, Source


@dataclass(frozen=True)
class Build:
    """What a build knows before its first stage.

    Attributes:
        request: what the user asked for.
        paper: as paper.toml and the request have it.
        source: of the data; None where the paper declares none.
        at: the commit of the paper's folder.
        store: for entries.
        display: for messages.
        workers: for tasks.
        only_look: whether to make nothing, and raise StaleStageError where something would have to be made.
    """

    request: Request
    paper: Paper
    source: Source | None
    at: Commit
    store: Store
    display: Display
    workers: Workers
    only_look: bool = False

    @property
    def experiment(self) -> Path:
        return self.request.folder / "experiment.py"

    @cached_property
    def loading(self) -> Loading:
        """What the data stage is given."""
        toml, name = self.request.folder / "paper.toml", "training.validation"
        place = f"--set {name}" if name in self.request.overrides else str(Place(toml, line_of(toml, *name.split("."))))
        return Loading(self.paper.data, self.source, self.paper.training.validation, place)

    @cached_property
    def loading_scope(self) -> Scope:
        """Where the author's code is at home, for the tasks that run load_data()."""
        return self._scope("load_data")

    @cached_property
    def model_scope(self) -> Scope:
        """The same for those that run build_model() and fit_options()."""
        return self._scope(*keys.RECIPE)

    def _scope(self, *functions: str) -> Scope:
        known = frozenset[Path]().union(*(codedigest.known_files(self.experiment, name) for name in functions))
        code = sorted(map(str, known))
        variables = worker_process.variables() if self.request.scheduler else None
        return replace(scope_of(self.request), code={path: file_digest(path) for path in code}, variables=variables)


def scope_of(request: Request) -> Scope:
    """The paper's folder and its repository, or the folder alone where there is none."""
    try:
        home = top_level(request.folder)
    except UsageError:  # there is no repository here, or no git
        home = request.folder
    return Scope(request.folder, home, request.out)


class StaleStageError(Exception):
    """A stage would have to run, and this build only looks."""

    def __init__(self, stage: str, reasons: list[str], estimate: str) -> None:
        """`reasons` and `estimate` are lines: why it would run, and about how long; the latter may be empty."""
        super().__init__(stage, reasons, estimate)
        self.stage, self.reasons, self.estimate = stage, reasons, estimate


def found_or_made(job: Build, key_today: Callable[[], Key], doing: str, make: Callable[[], Files]) -> Entry:
    """The entry of the key; if it is not in the store, `make` gives its files. Raises ReportError as `kept`."""
    key = key_today()
    entry = job.store.find(key)
    tell(job, key, is_stale=entry is None)
    if entry is None:
        job.display.say(doing)
        entry = kept(job, key, key_today, make())
    _remember(job, key, entry)
    return entry


def kept(job: Build, key: Key, key_today: Callable[[], Key], files: Files) -> Entry:
    """Puts what was made into the store. Raises ReportError as `check_same`."""
    check_same(key, key_today())
    return job.store.write(key, partial(put, files))


def check_same(key: Key, today: Key) -> None:
    """Raises ReportError when what a key stands for has changed: what was made may rest on either version of it."""
    if changed := explanation.changed_names(key, today):
        step = "Build again; the result may depend on either version of it."
        raise ReportError(f"{listed(changed)} changed while the build was running", next=step)


def found_side_by_side(job: Build, wanted: Mapping[int, Key]) -> dict[int, Entry]:
    """Those entries of a stage, by seed, that are in the store."""
    found = {seed: job.store.find(key) for seed, key in wanted.items()}
    return {seed: entry for seed, entry in found.items() if entry}


def tell_side_by_side(job: Build, wanted: Mapping[int, Key], found: Mapping[int, Entry], estimate: str) -> None:
    """Reports a stage by seed as `tell` does, from the first entry that is not among those `found`."""
    missing = [seed for seed in wanted if seed not in found]
    tell(job, wanted[missing[0] if missing else 0], bool(missing), estimate if missing else "")


def made_side_by_side(
    job: Build,
    wanted: Mapping[int, Key],
    key_today: Callable[[int], Key],
    found: Mapping[int, Entry],
    doing: str,
    arrays: Callable[[], Path],
    submit: Callable[[int, Path], Future[Files]],
) -> dict[int, Entry]:
    """The entries of a stage by seed: those `found`, and the others made side by side, and kept as each is ready.

    `submit` begins to make one, from its seed and the folder that `arrays` gives. Raises ReportError as `kept`.
    """
    entries, missing = dict(found), [seed for seed in wanted if seed not in found]
    if missing:
        folder = arrays()
        with job.display.replicates(doing, len(missing)) as done:
            futures = {submit(seed, folder): seed for seed in missing}
            for future in as_completed(futures):
                seed = futures[future]
                entries[seed] = kept(job, wanted[seed], partial(key_today, seed), future.result())
                done()
    _remember(job, wanted[0], entries[0])
    return entries


def tell(job: Build, key: Key, is_stale: bool, estimate: str = "") -> None:
    """With --verbose, says whether a stage runs, and why; always says about how long, if there is an estimate.

    Raises StaleStageError if it would run and this build only looks.
    """
    reasons = explanation.reasons(job.store, key) if is_stale else []
    if is_stale and job.only_look:
        raise StaleStageError(key.stage, reasons, estimate)
    for line in explanation.lines(key.stage, reasons) if job.request.verbose else ():
        job.display.say(line)
    if estimate:
        job.display.say(estimate)


def _remember(job: Build, key: Key, entry: Entry) -> None:
    """Makes an entry the one that its stage used last, unless this build only looks."""
    if not job.only_look:
        job.store.remember(key, entry)


def put(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes the files of an entry that is being made."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
