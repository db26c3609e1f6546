"""Which files of a paper's folder an article depends on."""

from __future__ import annotations

from pathlib import Path

from generator.build import keys
from generator.core.environment import Commit
from generator.paper import load_paper
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
