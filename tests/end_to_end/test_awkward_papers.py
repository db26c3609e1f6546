"""Awkward papers: each is set without a complaint, stays on its pages, and nothing in it overlaps."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pypdf
import pytest
from PIL import Image

from generator.article.listing import listing_exhibit
from generator.article.prediction_exhibits import MAX_CLASSES, confusion
from generator.core.errors import ReportError
from generator.records.article import Exhibit
from generator.records.measures import Predictions
from generator.render.fallback_fonts import fallback_faces
from tests.support.fonts import square_font
from tests.support.sample_page import SENTENCE
from tests.support.typesetting import (
    PLAIN,
    fills,
    outside,
    overlapping,
    set_in_type,
    structure,
    text,
    words,
)

TWO_THIRDS = 2 / 3
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 4
SHAPES = [(26, 26, 32), (24, 24, 32), (12, 12, 32), (10, 10, 64), (8, 8, 64), (4, 4, 64), (2, 2, 128), (1, 1, 128)]


def picture(name: str, width: int = 300, height: int = 200) -> Exhibit:
    """A gray picture as a figure."""
    buffer = io.BytesIO()
    Image.new("L", (width, height), 180).save(buffer, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return Exhibit(
        name=name, kind="figure", html=f'<img src="{source}" width="{width}" height="{height}" alt="{name}">'
    )


def block(name: str, kind: str = "figure") -> str:
    return f"::: {kind} {name}\nWhat {name} shows.\n:::\n\n"


def table(rows: int, columns: int, cell: str = "0.125") -> str:
    head = "|" + "|".join(f" Column {n} " for n in range(columns)) + "|\n"
    return head + "|" + " --: |" * columns + "\n" + ("|" + f" {cell} |" * columns + "\n") * rows


def references(count: int) -> str:
    return "\n".join(
        f"@article{{key{n}, author={{Author{n}, Ann and Writer, Bo}}, title={{On the {n}th of Several Hundred Things}},"
        f" journal={{Journal of Many Results}}, year={{{1700 + n}}}, volume={{{n}}}, pages={{{n}--{n + 9}}}}}"
        for n in range(count)
    )


def paragraphs(count: int) -> str:
    return "\n\n".join(SENTENCE * (3 + n % 4) for n in range(count)) + "\n\n"


def assert_well_set(pdf: bytes) -> None:
    assert outside(pdf) == []
    assert overlapping(pdf) == []


def long_words() -> bytes:
    return set_in_type(f"# Long {LONG}\n\n{SENTENCE} {LONG} {SENTENCE}\n\n- {LONG}\n\n[^n] has a note.\n\n[^n]: {LONG}")


def long_code() -> bytes:
    code = "\n".join(f"value_{n} = {' + '.join(['another_name'] * n)}" for n in range(1, 60))
    listed = {"long": listing_exhibit(code + "\nx = '" + "x" * 700 + "'", "long", "python", "print")}
    return set_in_type(f"# Code\n\n{block('long', 'listing')}{SENTENCE} `{'y' * 300}` {SENTENCE}", exhibits=listed)


def wide_tables() -> bytes:
    wide = table(40, 12) + "\n\n" + f"::: table wide\nTwelve columns.\n\n{table(30, 12, 'abcdefgh')}:::\n\n"
    return set_in_type(f"# Tables\n\n{paragraphs(3)}{wide}{paragraphs(2)}")


def sixty_figures() -> bytes:
    shown = {f"f{n}": picture(f"f{n}", 300, 120 + 37 * (n % 9)) for n in range(60)}
    body = "".join(f"{paragraphs(1 + n % 3)}{block(name)}" for n, name in enumerate(shown))
    return set_in_type(f"# Figures\n\n{body}", exhibits=shown)


def no_figures() -> bytes:
    return set_in_type(f"# One\n\n{paragraphs(9)}# Two\n\n{paragraphs(12)}")


def greek_title() -> bytes:
    paper = msgspec.structs.replace(PLAIN, title="Η σύγκλιση του ∑ και του λ-λογισμού: ἐν ἀρχῇ ἦν ὁ λόγος")
    return set_in_type(f"# Αρχή\n\n{paragraphs(9)}", paper=paper)


def arabic() -> bytes:
    return set_in_type(f"# Arabic\n\n{SENTENCE} Peace is مرحبا in Arabic. {paragraphs(3)}")


def apostrophe() -> bytes:
    paper = msgspec.structs.replace(PLAIN, authors=("Niamh O'Brien", 'Bo "B" <Writer> & Sons'), title="A & B's < C")
    return set_in_type(f"# Names\n\n{paragraphs(9)}", paper=paper)


def three_hundred_references() -> bytes:
    cited = " ".join(f"Thing {n} [@key{n}]." for n in range(300))
    return set_in_type(f"# Cited\n\n{cited}\n\n# References\n\n::: references\n:::", references=references(300))


def notes() -> bytes:
    body = "".join(f"{SENTENCE * 4}Noted.[^{n}]\n\n[^{n}]: {SENTENCE * 2}\n\n" for n in range(25))
    return set_in_type(f"# Notes\n\n{body}")


def long_class_names() -> bytes:
    """Names of every length above the columns of the largest matrix; W is the widest letter."""
    names = [f"{'W' * count} {'class' * count}"[:30] for count in range(1, MAX_CLASSES + 1)]
    counts = tuple(tuple(range(len(names))) for _ in names)
    matrix = confusion([Predictions(counts, (), ())], names)
    assert matrix
    return set_in_type(f"# Names\n\n{block('confusion', 'table')}", exhibits={"confusion": matrix})


def nothing_but_a_heading() -> bytes:
    return set_in_type("# Alone")


AWKWARD = [
    long_words,
    long_code,
    wide_tables,
    no_figures,
    notes,
    long_class_names,
    nothing_but_a_heading,
]


@pytest.mark.parametrize("make", AWKWARD, ids=lambda make: make.__name__)
def test_an_awkward_paper_stays_on_its_pages_and_overlaps_nowhere(make: Callable[[], bytes]) -> None:
    assert_well_set(make())


def test_sixty_figures_are_all_there_in_their_order_on_well_filled_pages() -> None:
    pdf = sixty_figures()
    assert_well_set(pdf)
    shown = re.findall(r"Figure (\d+) What", text(pdf))
    assert shown == [str(n) for n in range(1, 61)]
    assert sum(kind == "/Figure" for kind, _ in structure(pdf)) == 60
    assert min(fills(pdf)[:-1]) > TWO_THIRDS


def test_three_hundred_references_are_listed_once_each_and_linked_to() -> None:
    pdf = three_hundred_references()
    assert_well_set(pdf)
    listed = re.findall(r"\[(\d+)\] Ann Author", text(pdf))
    assert listed == [str(n) for n in range(1, 301)]
    targets = {
        str(link.get_object()["/Dest"])
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
        for link in page.get("/Annots", [])
    }
    assert {f"ref-key{n}" for n in range(300)} <= targets


def test_a_note_s_call_stays_with_its_word_and_both_are_linked_to_each_other() -> None:
    pdf = set_in_type(f"# Notes\n\n{SENTENCE * 4}Noted.[^n] And more.\n\n[^n]: A note.")
    ordered = words(pdf)
    at = next(index for index, word in enumerate(ordered) if word.text.startswith("Noted"))
    assert ordered[at].left < ordered[at + 1].left < ordered[at].right + 3
    links = [link.get_object() for link in pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Annots"]]  # type: ignore[attr-defined]
    assert [str(link["/Dest"]) for link in links] == ["fn:1", "fnref:1"]
    assert all(abs(link["/Rect"][3] - link["/Rect"][1]) > 4 for link in links)


def test_names_and_titles_stand_as_they_are_written() -> None:
    pdf = apostrophe()
    assert_well_set(pdf)
    assert pypdf.PdfReader(io.BytesIO(pdf)).metadata["/Author"] == 'Niamh O\'Brien, Bo "B" <Writer> & Sons'  # type: ignore[index]
    assert 'Niamh O\'Brien and Bo "B" <Writer> & Sons' in text(pdf) and "A & B's < C" in text(pdf)


def test_greek_and_arabic_are_set_in_faces_that_packages_carry() -> None:
    for pdf, expected in ((greek_title(), "ἐν ἀρχῇ ἦν ὁ λόγος"), (arabic(), "مرحبا")):
        assert_well_set(pdf)
        assert expected in text(pdf)


# --- fallback fonts ------------------------------------------------------------------------------


def test_chinese_is_set_in_a_font_of_the_papers_and_refused_without_it(tmp_path: Path) -> None:
    square_font(tmp_path / "han.ttf", " 中文字")
    body = f"# Chinese 中\n\n{SENTENCE}中文字, *中文*, **字**, `文`. {SENTENCE}"
    with pytest.raises(ReportError, match="U\\+4E2D"):
        set_in_type(body)
    faces = fallback_faces(["han.ttf"], tmp_path, "paper.toml")
    pdf = set_in_type(body, fallback=faces)
    assert "中文字,中文,字,文" in text(pdf).replace(" ", "")
    assert_well_set(pdf)


def test_the_folder_of_a_font_leaves_no_trace(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        square_font(tmp_path / name / "han.ttf", " 中")
        (tmp_path / name / "han.ttf").write_bytes((tmp_path / "one" / "han.ttf").read_bytes())
        made.append(set_in_type("# 中", fallback=fallback_faces(["han.ttf"], tmp_path / name, "paper.toml")))
    assert made[0] == made[1] and b"han.ttf" not in made[0]
