"""The PDF's stage typesets the document that the article's stage made, with the same fonts or not at all."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from msgspec.structs import replace

from generator.article.typesetting import typeset
from generator.core.errors import ReportError
from generator.paper import load_paper
from generator.records.attachment import Attachment
from generator.records.printed import Printed
from generator.render.fonts import digests, print_fonts
from generator.render.page import render_print
from tests.conftest import make_paper
from tests.support.sample_page import ARTICLE, EDITION, PAPER
from tests.support.typesetting import DATE

RESULTS = Attachment("results.json", "application/json", "Data", "All numbers", b"{}")
PRINTED = Printed(render_print(PAPER, ARTICLE, EDITION), DATE, digests(print_fonts()), (RESULTS,))


def test_the_pdf_is_typeset_from_the_document_with_its_attachments(tmp_path: Path) -> None:
    folder = make_paper("tiny", tmp_path)
    (tmp_path / "article.pdf").write_bytes(typeset(folder, load_paper(folder, {}), PRINTED))
    with pikepdf.open(tmp_path / "article.pdf") as opened:
        assert {name: file.get_file().read_bytes() for name, file in opened.attachments.items()} == {
            "results.json": b"{}"
        }


def test_a_font_that_is_no_longer_the_article_s_is_refused(tmp_path: Path) -> None:
    folder = make_paper("tiny", tmp_path)
    (url, _), *others = PRINTED.fonts.items()
    with pytest.raises(ReportError, match="A font changed while the build was running"):
        typeset(folder, load_paper(folder, {}), replace(PRINTED, fonts={url: "0" * 64, **dict(others)}))
