"""Messages about errors in what an author wrote: the nearest names, in an order in which one finds them, and lists."""

from __future__ import annotations

import pytest

from generator.core.diagnostics import refuse, suggestion
from generator.core.errors import ReportError

LETTERS = [f"layer_{letter}" for letter in "tsrqponmlkjihgfedcba"]


def test_names_are_suggested_in_alphabetical_order() -> None:
    assert suggestion("layer", ["b", "layer2", "a"]) == 'Did you mean "layer2"? Known: a, b, layer2.'


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("int", 'Did you mean "integer"? Known: integer, points.'),
        ("pint", 'Did you mean "points"? Known: integer, points.'),
        ("in", "Known: integer, points."),
    ],
)
def test_the_name_that_goes_on_from_a_short_one_is_nearest(name: str, told: str) -> None:
    assert suggestion(name, ["integer", "points"]) == told


def test_no_number_is_near_another() -> None:
    assert suggestion("0", ["1", "2", "10"]) == "Known: 1, 2, 10."


def test_a_list_of_names_that_is_cut_says_so_and_is_in_order_too() -> None:
    told = suggestion("layer_t", [*LETTERS, *"0123456789"])
    did, _, listed = told.partition(" Known, among others: ")
    assert did == 'Did you mean "layer_t"?'
    assert (names := listed.rstrip(".").split(", ")) == sorted(names)
    assert len(names) == 12
    assert "layer_t" in names


def test_a_longer_list_is_whole_if_that_is_asked_for() -> None:
    assert suggestion("x", LETTERS, most=20) == f"Known: {', '.join(sorted(LETTERS))}."


def test_what_happened_and_what_to_do_are_two_sentences_on_one_line() -> None:
    errors = [
        ReportError("A is missing", "a", "Add it."),
        ReportError("B is wrong.", "b", "Correct it."),
        ReportError("Is C right?", "c", "Look."),
        ReportError("D is odd", "d"),
    ]
    with pytest.raises(ReportError) as told:
        refuse(errors)
    assert told.value.what.splitlines()[1:] == [
        *("  a: A is missing. Add it.", "  b: B is wrong. Correct it.", "  c: Is C right? Look.", "  d: D is odd")
    ]
