"""Trains the tiny paper and keeps its record here, for when a record's shape has changed; then accept the page anew."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from generator.records.measures import AFTER, Measures
from generator.results.joined import joined
from tests.conftest import build, make_paper

RECORD = Path(__file__).parent / "record"
PARTS = {
    "data": ["dataset.json"],
    "train": ["run.json", "times.json", "environment.json"],
    "evidence": ["evidence.json"],
    "response": ["response.json"],
    "figures": ["*"],
}
ASKED = "\n\nOf {{ hierarchy.conv2d.probe_pca.trained.mean }}, {{ hierarchy.conv2d.orientation.trained.mean }}, and "
ASKED += "{{ hierarchy.conv2d.ablation.trained.mean }}.\n\n# References"
"""What the article says besides, so that everything is measured."""


def main() -> None:
    shutil.rmtree(RECORD, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        paper = make_paper("tiny", Path(name))
        article, cache = paper / "article.md", Path(name) / "build" / "cache"
        article.write_text(article.read_text().replace("\n\n# References", ASKED))
        build(paper).check_returncode()
        for stage, patterns in PARTS.items():
            (folder,) = (path.parent for path in (cache / stage).glob("*/*/manifest.json"))
            (RECORD / stage).mkdir(parents=True)
            for path in (path for pattern in patterns for path in folder.glob(pattern)):
                if path.name != "manifest.json":
                    shutil.copy(path, RECORD / stage)
        found = [path for stage in ("evidence", *AFTER) for path in (cache / stage).glob("*/*/measures.json")]
        measures = joined([msgspec.json.decode(path.read_bytes(), type=Measures) for path in found])
        (RECORD / "evidence" / "measures.json").write_bytes(msgspec.json.encode(measures))


if __name__ == "__main__":
    main()
