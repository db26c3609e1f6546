"""Fonts come out of Python packages, and what they cannot print is found before it is printed."""

from __future__ import annotations

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from generator.core.errors import ReportError
from generator.render import fonts


def test_every_face_of_the_pdf_has_a_rule_and_a_file_at_its_address() -> None:
    named = re.findall(r"url\((font:[^)]+)\)", fonts.print_rules())
    assert len(named) == len(fonts.PRINT_FACES)
    assert set(named) == set(fonts.print_fonts())


@pytest.mark.parametrize("face", fonts.PRINT_FACES, ids=lambda face: face.file)
def test_a_face_is_what_its_rule_says(face: fonts.Face) -> None:
    font = TTFont(io.BytesIO(fonts.print_fonts()[face.url]))
    is_slanted = font["post"].italicAngle != 0
    assert is_slanted == (face.style == "italic")
    assert (font["OS/2"].usWeightClass >= 600) == (face.weight == 600)
    assert font["name"].getDebugName(1).startswith(face.family)


def test_a_page_with_equations_carries_their_characters_and_the_italics_of_its_letters() -> None:
    rules = fonts.math_rules('<p>z</p><math alttext="q"><mi>x</mi><mo>∑</mo><mi>h</mi></math><p>z</p>')
    (data,) = re.findall(r"data:font/woff2;base64,([^)]+)\)", rules)
    font = TTFont(io.BytesIO(base64.b64decode(data)))
    assert set(map(ord, "x∑h𝑥ℎ")) <= set(font.getBestCmap()) and ord("z") not in font.getBestCmap()
    assert "MATH" in font and len(rules) < 20_000


def test_the_face_for_equations_has_what_a_browser_draws_and_no_text_names() -> None:
    """The sign of a root, the wide forms of "~", primes for indices, and parts of the longest arrows."""
    (data,) = re.findall(
        r"base64,([^)]+)\)", fonts.math_rules("<math><msqrt><mi>x</mi></msqrt><mo>~</mo><mo>′</mo><mo>→</mo></math>")
    )
    font = TTFont(io.BytesIO(base64.b64decode(data)))
    names = font.getBestCmap()
    assert {ord("√"), ord("𝑥")} <= set(names)
    variants = font["MATH"].table.MathVariants
    assert (
        names[ord("~")] in variants.HorizGlyphCoverage.glyphs and names[ord("√")] in variants.VertGlyphCoverage.glyphs
    )
    place = variants.HorizGlyphCoverage.glyphs.index(names[ord("→")])
    assert variants.HorizGlyphConstruction[place].GlyphAssembly.PartRecords[-1].StartConnectorLength > 0
    assert font["glyf"][names[ord("′")]].yMin < 200


def test_a_page_without_equations_carries_no_face_for_them() -> None:
    assert fonts.math_rules("<p>2 ∑ 3</p>") == ""


@pytest.mark.parametrize("text", ["plain", "αβγ − × ≤ ∈ → ━", "naïve Œuvre", "السلام", "a\u00adb\u200dc\u00a0d\t\n"])
def test_text_that_some_face_has_lacks_nothing(text: str) -> None:
    assert fonts.lacking(text, fonts.print_fonts().values()) == set()


def test_a_character_without_a_face_is_named_with_its_code_point_and_its_words() -> None:
    with pytest.raises(ReportError) as caught:
        fonts.require_glyphs("<p>so far <b>中文</b> and on</p>", fonts.print_fonts())
    message = str(caught.value)
    assert "U+4E2D 中 (CJK UNIFIED IDEOGRAPH-4E2D)" in message and "U+6587" in message
    assert "so far 中文 and on" in message and caught.value.next


def test_an_escaped_character_is_seen_too() -> None:
    with pytest.raises(ReportError, match="U\\+4E2D"):
        fonts.require_glyphs("<p>&#x4e2d;</p>", fonts.print_fonts())


def test_styles_scripts_and_attributes_are_not_text() -> None:
    html = '<style>/* 中 */</style><script>"中"</script><img alt="中"><p>文</p>'
    with pytest.raises(ReportError, match="文") as caught:
        fonts.require_glyphs(html, fonts.print_fonts())
    assert "中" not in str(caught.value)


def test_many_missing_characters_are_counted_not_listed() -> None:
    with pytest.raises(ReportError, match="and 3 more"):
        fonts.require_glyphs("<p>一二三四五六七八</p>", fonts.print_fonts())


def test_a_missing_package_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)
    with pytest.raises(ReportError, match="font-source-serif-pro"):
        fonts.print_fonts()
