"""Equations: MathML for the page, a drawing on the baseline for the PDF, and errors for both alike."""

from __future__ import annotations

import base64
import io
import re
import time
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from weasyprint import HTML

from generator.article.equations import drawing, mathml
from generator.core.errors import Place, ReportError

PLACE = Place(Path("article.md"), 5)
SOFTMAX = r"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"


def test_the_page_gets_mathml_with_its_source_as_alternative() -> None:
    tree = ElementTree.fromstring(mathml(SOFTMAX, True, PLACE))
    assert tree.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert (tree.get("display"), tree.get("alttext")) == ("block", SOFTMAX)
    assert "∑" in "".join(tree.itertext())


def test_inline_and_displayed_equations_differ() -> None:
    assert 'display="inline"' in mathml("x", False, PLACE)
    assert drawing(SOFTMAX, False, PLACE) != drawing(SOFTMAX, True, PLACE)


@pytest.mark.parametrize("latex", ['a < b > c & "d"', "x_{\\text{a 'quoted' \"one\"}}"])
def test_an_equation_cannot_leave_its_element(latex: str) -> None:
    tree = ElementTree.fromstring(mathml(latex, False, PLACE))
    assert tree.get("alttext") == latex
    assert re.findall(r"<(?!/?m[a-z]+[ >])", mathml(latex, False, PLACE)) == []


def test_the_drawing_is_an_image_in_units_of_the_text_with_its_source_as_alternative() -> None:
    html = drawing("y_j < 1", False, PLACE)
    assert f'alt="{escape("y_j < 1")}"' in html
    measures = dict(re.findall(r"([a-z-]+):(-?[\d.]+)em", html))
    assert 0.5 < float(measures["height"]) < 2
    assert float(measures["vertical-align"]) < 0
    data = re.search(r"base64,([^\"]+)", html)
    assert data and base64.b64decode(data[1]).startswith(b"<svg ")


def test_the_pdf_engine_draws_the_image_and_tags_it_with_its_alternative() -> None:
    html = f"<html lang=en><title>t</title><p>Where {drawing(SOFTMAX, False, PLACE)} is."
    pdf = HTML(string=html).write_pdf(pdf_tags=True)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        alternatives = [
            str(thing.Alt)
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Figure"
        ]
    assert alternatives == [SOFTMAX]


def test_several_lines_can_be_aligned() -> None:
    latex = r"\begin{aligned} a &= b \\ c &= d \end{aligned}"
    assert mathml(latex, True, PLACE).count("<mtr>") == 2
    assert drawing(latex, True, PLACE).startswith("<img ")


@pytest.mark.parametrize(
    ("latex", "why"),
    [
        (r"\foo + 1", r"\foo is not known"),
        ("{a", "a { has no }"),
        ("a}", "a } has no {"),
        (r"\frac{1}", "a part of a fraction, an index, or a root is missing"),
        ("x^", "missing super script or subscript"),
        ("x^2^3", "double superscripts"),
        (r"\left( x", "extra left or missing right"),
        ("  ", "it is empty"),
        (r"\text{<b>}", "< and & cannot be used in its text"),
        (
            r"\begin{align} a \end{align}",
            'there is no unnumbered environment "align"',
        ),
        (r"\begin{foo} a \end{foo}", 'there is no unnumbered environment "foo"'),
    ],
)
def test_an_equation_that_cannot_be_set_is_refused_for_both_targets(latex: str, why: str) -> None:
    for typeset in (mathml, drawing):
        with pytest.raises(ReportError) as caught:
            typeset(latex, False, PLACE)
        assert caught.value.what == f"The equation ${latex.strip()}$ cannot be typeset: {why}."
        assert caught.value.where == PLACE
        assert caught.value.next == "Correct its LaTeX."


