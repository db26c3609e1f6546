"""What changes while a build runs is told, and neither stored under an old key nor reported on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from rich.console import Console

from generator.build import keys, replicates
from generator.build.pipeline import Made, check_made
from generator.build.preflight import Request
from generator.build.replicates import EVIDENCE, RESPONSE, TRAIN, Entries, Step, Study
from generator.build.stage import Build, found_or_made, put, scope_of
from generator.build.store import Entry, Key, Store
from generator.core.console import Display
from generator.core.environment import commit
from generator.core.errors import ReportError
from generator.core.files import sha256
from generator.data.read_log import ReadLog
from generator.data.reads import READS, Today, encoded
from generator.paper import Comparison, load_paper
from generator.records.condition import MAIN, Recipe
from generator.records.dataset import ArrayInfo, Dataset
from generator.records.needs import Needs
from generator.records.reads import Reads
from tests.conftest import make_paper
from tests.support.repositories import git

ARRAY = ArrayInfo((4, 8, 8, 1), "float32", "1" * 64)
DATASET = Dataset(ARRAY, ARRAY, ARRAY, ARRAY, 2)
DATA = Entry(Key("data", {}), Path("data"), "", "")


@pytest.fixture
def job(tmp_path: Path) -> Build:
    folder = make_paper("tiny", tmp_path)
    (folder / "config.json").write_text("1")
    git(folder, "init", "--quiet")
    commit_all(folder)
    request = Request(folder, tmp_path / "build", None, {})
    store, display = Store(tmp_path / "build" / "cache", Today(scope_of(request), {})), Display(Console(quiet=True))
    return Build(request, load_paper(folder, {}), None, commit(folder), store, display, cast(Any, None))


def commit_all(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "The paper")


def edit(job: Build, name: str, old: str, new: str) -> None:
    path = job.request.folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def run_today(job: Build) -> Key:
    return keys.run(Recipe(job.experiment), job.paper.training, DATASET, 0)


def study(job: Build, count: int = 1, data: Entry = DATA) -> Study:
    """The main condition of the paper, with so many replicates."""
    main = job.conditions[0]
    settings = msgspec.structs.replace(main.training, replicates=count)
    return Study(msgspec.structs.replace(main, training=settings), data, DATASET)


def article_today(job: Build) -> Key:
    return keys.article(job.request.folder, job.paper, None, [], job.at, False, job.request.out)


@pytest.mark.parametrize(
    ("key_today", "file", "old", "new", "told"),
    [
        (run_today, "experiment.py", "FILTERS = 4", "FILTERS = 5", "experiment.py"),
        (article_today, "article.md", "told apart", "kept apart", "article.md"),
        (article_today, "experiment.py", "FILTERS = 4", "FILTERS = 4  # few", "experiment.py"),
    ],
)
def test_what_is_made_while_its_key_changes_is_not_stored(
    job: Build, key_today: Callable[[Build], Key], file: str, old: str, new: str, told: str
) -> None:
    def make() -> dict[str, bytes]:
        edit(job, file, old, new)
        return {}

    before = key_today(job)
    with pytest.raises(ReportError, match=rf"^{told} changed while the build was running\n  Build again"):
        found_or_made(job, partial(key_today, job), "Making", make)
    assert job.store.find(before) is None and job.store.find(key_today(job)) is None
    assert found_or_made(job, partial(key_today, job), "Making", lambda: {}).key == key_today(job)


class Editing:
    """Workers whose every task changes the experiment."""

    def __init__(self, job: Build) -> None:
        self.job, self.address, self.at_once = job, None, 1

    def submit_of_replicate(self, *_: object) -> Future[tuple[dict[str, bytes], float]]:
        edit(self.job, "experiment.py", "FILTERS = 4", "FILTERS = 5")
        future: Future[tuple[dict[str, bytes], float]] = Future()
        future.set_result(({}, 1.0))
        return future


def test_a_replicate_that_is_trained_while_its_key_changes_is_not_stored(job: Build) -> None:
    before, step = run_today(job), Step(study(job), 0, TRAIN)
    changing = replace(job, workers=cast(Any, Editing(job)))
    with pytest.raises(ReportError, match=r"^experiment\.py changed while the build was running"):
        replicates.made(changing, [step], {}, {step.study: Path()})
    assert job.store.find(before) is None


def test_code_that_was_loaded_as_its_key_does_not_have_it_is_told_even_if_the_change_is_undone(job: Build) -> None:
    log, text = ReadLog(job.model_scope), job.experiment.read_text()
    edit(job, "experiment.py", "FILTERS = 4", "FILTERS = 5")
    log.imported(str(job.experiment))
    job.experiment.write_text(text)
    with pytest.raises(ReportError, match=r"^experiment\.py changed while the build was running"):
        log.check()


def test_code_that_changes_after_it_was_loaded_is_told(job: Build) -> None:
    log = ReadLog(job.model_scope)
    log.imported(str(job.experiment))
    log.check()
    edit(job, "experiment.py", "FILTERS = 4", "FILTERS = 5")
    with pytest.raises(ReportError, match=r"^experiment\.py changed while the build was running"):
        log.check()
    assert log.reads() == Reads()


@pytest.fixture
def made(job: Build) -> Made:
    """Two replicates, each of which read config.json."""

    def entry(key: Key) -> Entry:
        reads = Reads({"config.json": sha256(job.request.folder / "config.json")})
        return job.store.write(key, partial(put, {READS: encoded(reads)}))

    of, steps = study(job, 2, entry(keys.data(job.experiment, job.loading(job.conditions[0])))), Entries()
    for step in replicates.steps([of], Needs(False, {MAIN: ()})):
        steps[step] = entry(replicates.key_of(job, step, steps))
    measured = [steps[Step(of, seed, EVIDENCE)] for seed in (0, 1)]
    return Made((of,), steps, entry(keys.figures(measured, steps[Step(of, 0, RESPONSE)], Comparison(), [])))


def test_an_article_on_what_is_there_now_is_written(job: Build, made: Made) -> None:
    check_made(job, made)


def test_an_article_on_replicates_of_different_inputs_is_refused(job: Build, made: Made) -> None:
    edit(job, "config.json", "1", "2")
    with pytest.raises(ReportError, match=r"^The inputs changed during the build: config\.json changed\n  Build again"):
        check_made(job, made)


@pytest.mark.parametrize(("file", "old"), [("experiment.py", "FILTERS = 4"), ("scaling.py", "/ 255")])
def test_an_article_on_code_that_has_changed_is_refused(job: Build, made: Made, file: str, old: str) -> None:
    edit(job, file, old, f"{old} + 1")
    with pytest.raises(ReportError, match=rf"^{file} changed while the build was running"):
        check_made(job, made)


def test_an_article_on_what_is_there_now_is_written_after_another_commit(job: Build, made: Made) -> None:
    (job.request.folder / "notes.txt").write_text("of something else")
    commit_all(job.request.folder)
    check_made(job, made)
