"""Inputs that paper.toml does not declare: a change of what experiment.py reads makes stale what rests on it.

Real builds of a small paper in a repository, whose experiment reads a file, an array, a folder, a variable, and whether
a file is there; a relative path is one from the paper's folder, although builds start elsewhere.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT, build, dot, environment, keep, make_paper
from tests.support import warm
from tests.support.repositories import git

READING = '''"""Tells rows from columns."""

import importlib
import json
import os
from pathlib import Path

import keras
import numpy as np
from scaling import scaled

from generator import dataset

HERE = Path(__file__).parent


def load_data():
    """Bars of two directions."""
    json.loads((HERE / "notes.json").read_text())
    (x_train, y_train), (x_test, y_test) = dataset.load("bars")
    return (scaled(x_train), y_train), (scaled(x_test), y_test)


def build_model():
    """One convolution."""
    with open("config.json") as file:
        units = json.load(file)["units"] + Path("wide").exists()
    layers = [importlib.import_module(f"parts.{name[:-3]}").make() for name in sorted(os.listdir(HERE / "parts"))]
    rate = float(np.load(HERE / "mine.npz")["rate"]) + float(os.environ.get("DROPOUT", "0"))
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(units, 3, activation="relu"),
            keras.layers.Flatten(),
            *layers,
            keras.layers.Dropout(rate),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
'''
PART = "import keras\n\n\ndef make():\n    return keras.layers.Dense({})\n"
AFTER_DATA = {"train", "evidence", "activity", "response", "figures", "article", "pdf"}


@pytest.fixture(scope="module")
def paper(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once, at a commit that holds all of it."""
    folder = make_paper("tiny", tmp_path_factory.mktemp("repository"))
    keep(two_replicates, folder.parent, "fonts")
    (folder / "experiment.py").write_text(READING)
    (folder / "config.json").write_text('{"units": 4}')
    (folder / "notes.json").write_text("{}")
    (folder / "parts").mkdir()
    (folder / "parts" / "first.py").write_text(PART.format(8))
    np.savez(folder / "mine.npz", rate=0.1)
    (folder.parent / ".gitignore").write_text("build/\nignored.*\n")
    git(folder, "init", "--quiet", folder.parent)
    commit(folder)
    assert stale(folder) == {"data", *AFTER_DATA}
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The paper")


def explained(folder: Path, **variables: str) -> dict[str, list[str]]:
    """Builds; the stages that ran, with the reasons that --verbose gives."""
    done = build(folder, "--verbose", root=ROOT, new=False, **variables)
    assert done.returncode == 0, done.stderr
    said = re.findall(r"^(\w+): stale, because\n((?:  .*\n)*)", done.stderr, re.MULTILINE)
    return {stage: re.findall("^  - (.*)$", lines, re.MULTILINE) for stage, lines in said}


def stale(folder: Path, **variables: str) -> set[str]:
    return set(explained(folder, **variables))


def results(folder: Path) -> Any:
    return json.loads((folder.parent / "build" / "site" / "results.json").read_text())


def publish(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    out, site = folder.parent / "build", folder.parent / "published"
    return warm.run(["-m", "generator", "publish", "--out", str(out), f"{site}/", *options], ROOT, environment())


def test_what_was_read_is_in_the_results_and_nothing_else(paper: Path) -> None:
    inputs = results(paper)["inputs"]
    files = ["config.json", "mine.npz", "notes.json", "parts/first.py"]
    assert list(inputs["files"]) == [f"paper/{name}" for name in files]
    assert list(inputs["folders"]) == ["paper/parts"]
    assert (inputs["places"], set(inputs["packages"])) == ({"paper/wide": None}, {"keras", "numpy"})
    assert (inputs["variables"], inputs["programs"], inputs["unheld"]) == (["DROPOUT"], [], [])
    assert stale(paper) == set()


def test_a_file_a_folder_an_array_a_place_and_a_variable_each_train_again_and_are_named(paper: Path) -> None:
    before = results(paper)["values"]["model.parameters.total"]["value"]
    (paper / "config.json").write_text('{"units": 5}')
    (paper / "parts" / "second.py").write_text(PART.format(4))
    np.savez(paper / "mine.npz", rate=0.2)
    (paper / "wide").touch()
    why = explained(paper, DROPOUT="0.1")
    changed = ["config.json changed", "mine.npz changed", "the list of files in parts changed"]
    assert why["train"] == [*changed, "wide was absent and is now there", "DROPOUT was not set and is now"]
    assert set(why) == AFTER_DATA
    assert results(paper)["values"]["model.parameters.total"]["value"] != before
    assert results(paper)["inputs"]["variables"] == ["DROPOUT"]
    (paper / "parts" / "second.py").unlink()
    (paper / "wide").unlink()
    git(paper, "checkout", "--quiet", ".")
    assert stale(paper) == set(), "going back costs nothing"


def test_a_file_that_only_load_data_reads_trains_again_only_if_the_arrays_change(paper: Path) -> None:
    (paper / "notes.json").write_text("[]")
    why = explained(paper)
    assert why["data"] == ["notes.json changed"]
    assert set(why) == {"data", "article", "pdf"}
    git(paper, "checkout", "--quiet", ".")


def test_a_file_that_the_commit_does_not_hold_is_not_published_or_marked(paper: Path) -> None:
    text = (paper / "experiment.py").read_text()
    text = text.replace('"notes.json"', '"ignored.json"').replace(
        "    json.loads", "    import ignored\n    json.loads"
    )
    (paper / "experiment.py").write_text(text)
    (paper / "ignored.json").write_text("{}")
    (paper / "ignored.py").write_text("")
    (paper / "ignored.png").write_bytes(dot())
    article = (paper / "article.md").read_text()
    (paper / "article.md").write_text(article.replace("# Results\n", "# Results\n\n![A dot](ignored.png)\n", 1))
    commit(paper)
    assert stale(paper) == {"data", "article", "pdf"}
    refused = publish(paper)
    assert refused.returncode == 1
    for name in ("ignored.json", "ignored.py", "ignored.png"):
        assert f"  paper/{name}, which is not in the commit, or differs from it" in refused.stderr
    assert publish(paper, "--allow-dirty").returncode == 0
    assert "with uncommitted changes" in (paper.parent / "published" / "index.html").read_text()


def test_a_site_whose_inputs_changed_since_is_not_published(paper: Path) -> None:
    assert build(paper).returncode == 0
    (paper / "config.json").write_text('{"units": 6}')
    refused = publish(paper, "--allow-dirty")
    assert refused.returncode == 1
    assert "The site is out of date: the train stage would run again, because config.json changed" in refused.stderr