@pytest.mark.parametrize(
    ("latex", "why", "instead"),
    [
        (r"\mathds{1}", r"\mathds is not known", "Correct its LaTeX."),
        (r"\ce{H2O} + x", r"\ce is not known", "Correct its LaTeX."),
        (r"\frac{\foo}{2}", r"\foo is not known", "Correct its LaTeX."),
        (r"a \\ b", r"\\ is outside a table", r"Write the lines in \begin{aligned} … \end{aligned}."),
        (r"\text{if $x$}", "$ cannot be used in its text", r"End \text{…} before it, and begin another after it."),
        (
            r"\text{an \alpha}",
            r"\alpha cannot be used in its text",
            r"End \text{…} before it, and begin another after it.",
        ),
        (
            r"\operatorname{a_b}",
            r"\operatorname{a_b} is not a name",
            r"A name has letters, digits, hyphens, and spaces, as in arg\,min.",
        ),
        (
            r"\operatorname x",
            r"the name of \operatorname is missing",
            r"Write it in braces: \operatorname{name}.",
        ),
        (
            r"\begin{array}{c|c} a & b \end{array}",
            "its array has a line between columns",
            "Tables in equations have no lines; use a table in the article.",
        ),
        (
            r"\text{中}",
            "the equation font has no 中 (U+4E2D, cjk unified ideograph-4e2d)",
            "Use another character.",
        ),
        ("x \ue000", "U+E000 is not a character of any script", "Correct its LaTeX."),
        (r"\not\frac{1}{2}", r"\not cannot be used before a group", "Correct its LaTeX."),
    ],
)
def test_what_would_be_printed_wrong_is_refused_with_what_to_write(latex: str, why: str, instead: str) -> None:
    for typeset in (mathml, drawing):
        with pytest.raises(ReportError) as caught:
            typeset(latex, True, PLACE)
        assert caught.value.what == f"The equation ${latex}$ cannot be typeset: {why}."
        assert (caught.value.where, caught.value.next) == (PLACE, instead)


@pytest.mark.parametrize(
    "command", ["href", "style", "tag", "cancel", "boxed", "raise", "color", "hline", "mathop", "nolimits", "dddot"]
)
def test_a_command_that_a_target_cannot_draw_is_refused_with_what_to_write(command: str) -> None:
    with pytest.raises(ReportError, match=rf"\\{command} is not allowed") as caught:
        mathml(rf"x \{command}{{y}}", True, PLACE)
    assert caught.value.next != "Correct its LaTeX."


def test_escaped_signs_of_a_text_are_shown_without_their_backslash() -> None:
    assert ">5%\u00a0of\u00a0a_b<" in mathml(r"\text{5\% of a\_b}", False, PLACE)


@pytest.mark.parametrize(
    ("latex", "space"),
    [("a + b", "0.222em"), ("a = b", "0.278em"), ("a, b", "0.167em"), (r"\log a", "0.167em")],
)
def test_parts_are_set_apart_by_the_spaces_of_tex(latex: str, space: str) -> None:
    widths = re.findall('<mspace width="([^"]+)"', mathml(latex, False, PLACE))
    assert widths and set(widths) == {space}


@pytest.mark.parametrize("latex", ["-a", "|a|", "x_{a+b}", "(a)", r"\{a\}", "a!", r"e^{-x}"])
def test_a_sign_of_one_side_and_an_index_have_no_space(latex: str) -> None:
    assert "mspace" not in mathml(latex, False, PLACE)


NESTED = {
    "braces": ("{", "}"),
    "exponents": ("x^{", "}"),
    "indices": ("x_{a", "}"),
    "fractions": (r"\frac{1}{", "}"),
    "binomials": (r"\binom{1}{", "}"),
    "roots": (r"\sqrt{", "}"),
    "accents": (r"\hat{", "}"),
    "brackets": (r"\left(", r"\right)"),
    "matrices": (r"\begin{matrix}", r"\end{matrix}"),
    "cases": (r"\begin{cases}", r"\end{cases}"),
    "styles": (r"{\displaystyle ", "}"),
    "phantoms": (r"\phantom{", "}"),
    "labels": (r"\overset{a}{", "}"),
}


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("depth", [50, 400])
def test_an_equation_nested_too_deeply_is_refused_at_once(name: str, depth: int) -> None:
    """The time to draw one doubles with each level, or more."""
    begin, end = NESTED[name]
    begun = time.process_time()
    for typeset in (mathml, drawing):
        with pytest.raises(ReportError) as caught:
            typeset(begin * depth + "x" + end * depth, True, PLACE)
        assert caught.value.where == PLACE
        assert len(str(caught.value)) < 500
    assert time.process_time() - begun < 2


def test_an_equation_that_is_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(ReportError, match="it has 3,001 characters") as caught:
        mathml("a" * 3001, True, PLACE)
    assert caught.value.next == "Divide it into equations of a few lines."


def test_a_continued_fraction_of_four_levels_is_set() -> None:
    latex = r"1 + \cfrac{1}{2 + \cfrac{1}{2 + \cfrac{1}{2 + \cfrac{1}{x}}}}"
    assert "mfrac" in mathml(latex, True, PLACE)
