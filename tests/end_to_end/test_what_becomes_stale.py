"""What makes what stale: the table of ARCHITECTURE.md, row by row, on a small paper that is built.

The generator is copied too, so that its own code can be changed. Where everything after the first stale stage follows,
--explain tells the whole row without a build; the other rows are built, and two of the former as well, since what
is told must be what runs.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, build, keep, make_paper, write_bars
from tests.support.repositories import git

STAGES = ("data", "train", "evidence", "activity", "response", "figures", "fonts", "article", "pdf")
"""Of a paper that needs no other measures: its feature maps tell which channels are dead."""

AFTER_TRAIN = {"train", "evidence", "activity", "response", "figures", "article", "pdf"}


@pytest.fixture(scope="module")
def project(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generator, the templates, and the tiny paper in one folder, built once; the faces were there before."""
    root = tmp_path_factory.mktemp("project")
    for name in ("generator", "templates"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    make_paper("tiny", root)
    keep(two_replicates, root, "fonts")
    assert stale(root) == set(STAGES) - {"fonts"}
    return root


@contextlib.contextmanager
def restored(root: Path) -> Iterator[None]:
    """Brings every file that is not built back to what it was; shadow/ is where what hides installed modules lies."""
    before = sources(root)
    try:
        yield
    finally:
        shutil.rmtree(root / "shadow", ignore_errors=True)
        for path in set(sources(root)) - set(before):
            path.unlink()
        for path, content in before.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)


def sources(root: Path) -> dict[Path, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file())
    kept = (path for path in paths if not {"build", "__pycache__", ".git"} & set(path.parts))
    return {path: path.read_bytes() for path in kept}


def stale(root: Path, *, new: bool = False) -> set[str]:
    """Builds, and returns the stages that ran."""
    done = build(root / "paper", "--verbose", root=root, new=new, PYTHONPATH=str(root / "shadow"))
    assert done.returncode == 0, done.stderr
    said = dict(re.findall(r"^(\w+): (up to date|stale)", done.stderr, re.MULTILINE))
    assert set(said) == set(STAGES)
    return {stage for stage, word in said.items() if word == "stale"}


def foretold(root: Path) -> set[str]:
    """The stages that --explain says a build would run."""
    done = build(root / "paper", "--explain", root=root, PYTHONPATH=str(root / "shadow"))
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^([\w, ]+): (?:stale, because|would run next)", done.stderr, re.MULTILINE)
    return {stage for names in found for stage in names.split(", ")}


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / file).read_text()
        assert old in text
        (root / file).write_text(text.replace(old, new, 1))

    return change


def installed(package: str) -> Callable[[Path], None]:
    """Lets another version of a package seem to be installed; only its metadata is read for keys."""

    def change(root: Path) -> None:
        folder = root / "shadow" / f"{package.replace('-', '_')}-999.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 999.0\n")

    return change


def other_bars(root: Path) -> None:
    write_bars(root / "paper" / "data.npz", seed=1)


ROWS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "prose": (replace("paper/article.md", "told apart", "kept apart"), {"article", "pdf"}),
    "prose that names a measure for the first time": (
        replace("paper/article.md", "# Results", "# Results\n\nA probe gives {{ probes.pixels | percent }}."),
        {"probes", "figures", "article", "pdf"},
    ),
    "references": (replace("paper/references.bib", "2020}", "2021}"), {"article", "pdf"}),
    "title": (replace("paper/paper.toml", "A tiny paper", "A small paper"), {"article", "pdf"}),
    "a template of the page": (replace("templates/page.html.j2", "Also available as", "Also as"), {"article"}),
    "a template of the PDF": (replace("templates/pdf.html.j2", "<body", "<body "), {"article", "pdf"}),
    "a style sheet": (replace("templates/style/base.css", "{", "{ "), {"article", "pdf"}),
    "WeasyPrint": (installed("weasyprint"), {"pdf"}),
    "Jinja2": (installed("jinja2"), {"article", "pdf"}),
    "Markdown": (installed("markdown-it-py"), {"article", "pdf"}),
    "a font package": (installed("font-source-serif-pro"), {"fonts", "article", "pdf"}),
    "a comment in the experiment": (
        replace("paper/experiment.py", "FILTERS = 4", "FILTERS = 4  # few"),
        {"article", "pdf"},
    ),
    "code of the figures": (
        replace("generator/figures/pictures.py", "= 900, 4", "= 900, 3"),
        {"figures", "article", "pdf"},
    ),
    "code of the charts": (
        replace("generator/figures/plotting.py", "= 300, 202", "= 300, 203"),
        {"figures", "article", "pdf"},
    ),
    "Matplotlib": (installed("matplotlib"), {"figures", "article", "pdf"}),
    "the image shown": (
        replace("paper/paper.toml", "[data]", "[figures]\nimage = 1\n[data]"),
        {"response", "figures", "article", "pdf"},
    ),
    "how activations are read": (
        replace("generator/model/activations.py", "BATCH, BATCH_BYTES = 250", "BATCH, BATCH_BYTES = 249"),
        AFTER_TRAIN - {"train"},
    ),
    "code of a measurement": (
        replace("generator/measures/selectivity.py", "label).sum() > 1", "label).sum() > 2"),
        {"activity", "figures", "article", "pdf"},
    ),
    "code of a measurement that the article does not use": (
        replace("generator/measures/gratings.py", "6, 8, 12)", "6, 8, 11)"),
        set(),
    ),
    "scikit-learn": (installed("scikit-learn"), {"evidence", "activity", "figures", "article", "pdf"}),
    "the model": (replace("paper/experiment.py", "FILTERS = 4", "FILTERS = 5"), AFTER_TRAIN),
    "the training settings": (replace("paper/paper.toml", "batch_size = 16", "batch_size = 24"), AFTER_TRAIN),
    "what fit() takes": (
        replace("paper/experiment.py", "def build_model", "def fit_options():\n    return {}\n\n\ndef build_model"),
        AFTER_TRAIN,
    ),
    "the images to validate on": (
        replace("paper/paper.toml", "batch_size = 16", "batch_size = 16\nvalidation = 0.2"),
        {*STAGES} - {"fonts"},
    ),
    "the generator's training code": (
        replace("generator/model/training.py", "SECONDS = 0.2", "SECONDS = 0.3"),
        AFTER_TRAIN,
    ),
    "Keras": (installed("keras"), AFTER_TRAIN | {"data"}),  # which the experiment imports
    "load_data(), but not its arrays": (replace("paper/scaling.py", "/ 255", "/ 255.0"), {"data", "article", "pdf"}),
    "load_data() and its arrays": (replace("paper/scaling.py", "/ 255", "/ 256"), {*STAGES} - {"fonts"}),
    "the data's files": (other_bars, {*STAGES} - {"fonts"}),
}


