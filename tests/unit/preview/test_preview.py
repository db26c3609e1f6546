"""Which changes in the folders that are watched are saves."""

from __future__ import annotations

from pathlib import Path

import pytest
from watchfiles import Change

from generator.preview.preview import files_outside, saves


@pytest.mark.parametrize(
    "name",
    ["4913", "#article.md#", ".#article.md", "article.md~", ".article.md.swp", ".article.md.swx", ".~lock.article.md#"],
)
def test_what_an_editor_keeps_beside_a_file_is_no_save(tmp_path: Path, name: str) -> None:
    assert not saves(tmp_path / "build")(Change.added, str(tmp_path / "paper" / name))


@pytest.mark.parametrize("name", ["article.md", "4914.png", "49130", "#notes.md", "images/0/4913.png"])
def test_a_file_of_the_papers_own_is_a_save(tmp_path: Path, name: str) -> None:
    assert saves(tmp_path / "build")(Change.modified, str(tmp_path / "paper" / name))


def test_what_is_built_is_no_save(tmp_path: Path) -> None:
    assert not saves(tmp_path / "build")(Change.modified, str(tmp_path / "build" / "site" / "index.html"))


def test_data_outside_the_folders_is_followed_even_if_it_is_a_link_to_itself(tmp_path: Path) -> None:
    loop, paper = tmp_path / "loop", tmp_path / "paper"
    loop.symlink_to(loop)
    paper.mkdir()
    (tmp_path / "link").symlink_to(paper / "data.npz")
    data = [loop, paper / "data.npz", tmp_path / "link", tmp_path / "data.npz"]
    assert files_outside([paper], data) == {loop, tmp_path / "data.npz"}
