"""Whole builds: what comes out, that it comes out the same, and that a failed build leaves things as they were."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from pypdf import PdfReader

from generator.article.foreseen import names
from generator.build import codedigest
from generator.build.store import Key, Store
from generator.paper import load_paper
from generator.prose.expressions import LATER
from generator.records.condition import MAIN
from generator.records.trial import Trial
from generator.results.code_values import constants
from tests.conftest import PAPERS, ROOT, build, command, copied, environment, keep, make_paper
from tests.support.other_user import NOBODY, as_another, can_be_another, give

SITE = ("index.html", "article.pdf", "results.json")


@pytest.fixture(scope="module")
def built(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny paper with two replicates, built; tests may change neither it nor its output."""
    return copied(two_replicates, tmp_path_factory.mktemp("built"))


def site_of(paper: Path) -> dict[str, bytes]:
    return {name: (paper.parent / "build" / "site" / name).read_bytes() for name in SITE}


def entries(paper: Path, stage: str) -> list[Path]:
    return sorted(path.parent for path in (paper.parent / "build" / "cache" / stage).glob("*/*/manifest.json"))


# --- what comes out ------------------------------------------------------------------------------


def test_the_results_name_what_is_behind_each_number(built: Path) -> None:
    results = json.loads(site_of(built)["results.json"])
    accuracy = results["values"]["test.accuracy.mean"]
    assert accuracy["stage"] == "evidence"
    assert accuracy["replicate"] is None
    assert all(re.fullmatch("[0-9a-f]{64}", accuracy[name]) for name in ("code", "data"))
    each = [results["values"][f"test.accuracy.replicate.{seed}"]["value"] for seed in (0, 1)]
    assert accuracy["value"] == pytest.approx(sum(each) / 2)
    assert [replicate["seed"] for replicate in results["replicates"]] == [0, 1]
    assert results["replicates"][0]["environment"]["versions"]["keras"]
    assert results["commit"] == {"sha": None, "date": None, "dirty": False}


def test_a_replicate_keeps_what_training_left(built: Path) -> None:
    folder = entries(built, "train")[0]
    run = json.loads((folder / "run.json").read_text())
    times = json.loads((folder / "times.json").read_text())
    with np.load(folder / "weights.npz", allow_pickle=False) as weights:
        assert [name.split(".")[0] for name in weights.files] == ["000000", "000001", "000002", "000003"]
        assert sum(weights[name].size for name in weights.files) == run["summary"]["total"] == 4 * 10 + 36 * 2 + 2
    with np.load(folder / "probabilities.npz", allow_pickle=False) as file:
        np.testing.assert_allclose(file["probabilities"].sum(axis=1), np.ones(60), atol=1e-5)
    assert [layer["kind"] for layer in run["summary"]["layers"]] == ["Conv2D", "MaxPooling2D", "Flatten", "Dense"]
    assert "Total params: 114" in run["summary"]["text"]
    assert len(times["log"]) == 1, "for a single epoch Keras prints no heading"
    pattern = r"15/15 ━+ \S+ \S+/step - accuracy: [\d.]+ - loss: [\d.]+ - val_accuracy: [\d.]+ - val_loss: [\d.]+"
    assert re.fullmatch(pattern, times["log"][0])


