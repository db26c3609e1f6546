"""The stages of replicates: each is made as soon as it can be, and only if it is not in the store."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from msgspec.structs import replace as changed
from rich.console import Console

from generator.build import keys, replicates
from generator.build.preflight import Request
from generator.build.replicates import EVIDENCE, EXPLORER, RESPONSE, TRAIN, Entries, Step, Study
from generator.build.stage import Build, StaleStageError, scope_of
from generator.build.store import Entry, Key, Store
from generator.core.console import Display
from generator.core.environment import Commit
from generator.core.errors import ReportError
from generator.core.files import sha256
from generator.data.reads import READS, Today, encoded
from generator.paper import load_paper
from generator.records.condition import MAIN
from generator.records.dataset import ArrayInfo, Dataset
from generator.records.needs import Needs
from generator.records.reads import Reads
from generator.records.run import Times
from tests.conftest import make_paper

ARRAY = ArrayInfo((4, 8, 8, 1), "float32", "1" * 64)
DATASET = Dataset(ARRAY, ARRAY, ARRAY, ARRAY, 2)
DATA = Entry(Key("data", {}), Path("data"), "", "")
VARIANTS = """
[variants.wide]
title = "Wide"
model = { width = 2 }
[variants.longer]
title = "Longer"
training = { epochs = 3 }
"""
NEEDS = Needs(False, {MAIN: (), "wide": ("activity", "ablation"), "longer": ()})
TIMES = {"times.json": msgspec.json.encode(Times((2.0,), 2.0, ()))}
Made = tuple[dict[str, bytes], float]


@pytest.fixture(autouse=True)
def _without_the_generator_s_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here changes it, and to digest it takes longer than all the rest."""
    monkeypatch.setattr(keys, "module_digests", lambda module: {module: ""})


@pytest.fixture
def job(tmp_path: Path) -> Build:
    """The tiny paper with two variants and two replicates; what is said goes to the console's file."""
    folder = make_paper("tiny", tmp_path)
    (folder / "experiment.py").write_text("def build_model(width=1):\n    pass\n\ndef load_data():\n    pass\n")
    (folder / "paper.toml").write_text((folder / "paper.toml").read_text() + VARIANTS)
    request = Request(folder, tmp_path / "build", None, {"training.replicates": 2})
    store = Store(tmp_path / "build" / "cache", Today(scope_of(request), {}))
    display = Display(Console(file=io.StringIO()))
    at = Commit(None, None, False)
    workers = cast(Any, Workers())
    return Build(request, load_paper(folder, request.overrides), None, at, store, display, workers)


class Workers:
    """As many as there are steps."""

    at_once = cores = 12


def studies(job: Build) -> list[Study]:
    return [Study(condition, DATA, DATASET) for condition in job.conditions]


def steps(job: Build, needs: Needs = NEEDS) -> tuple[Step, ...]:
    return replicates.steps(studies(job), needs)


def said(job: Build) -> str:
    return cast(io.StringIO, job.display.console.file).getvalue()


Begin = Callable[[Step], Future[Made]]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Callable[[Begin], list[str]]:
    """Lets a function begin the steps, and returns the labels of those that have begun, in their order."""

    def begin(how: Begin) -> list[str]:
        begun: list[str] = []

        def submitted(job: Build, step: Step, entries: Mapping[Step, Entry], folder: Path) -> Future[Made]:
            assert all(before in entries for before in step.after), step.label
            begun.append(step.label)
            return how(step)

        monkeypatch.setattr(replicates, "_submitted", submitted)
        return begun

    return begin


def at_once(step: Step) -> Future[Made]:
    future: Future[Made] = Future()
    future.set_result((TIMES if step.stage == TRAIN else {}, 1.0))
    return future


def made(job: Build, wanted: tuple[Step, ...], entries: Entries | None = None) -> Entries:
    folders = {study: Path() for study in studies(job)}
    return replicates.made(job, wanted, replicates.found(job, wanted) if entries is None else entries, folders)


def edit(job: Build, name: str, old: str, new: str) -> Build:
    """The job after a change of a file of the paper."""
    path = job.request.folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return replace(job, paper=load_paper(job.request.folder, job.request.overrides))


# --- which steps there are -----------------------------------------------------------------------


def test_there_is_a_step_for_all_that_the_article_needs_stage_by_stage(job: Build) -> None:
    assert [step.label for step in steps(job)] == [
        *(
            f"{name}/{seed}/{stage}"
            for stage in (TRAIN, EVIDENCE)
            for name in ("", "wide", "longer")
            for seed in (0, 1)
        ),
        *(f"wide/{seed}/{stage}" for stage in ("activity", "ablation") for seed in (0, 1)),
        "/0/response",
    ]


