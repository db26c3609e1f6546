"""A new paper is an example, copied; what is in its way is said before anything is written."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pytest

from generator import cli
from generator.build.preflight import check_article
from generator.core import examples
from generator.core.errors import UsageError
from generator.paper import load_paper

TODAY = datetime.date(2027, 3, 4)


def test_there_are_examples_and_one_of_them_is_the_default() -> None:
    assert examples.DEFAULT in examples.names()
    assert len(examples.names()) > 1


@pytest.mark.parametrize("name", examples.names())
def test_a_new_paper_is_dated_today_and_its_article_passes_the_check_before_training(name: str, tmp_path: Path) -> None:
    paper = tmp_path / "papers" / "mine"
    examples.copy_example(name, paper, TODAY)
    assert {"paper.toml", "experiment.py", "article.md", "references.bib"} <= {path.name for path in paper.iterdir()}
    assert load_paper(paper, {}).date == TODAY
    assert load_paper(paper, {}).authors == (examples.AUTHOR,), "publish refuses this name"
    check_article(paper, load_paper(paper, {}), None)


@pytest.mark.parametrize("name", ["digit", "examples/digits"])
def test_an_unknown_example_is_refused_with_those_there_are(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"There is no example '{name}'") as caught:
        examples.copy_example(name, tmp_path / "mine", TODAY)
    assert 'Did you mean "digits"?' in caught.value.next
    assert not (tmp_path / "mine").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "article.md").write_text("Mine.")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for name in ("full", "file"):
        with pytest.raises(UsageError, match="already exists, and is not an empty folder"):
            examples.copy_example("digits", tmp_path / name, TODAY)
    with pytest.raises(UsageError, match="Cannot create this folder"):
        examples.copy_example("digits", tmp_path / "file" / "mine", TODAY)
    examples.copy_example("digits", tmp_path / "empty", TODAY)
    assert (tmp_path / "full" / "article.md").read_text() == "Mine."


@pytest.mark.parametrize(
    ("folder", "status", "said"),
    [
        ("mine", 0, "make watch PAPER=mine"),
        ("mine", 0, "build/mine, which git ignores"),
        ("my paper", 0, "make watch PAPER='my paper'"),
        ("", 2, "Missing PAPER"),
        ("site", 2, "Rename the paper's folder"),
    ],
)
def test_the_command_says_what_to_do_next(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    folder: str,
    status: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["generator", "new", folder])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    assert ended.value.code == status
    assert said in printed.out + printed.err
    assert (tmp_path / folder / "paper.toml").exists() == (status == 0)
