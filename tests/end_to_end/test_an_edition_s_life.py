"""The life of an edition, by the commands that an author and a reader type: built, published, verified."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.core.examples import AUTHOR
from tests.conftest import ROOT, build, copied, environment, make_paper
from tests.support import warm
from tests.support.publications import served, tree
from tests.support.repositories import git

VARIANT = '\n[variants.longer]\ntitle = "Longer"\ntraining = { epochs = 2, replicates = 1 }\n'
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def paper(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny paper with a variant in a repository, committed and built; what a test changes in it, it takes back."""
    folder = tmp_path_factory.mktemp("repository")
    made = copied(two_replicates, folder)
    (made / "paper.toml").write_text((made / "paper.toml").read_text() + VARIANT)
    (folder / ".gitignore").write_text("build\n__pycache__\n")
    git(folder, "init", "--quiet")
    commit(folder)
    done = build(made, "--replicates", "1")
    assert done.returncode == 0, done.stderr
    return made


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "The paper")


@contextlib.contextmanager
def restored(paper: Path) -> Iterator[None]:
    """Takes back commits, changes, and builds."""
    head, text = git(paper, "rev-parse", "HEAD"), (paper / "article.md").read_text()
    out = paper.parent / "build"
    kept = {path: path.read_bytes() for path in [*(out / "site").iterdir(), out / "built.json"]}
    yield
    git(paper, "reset", "--quiet", head)
    (paper / "article.md").write_text(text)
    for path, content in kept.items():
        path.write_bytes(content)


def run(folder: Path, *arguments: str | Path) -> Done:
    """`python -m generator ...` as typed in `folder`."""
    return warm.run(["-m", "generator", *map(str, arguments)], folder, environment(PYTHONPATH=str(ROOT)))


def publish(paper: Path, to: Path | str, *arguments: str) -> Done:
    return run(paper.parent, "publish", "--out", "build", *arguments, str(to))


def test_a_built_paper_is_published_and_verified_by_its_address(paper: Path, tmp_path: Path) -> None:
    done = publish(paper, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "site" / "v" / "1" / "manifest.json").read_text())
    assert (manifest["paper"], manifest["overrides"]) == ("paper", {"training.replicates": "1"})
    assert manifest["commit"] == git(paper, "rev-parse", "HEAD") and not manifest["dirty"]
    with served(tmp_path) as address:
        done = run(paper, "verify", f"{address}/site/")
    assert done.returncode == 0, done.stderr
    assert "Edition 1" in done.stdout and "passes verification." in done.stdout
    assert re.search(r"values: \d+ identical, \d+ not judged\n", done.stdout)
    values = json.loads((tmp_path / "site" / "v" / "1" / "results.json").read_text())["values"]
    assert "variants.longer.difference.times.epoch.mean" in values, "a time of a variant, which is not judged"
    assert "longer, replicate 0: epoch 2/2" in done.stderr
    assert "  replicate 0: epoch 1/1" in done.stderr, "it trains again, and shows how far it is"
    assert str(tmp_path) not in (tmp_path / "site" / "v" / "1" / "manifest.json").read_text()


def test_nothing_built_is_nothing_to_publish(tmp_path: Path) -> None:
    make_paper("tiny", tmp_path)
    done = publish(tmp_path / "paper", tmp_path / "site")
    assert done.returncode == 1
    assert "Nothing has been built here" in done.stderr and "Build the paper first" in done.stderr


def test_a_new_commit_makes_the_site_stale(paper: Path, tmp_path: Path) -> None:
    with restored(paper):
        commit(paper.parent)
        done = publish(paper, tmp_path / "site")
        assert done.returncode == 1
        assert "The site is out of date: the article stage would run again, because commit changed" in done.stderr
    assert not (tmp_path / "site").exists()


def test_the_author_of_the_examples_is_refused_with_the_line(paper: Path, tmp_path: Path) -> None:
    toml = paper / "paper.toml"
    text = toml.read_text()
    toml.write_text(re.sub(r"authors = .*", f'authors = ["{AUTHOR}"]', text))
    try:
        done = publish(paper, tmp_path / "site")
    finally:
        toml.write_text(text)
    assert (done.returncode, (tmp_path / "site").exists()) == (1, False)
    line = next(number for number, said in enumerate(text.splitlines(), 1) if said.startswith("authors"))
    assert f'paper.toml:{line}: The author is still "{AUTHOR}"' in done.stderr


def test_a_changed_training_makes_the_site_stale_and_is_not_run(paper: Path, tmp_path: Path) -> None:
    text = (paper / "experiment.py").read_text()
    (paper / "experiment.py").write_text(text.replace("FILTERS = 4", "FILTERS = 5"))
    try:
        done = publish(paper, tmp_path / "site")
    finally:
        (paper / "experiment.py").write_text(text)
    assert done.returncode == 1
    assert "the train stage would run again" in done.stderr and "epoch" not in done.stderr


def test_a_site_that_was_edited_by_hand_is_stale(paper: Path, tmp_path: Path) -> None:
    with restored(paper):
        page = paper.parent / "build" / "site" / "index.html"
        page.write_text(page.read_text().replace("rows", "ROWS"))
        done = publish(paper, tmp_path / "site")
        assert done.returncode == 1
        assert "index.html: The site is out of date: it differs from what its sources produce" in done.stderr


def test_uncommitted_changes_are_refused_unless_allowed_and_then_marked(paper: Path, tmp_path: Path) -> None:
    with restored(paper):
        (paper / "article.md").write_text((paper / "article.md").read_text().replace("tells rows", "can tell rows"))
        assert build(paper, "--replicates", "1").returncode == 0
        refused = publish(paper, tmp_path / "site")
        allowed = publish(paper, tmp_path / "site", "--allow-dirty")
    assert refused.returncode == 1 and "changes that are not in its commit" in refused.stderr
    assert allowed.returncode == 0, allowed.stderr
    for page in ("index.html", "v/1/index.html", "editions.html"):
        assert "with uncommitted changes" in (tmp_path / "site" / page).read_text()


def test_a_draft_is_refused(paper: Path, tmp_path: Path) -> None:
    with restored(paper):
        assert build(paper, "--replicates", "1", "--draft").returncode == 0
        done = publish(paper, tmp_path / "site")
    assert done.returncode == 1 and "It is a draft." in done.stderr


def test_a_target_of_something_else_is_refused_and_left_alone(paper: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "notes.txt").write_text("mine")
    done = publish(paper, tmp_path / "site")
    assert done.returncode == 2 and "did not publish" in done.stderr
    assert tree(tmp_path / "site") == {"notes.txt": b"mine"}


def test_the_key_for_a_cache_changes_with_training_and_not_with_prose(paper: Path) -> None:
    before = run(paper, "key", "--paper", paper).stdout
    assert re.fullmatch(r"[0-9a-f]{64}\n", before)
    with restored(paper):
        (paper / "article.md").write_text("Other prose.")
        assert run(paper, "key", "--paper", paper).stdout == before
    for file, old, new in (
        ("experiment.py", "FILTERS = 4", "FILTERS = 5"),
        ("scaling.py", "/ 255", "/ 256"),
        ("paper.toml", "epochs = 1", "epochs = 2"),
    ):
        text = (paper / file).read_text()
        (paper / file).write_text(text.replace(old, new))
        try:
            assert run(paper, "key", "--paper", paper).stdout != before, file
        finally:
            (paper / file).write_text(text)
