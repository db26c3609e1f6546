"""HTML from elsewhere: what draws is kept, what acts or asks is not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diff.safe_html import figures, safe

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://example.org/a.png">',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    '<a href="javascript:alert(1)">a</a>',
    '<svg><a xlink:href="javascript:alert(1)"><text>a</text></a></svg>',
    '<svg><use href="https://example.org/a.svg#b"/></svg>',
    '<svg><foreignObject><iframe src="https://example.org"></iframe></foreignObject></svg>',
    '<div style="background: url(https://example.org)">a</div>',
    "<style>* { display: none }</style>",
    '<rect fill="url(https://example.org#a)"/>',
    '<rect fill="URL(https://example.org#a)"/>',
    r'<rect fill="u\72l(https://example.org#a)"/>',
    r'<rect fill="url(#a) \75rl(https://example.org#a)"/>',
    '<rect fill="url(#a) Url(https://example.org#a)"/>',
    "<form action=x><input autofocus onfocus=alert(1)></form>",
    "<input type=image src=https://example.org/a.png formaction=x>",
    "<input type=radio autofocus onfocus=alert(1) formaction=x>",
    '<meta http-equiv="refresh" content="0">',
    "<object data=x></object><embed src=x><base href=x><link rel=stylesheet href=x>",
    '<p class="a" onclick="alert(1)">a</p>',
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>a</maction></math>",
    "<!--><script>alert(1)</script>-->",
    "<svg><title><script>alert(1)</script></title></svg>",
]
DATA = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,")


class Checked(HTMLParser):
    """Fails on anything that could act or ask."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "style", "iframe", "object", "embed", "form", "meta", "link", "base", "a"}
        assert tag != "input" or ("type", "radio") in attrs
        for name, value in attrs:
            assert not name.startswith("on") and name not in {"style", "action", "srcdoc", "formaction", "xlink:href"}
            assert name != "src" or DATA.match(value or "")
            assert name != "href" or (value or "").startswith("#")
            assert "\\" not in (value or "") or name in {"alt", "aria-label"}
            assert "url(" not in (value or "").lower() or re.fullmatch(r"url\(#[\w.:-]+\)", value or "")


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_acts_or_asks_passes(html: str) -> None:
    Checked().feed(safe(html, "a-"))


@given(
    st.lists(st.sampled_from([*"<>/='\" ", "svg", "script", "img", "src", "onload", "p", "!--", "data:"])).map("".join)
)
def test_nothing_does_however_it_is_written(html: str) -> None:
    Checked().feed(safe(html, "a-"))


def test_a_picture_inside_the_page_is_kept() -> None:
    html = '<img class="maps" src="data:image/png;base64,iVBORw0=" width="2" alt="A &quot;map&quot;.">'
    assert safe(html, "a-") == html


def test_ids_and_what_refers_to_them_get_the_prefix() -> None:
    html = '<svg><defs><path id="m1"></path></defs><use href="#m1"></use><g clip-path="url(#m1)"></g></svg>'
    assert safe(html, "b-").count("b-m1") == 3


def test_words_for_a_formula_keep_their_backslash() -> None:
    assert safe(r'<math aria-label="\alpha"><mi>a</mi></math>', "") == r'<math aria-label="\alpha"><mi>a</mi></math>'


def test_a_switch_between_two_pictures_is_kept_and_is_one_of_its_own() -> None:
    html = '<fieldset><label><input type="radio" name="{}maps" value="trained" checked=""> after</label></fieldset>'
    assert safe(html.format(""), "b-") == html.format("b-")


def test_links_and_marks_leave_their_text() -> None:
    assert safe('<p><data value="1"><a class="bound" href="#value:a">1</a></data></p>', "") == "<p>1</p>"


def test_what_is_left_open_is_closed() -> None:
    assert safe("<div><p>a</div><b>c", "") == "<div><p>a</p></div><b>c</b>"


def test_a_training_log_whose_times_are_never_equal_is_left_out() -> None:
    assert safe('<p>a</p><pre class="log"><span>144s</span></pre>', "") == "<p>a</p>"


PAGE = """<p>Text.</p><figure id="fig:a" class="figure margin" aria-describedby="d"><div>A<script>x()</script></div>
<p class="visually-hidden" id="d">In words.</p><figcaption><p>One</p><p>two.</p></figcaption></figure><p>More.</p>
<figure id="tbl:b" class="table"><table></table></figure><figure id="fig:c" class="figure"><p>C</figure>"""


def test_the_figures_of_a_page_stand_each_by_itself_and_tables_are_none() -> None:
    shown = figures(PAGE, "b-")
    assert list(shown) == ["fig:a", "fig:c"]
    assert shown["fig:a"].startswith("<div>A</div>") and '<p class="visually-hidden" id="b-d">' in shown["fig:a"]
    assert shown["fig:c"] == "<p>C</p>"


def test_what_runs_in_the_page_alone_is_no_part_of_a_figure() -> None:
    page = '<figure id="fig:a" class="figure"><p>A</p><div class="live"><div>Draw</div>here</div><p>B</p></figure>'
    assert figures(page) == {"fig:a": "<p>A</p><p>B</p>"}


def test_without_captions_a_figure_has_no_words_about_it() -> None:
    assert figures(PAGE, has_captions=False)["fig:a"].split() == ["<div>A</div>"]