UNUSUAL = """# -*- coding: latin-1 -*-
import keras
import numpy as np
from scaling import scaled

from generator import dataset

CALLS = []


def load_data():
    (x_train, y_train), (x_test, y_test) = dataset.load("bars")
    order = keras.ops.convert_to_numpy(keras.random.shuffle(range(240)))
    return (scaled(x_train[order]), y_train[order]), (scaled(x_test), y_test)


class Stopping(keras.Sequential):
    def fit(self, *args, callbacks=(), **kwargs):
        last = np.random.randint(1, 4) - 1
        stop = keras.callbacks.LambdaCallback(lambda epoch, _: None, lambda epoch, _: self.end(epoch == last))
        return super().fit(*args, callbacks=[*callbacks, stop], **kwargs)

    def end(self, now):
        self.stop_training = now


def build_model():
    CALLS.append(1)
    assert len(CALLS) == 1, "what one task leaves behind does not reach the next"
    layers = keras.layers
    model = Stopping(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", dtype="mixed_bfloat16"),
            layers.MaxPooling2D(dtype="mixed_float16"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax", dtype="float32"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit_options():
    return {"class_weight": {0: 1.0, 1: 2.0}}
"""
SET = ("training.epochs=3", "training.validation=0.25", "data.check=false")
THREE_EPOCHS = ("--replicates", "2", *(option for setting in SET for option in ("--set", setting)))


