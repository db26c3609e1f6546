"""A paper can add faces: its own font files, and families that come with Matplotlib."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from generator.build import keys, preflight
from generator.build.preflight import Request
from generator.core.errors import UsageError
from generator.paper import FontSettings, load_paper
from generator.render import fonts
from generator.render.fallback_fonts import fallback_faces
from generator.render.page import render_page, render_print
from tests.support.fonts import square_font
from tests.support.sample_page import ARTICLE, EDITION, PAPER

TOML = 'title = "T"\nauthors = ["A"]\ndate = 2025-01-02\n\n[fonts]\nfallback = [\n  "DejaVu Serif",\n  "{}",\n]\n'


def paper_with(folder: Path, font: str) -> Path:
    (folder / "paper.toml").write_text(TOML.format(font))
    return folder


def test_a_family_that_matplotlib_carries_comes_with_all_its_faces() -> None:
    faces = fallback_faces(["DejaVu Serif"], Path(), "here")
    assert {(face.weight, face.style) for face in faces} == {
        (weight, style) for weight in (400, 600) for style in ("normal", "italic")
    }
    assert all(face.url in fonts.print_fonts(faces) for face in faces)


def test_a_file_is_named_by_its_own_family(tmp_path: Path) -> None:
    square_font(tmp_path / "own.ttf", " 中")
    (face,) = fallback_faces(["own.ttf"], tmp_path, "here")
    assert (face.family, face.weight, face.style) == ("Square Han", 400, "normal")
    assert str(tmp_path) not in fonts.print_rules([face])


def check(folder: Path) -> None:
    """What a build of the paper in `folder` does before it trains."""
    request = Request(folder, folder / "build", None, {})
    preflight.check_fonts(request, load_paper(folder, {}))


def test_added_families_stand_before_dejavu_in_the_pdf_and_are_named_on_the_page(tmp_path: Path) -> None:
    square_font(tmp_path / "own.ttf", " 中")
    faces = fallback_faces(["own.ttf"], tmp_path, "here")
    printed = render_print(PAPER, ARTICLE, EDITION, faces)
    assert '--fallback: "Square Han"' in printed and 'var(--fallback), "DejaVu Sans"' in printed
    assert '--fallback: "Square Han"' in render_page(PAPER, ARTICLE, EDITION, "", faces)
    assert '--fallback: "DejaVu Sans"' in render_print(PAPER, ARTICLE, EDITION)


def test_an_unknown_family_is_told_with_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check(paper_with(tmp_path, "DejaVu Sands"))
    assert "paper.toml:8" in str(caught.value) and 'Did you mean "DejaVu Sans"?' in str(caught.value)


def test_a_missing_file_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    square_font(tmp_path / "fonts" / "han.ttf", " 中")
    with pytest.raises(UsageError, match="fonts/han.ttf") as caught:
        check(paper_with(tmp_path, "font/han.ttf"))
    assert "paper.toml:8" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no font at all", b"\x00\x01\x00\x00 broken"])
def test_a_file_that_is_no_font_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.ttf").write_bytes(content)
    with pytest.raises(UsageError, match="bad.ttf is not a font"):
        check(paper_with(tmp_path, "bad.ttf"))


def test_another_font_file_makes_the_article_stale(tmp_path: Path) -> None:
    from generator.core.environment import Commit

    paper = msgspec.structs.replace(PAPER, fonts=FontSettings(fallback=("own.ttf", "DejaVu Serif")))
    square_font(tmp_path / "own.ttf", " 中")
    before = keys.article(tmp_path, paper, None, [], Commit(None, None, False), draft=False, out=tmp_path / "build")
    square_font(tmp_path / "own.ttf", " 中文")
    after = keys.article(tmp_path, paper, None, [], Commit(None, None, False), draft=False, out=tmp_path / "build")
    changed = {name for name in after.parts if before.parts.get(name) != after.parts[name]}
    assert changed == {"font own.ttf"}


def test_the_page_s_fonts_depend_on_no_paper() -> None:
    parts = keys.fonts().parts
    assert {"code generator/render/fonts.py", "version fonttools", "version font-source-serif-pro"} <= set(parts)
    assert not any(name.startswith(("paper", "template", "result")) for name in parts)
