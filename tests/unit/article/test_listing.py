"""Code as it is printed: colored by classes, line by line, and copied without its numbers."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.article.listing import code_html, listing_exhibit
from generator.core.errors import Place, ReportError

PLACE = Place(Path("article.md"), 3)
SOURCE = 'def load():\n    """Two\n    lines."""\n\n    return 1 < 2\n'


def text(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_every_line_is_an_element_with_an_id_and_its_number_out_of_the_text() -> None:
    html = listing_exhibit(SOURCE, "load", "python", "page").html
    assert re.findall(r'<span class="line" id="(.*?)" data-line="(.*?)"', html) == [
        (f"lst-load-L{n}", str(n)) for n in range(1, 6)
    ]
    assert text(html).rstrip("\n") == SOURCE.rstrip("\n")


def test_each_line_is_well_formed_by_itself() -> None:
    lines = listing_exhibit(SOURCE, "load", "python", "page").html.split("\n")[:5]
    assert all(line.count("<span") == line.count("</span>") for line in lines)


def test_colors_are_classes_and_never_styles() -> None:
    html = listing_exhibit(SOURCE, "load", "python", "page").html
    assert '<span class="k">def</span>' in html
    assert "style=" not in re.sub(r' style="--indent: \d+"', "", html)


def test_a_line_tells_the_style_sheet_how_far_it_is_indented() -> None:
    """What continues a long line is indented further than the line itself."""
    html = listing_exhibit("a\n    b\n\tc\n\n  \n", "load", "python", "page").html
    assert re.findall(r'data-line="(\d)" style="--indent: (\d+)"', html) == [("2", "4"), ("3", "4")]


FUNCTIONS = """import a
import b
import c

# A comment that
# has two lines.
def f(x):
    y = [
        1,
        2,
        3,
    ]
    return y

z = 1
z = 2"""


def test_a_page_may_begin_with_lines_that_leave_no_few_behind_and_part_no_bracket() -> None:
    """Lines 5 and 15 follow an empty line, but 15 leaves two lines for the page."""
    html = listing_exhibit(FUNCTIONS, "load", "python", "print").html
    assert [int(n) for n in re.findall(r'class="line open".*? data-line="(\d+)"', html)] == [5, 10, 11]
    assert "open" not in listing_exhibit(FUNCTIONS, "load", "python", "page").html


def test_a_listing_is_an_exhibit_of_its_name() -> None:
    exhibit = listing_exhibit(SOURCE, "load", "python", "page")
    assert (exhibit.name, exhibit.kind) == ("load", "listing")


def test_code_in_the_text_has_no_numbers_and_may_be_of_no_language() -> None:
    html = code_html("a < b\n", "", "page", PLACE)
    assert html == '<pre class="highlight" tabindex="0"><code>a &lt; b</code></pre>\n'


def test_an_unknown_language_is_told_with_the_nearest() -> None:
    with pytest.raises(ReportError) as caught:
        code_html("x", "pyhton", "page", PLACE)
    assert caught.value.what == 'Unknown programming language "pyhton".'
    assert caught.value.where == PLACE
    assert caught.value.next.startswith('Did you mean "python"?')


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_no_code_makes_a_tag(source: str) -> None:
    assert text(code_html(source, "text", "page", PLACE)).strip() == source.strip()
    assert re.findall(r"<(?!/?(pre|code|span)\b)", code_html(source, "python", "page", PLACE)) == []
