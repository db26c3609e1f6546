"""Messages about errors in what an author wrote: the nearest names, in an order in which one finds them."""

from __future__ import annotations

from generator.core.diagnostics import suggestion

LETTERS = [f"layer_{letter}" for letter in "tsrqponmlkjihgfedcba"]


def test_names_are_suggested_in_alphabetical_order() -> None:
    assert suggestion("layer", ["b", "layer2", "a"]) == 'Did you mean "layer2"? Known: a, b, layer2.'


def test_a_list_of_names_that_is_cut_says_so_and_is_in_order_too() -> None:
    told = suggestion("layer_t", [*LETTERS, *"0123456789"])
    did, _, listed = told.partition(" Known, among others: ")
    assert did == 'Did you mean "layer_t"?'
    assert (names := listed.rstrip(".").split(", ")) == sorted(names)
    assert len(names) == 12
    assert "layer_t" in names


def test_a_longer_list_is_whole_if_that_is_asked_for() -> None:
    assert suggestion("x", LETTERS, most=20) == f"Known: {', '.join(sorted(LETTERS))}."
