"""The PDF is checked by its bytes, its text, its structure, and its log: any warning fails."""

from __future__ import annotations

import datetime
import io
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pypdf
import pytest
from PIL import Image

from generator.core.errors import ReportError
from generator.records.attachment import Attachment
from generator.render.fonts import print_fonts
from generator.render.page import render_print
from generator.render.pdf import typeset
from tests.support.sample_page import ARTICLE, EDITION, PAPER, SQUARE
from tests.support.typesetting import structure

FONTS = print_fonts()
DATE = datetime.datetime(2025, 11, 22, 3, 4, 5, tzinfo=datetime.UTC)


def sample() -> str:
    return render_print(PAPER, ARTICLE, EDITION)


@pytest.fixture(scope="module")
def article() -> bytes:
    return typeset(sample(), FONTS, DATE)


@pytest.fixture(scope="module")
def file(article: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("pdf") / "article.pdf"
    path.write_bytes(article)
    return path


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


def with_body(html: str) -> str:
    return sample().replace("</article>", f"{html}</article>")


def small(html: str) -> str:
    """A document with `html`, for what has nothing to do with an article."""
    return f"<html lang=en><title>t</title><style>body {{ font-family: Source Serif }}</style>{html}"


def test_the_text_is_there_in_reading_order(article: bytes) -> None:
    text = text_of(article)
    parts = [
        "On Small Squares",
        "Ann O’Author and Bo Writer",
        "Una Origin",
        "It is about squares.",
        "1 Beginning",
    ]
    parts += ["Listing 1", "def f():", "1.1 Middle", "Figure 1 A square.", "Table 1", "row 5", "2 References"]
    parts += ["An Author, A Title"]
    assert sorted(parts, key=text.index) == parts


def test_the_outline_has_the_sections_and_not_the_title(article: bytes) -> None:
    outline: Any = pypdf.PdfReader(io.BytesIO(article)).outline
    titles = [[part.title for part in item] if isinstance(item, list) else item.title for item in outline]
    assert titles == ["Abstract", "1 Beginning", ["1.1 Middle"], "2 References"]


def test_citations_and_references_to_figures_are_links_that_arrive(article: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(article))
    links = [
        annotation.get_object()
        for page in reader.pages
        for annotation in page.get("/Annots", [])
        if annotation.get_object()["/Subtype"] == "/Link"
    ]
    targets = [link["/Dest"] for link in links]
    assert targets.count("ref-key") == 2 and "fig:square" in targets
    assert set(targets) <= set(reader.named_destinations)


def test_it_is_tagged_with_headings_lists_tables_and_alternatives(article: bytes) -> None:
    tags = structure(article)
    headings = [kind for kind, _ in tags if kind in ("/H1", "/H2", "/H3")]
    assert headings == ["/H1", "/H2", "/H2", "/H3", "/H2"]
    assert ("/Figure", "A square.") in tags
    assert {"/Table", "/TH", "/TD", "/L", "/Lbl", "/LBody", "/Caption", "/Link", "/P"} <= {kind for kind, _ in tags}


def test_title_language_and_the_paper_s_date_are_in_the_document(article: bytes) -> None:
    with pikepdf.open(io.BytesIO(article)) as opened:
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        assert (str(opened.Root.Lang), str(opened.docinfo["/Title"])) == ("en-US", "On Small Squares")
        assert str(opened.docinfo["/CreationDate"]) == str(opened.docinfo["/ModDate"]) == "D:20251122030405Z"


def test_it_claims_pdf_ua_and_pdf_a_in_uncompressed_metadata(article: bytes) -> None:
    with pikepdf.open(io.BytesIO(article)) as opened, opened.open_metadata() as metadata:
        assert (metadata["pdfuaid:part"], metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == (
            "1",
            "3",
            "A",
        )
    assert b'pdfuaid:part="1"' in article


def test_every_font_is_one_of_ours_and_embedded(file: Path) -> None:
    rows = subprocess.check_output(["pdffonts", file], text=True).splitlines()[2:]
    names = {row.split()[0].partition("+")[2] for row in rows}
    assert {"Source-Serif", "Source-Serif-Semi-Bold", "Source-Sans", "DejaVu-Sans-Mono"} <= names
    assert all(name.startswith(("Source-Serif", "Source-Sans", "DejaVu-Sans")) for name in names)
    assert all(row.split()[-5] == "yes" for row in rows)


def test_no_font_of_the_machine_is_used_even_when_a_style_asks_for_one() -> None:
    content = typeset("<html lang=en><title>t</title><p style='font-family: DejaVu Serif, serif'>text", FONTS, DATE)
    with pikepdf.open(io.BytesIO(content)) as opened:
        fonts = {str(font.BaseFont) for font in opened.pages[0].Resources.Font.values()}
    assert fonts and not any("Serif" in name and "DejaVu" in name for name in fonts)


@pytest.mark.parametrize(("size", "points"), [("A4", (595, 842)), ("letter", (612, 792))])
def test_pages_have_the_size_of_the_paper(size: str, points: tuple[int, int]) -> None:
    paper = msgspec.structs.replace(PAPER, pdf=msgspec.convert({"paper": size}, type(PAPER.pdf)))
    box = pypdf.PdfReader(io.BytesIO(typeset(render_print(paper, ARTICLE, EDITION), FONTS, DATE))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == points


def test_pages_are_numbered_and_later_ones_have_the_title_as_running_head(article: bytes) -> None:
    pages = pypdf.PdfReader(io.BytesIO(article)).pages
    texts = [" ".join(page.extract_text().split()) for page in pages]
    assert len(pages) > 1
    assert all(f"page {n} of {len(pages)}" in text for n, text in enumerate(texts, 1))
    assert "On Small Squares" in texts[1]


def test_the_introduction_begins_on_the_first_page(article: bytes) -> None:
    assert "1 Beginning" in text_of_page(article, 0)


def text_of_page(content: bytes, number: int) -> str:
    return " ".join(pypdf.PdfReader(io.BytesIO(content)).pages[number].extract_text().split())


def test_long_lines_of_code_stay_on_the_page(file: Path) -> None:
    words = subprocess.check_output(["pdftotext", "-bbox", file, "-"], text=True).splitlines()
    edges = [float(line.split('xMax="')[1].split('"')[0]) for line in words if "<word" in line]
    assert max(edges) < 595 - 70


def test_pixels_are_drawn_without_smoothing(article: bytes) -> None:
    with pikepdf.open(io.BytesIO(article)) as opened:
        images = [image for page in opened.pages for image in page.get_images().values()]
        assert images and not any(bool(image.get("/Interpolate", False)) for image in images)


def test_other_html_gives_another_identifier() -> None:
    identifiers = []
    for content in (typeset(small(text), FONTS, DATE) for text in ("one", "two")):
        with pikepdf.open(io.BytesIO(content)) as opened:
            identifiers.append(bytes(opened.trailer.ID[0]))
    assert identifiers[0] != identifiers[1] and len(identifiers[0]) == 32


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<img src="font:nothing" alt="x">', "font:nothing"),
        ('<img src="file:///etc/hostname" alt="x">', "file:///etc/hostname"),
        ('<img src="http://example.invalid/x.png" alt="x">', "http://example.invalid/x.png"),
        ('<img src="relative.png" alt="x">', "relative.png"),
        ('<img src="data:image/png;base64,AAAA" alt="x">', "data:image/png"),
        ('<link rel="stylesheet" href="file:///etc/x.css">', "file:///etc/x.css"),
        ("<style>p { no-such-property: 1 }</style>", "no-such-property"),
        ('<a href="#nowhere">x</a>', "nowhere"),
        (f'<img src="{SQUARE}">', "alt"),
        ("<style>@font-face { font-family: x; src: url(font:gone) }</style>", "Font-face"),
    ],
)
def test_what_weasyprint_would_only_log_fails_the_build(html: str, words: str) -> None:
    with pytest.raises(ReportError, match="WeasyPrint reports") as caught:
        typeset(small(html), FONTS, DATE)
    assert words in str(caught.value) and len(str(caught.value)) < 1500


def test_complaints_are_heard_even_when_logging_is_turned_down() -> None:
    logger = logging.getLogger("weasyprint")
    logger.setLevel(logging.CRITICAL)
    try:
        with pytest.raises(ReportError):
            typeset(small('<a href="#nowhere">x</a>'), FONTS, DATE)
        assert logger.level == logging.CRITICAL and len(logger.handlers) == 1
    finally:
        logger.setLevel(logging.NOTSET)


def test_pictures_that_were_handed_over_are_served(article: bytes) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (3, 3), "red").save(buffer, "PNG")
    files = {**FONTS, "picture:red": buffer.getvalue()}
    content = typeset(small('<img src="picture:red" alt="red">'), files, DATE)
    assert ("/Figure", "red") in structure(content)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_picture_of_any_kind_is_printed(mode: str) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (3, 3)).save(buffer, "PNG")
    content = typeset(small('<img src="picture:any" alt="any">'), {**FONTS, "picture:any": buffer.getvalue()}, DATE)
    assert ("/Figure", "any") in structure(content)


