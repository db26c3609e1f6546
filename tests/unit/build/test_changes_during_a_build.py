"""What changes while a build runs is told, and neither stored under an old key nor reported on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console

from generator.build import keys
from generator.build.pipeline import Made, ReplicateEntries, check_made
from generator.build.preflight import Request
from generator.build.stage import Build, found_or_made, made_side_by_side, put, scope_of
from generator.build.store import Entry, Key, Store
from generator.core.console import Display
from generator.core.environment import commit
from generator.core.errors import ReportError
from generator.core.files import sha256
from generator.data.read_log import ReadLog
from generator.data.reads import READS, Today, encoded
from generator.paper import load_paper
from generator.records.dataset import ArrayInfo, Dataset
from generator.records.reads import Reads
from tests.conftest import make_paper
from tests.support.repositories import git

ARRAY = ArrayInfo((4, 8, 8, 1), "float32", "1" * 64)
DATASET = Dataset(ARRAY, ARRAY, ARRAY, ARRAY, 2)


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


def run_today(job: Build, seed: int = 0) -> Key:
    return keys.run(job.experiment, job.paper.training, DATASET, seed)


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


def test_a_replicate_that_is_trained_while_its_key_changes_is_not_stored(job: Build) -> None:
    def submit(seed: int, _: Path) -> Future[dict[str, bytes]]:
        edit(job, "experiment.py", "FILTERS = 4", "FILTERS = 5")
        future: Future[dict[str, bytes]] = Future()
        future.set_result({})
        return future

    wanted, today = {0: run_today(job)}, partial(run_today, job)
    with pytest.raises(ReportError, match=r"^experiment\.py changed while the build was running"):
        made_side_by_side(job, wanted, today, {}, "Training", lambda: Path(), submit)
    assert job.store.find(wanted[0]) is None


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

    data = entry(keys.data(job.experiment, job.loading))
    settings = load_paper(job.request.folder, {"training.replicates": 2}).training
    runs = [entry(keys.run(job.experiment, settings, DATASET, seed)) for seed in (0, 1)]
    replicates = [ReplicateEntries(run, entry(keys.evidence(run))) for run in runs]
    response = entry(keys.response(runs[0], job.paper.figures.image))
    figures = entry(keys.figures([each.evidence for each in replicates], response))
    return Made(data, replicates, response, figures, None)


def test_an_article_on_what_is_there_now_is_written(job: Build, made: Made) -> None:
    check_made(job, DATASET, made)


def test_an_article_on_replicates_of_different_inputs_is_refused(job: Build, made: Made) -> None:
    edit(job, "config.json", "1", "2")
    with pytest.raises(ReportError, match=r"^The inputs changed during the build: config\.json changed\n  Build again"):
        check_made(job, DATASET, made)


@pytest.mark.parametrize(("file", "old"), [("experiment.py", "FILTERS = 4"), ("scaling.py", "/ 255")])
def test_an_article_on_code_that_has_changed_is_refused(job: Build, made: Made, file: str, old: str) -> None:
    edit(job, file, old, f"{old} + 1")
    with pytest.raises(ReportError, match=rf"^{file} changed while the build was running"):
        check_made(job, DATASET, made)


def test_an_article_on_what_is_there_now_is_written_after_another_commit(job: Build, made: Made) -> None:
    (job.request.folder / "notes.txt").write_text("of something else")
    commit_all(job.request.folder)
    check_made(job, DATASET, made)
