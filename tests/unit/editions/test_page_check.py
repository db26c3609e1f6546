"""A page is held against the one built again: word by word, and number by number as far as the results are the same."""

from __future__ import annotations

import time
from html import escape

import msgspec
import pytest

from generator.editions.page_check import page, text, values
from generator.records.article import ArticleText, Paragraph
from generator.records.document import Document, Stated
from generator.records.results import Number
from tests.support.publications import document
from tests.unit.editions.test_value_check import moved

NAME = "test.accuracy.replicate.0"


def made(results: Document, said: str = "Right are", printed: str = "", value: str = "") -> str:
    """A page with a number of the results in a paragraph."""
    value = value or str(results.values[NAME].value)
    return f'<p>{said} <data value="{value}"><a class="bound" href="#value:{NAME}">{printed or value}</a></data>.</p>'


def holds(shown: str, before: Document, after: Document) -> bool:
    return not list(page("index.html", shown, made(after), before, after))


def test_the_same_page_of_the_same_results_holds() -> None:
    assert holds(made(document(1)), document(1), document(1))


@pytest.mark.parametrize("change", [{"said": "Wrong are"}, {"printed": "0.999"}, {"value": "0.999"}])
def test_a_changed_word_and_a_changed_number_do_not(change: dict[str, str]) -> None:
    assert not holds(made(document(1), **change), document(1), document(1))


def test_a_number_that_is_left_out_does_not_hold() -> None:
    assert not holds("<p>Right are {value}.</p>", document(1), document(1))


def test_where_training_came_out_otherwise_a_number_is_that_of_the_published_results() -> None:
    rebuilt = document(1)
    before = moved(rebuilt, test_accuracy_replicate_0=0.001)
    assert holds(made(before), before, rebuilt)
    assert not holds(made(before, value="0.999"), before, rebuilt)
    assert not holds(made(before, said="Wrong are"), before, rebuilt)


@pytest.mark.parametrize(
    ("id", "value", "holds"),
    [
        (f"value:{NAME}", str(document(1).values[NAME].value), True),
        (f"value:{NAME}", "0.999", False),
        ("value:not.known", "0.999", True),
        ("other", "0.999", True),
    ],
)
def test_the_provenance_in_a_page_has_the_values_of_the_published_results(id: str, value: str, holds: bool) -> None:
    row = f'<table><tr id="{id}"><th>{NAME}</th><td><data value="{value}">1</data></td></tr></table>'
    computed = made(document(1), value="0.5")
    assert bool(list(values("index.html", f"{row}{computed}", document(1)))) != holds, "one after it may be computed"


@pytest.mark.parametrize("value", [(4, 7), (0.5, 7), True, 3, 3.0, "(4, 7)", "a & b"])
def test_a_value_of_any_type_is_the_same_in_a_page_and_in_the_published_results(value: Number) -> None:
    """A page has what the build computed, and the published results were written to a file and read again."""
    stated = msgspec.json.decode(msgspec.json.encode(Stated(value, "code", None, "c", "d")), type=Stated)
    row = f'<table><tr id="value:{NAME}"><td><data value="{escape(str(value))}">1</data></td></tr></table>'
    assert not list(values("index.html", row, document(1, values={NAME: stated})))


FIGURE = """<figure id="fig:f" class="figure"><svg><text>drawn</text></svg><p>Measured.</p>
<figcaption>Its caption.</figcaption></figure>"""
TABLE = '<figure id="tbl:t" class="table"><table><tr><td>By hand.</td></tr></table></figure>'
APPENDIX = '<h2 id="appendix:claims">Appendix</h2><p>Details.</p>'


@pytest.mark.parametrize(
    ("words", "is_read"),
    [
        ("Said", True),
        ("Its caption.", True),
        ("By hand.", True),
        ("data:image/png;base64,AA", True),
        ("#value:a", True),
        ("drawn", False),
        ("Measured.", False),
        ("Details.", False),
        ("Edition of today", False),
        ("Draft.", False),
        ("Which edition", False),
    ],
)
def test_a_page_is_read_for_what_its_author_says(words: str, is_read: bool) -> None:
    one = document(1)
    html = (
        '<p class="edition">Edition of today</p><p class="preview"><strong>Draft.</strong></p><p>Said <data value="1">'
        '<a class="bound" href="#value:a">1</a></data> <img alt="" src="data:image/png;base64,AA"></p>'
        f"{FIGURE}{TABLE}{APPENDIX}<footer>Which edition</footer>"
    )
    found = list(page("index.html", html.replace(words, "Other"), html, one, one))
    assert [check.verdict for check in found] == (["contradicted"] if is_read else [])


def test_a_number_in_an_appendix_is_read() -> None:
    one, row = document(1), APPENDIX + '<table class="provenance"><tr><td><data value="1">1</data></td></tr></table>'
    assert list(page("index.html", row.replace(">1<", ">2<"), row, one, one))


def test_a_word_between_two_paragraphs_belongs_to_one_of_them() -> None:
    one = document(1)
    assert list(page("index.html", "<p>One two</p><p>three</p>", "<p>One</p><p>two three</p>", one, one))


def with_text(said: str | None, code: str = "x = 1", processor: str = "A") -> Document:
    values = {"environment.cpu": Stated(processor, "train", 0, "c", "d")}
    kept = None if said is None else ArticleText((Paragraph("Results", said),), {"lst:a": code})
    return document(1, text=kept, values=values)


@pytest.mark.parametrize(
    ("published", "holds"),
    [
        (with_text("Run on B."), True),
        (with_text("Run on A.", processor="A"), False),
        (with_text("Run off B."), False),
        (with_text("Run on B.", code="x = 2"), False),
        (with_text(None), True),
    ],
)
def test_the_text_in_the_results_is_held_against_the_one_rebuilt(published: Document, holds: bool) -> None:
    found = list(text("results.json", published, with_text("Run on B.")))
    assert [check.verdict for check in found] == ([] if holds else ["contradicted"])


def test_a_text_of_the_results_may_be_another_where_the_results_are() -> None:
    published, rebuilt = with_text("Run on Intel.", processor="Intel"), with_text("Run on AMD.", processor="AMD")
    assert list(text("results.json", published, rebuilt)) == []
    assert list(text("results.json", with_text("Run on AMD.", processor="Intel"), rebuilt))


def test_texts_of_published_results_do_not_make_the_prose_grow_without_end() -> None:
    """Each of them would be put in place of letters of the names of others."""
    letters = "aeilmnprst{}."
    named = {f"a.letter.{number}": Stated("ab", "data", None, "c", "d") for number in range(len(letters))}
    rebuilt = document(1)
    rebuilt.values.update(named)
    published = document(1)
    published.values.update(
        {name: Stated(one, "data", None, "c", "d") for name, one in zip(named, letters, strict=True)}
    )
    published.values.update(
        {f"unknown.{number}": Stated(f"{number}", "data", None, "c", "d") for number in range(9999)}
    )
    begun = time.process_time()
    assert list(page("index.html", "<p>" + letters * 1_000, made(rebuilt), published, rebuilt))
    assert time.process_time() - begun < 2
