"""The text of a page: prose as it was written, with names in place of what the run and the numbering give."""

from __future__ import annotations

from generator.diff.page_text import Block, blocks, code, exhibits
from tests.support.editions import page

LINK = '<a class="bound" href="#value:test.accuracy.mean" data-origin="stage evidence">98.75%</a>'
BOUND = f'<data value="0.98">{LINK}</data>'
FIGURE = """<figure id="fig:maps" class="figure" aria-describedby="d">
<div class="chart"><svg><text>12</text></svg></div><p class="visually-hidden" id="d">A chart.</p>
<figcaption><span class="label">Figure 1</span> Maps of it.</figcaption></figure>"""
LISTING = """<figure id="lst:code" class="listing"><pre class="highlight numbered"><code>
<span class="line"><span class="k">def</span> f():</span>
<span class="line">    return 1 &lt; 2</span></code></pre><figcaption>Code.</figcaption></figure>"""


def texts(body: str) -> list[str]:
    return [block.text for block in blocks(page(body))]


def test_a_number_of_the_run_stands_by_its_name() -> None:
    assert texts(f"<p>It reads {BOUND} of them.</p>") == ["It reads {test.accuracy.mean} of them."]


def test_a_name_is_told_as_it_is_and_not_as_an_address_holds_it() -> None:
    html = '<p><data value="1"><a class="bound" href="#value:right-3e-wide" data-origin="">1</a></data></p>'
    assert texts(html) == ["{right>wide}"]


def test_a_number_without_a_link_has_no_name() -> None:
    assert texts('<p>Of <data value="3">3</data>.</p>') == ["Of {…}."]


def test_references_and_citations_stand_by_their_targets() -> None:
    reference = '<a class="reference" href="#fig:maps">Figure 1</a>'
    citation = '<span class="citation">[<a href="#ref-key" id="c" role="doc-biblioref" aria-label="1">1</a>]</span>'
    assert texts(f"<p>See {reference} {citation}.</p>") == ["See @fig:maps [@key]."]


def test_paragraphs_stand_under_their_headings_without_the_numbers() -> None:
    found = blocks(page('<h2><span class="section-number">3</span> Results</h2><p>One.</p><ul><li>Two.</li></ul>'))
    assert found == [Block("Results", "Results"), Block("Results", "One."), Block("Results", "Two.")]


def test_contents_byline_verdicts_and_appendices_are_not_prose() -> None:
    body = (
        '<header><p class="edition">Today</p></header><nav><ol><li>Results</li></ol></nav>'
        '<p>It holds.<a class="verdict" href="#v">✓</a></p><h2 id="appendix:claims">Appendix</h2><p>More.</p>'
    )
    assert texts(body) == ["It holds."]


def test_of_a_figure_the_caption_is_prose_and_of_a_table_what_the_author_wrote() -> None:
    table = '<figure id="tbl:t" class="table"><table><tr><th>A</th><td>1</td></tr></table></figure>'
    made = '<figure id="tbl:m" class="table"><table class="classes"><tr><td>9</td></tr></table></figure>'
    assert texts(FIGURE + table + made) == ["Maps of it.", "A 1"]


def test_exhibits_have_their_names_and_captions() -> None:
    figure, listing = exhibits(page(FIGURE + LISTING))
    assert (figure.name, figure.kind, figure.caption) == ("fig:maps", "figure", "Maps of it.")
    assert code(listing) == ["def f():", "    return 1 < 2"]


def test_what_is_left_open_ends_where_the_next_begins() -> None:
    assert texts("<p>One<p>Two <b>bold") == ["One", "Two bold"]
