"""What each stage depends on, and which files of a paper's folder an article depends on."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from generator.build import keys
from generator.build.declarations import modules
from generator.build.store import Entry, Key
from generator.core.environment import Commit
from generator.paper import Column, Comparison, Paper, load_paper
from generator.records.attachment import Attachment
from generator.records.condition import Recipe
from generator.records.dataset import ARRAY_NAMES, ArrayInfo, Dataset, Loading, Source
from generator.records.printed import Printed
from generator.records.published import Published
from generator.records.run import TrainingSettings
from tests.conftest import dot, make_paper


def parts(folder: Path, out: Path) -> set[str]:
    key = keys.article(folder, load_paper(folder, {}), None, [], Commit(None, None, False), False, out)
    return {name.removeprefix("paper ") for name in key.parts if name.startswith("paper ")}


def test_what_is_built_or_hidden_is_no_part_of_the_paper(tmp_path: Path) -> None:
    folder = make_paper("tiny", tmp_path)
    before = parts(folder, folder / "made")
    for place in ("made/cache/figures", ".venv/lib", ".git", "__pycache__"):
        (folder / place).mkdir(parents=True)
        (folder / place / "a.png").write_bytes(dot())
    assert parts(folder, folder / "made") == before
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").write_bytes(dot())
    assert parts(folder, folder / "made") == before | {"pictures/a.png"}


def test_a_file_beside_the_prose_may_have_any_name(tmp_path: Path) -> None:
    folder = make_paper("tiny", tmp_path)
    (folder / os.fsdecode(b"caf\xe9.png")).write_bytes(dot())
    (folder / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"")
    assert "caf\\xe9.png" in parts(folder, folder / "made")
    paper = load_paper(folder, {})
    key = keys.article(folder, paper, None, [], Commit(None, None, False), False, folder / "made")
    assert len({key.digest, keys.costly(folder, paper).digest}) == 2


@pytest.mark.parametrize("name", ["notes.md", "a.png", "unknown.bin"])
def test_what_is_larger_than_is_ever_read_is_not_digested(tmp_path: Path, name: str) -> None:
    folder = make_paper("tiny", tmp_path)
    with (folder / name).open("wb") as file:
        file.truncate(2**41)  # without taking any of the disk
    paper = load_paper(folder, {})
    large = keys.costly(folder, paper), keys.article(folder, paper, None, [], Commit(None, None, False), False, folder)
    (folder / name).write_bytes(b"")
    small = keys.costly(folder, paper), keys.article(folder, paper, None, [], Commit(None, None, False), False, folder)
    assert large != small


# --- what makes a stage stale --------------------------------------------------------------------

ARRAY = ArrayInfo((4, 8, 8, 1), "float32", "1" * 64)
DATASET = Dataset(ARRAY, ARRAY, ARRAY, ARRAY, 2)
ENTRY = Entry(Key("train", {}), Path("entry"), "digest", "basis")
OTHER = Entry(Key("train", {}), Path("entry"), "digest", "another basis")
ATTACHED = Attachment("results.json", "application/json", "Data", "", b"{}")
PRINTED = Printed("<p>", datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), {"font:a": "2" * 64}, (ATTACHED,))
SETTINGS = TrainingSettings(epochs=1, batch_size=16, replicates=1, threads=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_paper("tiny", tmp_path)


@pytest.fixture
def paper(folder: Path) -> Paper:
    return load_paper(folder, {})


@pytest.mark.parametrize("changed", [{"epochs": 2}, {"batch_size": 32}, {"threads": 2}])
def test_a_replicate_is_trained_again_for_another_setting(folder: Path, changed: dict[str, int]) -> None:
    others = replace(SETTINGS, **changed)
    assert keys.run(Recipe(folder / "experiment.py"), SETTINGS, DATASET, 0) != keys.run(
        Recipe(folder / "experiment.py"), others, DATASET, 0
    )


def test_a_replicate_stays_when_more_are_asked_for_and_each_seed_has_its_own(folder: Path) -> None:
    key = keys.run(Recipe(folder / "experiment.py"), SETTINGS, DATASET, 0)
    assert keys.run(Recipe(folder / "experiment.py"), replace(SETTINGS, replicates=3), DATASET, 0) == key
    assert keys.run(Recipe(folder / "experiment.py"), SETTINGS, DATASET, 1) != key


def test_a_replicate_is_trained_again_for_another_array(folder: Path) -> None:
    infos = [replace(ARRAY, shape=(4, 64)), replace(ARRAY, dtype="float64"), replace(ARRAY, sha256="2" * 64)]
    others = [DATASET, *(replace(DATASET, **{name: info}) for name in ARRAY_NAMES for info in infos)]
    assert len({keys.arrays(one).digest for one in others}) == 13
    assert len({keys.run(Recipe(folder / "experiment.py"), SETTINGS, one, 0).digest for one in others}) == 13


def test_data_is_loaded_again_for_another_source_and_for_none(folder: Path) -> None:
    sources = [None, *(Source("own", (), digest, "bars", (), "") for digest in ("1", "2"))]
    made = {keys.data(folder / "experiment.py", Loading(None, source, 0.0, "")).digest for source in sources}
    assert len(made) == 3


def test_data_is_loaded_again_for_another_share_to_validate_on_and_arrays_have_another_key(folder: Path) -> None:
    made = {keys.data(folder / "experiment.py", Loading(None, None, share, "")).digest for share in (0.0, 0.1, 0.2)}
    assert len(made) == 3
    apart = replace(DATASET, x_validation=ARRAY, y_validation=ARRAY)
    assert keys.arrays(apart) != keys.arrays(DATASET)


def test_a_replicate_is_trained_again_when_what_fit_takes_changes(folder: Path) -> None:
    experiment = folder / "experiment.py"
    made = {keys.run(Recipe(experiment), SETTINGS, DATASET, 0).digest}
    text = experiment.read_text()
    for weight in (1, 2):
        experiment.write_text(f"{text}\n\ndef fit_options():\n    return {{'class_weight': {{0: {weight}}}}}\n")
        made.add(keys.run(Recipe(experiment), SETTINGS, DATASET, 0).digest)
    assert len(made) == 3


def test_what_rests_on_a_replicate_is_made_again_for_another_one(paper: Paper) -> None:
    assert keys.evidence(ENTRY) != keys.evidence(OTHER)
    assert keys.published(ENTRY, paper) != keys.published(OTHER, paper)
    for made in (keys.response, keys.explorer):
        assert len({made(ENTRY, 0).digest, made(OTHER, 0).digest, made(ENTRY, 1).digest}) == 3


def test_figures_are_drawn_again_for_conditions_of_other_names_which_the_chart_prints() -> None:
    compared = Comparison(columns=(Column("Accuracy", "test.accuracy"),))
    assert keys.figures([], ENTRY, compared, ["", "long"]) != keys.figures([], ENTRY, compared, ["", "longer"])


def test_figures_are_drawn_again_for_other_evidence_in_its_order_and_for_another_response() -> None:
    drawn = [
        keys.figures(measured, response, Comparison(), []).digest
        for measured in ([ENTRY], [OTHER], [ENTRY, OTHER], [OTHER, ENTRY])
        for response in (ENTRY, OTHER)
    ]
    assert len(set(drawn)) == 8


def test_the_comparison_is_made_again_for_other_published_numbers(paper: Paper) -> None:
    others = replace(paper, published=Published(total=1))
    assert keys.published(ENTRY, others) != keys.published(ENTRY, paper)


@pytest.mark.parametrize(
    ("made", "package"),
    [
        (lambda folder: keys.data(folder / "experiment.py", Loading(None, None, 0.0, "")), "numpy"),
        (lambda folder: keys.data(folder / "experiment.py", Loading(None, None, 0.0, "")), "python"),
        (lambda folder: keys.run(Recipe(folder / "experiment.py"), SETTINGS, DATASET, 0), "tensorflow"),
        (lambda folder: keys.run(Recipe(folder / "experiment.py"), SETTINGS, DATASET, 0), "keras"),
        (lambda folder: keys.evidence(ENTRY), "scikit-learn"),
        (lambda folder: keys.explorer(ENTRY, 0), "matplotlib"),
        (lambda folder: keys.figures([], ENTRY, Comparison(), []), "pillow"),
        (lambda folder: keys.fonts(), "fonttools"),
        (lambda folder: keys.fonts(), "uharfbuzz"),
        (lambda folder: written(folder), "jinja2"),
        (lambda folder: keys.pdf(PRINTED), "weasyprint"),
        (lambda folder: keys.pdf(PRINTED), "pango-1.0"),
    ],
)
def test_a_stage_depends_on_the_packages_that_make_it(folder: Path, made: Callable[[Path], Key], package: str) -> None:
    assert made(folder).parts[f"version {package}"]


@pytest.mark.parametrize(
    "change",
    [
        {"html": "<p>Another."},
        {"date": datetime.datetime(2026, 1, 3, tzinfo=datetime.UTC)},
        {"fonts": {"font:a": "3" * 64}},
        {"attachments": ()},
        {"attachments": (replace(ATTACHED, content=b"[]"),)},
    ],
    ids=["document", "date", "a font", "no attachment", "another attachment"],
)
def test_the_pdf_depends_on_all_that_it_is_typeset_from(change: dict[str, Any]) -> None:
    assert keys.pdf(replace(PRINTED, **change)).digest != keys.pdf(PRINTED).digest


RECORDED: dict[str, Callable[[Path], Key]] = {
    "data": lambda folder: keys.data(folder / "experiment.py", Loading(None, None, 0.0, "")),
    "train": lambda folder: keys.run(Recipe(folder / "experiment.py"), SETTINGS, DATASET, 0),
    "evidence": lambda folder: keys.evidence(ENTRY),
    "response": lambda folder: keys.response(ENTRY, 0),
    "explorer": lambda folder: keys.explorer(ENTRY, 0),
}


@pytest.mark.parametrize("stage", RECORDED)
def test_a_stage_that_runs_the_authors_code_depends_on_the_code_that_records_what_it_reads(
    folder: Path, stage: str
) -> None:
    key = RECORDED[stage](folder)
    assert key.stage == stage
    assert "code generator/data/tracing.py" in key.parts


def written(folder: Path, **changed: Any) -> Key:
    given: dict[str, Any] = {
        "paper": load_paper(folder, {}), "source": None, "entries": [ENTRY], "at": Commit("1", None, False),
        "draft": False, "out": folder / "build",
    }  # fmt: skip
    return keys.article(folder, **given | changed)


REPORTED: list[dict[str, Any]] = [
    {},
    {"source": Source("own", (), "1", "bars", (), "")},
    {"source": Source("own", (), "1", "bars", ("cat", "dog"), "")},
    {"entries": []},
    {"entries": [Entry(Key("train", {}), Path("entry"), "another digest", "basis")]},
    {"entries": [ENTRY, ENTRY]},
    {"at": Commit("2", None, False)},
    {"at": Commit("1", None, True)},
    {"draft": True},
]


def test_an_article_is_written_again_for_what_it_reports_on(folder: Path) -> None:
    made = [written(folder, **changed) for changed in REPORTED]
    assert len({key.digest for key in made}) == len(REPORTED)
    assert written(folder, entries=[OTHER]) == made[0], "it reports on files, whatever they were made from"


def test_an_article_is_written_again_for_another_setting_of_the_paper(folder: Path, paper: Paper) -> None:
    assert written(folder, paper=replace(paper, title="Another")) != written(folder)


def test_pictures_in_the_data_are_no_part_of_the_article(folder: Path, paper: Paper) -> None:
    assert paper.data
    own = replace(paper, data=replace(paper.data, path="images"))
    before = written(folder, paper=own)
    (folder / "images").mkdir()
    (folder / "images" / "a.png").write_bytes(dot())
    assert written(folder, paper=own) == before


def put_hidden(folder: Path) -> None:
    (folder / ".venv").mkdir()
    (folder / ".venv" / "weights.csv").write_text("1")


CACHE: dict[str, tuple[Callable[[Path], object], bool]] = {
    "the data": (lambda folder: (folder / "data.npz").write_bytes(b"other"), True),
    "a file that the code may read": (lambda folder: (folder / "weights.csv").write_text("1"), True),
    "the prose": (lambda folder: (folder / "article.md").write_text("Other."), False),
    "a picture": (lambda folder: (folder / "a.png").write_bytes(dot()), False),
    "a hidden folder": (put_hidden, False),
}


@pytest.mark.parametrize(("change", "is_other"), CACHE.values(), ids=CACHE)
def test_a_cache_kept_elsewhere_is_called_by_every_file_beside_the_prose(
    folder: Path, paper: Paper, change: Callable[[Path], object], is_other: bool
) -> None:
    before = keys.costly(folder, paper)
    change(folder)
    assert (keys.costly(folder, paper) != before) == is_other


def test_a_cache_kept_elsewhere_is_called_by_the_replicates_and_the_folder_of_the_data(
    folder: Path, paper: Paper
) -> None:
    assert paper.data
    more = replace(paper, training=replace(paper.training, replicates=2))
    assert keys.costly(folder, more) != keys.costly(folder, paper)
    images = replace(paper, data=replace(paper.data, path="images"))
    absent = keys.costly(folder, images)
    (folder / "images").mkdir()
    (folder / "images" / "a.txt").write_text("1")
    one = keys.costly(folder, images)
    (folder / "images" / "a.txt").write_text("2")
    assert len({key.digest for key in (absent, one, keys.costly(folder, images))}) == 3


def test_a_cache_and_an_article_have_a_key_where_the_paper_declares_no_data_of_its_own(
    folder: Path, paper: Paper
) -> None:
    assert paper.data
    elsewhere = [replace(paper.data, path=None, keras=name) for name in ("mnist.npz", "cifar.npz")]
    papers = [replace(paper, data=declared) for declared in (paper.data, None, *elsewhere)]
    assert len({keys.costly(folder, one).digest for one in papers}) == 4
    assert len({written(folder, paper=one).digest for one in papers}) == 4


def test_what_stands_behind_a_number_tells_code_from_data_and_settings() -> None:
    first = keys.provenance(Key("train", {"code a.py": "1", "seed": "0"}), DATASET, "basis")
    assert first.key == "basis"
    assert keys.provenance(Key("train", {"seed": "1", "code a.py": "1"}), DATASET, "basis") == first
    other = keys.provenance(Key("train", {"code a.py": "2", "seed": "0"}), DATASET, "basis")
    assert (other.code != first.code, other.data) == (True, first.data)
    changed = replace(DATASET, x_test=replace(ARRAY, sha256="2" * 64))
    moved = keys.provenance(Key("train", {"code a.py": "1", "seed": "0"}), changed, "basis")
    assert (moved.code, moved.data != first.data) == (first.code, True)


def test_the_constants_are_from_both_of_the_author_s_modules(folder: Path) -> None:
    before = keys.code(modules(folder))
    (folder / "analysis.py").write_text("NOISE = 0.1\n")
    after = keys.code(modules(folder))
    assert set(before.parts) == {"code experiment.py"} and set(after.parts) == {
        "code experiment.py",
        "code analysis.py",
    }
