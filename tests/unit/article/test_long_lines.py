"""Words and lines of code that could not be typeset in time are told with their line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.article.long_lines import (
    MAX_LINE_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_WORD_CHARACTERS,
    long_lines,
    long_names,
)
from generator.article.printed_text import printed_text
from generator.core.errors import Place, ReportError
from generator.paper import load_paper
from generator.prose import prose
from tests.conftest import PAPERS

WORD, CODE = "x" * (MAX_WORD_CHARACTERS + 1), "x " * MAX_LINE_CHARACTERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PAPERS / "tiny", tmp_path / "paper"))


def told(folder: Path, name: str, old: str, new: str) -> list[ReportError]:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    paper = load_paper(folder, {})
    return long_lines(printed_text(folder, paper, prose.read(folder / "article.md"), None))


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("article.md", "Bars are", f"Bars {WORD} are", 7),
        ("article.md", "Bars are", f"Bars `{WORD}` are", 7),
        ("article.md", "Bars are", f"Bars {('a' * 900 + '*b*') * 20} are", 7),
        ("article.md", "Bars are", f"Bars {'a' * 900}`b`[{'c' * 99}](#results){{{{ training.epochs }}}}**d** are", 7),
        ("article.md", "The code.", f"The {WORD}.", 10),
        ("article.md", "# Results", f"```\na\n{CODE}\n```\n\n# Results", 15),
        ("experiment.py", "FILTERS = 4", f"FILTERS = 4  # {CODE}", 8),
        ("references.bib", "Rows and Columns", WORD, 1),
        ("paper.toml", "A tiny paper", WORD, 1),
    ],
)
def test_what_is_too_long_to_be_set_is_told_with_its_line(
    folder: Path, name: str, old: str, new: str, line: int
) -> None:
    (error,) = told(folder, name, old, new)
    assert error.where == Place(folder / name, line)
    assert "has more than" in error.what and "ivide it" in error.next


def test_words_of_neighboring_lines_and_notes_are_not_one(folder: Path) -> None:
    half = "x" * (MAX_WORD_CHARACTERS // 2 + 1)
    assert told(folder, "article.md", "Bars are", f"Bars {half}\n{half} a{half}^[{half}] are") == []
    assert told(folder, "article.md", "The code.", f"{half}\n\n{half}") == []


def test_a_name_that_a_run_gives_has_an_end() -> None:
    experiment = Path("experiment.py")
    (error,) = long_names(["conv", "x" * 5000, "x" * 5000, "y" * MAX_NAME_CHARACTERS], experiment)
    assert str(error) == (
        f"experiment.py: The name that begins with {'x' * 20} has more than 200 characters.\n  Choose a shorter name."
    )


def test_what_is_as_long_as_it_may_be_is_not(folder: Path) -> None:
    assert told(folder, "article.md", "Bars are", f"Bars {'x' * MAX_WORD_CHARACTERS} are") == []
    assert told(folder, "experiment.py", "FILTERS = 4", f"FILTERS = 4  # {'x ' * (MAX_LINE_CHARACTERS // 2 - 8)}") == []