BUILT = (
    "prose", "a template of the page", "how activations are read",
    "load_data(), but not its arrays", "load_data() and its arrays",
)  # fmt: skip


@pytest.mark.parametrize("row", BUILT)
def test_a_change_makes_stale_what_depends_on_it_and_nothing_else(project: Path, row: str) -> None:
    change, expected = ROWS[row]
    with restored(project):
        change(project)
        assert foretold(project) >= expected
        assert stale(project) == expected
    assert stale(project) == set(), "going back costs nothing"


@pytest.mark.parametrize("row", [row for row in ROWS if row not in BUILT])
def test_a_change_is_foretold_to_make_stale_what_depends_on_it_and_nothing_else(project: Path, row: str) -> None:
    change, expected = ROWS[row]
    with restored(project):
        change(project)
        assert foretold(project) == expected


def test_a_new_commit_and_uncommitted_changes_make_the_article_stale(project: Path) -> None:
    with restored(project):
        (project / ".gitignore").write_text("build/\n__pycache__/\n")
        git(project, "init", "--quiet")
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message", "all of it")
        assert stale(project) == {"article", "pdf"}
        assert stale(project) == set()
        git(project, "commit", "--quiet", "--allow-empty", "--message", "another change")
        assert stale(project) == {"article", "pdf"}
        (project / "note.txt").write_text("not committed, but beside the paper and the generator")
        assert stale(project) == set()
        (project / "paper" / "note.txt").write_text("not committed")
        assert stale(project) == {"article", "pdf"}
    shutil.rmtree(project / ".git")
    assert stale(project) == set()


def test_another_replicate_trains_that_one_alone(project: Path) -> None:
    done = build(project / "paper", "--replicates", "2", root=project, PYTHONPATH=str(project / "shadow"))
    assert done.returncode == 0, done.stderr
    assert "replicate 1:" in done.stderr
    assert "replicate 0:" not in done.stderr


def built(root: Path) -> dict[Path, int]:
    """All that stages made, and when; memories of digests and sources, which a look may write or touch, are not."""
    paths = [path for path in (root / "build").rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in paths if not path.name.startswith(("files.", "code.", "source-"))}


@pytest.mark.parametrize("option", ["--explain", "--dry-run"])
def test_an_explanation_names_the_change_and_the_time_training_takes_and_builds_nothing(
    project: Path, option: str
) -> None:
    before = built(project)
    done = build(
        project / "paper", option, "--set", "training.epochs=2", root=project, PYTHONPATH=str(project / "shadow")
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("data: up to date\n")
    assert "train: stale, because\n  - setting training.epochs was 1 and is now 2\n" in done.stderr
    assert (
        "evidence, activity, response, figures, article, pdf: would run next if the result of train changes\n"
        in done.stderr
    )
    assert re.search(
        r"To do: train 1 replicate \(about \d+\ss\), then measure it \(about \d+\ss\); .* not included",
        done.stderr,
    )
    assert built(project) == before


def test_a_site_that_was_built_for_another_request_is_said_to_be_replaced(project: Path) -> None:
    """Its stages are up to date, since both requests were built."""
    assert build(project / "paper", root=project, PYTHONPATH=str(project / "shadow")).returncode == 0
    page = project / "build" / "site" / "index.html"
    kept = page.read_bytes()
    for content, said in ((kept, "site: up to date"), (b"Older.", "site: would be replaced, because ")):
        page.write_bytes(content)
        done = build(project / "paper", "--explain", root=project, PYTHONPATH=str(project / "shadow"))
        assert (done.returncode, "stale" in done.stderr) == (0, False), done.stderr
        assert said in done.stderr
    page.write_bytes(kept)


def test_nothing_but_training_imports_tensorflow(project: Path) -> None:
    """A TensorFlow that fails to import stands in the way; prose, style, and figures are rebuilt all the same."""
    with restored(project):
        (project / "shadow").mkdir()
        for name in ("tensorflow", "keras"):
            (project / "shadow" / f"{name}.py").write_text("raise ImportError('TensorFlow is not to be imported')\n")
        replace("paper/article.md", "told apart", "held apart")(project)
        replace("templates/style/base.css", "{", "{  ")(project)
        assert stale(project, new=True) == {"article", "pdf"}
        replace("generator/figures/pictures.py", "= 900, 4", "= 900, 2")(project)
        assert stale(project, new=True) == {"figures", "article", "pdf"}
        replace("paper/experiment.py", "FILTERS = 4", "FILTERS = 6")(project)
        failed = build(project / "paper", root=project, new=True, PYTHONPATH=str(project / "shadow"))
        assert "TensorFlow is not to be imported" in failed.stderr
