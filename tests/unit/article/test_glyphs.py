"""Characters without a face: told before training, with the file and line that they stand in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.article.glyphs import missing_glyphs
from generator.article.printed_text import printed_text
from generator.build.preflight import check_article
from generator.core.errors import Place, ReportError
from generator.paper import load_paper
from generator.prose import prose
from tests.conftest import PAPERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PAPERS / "tiny", tmp_path / "paper"))


def told(folder: Path) -> list[ReportError]:
    paper = load_paper(folder, {})
    return missing_glyphs(folder, paper, printed_text(folder, paper, prose.read(folder / "article.md"), None))


def put(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def test_a_paper_in_latin_letters_has_all_its_faces(folder: Path) -> None:
    assert told(folder) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("experiment.py", "FILTERS = 4", "FILTERS = 4  # 四", 8),
        ("article.md", "The code.", "The code 四.", 10),
        ("article.md", "# Results", "```\na\n四\n```\n\n# Results", 15),
        ("references.bib", "Rows and Columns", "四", 1),
        ("paper.toml", "A tiny paper", "四", 1),
        ("paper.toml", "Ada Example", "四", 2),
    ],
)
def test_a_character_without_a_face_is_told_with_its_line(
    folder: Path, name: str, old: str, new: str, line: int
) -> None:
    put(folder, name, old, new)
    (error,) = told(folder)
    assert error.what == "No font supplied for the PDF has U+56DB 四 (CJK UNIFIED IDEOGRAPH-56DB)."
    assert error.where == Place(folder / name, line)
    assert "[fonts] fallback" in error.next


def test_an_emoji_in_a_comment_of_the_code_is_told_with_its_line(folder: Path) -> None:
    put(folder, "experiment.py", "FILTERS = 4", "FILTERS = 4  # 🎉")
    (error,) = told(folder)
    assert error.what == "No font supplied for the PDF has U+1F389 🎉 (PARTY POPPER)."
    assert error.where == Place(folder / "experiment.py", 8)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("paper.toml", 'name = "bars"', 'name = "bars"\ntitle = "四"\nlicense = "四"'),
        ("article.md", "The code.", "The code. <!-- 四 -->"),
        ("article.md", "# Results", "``` {=html}\n<p>四</p>\n```\n\n# Results"),
        ("scaling.py", "Bytes", "四"),
    ],
)
def test_what_the_pdf_does_not_print_needs_no_face(folder: Path, name: str, old: str, new: str) -> None:
    put(folder, name, old, new)
    assert told(folder) == []


def test_a_form_feed_in_the_listing_is_told_with_its_line(folder: Path) -> None:
    put(folder, "experiment.py", "FILTERS = 4", "\fFILTERS = 4")
    (error,) = told(folder)
    assert (error.what, error.where) == (
        "This line has U+000C (form feed), which cannot be printed.",
        Place(folder / "experiment.py", 8),
    )


def test_it_is_told_before_training(folder: Path) -> None:
    put(folder, "experiment.py", "FILTERS = 4", "FILTERS = 4  # 四")
    with pytest.raises(ReportError, match="U\\+56DB"):
        check_article(folder, load_paper(folder, {}), None)