@pytest.fixture(scope="module")
def unusual(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A paper whose experiment does all at once that experiments seldom do, built, and what the build said.

    Its images are from -1 to 1, without channels, and in another order each time; load_data() starts TensorFlow, and
    build_model() may be called once in a process; layers compute in half precision; training stops by chance; classes
    have weights, and images are set aside for validation.
    """
    folder = tmp_path_factory.mktemp("unusual")
    keep(two_replicates, folder, "fonts")
    paper = make_paper("tiny", folder)
    (paper / "experiment.py").write_text(UNUSUAL)
    (paper / "scaling.py").write_text("def scaled(images):\n    return images / 125.0 - 1\n")
    done = build(paper, *THREE_EPOCHS)
    assert done.returncode == 0, done.stderr
    return paper, done.stderr


def test_replicates_that_stop_at_different_epochs_are_reported_by_what_ran(unusual: tuple[Path, str]) -> None:
    """By their seeds the first stops after one of three epochs and the second after two."""
    paper, said = unusual
    assert "training.epochs is 3, but replicates ran 1 to 2 epochs" in said
    results = json.loads(site_of(paper)["results.json"])
    assert [len(replicate["epochs"]) for replicate in results["replicates"]] == [1, 2]
    assert (
        results["values"]["final.loss.replicate.1"]["value"] == results["replicates"][1]["epochs"][1]["metrics"]["loss"]
    )
    assert "epochs.2.loss.mean" not in results["values"]
    article = paper / "article.md"
    text = article.read_text()
    article.write_text(text.replace("training.epochs | words", "epochs[2].loss.mean"))
    done = build(paper, *THREE_EPOCHS)
    article.write_text(text)
    assert done.returncode == 1
    assert re.search(r'article\.md:3: .*"epochs" has no "2".*: replicates ran 1 to 2 epochs\.', done.stderr), (
        done.stderr
    )


def test_the_paper_says_when_the_test_set_validates_and_counts_the_images_that_do(
    built: Path, unusual: tuple[Path, str]
) -> None:
    said = "After each epoch, the network was validated on the test set."
    counts, says = [], []
    for paper in (built, unusual[0]):
        site = site_of(paper)
        values = json.loads(site["results.json"])["values"]
        counts.append([values[f"data.images.{part}"]["value"] for part in ("train", "validation", "test", "total")])
        says.append(said in site["index.html"].decode())
    assert counts == [[240, 60, 60, 300], [180, 60, 60, 300]]
    assert says == [True, False]


def test_other_papers_build_without_a_change_to_the_generator(built_paper: Callable[[str], Path]) -> None:
    """Branches, batch normalization, a nested model, logits, color, data from folders of images, hostile names."""
    paper = built_paper("branches")
    page = site_of(paper)["index.html"].decode()
    names = ("left-narrow", "right&gt;wide", "average_pooling2d", "inside", "depthwise_conv2d")
    heads = re.findall(r'<p class="head"><b>([^<]*)</b>', page)
    assert heads == [*names, *names], "trained and untrained"
    assert "Branches &amp; &lt;colors&gt;" in page
    text = "".join(sheet.extract_text() for sheet in PdfReader(paper.parent / "build" / "site" / "article.pdf").pages)
    assert "Ben O'Example" in text
    results = json.loads(site_of(paper)["results.json"])
    assert results["values"]["data.channels"]["value"] == 3
    assert results["values"]["data.classes"]["value"] == 4


def test_a_network_without_maps_builds(built_paper: Callable[[str], Path]) -> None:
    """One dense layer, three classes, and data that load_data() makes itself."""
    paper = built_paper("single")
    assert json.loads(site_of(paper)["results.json"])["values"]["model.parameters.total"]["value"] == 5 * 7 * 3 + 3


@pytest.mark.parametrize("name", ["tiny", "branches", "single"])
def test_every_result_of_a_paper_is_foreseen_by_its_name(name: str, built_paper: Callable[[str], Path]) -> None:
    """A name that is not would be refused in the article before anything is trained."""
    paper = built_paper(name)
    (trial,) = entries(paper, "trial")
    tried = msgspec.json.decode((trial / "trial.json").read_bytes(), type=Trial)
    named = json.loads(site_of(paper)["results.json"])["values"]
    set_once = constants(codedigest.parse(paper / "experiment.py"))
    for known in (names(load_paper(paper, {}), set_once, {MAIN: tried}), names(load_paper(paper, {}), set_once, {})):
        assert [name for name in named if not is_foreseen(known, name)] == []


def is_foreseen(known: object, name: str) -> bool:
    """Whether a dotted name, whose parts may have dots in them, leads to something in nested names."""
    if known is LATER or not isinstance(known, Mapping):
        return True
    parts = ((str(part), below) for part, below in known.items())
    return any(
        name == part or name.startswith(f"{part}.") and is_foreseen(below, name.removeprefix(f"{part}."))
        for part, below in parts
    )


# --- equal inputs, equal outputs -----------------------------------------------------------------


def test_an_unchanged_build_touches_nothing(built: Path) -> None:
    before = {name: (built.parent / "build" / "site" / name).stat().st_mtime_ns for name in SITE}
    assert build(built, "--replicates", "2").returncode == 0
    assert {name: (built.parent / "build" / "site" / name).stat().st_mtime_ns for name in SITE} == before


CLOCK_OF_2038 = """
import time

def later(clock, shift):
    return lambda: clock() + shift

SECONDS = 2**31 - int(time.time())
time.time, time.time_ns = later(time.time, SECONDS), later(time.time_ns, SECONDS * 10**9)
"""


def build_elsewhere(paper: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """In another time zone and locale, years later, and as another user where that can be had."""
    home = paper.parent
    (home / "sitecustomize.py").write_text(CLOCK_OF_2038)
    variables |= {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONPATH": str(home)}
    started = command(paper, *arguments)
    if can_be_another():
        give(home)
        started = as_another(started)
    return subprocess.run(
        started,
        cwd=ROOT,
        env=environment(HOME=str(home), **variables),
        umask=0o077,
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_cold_builds_differ_in_nothing_but_measured_times(built: Path, tmp_path: Path) -> None:
    """The second is built elsewhere, with one replicate; then it is given the first's times.

    What is written last is written without assertions. Training is not, for Python would compile TensorFlow for it.
    """
    paper = copied(built, tmp_path / "first")
    assert build(paper, "--replicates", "1").returncode == 0
    again = make_paper("tiny", tmp_path / "second")
    keep(built, tmp_path / "second", "fonts")
    first_time = build_elsewhere(again, "--replicates", "1")
    assert first_time.returncode == 0, first_time.stderr
    assert re.search(r"load_data\(\) returned the same arrays when called again, \d+\ss\n", first_time.stderr)
    (second,) = entries(again, "train")
    first = paper.parent / second.relative_to(again.parent)
    assert first in entries(paper, "train"), "equal inputs have equal keys"
    for name in ("run.json", "weights.npz", "probabilities.npz", "environment.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    take_times(again, first, second)
    for stage in ("evidence", "figures"):
        made = {entry.parent.name: entry for entry in entries(paper, stage)}  # with the figures of both replicates
        for entry in entries(again, stage):
            assert (entry / "manifest.json").read_bytes() == (made[entry.parent.name] / "manifest.json").read_bytes()
    assert build_elsewhere(again, "--replicates", "1", PYTHONOPTIMIZE="1").returncode == 0
    assert site_of(again) == site_of(paper)
    written = (again.parent / "build" / "site" / "results.json").stat()
    assert written.st_uid == (NOBODY if can_be_another() else os.geteuid())


def test_arrays_that_may_differ_each_time_are_used_and_the_paper_says_so_if_it_is_told_not_to_look(
    unusual: tuple[Path, str],
) -> None:
    paper, said = unusual
    assert "called again" not in said
    site = site_of(paper)
    assert json.loads(site["results.json"])["data"]["checked"] is False
    assert "Whether load_data() returns the same arrays each time was not checked." in site["index.html"].decode()


def take_times(paper: Path, first: Path, second: Path) -> None:
    """Puts the measured times of one replicate's entry into another's, through the store."""
    files = {path.name: path.read_bytes() for path in second.iterdir() if path.name != "manifest.json"}
    files["times.json"] = (first / "times.json").read_bytes()
    parts = json.loads((second / "manifest.json").read_text())["parts"]
    for path in second.iterdir():
        path.unlink()
    second.rmdir()

    def fill(folder: Path) -> None:
        for name, content in files.items():
            (folder / name).write_bytes(content)

    Store(paper.parent / "build" / "cache").write(Key("train", parts), fill)


def test_a_spoilt_entry_is_made_again(two_replicates: Path, tmp_path: Path) -> None:
    paper = copied(two_replicates, tmp_path)
    by_seed = {json.loads((entry / "run.json").read_text())["seed"]: entry for entry in entries(paper, "train")}
    weights = by_seed[0] / "weights.npz"
    good = weights.read_bytes()
    weights.write_bytes(b"spoilt")
    done = build(paper, "--replicates", "2")
    assert done.returncode == 0
    assert "replicate 0: epoch 1/1  trained  accuracy " in done.stderr
    assert weights.read_bytes() == good


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "status", "message"),
    [
        ("article.md", "training.epochs |", "training.epoch |", 1, r"article\.md:3: .*epoch.*\n.*epochs"),
        ("references.bib", "title ", "title = {", 1, r"references\.bib:\d+: "),
        (
            "paper.toml",
            "epochs = 1",
            "epoch = 1",
            2,
            r"paper\.toml:6: training\.epoch is not a key.*\n  Did you mean training\.epochs",
        ),
        ("paper.toml", "epochs = 1", "epochs = 0", 2, r"paper\.toml:6: training\.epochs: expected a whole number >= 1"),
        ("paper.toml", 'path = "data.npz"', 'path = "dat.npz"', 2, r"paper\.toml.*dat\.npz"),
        ("experiment.py", "FILTERS = 4", "FILTERS = ", 1, r"experiment\.py:8: This is not Python: invalid syntax"),
        ("scaling.py", " / 255", " * float('nan')", 1, r"experiment\.py:11: load_data\(\): x_train contains NaN"),
        ("experiment.py", "import keras\n", "import keras\ninput()\n", 1, r"experiment\.py:4: .*EOFError: EOF when"),
        (
            "experiment.py",
            "return (scaled(x_train), y_train)",
            "return (scaled(x_train[keras.ops.convert_to_numpy(keras.random.shuffle(range(240)))]), y_train)",
            1,
            r"experiment\.py:11: load_data\(\) returned a different x_train when it was called again\n.*random_state=0",
        ),
        (
            "experiment.py",
            '"sparse_categorical_crossentropy"',
            '"categorical_crossentropy"',
            1,
            r"experiment\.py:28: build_model\(\): categorical_crossentropy expects .*\n.*Use sparse_categorical_cross",
        ),
        (
            "experiment.py",
            '"adam"',
            "keras.optimizers.SGD(1e30)",
            1,
            r"replicate 0, epoch 1, step \d+ of 15: Training diverged",
        ),
    ],
)
def test_a_failed_build_says_what_and_where_and_leaves_the_last_site(
    built: Path, tmp_path: Path, file: str, old: str, new: str, status: int, message: str
) -> None:
    paper = make_paper("tiny", tmp_path)
    (tmp_path / "build").symlink_to(built.parent / "build")
    before = site_of(built)
    text = (paper / file).read_text()
    assert old in text
    (paper / file).write_text(text.replace(old, new, 1))
    done = build(paper)
    assert done.returncode == status, done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert site_of(built) == before


def test_arrays_in_the_order_of_hashes_are_refused_although_the_user_has_fixed_these(tiny: Path) -> None:
    experiment = tiny / "experiment.py"
    ordered = "x_train[sorted(range(240), key=lambda index: hash(str(index)))]"
    experiment.write_text(experiment.read_text().replace("scaled(x_train), y", f"scaled({ordered}), y"))
    done = build(tiny, new=True, PYTHONHASHSEED="0")
    assert done.returncode == 1
    assert "load_data() returned a different x_train when it was called again" in done.stderr
    assert "sort what comes from a set" in done.stderr


@pytest.mark.parametrize(("file", "line"), [("experiment.py", 30), ("scaling.py", 7)])
def test_a_file_in_another_encoding_is_told_with_its_line(tiny: Path, file: str, line: int) -> None:
    text = (tiny / file).read_bytes()
    (tiny / file).write_bytes(text + b"# caf\xe9\n")
    done = build(tiny)
    assert done.returncode == 1
    assert f"{file}:{line}: The file is not in UTF-8: it has the byte 0xe9\n  Save it as UTF-8." in done.stderr


def test_images_of_another_range_are_shown_as_the_same_images_in_the_unit_range(unusual: tuple[Path, str]) -> None:
    """From -1 to 1 instead of from 0 to 1; and what load_data() leaves to be converted is told."""
    paper, said = unusual
    how = "from shape (N, H, W) to (N, H, W, 1) and from float64 to float32"
    assert f"load_data(): x_train, x_test: converted {how}\n" in said
    described = json.loads(site_of(paper)["results.json"])["data"]["arrays"]
    assert (described["value_range"], described["conversions"]) == ([-1, 1], [f"x_train, x_test: converted {how}"])
    with np.load(entries(paper, "response")[0] / "image.npz") as file:
        shown = file["image"]
    with np.load(paper / "data.npz") as file:
        np.testing.assert_allclose(shown[..., 0], file["x_test"][0] / 250, atol=1e-6)


def test_layers_may_compute_in_half_precision(unusual: tuple[Path, str]) -> None:
    paper, _ = unusual
    with np.load(entries(paper, "response")[0] / "maps.npz") as file:
        assert all(np.isfinite(file[name]).all() for name in file.files)
    assert "feature-maps" in site_of(paper)["index.html"].decode()


EARLY = {
    "prose": ("article.md", "training.epochs |", "training.epoch |", 'article.md:3: .*"training" has no "epoch"'),
    "a label": ("article.md", "@fig:architecture", "@fig:architectur", "article.md:7: .*architectur"),
    "a citation": ("article.md", "@example2020", "@example2002", "article.md:7: .*example2002"),
    "an exhibit": ("article.md", "::: figure architecture", "::: figure structure", "article.md:.*structure"),
    "a bibliography": ("references.bib", "Rows and", r"Rows \nosuch{and}", "references.bib:1: .*nosuch"),
    "a function": ("experiment.py", "def build_model", "def model", r"experiment.py:17: .*no function build_model\(\)"),
    "labels": ("experiment.py", "n), y_train)", "n), y_train + 1)", r"experiment.py:11: load_data\(\): .* 1 to 2, "),
    "data": ("scaling.py", "/ 255", "/ 255 * float('nan')", r"experiment.py:11: load_data\(\): "),
    "a layer": ("experiment.py", "FILTERS, 3", "FILTERS, -3", r"experiment.py:\d+: build_model\(\) failed: ValueError"),
    "a name": ("article.md", "test.accuracy.mean", "final.val_acc.mean", 'article.md:15: .*"final" has no "val_acc"'),
    "a shape": (
        "experiment.py",
        "(8, 8, 1)",
        "(8, 9, 1)",
        r"experiment.py:17: .*the model takes images",
    ),
    "classes": ("experiment.py", "Dense(2", "Dense(3", r"experiment.py:17: .*shape \(3,\), but the data has 2 classes"),
    "a loss": ("experiment.py", "sparse_cat", "cat", "experiment.py.*: categorical_crossentropy expects "),
}
BEFORE_TENSORFLOW = {"prose", "a label", "a citation", "an exhibit", "a bibliography", "a function"}
BEFORE_DATA = BEFORE_TENSORFLOW | {"a layer", "a loss"}


@pytest.mark.parametrize("mistake", EARLY)
def test_what_can_be_known_before_training_is_told_before_it(tiny: Path, mistake: str) -> None:
    file, old, new, message = EARLY[mistake]
    text = (tiny / file).read_text()
    assert old in text
    (tiny / file).write_text(text.replace(old, new, 1))
    done = build(tiny)
    assert done.returncode == 1, done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert not entries(tiny, "train")
    assert "Training" not in done.stderr
    told = done.stderr.splitlines()
    assert ("Checking experiment.py" in told) == (mistake not in BEFORE_TENSORFLOW)
    assert ("Loading the data" in told) == (mistake not in BEFORE_DATA)
    assert "when called again" not in done.stderr or mistake == "a name"


def test_a_model_that_reads_what_load_data_writes_is_built_after_that(two_replicates: Path, tmp_path: Path) -> None:
    paper, written = make_paper("tiny", tmp_path), tmp_path / "build" / "filters.txt"
    keep(two_replicates, tmp_path, "fonts")
    code = (paper / "experiment.py").read_text()
    code = code.replace("FILTERS, 3", f"int(open({str(written)!r}).read()), 3")
    code = code.replace("    return (scaled", f"    open({str(written)!r}, 'w').write('4')\n    return (scaled", 1)
    (paper / "experiment.py").write_text(code)
    done = build(paper)
    assert done.returncode == 0, done.stderr


def test_a_wrong_option_has_status_2(built: Path) -> None:
    for arguments in (["--set", "training.epochs"], ["--replicates", "0"], ["--nonsense"], ["--data", "sample"]):
        done = build(built, *arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert "Traceback" not in done.stderr


def test_a_traceback_is_shown_when_asked_for(built: Path) -> None:
    arguments = command(built, "--set", "training.epoch=1")
    arguments.insert(arguments.index("build"), "--debug")
    done = subprocess.run(arguments, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert "Traceback" in done.stderr
    assert done.returncode == 2


def test_without_pango_the_message_says_how_to_install_it(tmp_path: Path, built: Path) -> None:
    """A package in the way of WeasyPrint fails as WeasyPrint does where the library is missing."""
    shadow = tmp_path / "weasyprint"
    shadow.mkdir()
    (shadow / "__init__.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")\n")
    paper = make_paper("tiny", tmp_path)
    (tmp_path / "build").symlink_to(built.parent / "build")
    done = build(paper, "--set", "title=Another title", new=True, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt-get install libpango" in done.stderr
    first = build(paper, "--out", tmp_path / "first", new=True, PYTHONPATH=str(tmp_path))
    assert "apt-get install libpango" in first.stderr
    assert not (tmp_path / "first" / "cache" / "data").exists(), "it is told before anything is loaded"
    doctor = [command(paper)[0], "-m", "generator", "doctor"]
    told = subprocess.run(
        doctor, cwd=ROOT, env=environment(PYTHONPATH=str(tmp_path)), capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    for system in ("apt-get install libpango", "dnf install pango", "brew install pango"):
        assert system in told.stderr


def test_a_full_disk_is_told_and_loses_nothing(two_replicates: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the end of the disk: the page does not fit.

    No bytecode is written under it: Python 3.11 keeps bytecode that has been cut short, and fails to load it later.
    """
    paper = copied(two_replicates, tmp_path)
    before = site_of(paper)
    arguments = command(paper, "--replicates", "2", "--set", "title=Another title")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        arguments,
        cwd=ROOT,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(r"build again; finished steps are kept", done.stderr), done.stderr
    assert site_of(paper) == before
    assert build(paper, *arguments[arguments.index("--replicates") :]).returncode == 0
    assert "Another title" in site_of(paper)["index.html"].decode()


REFUSING = """
class Refusing(keras.layers.Layer):
    def call(self, x):
        import tensorflow as tf
        if not tf.executing_eagerly():  # the first step of the trial is run eagerly
            tf.debugging.assert_less(x, 0.0, message="too bright")
        return x


def build_model"""


def test_what_an_operation_of_a_graph_says_is_told_without_its_traceback(tiny: Path) -> None:
    text = (tiny / "experiment.py").read_text().replace("def build_model", REFUSING, 1)
    text = text.replace("keras.layers.MaxPooling2D()", "keras.layers.MaxPooling2D(), Refusing()")
    (tiny / "experiment.py").write_text(text)
    done = build(tiny)
    assert done.returncode == 1
    assert re.search(r"experiment\.py.*: build_model\(\): .*InvalidArgumentError: .*too bright", done.stderr), (
        done.stderr
    )
    for noise in ("File ", "most recent call", "node ", "cpu_feature_guard"):  # the last: TensorFlow in this process
        assert noise not in done.stderr, done.stderr
    shown = build(tiny, "--debug")
    assert re.search(r"In the process of a task:\n(.*\n)*Traceback(.*\n)*.*assert_less", shown.stderr), shown.stderr


def test_an_interrupt_ends_the_build_and_its_workers_and_keeps_what_was_finished(tiny: Path) -> None:
    arguments = command(tiny, "--set", "training.epochs=100000", "--set", "data.check=false")
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        assert any("epoch 1/100000" in line for line in process.stderr)
        workers = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stderr.read()
        status = process.wait(timeout=60)
    assert status == 130
    assert rest.splitlines()[-1] == "Interrupted. Finished results are kept; build again to continue."
    assert "Traceback" not in rest
    assert ended(workers)
    assert not list((tiny.parent / "build" / "cache" / "train").glob("*/*/manifest.json"))
    assert entries(tiny, "arrays"), "the arrays were finished"


def test_a_killed_build_leaves_no_worker_behind(two_replicates: Path, tmp_path: Path) -> None:
    paper = copied(two_replicates, tmp_path)
    with subprocess.Popen(
        command(paper, "--set", "training.epochs=100000"),
        cwd=ROOT,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert any("epoch 1/100000" in line for line in process.stderr)
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert ended(workers)


def ended(processes: list[psutil.Process]) -> bool:
    """Whether all of them end within half a minute; there must have been some."""
    _, alive = psutil.wait_procs(processes, timeout=30)
    return bool(processes) and not alive


# --- odd papers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["raise SystemExit(0)", "import sys; sys.exit(3)"])
def test_an_experiment_that_exits_is_a_failed_build(tiny: Path, line: str) -> None:
    with (tiny / "experiment.py").open("a") as file:
        file.write(f"\n\n{line}\n")
    done = build(tiny)
    assert done.returncode == 1
    assert "experiment.py cannot be imported: SystemExit" in done.stderr


def test_numbers_that_are_none_are_told_wherever_they_turn_up(tiny: Path) -> None:
    """One step whose loss is still finite and after which the weights are not; then a metric that is not a number."""
    experiment = tiny / "experiment.py"
    text = experiment.read_text()
    experiment.write_text(text.replace('"adam"', "keras.optimizers.SGD(1e38)"))
    done = build(tiny, "--set", "training.batch_size=1000")
    assert (done.returncode, "replicate 0" in done.stderr, "Training diverged" in done.stderr) == (1, True, True)
    metric = 'metrics=["accuracy", lambda y, p: keras.ops.log(p[:, 0] * 0 - 1)]'
    experiment.write_text(text.replace('metrics=["accuracy"]', metric))
    done = build(tiny)
    assert done.returncode == 1
    assert re.search(r"replicate 0, epoch 1: Training diverged: \S+ is nan", done.stderr), done.stderr


def test_what_needs_no_training_is_refused_before_it(tiny: Path) -> None:
    done = build(tiny, "--set", "figures.image=60")
    assert done.returncode == 2
    assert "There is no test image 60\n  Choose an index from 0 to 59" in done.stderr
    article = tiny / "article.md"
    text = article.read_text()
    article.write_text(f"{text}\nOf 17 layers.\n")
    done = build(tiny)
    assert done.returncode == 1
    assert re.search(r'article\.md:\d+: "17" is typed by hand\.', done.stderr), done.stderr
    assert "epoch" not in done.stderr
    article.unlink()
    done = build(tiny)
    assert done.returncode == 1
    assert "article.md: The file cannot be read: No such file or directory." in done.stderr
    assert "epoch" not in done.stderr


def test_data_for_a_paper_that_declares_none_is_refused(tmp_path: Path) -> None:
    done = build(make_paper("single", tmp_path), "--data", "somewhere")
    assert done.returncode == 2
    assert "--data: This paper declares no data" in done.stderr


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = build(make_paper("single", tmp_path), "--out", tmp_path / "file" / "out")
    assert done.returncode == 2
    assert re.search(r"--out \S+: Cannot create this folder: Not a directory", done.stderr)


@pytest.mark.parametrize("place", [".", ".."])
def test_a_place_that_the_paper_lies_in_is_refused_before_anything_runs(tmp_path: Path, place: str) -> None:
    paper = make_paper("single", tmp_path / "around")
    before = sorted(tmp_path.rglob("*"))
    done = build(paper, "--out", paper / place)
    assert done.returncode == 2
    assert re.search(r"--out \S+: The output folder contains the paper\n  Choose", done.stderr)
    assert sorted(tmp_path.rglob("*")) == before


def test_building_leaves_nothing_in_the_papers_folder(two_replicates: Path) -> None:
    names = {path.relative_to(PAPERS / "tiny") for path in (PAPERS / "tiny").rglob("*")}
    assert {path.relative_to(two_replicates) for path in two_replicates.rglob("*")} == {*names, Path("data.npz")}


def test_an_interrupt_while_the_data_loads_ends_the_build_at_once(tiny: Path) -> None:
    experiment = tiny / "experiment.py"
    waiting = "import threading\n    threading.Event().wait()"
    experiment.write_text(experiment.read_text().replace('"""Bars of two directions."""', waiting))
    with subprocess.Popen(
        command(tiny), cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        assert [process.stderr.readline() for _ in range(2)] == ["Checking experiment.py\n", "Loading the data\n"]
        os.killpg(process.pid, signal.SIGINT)
        assert "Interrupted" in process.stderr.read()
        assert process.wait(timeout=10) == 130