def test_a_character_without_a_face_fails_before_typesetting() -> None:
    with pytest.raises(ReportError, match="U\\+4E2D"):
        typeset(with_body("<p>中</p>"), FONTS, DATE)


def test_other_scripts_and_signs_are_set_in_the_faces_that_have_them() -> None:
    text = text_of(typeset(with_body("<p>αβγ <i>λ</i> ∈ ∑ → ≤</p>"), FONTS, DATE))
    assert "αβγ λ ∈ ∑ → ≤" in text


def test_without_pango_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(ReportError, match="libpango") as caught:
        typeset(sample(), FONTS, DATE)
    assert "apt-get install libpango" in caught.value.next


ATTACHMENTS = (
    Attachment("results.json", "application/json", "Data", "The numbers", b'{"a": 1}'),
    Attachment("experiment.py", "text/x-python", "Source", "The code", b"x = 1"),
    Attachment("references.bib", "application/x-bibtex", "Supplement", "The references", b"@misc{a}"),
)


def test_attached_files_are_there_once_with_their_types_relations_and_dates() -> None:
    content = typeset(small("text"), FONTS, DATE, ATTACHMENTS)
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert {name: file.get_file().read_bytes() for name, file in opened.attachments.items()} == {
            each.name: each.content for each in ATTACHMENTS
        }
        found = [(str(file.F), str(file.AFRelationship), file.EF.F) for file in opened.Root.AF]
        assert [name for name, _, _ in found] == ["experiment.py", "references.bib", "results.json"]
        assert [relation for _, relation, _ in found] == ["/Source", "/Supplement", "/Data"]
        assert [str(file.Subtype) for _, _, file in found] == [
            "/text/x-python",
            "/application/x-bibtex",
            "/application/json",
        ]
        dates = {str(file.Params[name]) for _, _, file in found for name in ("/CreationDate", "/ModDate")}
        assert dates == {"D:20251122030405Z"}


def test_a_document_with_attachments_is_as_reproducible() -> None:
    made = [typeset(small("text"), FONTS, DATE, files) for files in (ATTACHMENTS, ATTACHMENTS[::-1])]
    assert made[0] == made[1]
    changed = msgspec.structs.replace(ATTACHMENTS[0], content=b"{}")
    assert typeset(small("text"), FONTS, DATE, (changed, *ATTACHMENTS[1:])) != made[0]
