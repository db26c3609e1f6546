"""A gallery of equations: nothing of them is lost on the page or in the PDF, and they are drawn as LaTeX would."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from generator.article.equations import drawn_by_ziamath, mathml
from generator.core.errors import Place
from generator.core.paths import TEMPLATES
from generator.render import fonts
from tests.support.equations import GALLERY, Equation
from tests.support.typesetting import PLAIN, outside, pages, set_in_type

PLACE = Place(Path("article.md"), 1)
BY_NAME = {equation.name: equation for equation in GALLERY}
STYLE = "".join(
    (TEMPLATES / "style" / name).read_text(encoding="utf-8") for name in ("base.css", "math.css", "page.css")
)


def _whole_face() -> str:
    """The rule of the face for equations with all of its glyphs."""
    fonts.math_font().save(file := io.BytesIO())
    data = base64.b64encode(file.getvalue()).decode()
    return f"@font-face {{ font-family: '{fonts.MATH_FACE.family}'; src: url(data:font/ttf;base64,{data}) }}"


def _html() -> str:
    """The gallery, an equation in each paragraph."""
    return "".join(f"<p>{mathml(equation.latex, equation.display, PLACE)}</p>" for equation in GALLERY)


def _page(browser: Browser, face: str) -> Page:
    # Letters are not fitted to pixels: how FreeType does that depends on which other letters a face has.
    unfitted = "math { text-rendering: geometricPrecision }"
    page = browser.new_page(viewport={"width": 800, "height": 600})
    page.set_content(f"<style>{face}{STYLE}{unfitted}</style><main>{_html()}</main>")
    page.evaluate("document.fonts.load('1em \"STIX Two Math\"')")
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    return page


@pytest.fixture(scope="module")
def gallery(browser: Browser) -> Page:
    return _page(browser, fonts.math_rules(_html()))


def _shown(page: Page, name: str) -> Locator:
    return page.locator("math").nth(list(BY_NAME).index(name))


def test_the_gallery_has_sixty_constructs_of_different_names() -> None:
    assert len(BY_NAME) == len(GALLERY) >= 60


def test_the_cut_face_shows_every_equation_as_the_whole_face_does(browser: Browser, gallery: Page) -> None:
    whole = _page(browser, _whole_face())
    if gallery.screenshot(full_page=True) == whole.screenshot(full_page=True):
        return
    differing = [name for name in BY_NAME if _shown(gallery, name).screenshot() != _shown(whole, name).screenshot()]
    pytest.fail(f"not the same in both faces: {differing or 'the place of an equation'}")


def test_a_sign_that_the_face_lacks_would_be_seen(browser: Browser, gallery: Page) -> None:
    """The comparison with the whole face can fail: without the sign of the root the page looks different."""
    page = _page(browser, fonts.math_rules(_html().replace("msqrt", "mrow").replace("mroot", "msup")))
    assert _shown(page, "root").screenshot() != _shown(gallery, "root").screenshot()


def _parts(node: Any) -> Iterator[Any]:
    """The glyphs and rules that ziamath draws, in their order."""
    for part in node.nodes:
        yield from [part] if type(part).__name__ in ("Glyph", "HLine") else _parts(part)


def _sign(part: Any) -> str:
    if type(part).__name__ == "HLine":
        return "―" if part.lw else ""
    return "" if part.phantom or part.char.isspace() else str(part.char)


@pytest.mark.parametrize("equation", GALLERY, ids=BY_NAME)
def test_the_pdf_draws_every_sign_of_an_equation(equation: Equation) -> None:
    drawn = drawn_by_ziamath(equation.latex, equation.display)
    parts = list(_parts(drawn.node))
    assert "".join(map(_sign, parts)) == equation.drawn
    assert all(part.glyph.index != 0 for part in parts if hasattr(part, "glyph"))


def _box(of: Locator) -> dict[str, float]:
    box = of.bounding_box()
    assert box is not None
    return {"x": box["x"], "height": box["height"], "right": box["x"] + box["width"]}


def _heights(page: Page, name: str, sign: str) -> list[float]:
    signs = _shown(page, name).locator("mo").all()
    return [_box(mo)["height"] for mo in signs if mo.text_content() == sign]


def test_both_bars_of_a_norm_are_of_one_height(gallery: Page) -> None:
    assert len(set(_heights(gallery, "norms", "‖"))) == 1
    left, right = _heights(gallery, "tall norm", "‖")
    assert left == right > 1.5 * _heights(gallery, "norms", "‖")[0]


def test_fences_of_a_matrix_are_as_tall_as_it_and_no_taller_for_what_stands_beside_it(gallery: Page) -> None:
    table = _box(_shown(gallery, "determinants").locator("mtable").first)
    for height in _heights(gallery, "determinants", "|"):
        assert table["height"] * 0.8 < height < table["height"] * 1.3


def test_the_relations_of_aligned_lines_stand_under_each_other(gallery: Page) -> None:
    for name in ("aligned", "Adam", "split"):
        rows = _shown(gallery, name).locator("mtr").all()
        assert len({round(_box(row.locator("mtd").nth(1).locator("mo").first)["x"], 1) for row in rows}) == 1
    rows = _shown(gallery, "Adam").locator("mtr").all()
    ends = [_box(row.locator("mtd").first.locator("msub").first)["right"] for row in rows]
    assert max(ends) - min(ends) < 1


def test_the_columns_of_cases_begin_at_their_left(gallery: Page) -> None:
    rows = _shown(gallery, "cases").locator("mtr").all()
    for column, part in ((0, "mi"), (1, "mtext")):
        assert len({round(_box(row.locator("mtd").nth(column).locator(part).first)["x"]) for row in rows}) == 1


def test_limits_stand_below_a_displayed_operator_and_beside_one_in_a_line(gallery: Page) -> None:
    for name in ("operator name with limits", "argmax", "limits"):
        assert _shown(gallery, name).locator("munder").count() > 0
    for name in ("arg max inline", "inline limits", "inline sum"):
        assert _shown(gallery, name).locator("munder, munderover").count() == 0


def test_bold_letters_are_characters_of_their_own() -> None:
    """MathML Core has no bold: a browser would show the letter light."""
    assert {"𝚺", "𝝁", "𝒙", "𝐖", "𝟎"} <= set(mathml(BY_NAME["bold Greek"].latex, True, PLACE))
    assert '<mi mathvariant="normal">Σ</mi>' in mathml(r"\Sigma", False, PLACE)


def test_a_name_of_an_operator_keeps_its_space_and_shows_no_star() -> None:
    for latex in (r"\operatorname*{arg\,min}_x", r"\operatorname*{arg min}_x", r"\operatorname*{\mathrm{arg\,min}}_x"):
        assert ">arg\u2009min<" in mathml(latex, True, PLACE) and "*" not in mathml(latex, True, PLACE).split(">", 1)[1]


def _nodes(node: Any, tag: str) -> Iterator[Any]:
    for part in getattr(node, "nodes", ()):
        if part.mtag == tag:
            yield part
        yield from _nodes(part, tag)


@pytest.mark.parametrize("name", ["aligned", "Adam", "cases", "split", "large matrix"])
def test_lines_under_each_other_do_not_touch_in_the_pdf(name: str) -> None:
    """Between the lowest ink of a line and the highest of the next there is room: an eighth of the size of the type."""
    equation = BY_NAME[name]
    (table,) = _nodes(drawn_by_ziamath(equation.latex, equation.display).node, "mtable")
    tops: dict[float, float] = {}
    bottoms: dict[float, float] = {}
    for (_, baseline), cell in zip(table.nodexy, table.nodes, strict=True):
        tops[baseline] = min(tops.get(baseline, baseline), baseline - cell.bbox.ymax)
        bottoms[baseline] = max(bottoms.get(baseline, baseline), baseline - cell.bbox.ymin)
    lines = sorted(tops)
    assert len(lines) > 1
    assert all(tops[lower] - bottoms[upper] > 12.5 for upper, lower in itertools.pairwise(lines))


def test_the_gallery_stays_inside_the_pages_of_a_pdf() -> None:
    body = "\n\n".join(
        f"$$\n{equation.latex}\n$$" if equation.display else f"In a line ${equation.latex}$." for equation in GALLERY
    )
    pdf = set_in_type(body, paper=PLAIN)
    assert outside(pdf) == [] and len(pages(pdf)) > 3
