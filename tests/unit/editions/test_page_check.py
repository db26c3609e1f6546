"""A page is held against the one built again: word by word, and number by number as far as the results are the same."""

from __future__ import annotations

import pytest

from generator.editions.page_check import page
from generator.records.document import Document
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
