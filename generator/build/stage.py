"""One stage at a time: its output found in the store by its key, or made and put there.

What the stages are, and what each needs, is the pipeline's to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from generator.build import codedigest, explanation
from generator.build.preflight import Request
from generator.build.store import Entry, Key, Store
from generator.build.tasks import Files
from generator.build.workers import Workers
from generator.core.console import Display
from generator.core.environment import Commit
from generator.core.errors import ReportError, UsageError
from generator.core.git import top_level
from generator.data.reads import Scope, file_digest
from generator.paper import Paper
from generator.records.dataset import Source


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
        only_look: whether to make nothing, and fail where something would have to be made.
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
    def loading_scope(self) -> Scope:
        """Where the author's code is at home, for the tasks that run load_data()."""
        return self._scope("load_data")

    @cached_property
    def model_scope(self) -> Scope:
        """The same for those that run build_model()."""
        return self._scope("build_model")

    def _scope(self, function: str) -> Scope:
        code = sorted(map(str, codedigest.known_files(self.experiment, function)))
        return replace(scope_of(self.request), code={path: file_digest(path) for path in code})


def scope_of(request: Request) -> Scope:
    """The paper's folder and its repository, or the folder alone where there is none."""
    try:
        home = top_level(request.folder)
    except UsageError:  # there is no repository here, or no git
        home = request.folder
    return Scope(request.folder, home, request.out)


def found_or_made(job: Build, key_today: Callable[[], Key], doing: str, make: Callable[[], Files]) -> Entry:
    """The entry of the key; if it is not in the store, `make` gives its files. Raises ReportError as `kept`."""
    key = key_today()
    entry = job.store.find(key)
    explain(job, key, stale=entry is None)
    if entry is None:
        job.display.say(doing)
        entry = kept(job, key, key_today, make())
    job.store.remember(key, entry)
    return entry


def kept(job: Build, key: Key, key_today: Callable[[], Key], files: Files) -> Entry:
    """Puts what was made into the store. Raises ReportError as `check_same`."""
    check_same(key, key_today())
    return job.store.write(key, partial(put, files))


def check_same(key: Key, today: Key) -> None:
    """Raises ReportError when what a key stands for has changed: what was made may rest on either version of it."""
    if changed := explanation.changed_names(key, today):
        step = "Build again; what came out may rest on either version of it."
        raise ReportError(f"{' and '.join(changed)} changed while the build was running", next=step)


def found_side_by_side(job: Build, wanted: Mapping[int, Key]) -> dict[int, Entry]:
    """Those entries of a stage, by seed, that are in the store."""
    found = {seed: job.store.find(key) for seed, key in wanted.items()}
    missing = [seed for seed, entry in found.items() if entry is None]
    explain(job, wanted[missing[0] if missing else 0], stale=bool(missing))
    return {seed: entry for seed, entry in found.items() if entry}


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
    job.store.remember(wanted[0], entries[0])
    return entries


def explain(job: Build, key: Key, stale: bool) -> None:
    """With --explain, says whether a stage runs and why; before training, also how long it may take.

    Raises ReportError when it would have to run and this build may only look.
    """
    if stale and job.only_look:
        reasons = "; ".join(explanation.reasons(job.store, key))
        step = "Build again, read what came out, and then publish it."
        raise ReportError(f"The site is stale: the {key.stage} stage would run again, as {reasons}", next=step)
    if job.request.explain:
        rounds = -(-job.paper.training.replicates // job.workers.at_once)
        for line in explanation.stage_lines(job.store, key, stale, job.paper.training.epochs, rounds):
            job.display.say(line)


def put(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes the files of an entry that is being made."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
