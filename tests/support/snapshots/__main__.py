"""Trains the tiny paper and keeps its record here, for when a record's shape has changed; then accept the page anew."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.conftest import build, make_paper

RECORD = Path(__file__).parent / "record"
PARTS = {
    "data": ["dataset.json"],
    "train": ["run.json", "times.json", "environment.json"],
    "evidence": ["evidence.json", "measures.json"],
    "response": ["response.json"],
    "figures": ["*"],
}


def main() -> None:
    shutil.rmtree(RECORD, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        paper = make_paper("tiny", Path(name))
        build(paper).check_returncode()
        for stage, patterns in PARTS.items():
            (folder,) = (path.parent for path in (Path(name) / "build" / "cache" / stage).glob("*/*/manifest.json"))
            (RECORD / stage).mkdir(parents=True)
            for path in (path for pattern in patterns for path in folder.glob(pattern)):
                if path.name != "manifest.json":
                    shutil.copy(path, RECORD / stage)


if __name__ == "__main__":
    main()