def test_the_explorer_is_of_the_replicate_shown_and_only_where_it_is_needed(job: Build) -> None:
    shown = [step.label for step in steps(job, Needs(True, NEEDS.measures)) if step.is_first]
    assert shown == ["/0/train", "/0/evidence", "/0/response", "/0/explorer"]
    assert all(step.stage != EXPLORER for step in steps(job))


def test_a_step_rests_on_the_training_and_on_the_measures_before_it_of_its_own_replicate(job: Build) -> None:
    _, wide, _ = studies(job)
    assert Step(wide, 1, TRAIN).after == ()
    assert Step(wide, 1, "ablation").after == (Step(wide, 1, TRAIN), Step(wide, 1, "activity"))
    assert Step(wide, 1, RESPONSE).after == (Step(wide, 1, TRAIN),)


# --- how they are made ---------------------------------------------------------------------------


def test_every_step_is_made_once_after_those_that_it_rests_on(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    begun = begin(at_once)
    entries = made(job, steps(job))
    assert sorted(begun) == sorted(step.label for step in steps(job)) and list(entries) == list(steps(job))
    assert {entry.key.stage for entry in entries.values()} == {TRAIN, EVIDENCE, "activity", "ablation", RESPONSE}
    assert "Training 6 replicates" in said(job)


def test_a_step_begins_while_another_replicate_is_still_being_trained(
    job: Build, begin: Callable[[Begin], list[str]]
) -> None:
    """The second replicate of the main condition is trained until the last measure of another has begun."""
    late: Future[Made] = Future()
    guard = threading.Timer(20, lambda: late.set_exception(ReportError("no measure began")))

    def how(step: Step) -> Future[Made]:
        if step.label == "/1/train":
            return late
        if step.label == "wide/1/ablation":
            late.set_result(({}, 1.0))
        return at_once(step)

    begun = begin(how)
    guard.start()
    made(job, steps(job))
    guard.cancel()
    assert begun.index("wide/1/ablation") < begun.index("/1/evidence")


def test_what_is_found_is_not_made(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    begin(at_once)
    before = made(job, steps(job))
    begun = begin(at_once)
    assert made(job, steps(job)) == before and begun == []
    more = Needs(False, {**NEEDS.measures, MAIN: ("probes",)})
    made(job, steps(job, more))
    assert begun == ["/0/probes", "/1/probes"]
    assert said(job).endswith("Measuring 2 replicates\n")


def test_a_replicate_is_found_whatever_its_condition_is_called(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    """The variant becomes the main condition, and the main condition a variant."""
    begin(at_once)
    made(job, steps(job))
    begun = begin(at_once)
    other = edit(job, "paper.toml", "epochs = 1", "epochs = 3")
    other = edit(other, "paper.toml", "training = { epochs = 3 }", "training = { epochs = 1 }")
    other = edit(other, "paper.toml", "model = { width = 2 }", "model = { width = 2 }\ntraining = { epochs = 1 }")
    made(other, steps(other))
    assert begun == ["/0/response"], "it is of the replicate that the article shows"


def test_a_number_of_replicates_says_which_of_them_are_trained(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    """Those of one variant are trained, and those of another measured."""
    begin(at_once)
    made(job, steps(job))
    other = edit(job, "paper.toml", "epochs = 3", "epochs = 4")
    made(other, steps(other, Needs(False, {**NEEDS.measures, MAIN: ("probes",)})))
    assert said(job).endswith("Training 2 replicates\n")


def test_what_was_made_is_kept_when_another_step_fails(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    def how(step: Step) -> Future[Made]:
        future = at_once(step)
        if step.label == "longer/1/train":
            future = Future()
            future.set_exception(ReportError("It failed"))
        return future

    begin(how)
    with pytest.raises(ReportError, match="It failed"):
        made(job, steps(job))
    begun = begin(at_once)
    made(job, steps(job))
    assert "longer/1/train" in begun and len([label for label in begun if label.endswith(TRAIN)]) < 6


def test_only_looking_names_every_stage_that_would_run_and_what_there_is_to_do(
    job: Build, begin: Callable[[Begin], list[str]]
) -> None:
    begin(at_once)
    made(job, steps(job))
    other = edit(job, "paper.toml", "epochs = 3", "epochs = 4")
    wanted = steps(other, Needs(False, {**NEEDS.measures, MAIN: ("probes",)}))
    with pytest.raises(StaleStageError) as stale:
        replicates.check_found(other, wanted, replicates.found(other, wanted))
    assert list(stale.value.stages) == [TRAIN, "probes"], "what rests on the training cannot be told yet"
    assert stale.value.estimate.startswith("To do: train 2 replicates (about 8\u00a0s), then ")


def test_what_is_to_do_tells_of_how_many_conditions(job: Build) -> None:
    assert replicates.to_do(job, steps(job), {}).startswith("To do: train 6 replicates of 3 conditions (")


# --- only one condition --------------------------------------------------------------------------


def only(job: Build, name: str) -> Build:
    return replace(job, request=replace(job.request, only=name))


def test_only_one_condition_is_made_and_the_others_are_left_as_they_are(
    job: Build, begin: Callable[[Begin], list[str]]
) -> None:
    begin(at_once)
    before = made(job, steps(job))
    begun = begin(at_once)
    other = only(edit(job, "experiment.py", "pass", "return 1"), "longer")
    entries = replicates.found(other, steps(other))
    assert replicates.outdated(other, entries) == ["main condition", "Wide"]
    after = made(other, steps(other), entries)
    assert sorted(begun) == [f"longer/{seed}/{stage}" for seed in (0, 1) for stage in (EVIDENCE, TRAIN)]
    assert {step: entry for step, entry in after.items() if step.study.condition.name != "longer"} == {
        step: entry for step, entry in before.items() if step.study.condition.name != "longer"
    }


def test_nothing_is_measured_today_of_a_network_that_older_code_trained(
    job: Build, begin: Callable[[Begin], list[str]]
) -> None:
    """It would be kept as that network's. A condition of which a step is missing is brought up to date as a whole."""
    begin(at_once)
    made(job, steps(job))
    begun = begin(at_once)
    other = only(edit(job, "experiment.py", "pass", "return 1"), "longer")
    made(other, steps(other, Needs(False, {MAIN: ("activity",), "wide": ("activity", "ablation"), "longer": ()})))
    assert {label for label in begun if not label.startswith("longer")} == {
        f"/{seed}/{stage}"
        for seed in (0, 1)
        for stage in (TRAIN, EVIDENCE, "activity", RESPONSE)
        if (seed, stage) != (1, RESPONSE)
    }


def test_conditions_that_are_up_to_date_are_not_told_to_be_left(
    job: Build, begin: Callable[[Begin], list[str]]
) -> None:
    begin(at_once)
    made(job, steps(job))
    assert replicates.outdated(only(job, "longer"), replicates.found(only(job, "longer"), steps(job))) == []


def test_a_condition_whose_inputs_have_changed_is_told_to_be_out_of_date(
    job: Build, begin: Callable[[Begin], list[str]]
) -> None:
    (job.request.folder / "config.json").write_text("1")
    reads = {READS: encoded(Reads({"config.json": sha256(job.request.folder / "config.json")}))}

    def reading(step: Step) -> Future[Made]:
        future: Future[Made] = Future()
        future.set_result((reads if step.stage == TRAIN else {}, 1.0))
        return future

    begin(reading)
    made(job, steps(job))
    (job.request.folder / "config.json").write_text("2")
    again = replace(only(job, "longer"), store=Store(job.store.root, Today(scope_of(job.request), {})))
    entries = replicates.found(again, steps(again))
    assert replicates.outdated(again, entries) == ["main condition", "Wide"]


def test_a_condition_that_was_never_made_is_made_too(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    begun = begin(at_once)
    made(only(job, "longer"), steps(job))
    assert len(begun) == len(steps(job))


def test_another_paper_in_the_same_store_keeps_its_own_memory(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    begin(at_once)
    made(job, steps(job))
    folder = Path(shutil.copytree(job.request.folder, job.request.folder.parent / "other"))
    other = only(replace(job, request=replace(job.request, folder=folder)), "longer")
    assert replicates._used_last(other, steps(other)) == {}


def test_a_damaged_memory_of_what_was_used_is_none(job: Build, begin: Callable[[Begin], list[str]]) -> None:
    begin(at_once)
    made(job, steps(job))
    (memory,) = job.store.root.glob("steps-*.json")
    memory.write_text("{}")
    other = only(edit(job, "experiment.py", "pass", "return 1"), "longer")
    assert replicates.found(other, steps(other)) == {}


def test_a_condition_of_more_replicates_has_more_steps(job: Build) -> None:
    main = studies(job)[0]
    three = replace(main, condition=changed(main.condition, training=changed(main.condition.training, replicates=3)))
    assert len([step for step in replicates.steps([three], NEEDS) if step.stage == TRAIN]) == 3
