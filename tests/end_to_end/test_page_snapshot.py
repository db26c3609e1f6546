"""The whole page, from a committed record of a small run: any change to it is seen, and is accepted or mended."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from generator.article import writing
from generator.build.tasks import read_replicate
from generator.core.environment import Commit
from generator.core.paths import TEMPLATES
from generator.paper import load_paper
from generator.records.condition import MAIN, Condition
from generator.records.dataset import Dataset, Source
from generator.records.figures import Figures
from generator.records.measures import AFTER
from generator.records.response import Response
from generator.records.results import Provenance
from generator.results.outcome import ConditionOutcome, Outcome
from tests.conftest import PAPERS

SNAPSHOTS = PAPERS.parent / "support" / "snapshots"
RECORD = SNAPSHOTS / "record"
STAGES = ("data", "train", "evidence", *AFTER, "response", "figures", "published")


def page(folder: Path = PAPERS / "tiny", record: Path = RECORD) -> str:
    """The page of a paper, as the article stage writes it from a record of a run."""
    paper = load_paper(folder, {})
    figures, replicate = record / "figures", read_replicate(record / "train", record / "evidence")
    dataset = msgspec.json.decode((record / "data" / "dataset.json").read_bytes(), type=Dataset)
    outcome = Outcome(
        paper=paper,
        source=Source("own", ("data.npz",), "e" * 64, "the author's own files, data.npz", (), ""),
        main=ConditionOutcome(Condition(MAIN, paper.comparison.main, {}, {}, paper.training), dataset, (replicate,)),
        response=msgspec.json.decode((record / "response" / "response.json").read_bytes(), type=Response),
        figures=msgspec.json.decode((figures / "figures.json").read_bytes(), type=Figures),
        provenance={stage: Provenance(code="c" * 64, data="d" * 64, key="k" * 64) for stage in STAGES},
        commit=Commit("0123456789abcdef" * 2, "2026-01-02", False),
    )
    pictures = {path.name: path.read_bytes() for path in figures.glob("*") if path.suffix != ".json"}
    return writing.write(folder, outcome, pictures, page_fonts="", draft=False).files["index.html"].decode()


def without_looks(html: str) -> str:
    """The page with the names of its style sheets and scripts in their place: how these look is seen in a browser."""
    for path in sorted([*TEMPLATES.glob("style/*"), *TEMPLATES.glob("script/*")]):
        html = html.replace(path.read_text().rstrip("\n"), f"({path.relative_to(TEMPLATES)})")
    return re.sub(r"sha256-[\w+/=]+", "sha256-…", html)


def test_the_page_is_as_it_was_accepted(request: pytest.FixtureRequest) -> None:
    snapshot = SNAPSHOTS / "index.html"
    made = without_looks(page())
    if request.config.getoption("--accept"):
        snapshot.write_text(made)
    message = 'look at the change, then accept it: make test ARGS="tests/end_to_end/test_page_snapshot.py --accept"'
    assert made.splitlines() == snapshot.read_text().splitlines(), message
