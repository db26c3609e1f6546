"""What the documentation promises a new author: examples that build at once, and blocks that make a paper together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.core import examples
from tests.conftest import ROOT, build, environment, keep, write_shapes
from tests.support import warm
from tests.support.documentation import blocks
from tests.support.repositories import git

DOCS = ROOT / "docs"
OWN = """
# Brightness

::: figure brightness_curve
Accuracy by brightness.
:::

::: table brightness_rows
The same in numbers.
:::
"""


ENOUGH = {"digits": ("--replicates", "3"), "shapes": ("--replicates", "2")}
"""Options with which an example is built in less time, and with which its first claim still holds."""

FEW = ("--replicates", "1", "--set", "training.epochs=2")
"""Options with which the claims of any other example are undecided, and it cannot be published."""


def results(paper: Path) -> Any:
    return json.loads((paper.parent / "build" / "site" / "results.json").read_text())


@pytest.mark.parametrize("name", examples.names())
def test_a_new_paper_builds_at_once_and_can_be_published_if_its_claims_are_settled(
    name: str, two_replicates: Path, tmp_path: Path
) -> None:
    """It has a result, a figure, a citation, and a claim, which holds with enough replicates."""
    is_enough = name in ENOUGH
    keep(two_replicates, tmp_path, "fonts")
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("build/\n")
    paper = tmp_path / "mine"
    made = warm.run(["-m", "generator", "new", str(paper), "--from", name], ROOT, environment())
    assert made.returncode == 0, made.stderr
    toml = paper / "paper.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(examples.AUTHOR, "Ada Example"), encoding="utf-8")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "A new paper")
    done = build(paper, *ENOUGH.get(name, FEW))
    assert done.returncode == 0, done.stderr
    found = results(paper)
    assert found["claims"][0]["verdict"] == ("holds" if is_enough else "undecided")
    assert all(said.endswith("is undecided.") for said in found["obstacles"])
    assert (found["obstacles"] == []) == is_enough
    page = (tmp_path / "build" / "site" / "index.html").read_text(encoding="utf-8")
    assert all(part in page for part in ('id="fig:feature-maps"', "test.accuracy.mean", 'role="doc-biblioref"'))
    out = ["--out", str(tmp_path / "build")]
    done = warm.run(["-m", "generator", "publish", *out, f"{tmp_path / 'site'}/"], ROOT, environment())
    assert (done.returncode == 0) == is_enough, done.stderr
    assert ("Published edition 1" if is_enough else "is undecided") in done.stderr


def test_the_blocks_of_the_documentation_make_a_paper_together(two_replicates: Path, tmp_path: Path) -> None:
    """The experiment with its recipe, paper.toml with variants, an analysis, and what docs/ shows of an article."""
    keep(two_replicates, tmp_path, "fonts")
    paper = tmp_path / "paper"
    paper.mkdir()
    own = [block.text for block in blocks("python", DOCS / "analysis.md")]
    experiment = "\n".join(block.text for block in blocks("python") if block.text not in own)
    (toml, *_) = blocks("toml", DOCS / "experiment.md")
    (literals, *_) = blocks("toml", DOCS / "claims.md")
    (variants,) = blocks("toml", DOCS / "variants.md")
    pages = ("writing.md", "claims.md", "variants.md")
    article = [block.text for name in pages for block in blocks("markdown", DOCS / name)]
    main = toml.text.replace("[training]", "[training]\nvalidation = 0.1")
    texts = {
        "experiment.py": experiment,
        "analysis.py": "\n".join(own),
        "paper.toml": "\n".join([main, literals.text, variants.text]),
        "article.md": "\n".join([*article, OWN, "# References\n\n::: references\n:::\n"]),
        "references.bib": "".join(block.text for block in blocks("bibtex")),
    }
    for file, text in texts.items():
        (paper / file).write_text(text, encoding="utf-8")
    write_shapes(paper / "images")
    done = build(paper, "--draft", "--replicates", "1")
    assert done.returncode == 0, done.stderr
    found = results(paper)
    assert len(found["claims"]) == 4
    assert list(found["variants"]) == ["hidden-layer", "longer"]
    bright = "analysis.brightness.accuracy.20.mean"
    assert {bright, *(f"variants.{name}.{bright}" for name in found["variants"])} <= set(found["values"])
