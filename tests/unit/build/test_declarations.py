"""Which functions of analysis.py are measures, figures, and tables, read without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.build.declarations import declared, mentions
from generator.core.errors import Place, ReportError
from generator.records.analysis import Declared

MARKED = '''"""An analysis."""

import generator
from generator import figure, measure as measures, table


@measures
def noise(run):
    """Accuracy under noise, e.g. of a camera. More about it."""


@figure(width="text")
def curve(results, axes):
    results.hierarchy


@generator.table
def rows(results, digits=2): ...


def helper(run): ...


@print
def other(run): ...
'''


def written(folder: Path, text: str) -> Path:
    (folder / "analysis.py").write_text(text)
    return folder


def test_marked_functions_are_found_in_order_whatever_the_marks_are_called(tmp_path: Path) -> None:
    assert declared(written(tmp_path, MARKED)) == (
        Declared("noise", "measure", 8, "Accuracy under noise, e.g. of a camera"),
        Declared("curve", "figure", 13, "", "text"),
        Declared("rows", "table", 18),
    )
    assert "hierarchy" in mentions(tmp_path)


def test_a_paper_without_the_file_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path) == () and mentions(tmp_path) == set()


@pytest.mark.parametrize(
    ("code", "line", "told"),
    [
        ("@measure\ndef one(): ...", 3, "The measure one() cannot be called as one(run)"),
        ("@measure\ndef one(run, level): ...", 3, "cannot be called as one(run)"),
        ("@measure\ndef one(run, *, level): ...", 3, "cannot be called as one(run)"),
        ("@measure\nasync def one(run): ...", 3, "cannot be called as one(run)"),
        ("@figure\ndef one(results): ...", 3, "cannot be called as one(results, axes)"),
        ("@figure(width='page')\ndef one(results, axes): ...", 3, "@figure(width='page') is not a valid decorator"),
        ("@figure('text')\ndef one(results, axes): ...", 3, "@figure('text') is not a valid decorator"),
        ("@measure()\ndef one(run): ...", 3, "@measure() is not a valid decorator"),
        ("if True:\n    @measure\n    def one(run): ...", 4, "A marked function is not at the top level"),
        ("@measure\ndef one(run): ...\ndef one(run): ...", 4, "The name one is used twice: on line 3"),
        ("@table\ndef one(results): ...\n@measure\ndef one(run): ...", 5, "The name one is used twice: on line 3"),
    ],
)
def test_a_function_that_cannot_be_called_or_told_apart_is_refused_with_its_line(
    tmp_path: Path, code: str, line: int, told: str
) -> None:
    written(tmp_path, f"from generator import figure, measure, table\n{code}\n")
    with pytest.raises(ReportError) as caught:
        declared(tmp_path)
    assert told in caught.value.what and caught.value.where == Place(tmp_path / "analysis.py", line)


def test_what_is_not_python_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="This is not Python"):
        declared(written(tmp_path, "def one(:"))
